#include <stdlib.h>

#include "base/limits.h"
#include "base/mem.h"
#include "tests/unit/index/helper_store.h"
#include "index/snapshot_int.h"
#include "index/store_int.h"
#include "tests/test.h"

static char dir[HELPER_PATH];

#define SCHEMA(name, fields)                          \
	"{\"dataset\":\"" name "\",\"kind\":\"log\"," \
	"\"time\":\"t\",\"fields\":["                 \
	"{\"name\":\"t\",\"type\":\"date\"}" fields "]}"
#define FIELD(name) ",{\"name\":\"" name "\",\"type\":\"keyword\"}"

static int make(void **state)
{
	(void)state;
	helper_dir_make(dir);
	return 0;
}

static int clear(void **state)
{
	(void)state;
	helper_dir_remove(dir);
	return 0;
}

/* Registers `json` with the store on the disk; *versions of its dataset. */
static int try_register(const char *json, uint32_t *versions, struct err *err)
{
	struct dataset *ds = helper_dataset(json);
	struct index_snapshot *snap = NULL;
	struct index_store *s = NULL;
	int ret;

	assert_int_equal(index_store_open(&s, dir, INDEX_WRITE, err), 0);
	ret = index_store_register(s, ds, err);
	if (ret == 0) {
		assert_int_equal(index_snapshot_open(&snap, s, err), 0);
		*versions = index_snapshot_find(snap, ds->name)->versions;
		index_snapshot_close(snap);
	}
	index_store_close(s);
	dataset_free(ds);
	return ret;
}

