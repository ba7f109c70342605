#include "schemas/dataset.h"
#include "tests/test.h"

static struct dataset *make(const char *json)
{
	struct dataset *ds = NULL;
	struct err err = ERR_INIT;

	if (dataset_new(&ds, slice_str(json), "s.json", &err) < 0)
		fail_msg("%s", err.message);
	return ds;
}

#define LOG(fields)                                       \
	"{\"dataset\":\"d\",\"time\":\"at\",\"fields\":[" \
	"{\"name\":\"at\",\"type\":\"date\"}" fields "]}"

static void test_dataset__finds_by_name_and_alias(void **state)
{
	struct dataset *ds = make(
		LOG(",{\"name\":\"hostName\",\"alias\":[\"system\"]},"
		    "{\"path\":\"v[].qid\"},{\"name\":\"kube.pod.name\"}"));

	(void)state;
	assert_int_equal(dataset_find(ds, SLICE_LIT("hostname")), 1);
	assert_int_equal(dataset_find(ds, SLICE_LIT("SYSTEM")), 1);
	assert_int_equal(dataset_find(ds, SLICE_LIT("v.qid")), 2);
	assert_int_equal(dataset_find(ds, SLICE_LIT("v")), FIELD_NONE);
	assert_int_equal(dataset_find(ds, SLICE_LIT("v[].qid")), FIELD_NONE);
	assert_int_equal(dataset_find(ds, SLICE_LIT("_received")),
			 ds->received);
	assert_int_equal(dataset_find(ds, SLICE_LIT("receivedTime")),
			 ds->received);
	assert_int_equal(dataset_find(ds, SLICE_LIT("")), FIELD_NONE);
	assert_int_equal(dataset_find_object(ds, SLICE_LIT("V")), 0);
	assert_int_equal(dataset_find_object(ds, SLICE_LIT("kube")),
			 OBJECT_NONE);
	assert_true(dataset_is_prefix(ds, SLICE_LIT("kube")));
	assert_true(dataset_is_prefix(ds, SLICE_LIT("Kube.Pod")));
	assert_true(dataset_is_prefix(ds, SLICE_LIT("v")));
	assert_false(dataset_is_prefix(ds, SLICE_LIT("ku")));
	assert_false(dataset_is_prefix(ds, SLICE_LIT("kube.pod.name")));
	assert_int_equal(dataset_nearest(ds, SLICE_LIT("hostNmae")), 1);
	assert_int_equal(dataset_nearest(ds, SLICE_LIT("sistem")), 1);
	assert_int_equal(dataset_nearest(ds, SLICE_LIT("zzzzzz")), FIELD_NONE);
	dataset_free(ds);
}

static void test_dataset__a_field_may_be_called_receivedTime(void **state)
{
	struct dataset *ds =
		make(LOG(",{\"name\":\"receivedTime\",\"type\":\"date\"}"));

	(void)state;
	assert_int_equal(dataset_find(ds, SLICE_LIT("receivedTime")), 1);
	assert_int_equal(ds->fields[ds->received].naliases, 0);
	dataset_free(ds);
}

static void test_dataset__what_a_later_version_may_change(void **state)
{
	static const char old_json[] = LOG(
		",{\"name\":\"a\",\"type\":\"enum\",\"values\":[\"X\",\"Y\"]},"
		"{\"name\":\"b\",\"list\":true},{\"name\":\"c\",\"path\":\"p\"}");
	static const struct {
		const char *json;
		const char *message; /* NULL: allowed */
	} rows[] = {
		{ old_json, NULL },
		{ LOG(",{\"name\":\"a\",\"type\":\"enum\",\"values\":[\"Z\",\"Y\",\"X\"],"
		      "\"help\":\"new\"},{\"name\":\"b\",\"list\":true,\"freeText\":true},"
		      "{\"name\":\"c\",\"path\":\"p\"},{\"name\":\"n\",\"type\":\"int\"}"),
		  NULL },
		{ LOG(",{\"name\":\"n\"},{\"name\":\"c\",\"path\":\"p\"},{\"name\":\"b\","
		      "\"list\":true},{\"name\":\"a\",\"type\":\"enum\",\"values\":[\"X\",\"Y\"]}"),
		  NULL },
		{ LOG(",{\"name\":\"b\",\"list\":true},{\"name\":\"c\",\"path\":\"p\"}"),
		  "dataset d cannot lose its field \"a\"" },
		{ LOG(",{\"name\":\"a\",\"type\":\"enum\",\"values\":[\"X\"]},"
		      "{\"name\":\"b\",\"list\":true},{\"name\":\"c\",\"path\":\"p\"}"),
		  "dataset d: field \"a\" cannot lose its value \"Y\"" },
		{ LOG(",{\"name\":\"a\"},{\"name\":\"b\",\"list\":true},"
		      "{\"name\":\"c\",\"path\":\"p\"}"),
		  "dataset d: field \"a\" cannot change its type from \"enum\" to \"keyword\"" },
		{ LOG(",{\"name\":\"a\",\"type\":\"enum\",\"values\":[\"X\",\"Y\"]},"
		      "{\"name\":\"b\"},{\"name\":\"c\",\"path\":\"p\"}"),
		  "dataset d: field \"b\" cannot change its list from \"true\" to \"false\"" },
		{ LOG(",{\"name\":\"a\",\"type\":\"enum\",\"values\":[\"X\",\"Y\"]},"
		      "{\"name\":\"b\",\"list\":true},{\"name\":\"c\"}"),
		  "dataset d: field \"c\" cannot change its path from \"p\" to \"c\"" },
		{ "{\"dataset\":\"d\",\"kind\":\"table\",\"key\":\"at\",\"fields\":["
		  "{\"name\":\"at\",\"type\":\"date\"}]}",
		  "dataset d cannot change its kind from \"log\" to \"table\"" },
		{ "{\"dataset\":\"d\",\"time\":\"an\",\"fields\":["
		  "{\"name\":\"an\",\"type\":\"date\"}]}",
		  "dataset d cannot change its time from \"at\" to \"an\"" },
		{ "{\"dataset\":\"e\",\"time\":\"at\",\"fields\":["
		  "{\"name\":\"at\",\"type\":\"date\"}]}",
		  "dataset d cannot change its name from \"d\" to \"e\"" },
	};
	struct dataset *old = make(old_json);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct dataset *now = make(rows[i].json);
		struct err err = ERR_INIT;
		int ret = dataset_check_successor(old, now, &err);

		test_row("%zu", i);
		assert_int_equal(ret, rows[i].message ? ERR_SCHEMA : 0);
		assert_string_equal(err.message,
				    rows[i].message ? rows[i].message : "");
		dataset_free(now);
	}
	dataset_free(old);
}

TEST_MAIN(TEST(test_dataset__finds_by_name_and_alias),
	  TEST(test_dataset__a_field_may_be_called_receivedTime),
	  TEST(test_dataset__what_a_later_version_may_change))
