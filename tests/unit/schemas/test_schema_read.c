/*
 * Schema files: each fault has its exact words, with origin and place.
 */
#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "schemas/dataset.h"
#include "tests/test.h"

struct row {
	const char *json;
	const char *message; /* without "s.json: " */
	const char *hint;
};

static int read_schema(const char *json, struct err *err)
{
	struct dataset *ds = NULL;
	int ret = dataset_new(&ds, slice_str(json), "s.json", err);

	dataset_free(ds);
	return ret;
}

static void check_refused(const char *json, const struct row *r)
{
	struct err err = ERR_INIT;
	char want[ERR_MESSAGE_MAX];

	test_row("%s", json);
	snprintf(want, sizeof(want), "s.json: %s", r->message);
	assert_int_equal(read_schema(json, &err), ERR_SCHEMA);
	assert_string_equal(err.message, want);
	assert_string_equal(err.hint, r->hint ? r->hint : "");
}

static void test_schema_read__refuses_bad_files(void **state)
{
	static const struct row rows[] = {
		{ "", "not JSON: ends before its value does at byte 0", NULL },
		{ "{", "not JSON: ends before its value does at byte 1", NULL },
		{ "{} {}",
		  "not JSON: something follows the end of the value at byte 3",
		  NULL },
		{ "\xff", "not UTF-8 at byte 0", NULL },
		{ "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
		  "not JSON: nested too deep at byte 32", NULL },
		{ "[]", "an object is wanted, not a list", NULL },
		{ "{}", "dataset: a dataset needs a name", NULL },
		{ "{\"dataset\":7}",
		  "dataset: a string is wanted, not a number", NULL },
		{ "{\"dataset\":\"\"}", "dataset: a dataset needs a name",
		  NULL },
		{ "{\"dataset\":\"a.b\"}", "dataset: \"a.b\" is no name",
		  NULL },
		{ "{\"dataset\":\"1a\"}", "dataset: \"1a\" is no name", NULL },
		{ "{\"dataset\":\"_a\"}", "dataset: \"_a\" is no name", NULL },
		{ "{\"dataset\":\"a b\"}", "dataset: \"a b\" is no name",
		  NULL },
		{ "{\"dataset\":\"a\",\"fieds\":[]}", "unknown key \"fieds\"",
		  "did you mean \"fields\"?" },
		{ "{\"dataset\":\"a\",\"dataset\":\"b\"}",
		  "key \"dataset\" stands there twice", NULL },
		{ "{\"dataset\":\"a\",\"kind\":\"tabel\"}",
		  "kind: unknown kind \"tabel\", it is log or table", NULL },
		{ "{\"dataset\":\"a\",\"title\":[]}",
		  "title: a string is wanted, not a list", NULL },
		{ "{\"dataset\":\"a\",\"topics\":{}}",
		  "topics: a list is wanted, not an object", NULL },
		{ "{\"dataset\":\"a\",\"topics\":[\"x\",1]}",
		  "topics: element 1: a string is wanted, not a number", NULL },
		{ "{\"dataset\":\"a\",\"retention\":5}",
		  "retention: an object is wanted, not a number", NULL },
		{ "{\"dataset\":\"a\",\"retention\":{\"day\":5}}",
		  "retention: unknown key \"day\"", "did you mean \"days\"?" },
		{ "{\"dataset\":\"a\",\"retention\":{\"days\":0}}",
		  "retention.days: a whole number from 1 to 36500 is wanted",
		  NULL },
		{ "{\"dataset\":\"a\",\"retention\":{\"days\":1.5}}",
		  "retention.days: a whole number from 1 to 36500 is wanted",
		  NULL },
		{ "{\"dataset\":\"a\",\"kind\":\"table\",\"retention\":{\"days\":5}}",
		  "retention: a table is kept for ever", NULL },
		{ "{\"dataset\":\"a\"}", "fields: a dataset needs fields",
		  NULL },
		{ "{\"dataset\":\"a\",\"fields\":[]}",
		  "fields: a dataset needs fields", NULL },
		{ "{\"dataset\":\"a\",\"fields\":{}}",
		  "fields: a list is wanted, not an object", NULL },
		{ "{\"dataset\":\"a\",\"fields\":[1]}",
		  "fields[0]: an object is wanted, not a number", NULL },
		{ "{\"dataset\":\"a\",\"fields\":[{\"name\":\"x\"}]}",
		  "time: a log needs a time field", NULL },
		{ "{\"dataset\":\"a\",\"time\":\"x\",\"fields\":[{\"name\":\"x\"}]}",
		  "time: field \"x\" is no date", NULL },
		{ "{\"dataset\":\"a\",\"time\":\"evnt\",\"fields\":[{\"name\":\"event\","
		  "\"type\":\"date\"}]}",
		  "time: there is no field \"evnt\"",
		  "did you mean \"event\"?" },
		{ "{\"dataset\":\"a\",\"time\":\"x\",\"fields\":[{\"name\":\"x\","
		  "\"type\":\"date\",\"list\":true}]}",
		  "time: field \"x\" can have several values", NULL },
		{ "{\"dataset\":\"a\",\"time\":\"x\",\"key\":\"x\",\"fields\":[{\"name\":\"x\","
		  "\"type\":\"date\"}]}",
		  "key: a log has no key field", NULL },
		{ "{\"dataset\":\"a\",\"time\":\"_received\",\"fields\":[{\"name\":\"x\"}]}",
		  "time: there is no field \"_received\"", NULL },
		{ "{\"dataset\":\"a\",\"kind\":\"table\",\"fields\":[{\"name\":\"x\"}]}",
		  "key: a table needs a key field", NULL },
		{ "{\"dataset\":\"a\",\"kind\":\"table\",\"key\":\"x\",\"time\":\"x\","
		  "\"fields\":[{\"name\":\"x\"}]}",
		  "time: a table has no time field", NULL },
		{ "{\"dataset\":\"a\",\"kind\":\"table\",\"key\":\"x\",\"fields\":["
		  "{\"name\":\"x\",\"type\":\"double\"}]}",
		  "key: a double cannot be a key", NULL },
		{ "{\"dataset\":\"a\",\"kind\":\"table\",\"key\":\"x\",\"id\":\"y\",\"fields\":["
		  "{\"name\":\"x\"}]}",
		  "id: there is no field \"y\"", NULL },
		{ "{\"dataset\":\"a\",\"columns\":[\"x\",\"y\"],\"fields\":[{\"name\":\"x\"}]}",
		  "columns: there is no field \"y\"", NULL },
		{ "{\"dataset\":\"a\",\"columns\":[\"x\",\"x\"],\"fields\":[{\"name\":\"x\"}]}",
		  "columns: \"x\" stands there twice", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check_refused(rows[i].json, &rows[i]);
}

/* Faults of fields; each row is what stands in "fields" behind a first one. */
static void test_schema_read__refuses_bad_fields(void **state)
{
	static const struct row rows[] = {
		{ "{}", "fields[1].name: a field needs a name", NULL },
		{ "{\"name\":\"\"}", "fields[1].name: a field needs a name",
		  NULL },
		{ "{\"name\":\"a b\"}", "fields[1].name: \"a b\" is no name",
		  NULL },
		{ "{\"name\":\"a..b\"}", "fields[1].name: \"a..b\" is no name",
		  NULL },
		{ "{\"name\":\"a.\"}", "fields[1].name: \"a.\" is no name",
		  NULL },
		{ "{\"name\":\"a.1\"}", "fields[1].name: \"a.1\" is no name",
		  NULL },
		{ "{\"name\":\"_x\"}",
		  "fields[1].name: \"_x\": names that begin with \"_\" are reserved",
		  NULL },
		{ "{\"name\":\"AND\"}",
		  "fields[1].name: \"AND\" is a word of the query language",
		  NULL },
		{ "{\"name\":\"not\"}",
		  "fields[1].name: \"not\" is a word of the query language",
		  NULL },
		{ "{\"name\":\"AT\"}",
		  "fields[1].name: \"AT\" is taken already", NULL },
		{ "{\"name\":\"at.x\"}",
		  "fields[1].name: \"at.x\" clashes with \"at\": a name is not "
		  "both a field and a prefix",
		  NULL },
		{ "{\"name\":\"x\",\"alias\":\"at\"}",
		  "fields[1].alias: \"at\" is taken already", NULL },
		{ "{\"name\":\"x\",\"alias\":\"X\"}",
		  "fields[1].alias: \"X\" is taken already", NULL },
		{ "{\"name\":\"x\",\"alias\":[\"y\",\"y\"]}",
		  "fields[1].alias: \"y\" is taken already", NULL },
		{ "{\"name\":\"x\",\"alias\":[\"y z\"]}",
		  "fields[1].alias: \"y z\" is no name", NULL },
		{ "{\"name\":\"x\",\"tpye\":\"int\"}",
		  "fields[1]: unknown key \"tpye\"", "did you mean \"type\"?" },
		{ "{\"name\":\"x\",\"type\":\"strng\"}",
		  "fields[1].type: unknown type \"strng\"",
		  "did you mean \"keyword\"?" },
		{ "{\"name\":\"x\",\"type\":\"string\"}",
		  "fields[1].type: unknown type \"string\"",
		  "did you mean \"keyword\"?" },
		{ "{\"name\":\"x\",\"type\":\"keywrod\"}",
		  "fields[1].type: unknown type \"keywrod\"",
		  "did you mean \"keyword\"?" },
		{ "{\"name\":\"x\",\"type\":\"integer\"}",
		  "fields[1].type: unknown type \"integer\"",
		  "did you mean \"int\"?" },
		{ "{\"name\":\"x\",\"type\":3}",
		  "fields[1].type: a string is wanted, not a number", NULL },
		{ "{\"name\":\"x\",\"list\":1}",
		  "fields[1].list: a boolean is wanted, not a number", NULL },
		{ "{\"name\":\"x\",\"type\":\"enum\"}",
		  "fields[1].values: an enum needs its values", NULL },
		{ "{\"name\":\"x\",\"type\":\"enum\",\"values\":[]}",
		  "fields[1].values: an enum needs its values", NULL },
		{ "{\"name\":\"x\",\"type\":\"enum\",\"values\":[\"A\",\"a\"]}",
		  "fields[1].values: \"a\" stands there twice", NULL },
		{ "{\"name\":\"x\",\"type\":\"enum\",\"values\":[\"\"]}",
		  "fields[1].values: a value has 1 to 128 bytes", NULL },
		{ "{\"name\":\"x\",\"values\":[\"a\"]}",
		  "fields[1].values: only an enum has values, not keyword",
		  NULL },
		{ "{\"name\":\"x\",\"unit\":\"ms\"}",
		  "fields[1].unit: \"ms\" does not go with type keyword",
		  NULL },
		{ "{\"name\":\"x\",\"type\":\"date\",\"unit\":\"bytes\"}",
		  "fields[1].unit: \"bytes\" does not go with type date",
		  NULL },
		{ "{\"name\":\"x\",\"type\":\"int\",\"unit\":\"byte\"}",
		  "fields[1].unit: unknown unit \"byte\"",
		  "did you mean \"bytes\"?" },
		{ "{\"name\":\"x\",\"type\":\"text\",\"sortable\":true}",
		  "fields[1].sortable: a text or a field with several values cannot be sorted by",
		  NULL },
		{ "{\"name\":\"x\",\"list\":true,\"sortable\":true}",
		  "fields[1].sortable: a text or a field with several values cannot be sorted by",
		  NULL },
		{ "{\"name\":\"x\",\"type\":\"int\",\"freeText\":true}",
		  "fields[1].freeText: type int has no words", NULL },
		{ "{\"name\":\"x\",\"type\":\"int\",\"prefix\":true}",
		  "fields[1].prefix: only keyword and uuid match from the start, not int",
		  NULL },
		{ "{\"name\":\"x\",\"examples\":{}}",
		  "fields[1].examples: a list is wanted", NULL },
		{ "{\"name\":\"x\",\"examples\":[\"x: 1\"]}",
		  "fields[1].examples: an example is an object with \"about\" and \"query\"",
		  NULL },
		{ "{\"name\":\"x\",\"examples\":[{\"about\":\"y\"}]}",
		  "fields[1].examples: an example needs a \"query\"", NULL },
		{ "{\"name\":\"x\",\"path\":\"\"}",
		  "fields[1].path: \"\" has an empty key", NULL },
		{ "{\"name\":\"x\",\"path\":\"a..b\"}",
		  "fields[1].path: \"a..b\" has an empty key", NULL },
		{ "{\"name\":\"x\",\"path\":\"a[]\"}",
		  "fields[1].path: \"a[]\": \"[]\" stands between a key and a dot",
		  NULL },
		{ "{\"name\":\"x\",\"path\":\"a[0].b\"}",
		  "fields[1].path: \"a[0].b\": \"[]\" stands between a key and a dot",
		  NULL },
		{ "{\"path\":\"a[].b[].c\"}",
		  "fields[1].path: \"a[].b[].c\": an array inside an array",
		  NULL },
		{ "{\"path\":\"a[].b\",\"list\":true}",
		  "fields[1].path: \"a[].b\": a list inside an array of objects",
		  NULL },
		{ "{\"name\":\"x\",\"path\":\"at\"}",
		  "fields[1].path: \"at\" is taken already", NULL },
		{ "{\"name\":\"x\",\"path\":\"at.y\"}",
		  "fields[1].path: \"at.y\" clashes with \"at\": a key holds "
		  "either a value or more keys",
		  NULL },
		{ "{\"path\":\"v[].q\"},{\"name\":\"w\",\"path\":\"v.z\"}",
		  "fields[2].path: \"v.z\" clashes with \"v.q\": one of them "
		  "is in an array of objects",
		  NULL },
		{ "{\"path\":\"v[].q\"},{\"name\":\"w\",\"path\":\"v\"}",
		  "fields[2].path: \"v\" clashes with \"v.q\": a key holds "
		  "either a value or more keys",
		  NULL },
		{ "{\"path\":\"v[].q.r\"},{\"name\":\"w.r\",\"path\":\"v.q[].s\"}",
		  "fields[2].path: \"v.q.s\" clashes with \"v.q.r\": one of "
		  "them is in an array of objects",
		  NULL },
		{ "{\"name\":\"vq\",\"path\":\"v[].q\"}",
		  "fields[1].name: \"vq\" does not end in \".q\" as its path does",
		  NULL },
		{ "{\"path\":\"v[].q\"},{\"name\":\"w.r\",\"path\":\"v[].r\"}",
		  "fields[2].name: \"w.r\": the other members of \"v[]\" begin with \"v.\"",
		  NULL },
		{ "{\"path\":\"v[].q\"},{\"name\":\"v.z\",\"path\":\"z\"}",
		  "fields[2].name: \"v.z\" is not in the array of objects \"v\"",
		  NULL },
	};
	char json[4096];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		snprintf(json, sizeof(json),
			 "{\"dataset\":\"d\",\"time\":\"at\",\"fields\":["
			 "{\"name\":\"at\",\"type\":\"date\"},%s]}",
			 rows[i].json);
		check_refused(json, &rows[i]);
	}
}

static void test_schema_read__holds_its_limits(void **state)
{
	struct dataset *ds;
	struct err err = ERR_INIT;
	struct buf b;

	(void)state;
	buf_init(&b, SIZE_MAX);
	for (int n = LIMIT_FIELDS; n <= LIMIT_FIELDS + 1; n++) {
		buf_reset(&b);
		buf_puts(
			&b,
			"{\"dataset\":\"d\",\"kind\":\"table\",\"key\":\"f0\",\"fields\":[");
		for (int i = 0; i < n; i++)
			buf_printf(&b, "%s{\"name\":\"f%d\"}", i ? "," : "", i);
		buf_puts(&b, "]}");
		if (n == LIMIT_FIELDS) {
			assert_int_equal(
				dataset_new(&ds, buf_slice(&b), "s", &err), 0);
			assert_int_equal(ds->nall, LIMIT_FIELDS + 4);
			dataset_free(ds);
		} else {
			assert_int_equal(dataset_new(&ds, buf_slice(&b), "s",
						     &err),
					 ERR_SCHEMA);
			assert_string_equal(
				err.message,
				"s: fields: 257 are more than the limit of 256");
		}
	}
	buf_reset(&b);
	for (int i = 0; i <= LIMIT_SCHEMA; i++)
		buf_putc(&b, ' ');
	assert_int_equal(dataset_new(&ds, buf_slice(&b), "s", &err), ERR_LIMIT);
	assert_string_equal(
		err.message,
		"s: 1048577 bytes are more than the limit of 1048576");
	buf_reset(&b);
	buf_puts(&b, "{\"dataset\":\"d\",\"fields\":[{\"name\":\"");
	for (int i = 0; i <= LIMIT_NAME; i++)
		buf_putc(&b, 'n');
	buf_puts(&b, "\"}]}");
	assert_int_equal(dataset_new(&ds, buf_slice(&b), "s", &err),
			 ERR_SCHEMA);
	assert_string_equal(err.message,
			    "s: fields[0].name: longer than 128 bytes");
	buf_release(&b);
}

static void test_schema_read__defaults_and_roles(void **state)
{
	static const char json[] =
		"{\"dataset\":\"d\",\"title\":\"T\\u00e9\",\"time\":\"at\",\"id\":\"u\","
		"\"topics\":[\"a\",\"b\"],\"retention\":{\"days\":7},\"columns\":[\"t\",\"at\"],"
		"\"fields\":[{\"name\":\"at\",\"type\":\"date\",\"unit\":\"ms\"},"
		"{\"name\":\"u\",\"type\":\"uuid\"},{\"name\":\"k\",\"alias\":\"kk\"},"
		"{\"name\":\"t\",\"type\":\"text\"},{\"path\":\"v[].q\"},"
		"{\"path\":\"o.p\",\"list\":true}]}";
	struct dataset *ds;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(dataset_new(&ds, slice_str(json), "s", &err), 0);
	assert_slice(ds->source, json);
	assert_slice(ds->title, "T\xc3\xa9");
	assert_int_equal(ds->kind, DATASET_LOG);
	assert_int_equal(ds->time, 0);
	assert_int_equal(ds->id, 1);
	assert_int_equal(ds->key, FIELD_NONE);
	assert_int_equal(ds->ntopics, 2);
	assert_int_equal(ds->retention_days, 7);
	assert_int_equal(ds->ncolumns, 2);
	assert_int_equal(ds->columns[0], 3);
	assert_int_equal(ds->nfields, 6);
	assert_int_equal(ds->fields[0].unit, UNIT_MS);
	assert_true(ds->fields[0].sortable);
	assert_true(ds->fields[1].prefix);
	assert_int_equal(ds->fields[2].type, FIELD_KEYWORD);
	assert_false(ds->fields[2].free_text);
	assert_true(ds->fields[3].free_text);
	assert_false(ds->fields[3].sortable);
	assert_slice(ds->fields[4].name, "v.q");
	assert_int_equal(ds->fields[4].object, 0);
	assert_false(ds->fields[4].sortable);
	assert_slice(ds->objects[0].name, "v");
	assert_slice(ds->fields[5].name, "o.p");
	assert_int_equal(ds->fields[ds->received].type, FIELD_DATE);
	assert_true(ds->fields[ds->invalid].list);
	assert_int_equal(ds->seq, ds->nall - 1);
	dataset_free(ds);
}

static void test_schema_read__survives_no_memory(void **state)
{
	static const char json[] =
		"{\"dataset\":\"d\",\"time\":\"at\",\"fields\":[{\"name\":\"at\","
		"\"type\":\"date\"},{\"path\":\"v[].q\",\"alias\":[\"z\"],\"examples\":"
		"[{\"query\":\"z: 1\"}]}]}";
	struct dataset *ds = NULL;
	struct err err = ERR_INIT;
	int ret = ERR_NO_MEMORY;

	(void)state;
	for (uint64_t i = 1; ret == ERR_NO_MEMORY; i++) {
		mem_fail_after(i);
		ret = dataset_new(&ds, slice_str(json), "s", &err);
		mem_fail_after(0);
		assert_true(i < 100);
	}
	assert_int_equal(ret, 0);
	dataset_free(ds);
}

TEST_MAIN(TEST(test_schema_read__refuses_bad_files),
	  TEST(test_schema_read__refuses_bad_fields),
	  TEST(test_schema_read__holds_its_limits),
	  TEST(test_schema_read__defaults_and_roles),
	  TEST(test_schema_read__survives_no_memory))