static void test_register__counts_versions_of_a_schema(void **state)
{
	static const struct {
		const char *json;
		uint32_t versions;
	} rows[] = {
		{ SCHEMA("a", FIELD("x")), 1 },
		{ SCHEMA("a", FIELD("x")), 1 },
		{ SCHEMA("a", FIELD("x") FIELD("y")), 2 },
		{ SCHEMA("b", FIELD("x")), 1 },
		{ SCHEMA("a", FIELD("y") FIELD("z") FIELD("x")), 3 },
		{ SCHEMA("a", FIELD("y") FIELD("z") FIELD("x")), 3 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct err err = ERR_INIT;
		uint32_t versions = 0;

		test_row("%s", rows[i].json);
		if (try_register(rows[i].json, &versions, &err) < 0)
			fail_msg("%s", err.message);
		assert_int_equal(versions, rows[i].versions);
	}
}

static void test_register__what_cannot_follow_is_refused(void **state)
{
	struct err err = ERR_INIT;
	uint32_t versions;

	(void)state;
	assert_int_equal(try_register(SCHEMA("a", FIELD("x") FIELD("y")),
				      &versions, &err),
			 0);
	assert_int_equal(try_register(SCHEMA("a", FIELD("x")), &versions, &err),
			 ERR_SCHEMA);
	assert_non_null(strstr(err.message, "holds another schema: "));
	assert_non_null(strstr(err.message, "\"y\""));
	assert_int_equal(try_register(SCHEMA("a", FIELD("x") FIELD("y")),
				      &versions, &err),
			 0);
	assert_int_equal(versions, 1);
}

static void test_register__schemas_come_back_into_a_catalog(void **state)
{
	struct index_store *s = NULL;
	struct catalog *c = NULL;
	struct err err = ERR_INIT;
	uint32_t versions;

	(void)state;
	assert_int_equal(
		try_register(SCHEMA("mine", FIELD("x")), &versions, &err), 0);
	assert_int_equal(try_register(SCHEMA("mine", FIELD("x") FIELD("new")),
				      &versions, &err),
			 0);
	assert_int_equal(catalog_new(&c, &err), 0);
	assert_null(catalog_find(c, SLICE_LIT("mine")));
	assert_int_equal(index_store_open(&s, dir, INDEX_READ, &err), 0);
	assert_int_equal(index_store_schemas(s, c, &err), 0);
	index_store_close(s);
	assert_non_null(catalog_find(c, SLICE_LIT("mine")));
	assert_int_not_equal(dataset_find(catalog_find(c, SLICE_LIT("mine")),
					  SLICE_LIT("new")),
			     FIELD_NONE);
	catalog_free(c);
}

/* Ids of the newest version, translated for a segment of each older one. */
static void
test_register__fields_are_found_by_name_in_old_versions(void **state)
{
	struct dataset *one =
		helper_dataset(SCHEMA("a", FIELD("x") FIELD("y")));
	struct dataset *two =
		helper_dataset(SCHEMA("a", FIELD("y") FIELD("z") FIELD("x")));
	struct index_snapshot *snap = NULL;
	struct index_store *s = NULL;
	struct index_field_map map;
	const struct dataset *old;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(index_store_open(&s, dir, INDEX_WRITE, &err), 0);
	assert_int_equal(index_store_register(s, one, &err), 0);
	assert_int_equal(index_store_register(s, two, &err), 0);
	assert_int_equal(index_snapshot_open(&snap, s, &err), 0);
	assert_int_equal(
		index_versions_get(s->versions, index_snapshot_env(snap),
				   index_snapshot_txn(snap), 1, 1, &old, &err),
		0);
	assert_int_equal(index_versions_map(s->versions, 1, two, 1, &map, &err),
			 0);
	assert_ptr_equal(map.to, old);
	assert_int_equal(map.nfields, two->nall);
	for (field_id i = 0; i < two->nall; i++) {
		struct slice name = two->fields[i].name;

		if (slice_eq(name, SLICE_LIT("z"))) {
			assert_int_equal(map.fields[i], FIELD_NONE);
			continue;
		}
		assert_int_not_equal(map.fields[i], FIELD_NONE);
		assert_true(slice_eq(old->fields[map.fields[i]].name, name));
	}
	index_snapshot_close(snap);
	index_store_close(s);
	dataset_free(one);
	dataset_free(two);
}

static void test_register__the_number_of_datasets_is_limited(void **state)
{
	struct dataset *ds[LIMIT_DATASETS + 1];
	struct index_store *s = NULL;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(index_store_open(&s, dir, INDEX_WRITE, &err), 0);
	for (int i = 0; i <= LIMIT_DATASETS; i++) {
		char json[200];

		snprintf(json, sizeof(json),
			 "{\"dataset\":\"d%d\",\"kind\":\"log\",\"time\":\"t\","
			 "\"fields\":[{\"name\":\"t\",\"type\":\"date\"}]}",
			 i);
		ds[i] = helper_dataset(json);
		assert_int_equal(index_store_register(s, ds[i], &err),
				 i < LIMIT_DATASETS ? 0 : ERR_LIMIT);
	}
	assert_string_equal(err.message,
			    "a store cannot hold more than 64 datasets");
	index_store_close(s);
	for (int i = 0; i <= LIMIT_DATASETS; i++)
		dataset_free(ds[i]);
}

static void test_register__survives_failing_allocations(void **state)
{
	struct dataset *one = helper_dataset(SCHEMA("a", FIELD("x")));
	struct dataset *two =
		helper_dataset(SCHEMA("a", FIELD("x") FIELD("y")));
	struct index_store *s = NULL;
	struct err err = ERR_INIT;
	uint64_t n = 0;
	int ret;

	(void)state;
	assert_int_equal(index_store_open(&s, dir, INDEX_WRITE, &err), 0);
	assert_int_equal(index_store_register(s, one, &err), 0);
	do {
		mem_fail_after(++n);
		ret = index_store_register(s, two, &err);
		mem_fail_after(0);
		if (ret < 0)
			assert_int_equal(ret, ERR_NO_MEMORY);
		assert_true(n < 200);
	} while (ret < 0);
	assert_true(n > 2);
	assert_int_equal(helper_commit(s, two, 1, 1, 1, &err), 0);
	index_store_close(s);
	dataset_free(one);
	dataset_free(two);
}

#define REGISTER_TEST(name) cmocka_unit_test_setup_teardown(name, make, clear)

TEST_MAIN(REGISTER_TEST(test_register__counts_versions_of_a_schema),
	  REGISTER_TEST(test_register__what_cannot_follow_is_refused),
	  REGISTER_TEST(test_register__schemas_come_back_into_a_catalog),
	  REGISTER_TEST(test_register__fields_are_found_by_name_in_old_versions),
	  REGISTER_TEST(test_register__the_number_of_datasets_is_limited),
	  REGISTER_TEST(test_register__survives_failing_allocations))
