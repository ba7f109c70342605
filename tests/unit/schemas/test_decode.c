/*
 * What records say: nested keys, literal keys, lists, arrays of objects, what
 * does not fit, doubles, limits; and that decoding allocates nothing.
 */
#include "base/limits.h"
#include "base/mem.h"
#include "schemas/decode.h"
#include "tests/test.h"
#include "tests/unit/schemas/helper_record.h"

static const char log_schema[] =
	"{\"dataset\":\"t\",\"time\":\"at\",\"fields\":["
	"{\"name\":\"at\",\"type\":\"date\"},"
	"{\"name\":\"k\"},{\"name\":\"t\",\"type\":\"text\"},"
	"{\"name\":\"n\",\"type\":\"int\"},{\"name\":\"d\",\"type\":\"double\"},"
	"{\"name\":\"b\",\"type\":\"bool\"},{\"name\":\"ip\",\"type\":\"ip\"},"
	"{\"name\":\"e\",\"type\":\"enum\",\"values\":[\"ON\",\"OFF\"]},"
	"{\"name\":\"l\",\"list\":true},{\"name\":\"nl\",\"type\":\"int\",\"list\":true},"
	"{\"name\":\"pod\",\"path\":\"kube.pod.name\"},{\"name\":\"kube.ns\"},"
	"{\"path\":\"v[].q\",\"type\":\"int\"},{\"path\":\"v[].s.x\"},"
	"{\"name\":\"w.y\",\"path\":\"in.w[].y\"}]}";

static const char table_schema[] =
	"{\"dataset\":\"s\",\"kind\":\"table\",\"key\":\"id\",\"fields\":["
	"{\"name\":\"id\"},{\"name\":\"x\",\"type\":\"int\"}]}";

struct fixture {
	struct dataset *ds;
	struct decoder *fast, *yajl;
	struct buf text;
};

static void open_fixture(struct fixture *f, const char *schema)
{
	struct err err = ERR_INIT;

	if (dataset_new(&f->ds, slice_str(schema), "test", &err) < 0)
		fail_msg("%s", err.message);
	assert_int_equal(decoder_new(&f->fast, f->ds, &err), 0);
	assert_int_equal(decoder_new(&f->yajl, f->ds, &err), 0);
	decoder_use_yajl(f->yajl);
	buf_init(&f->text, SIZE_MAX);
}

static void close_fixture(struct fixture *f)
{
	buf_release(&f->text);
	decoder_free(f->fast);
	decoder_free(f->yajl);
	dataset_free(f->ds);
}

/* Decodes by both ways, which must agree, and the items must give the message
 * back where they say so. */
static const struct record *decode(struct fixture *f, struct slice message)
{
	const struct record *a, *b;
	struct decode_refusal why;

	assert_int_equal(decode_message(f->yajl, message, &b, &why, NULL), 0);
	assert_int_equal(decode_message(f->fast, message, &a, &why, NULL), 0);
	assert_true(record_same(f->ds, a, b));
	if (a->regular) {
		buf_reset(&f->text);
		record_rebuild(&f->text, f->ds, a);
		assert_true(slice_eq(buf_slice(&f->text), message));
	}
	return a;
}

static const char *describe(struct fixture *f, const struct record *rec)
{
	buf_reset(&f->text);
	record_describe(&f->text, f->ds, rec);
	return buf_cstr(&f->text);
}

#define AT "\"at\":0"
#define NOTHING "at=1970-01-01T00:00:00Z"

struct row {
	const char *message;
	const char *says;
	bool regular;
};

static void check_rows(const struct row *rows, size_t n)
{
	struct fixture f;

	open_fixture(&f, log_schema);
	for (size_t i = 0; i < n; i++) {
		const struct record *rec;

		test_row("%s", rows[i].message);
		rec = decode(&f, slice_str(rows[i].message));
		assert_int_equal(rec->regular, rows[i].regular);
		assert_string_equal(describe(&f, rec), rows[i].says);
	}
	close_fixture(&f);
}

static void test_decode__finds_fields(void **state)
{
	static const struct row rows[] = {
		{ "{" AT ",\"k\":\"x\"}", NOTHING " k=x", true },
		{ "{" AT ",\"k\":null,\"n\":7}", NOTHING " n=7", true },
		{ "{" AT ",\"kube\":{\"pod\":{\"name\":\"p\"},\"ns\":\"q\"}}",
		  NOTHING " pod=p kube.ns=q", true },
		{ "{" AT ",\"kube.pod.name\":\"p\",\"kube.ns\":\"q\"}",
		  NOTHING " pod=p kube.ns=q", true },
		/* The nested form wins, whichever comes first. */
		{ "{" AT ",\"kube.ns\":\"lit\",\"kube\":{\"ns\":\"in\"}}",
		  NOTHING " kube.ns=in", true },
		{ "{" AT ",\"kube\":{\"ns\":\"in\"},\"kube.ns\":\"lit\"}",
		  NOTHING " kube.ns=in", true },
		{ "{" AT ",\"kube.ns\":\"lit\",\"kube\":{\"ns\":null}}",
		  NOTHING, true },
		{ "{" AT ",\"kube.ns\":\"lit\",\"kube\":{\"pod\":{}}}",
		  NOTHING " kube.ns=lit", true },
		{ "{" AT
		  ",\"kube.ns\":7,\"kube\":{\"pod\":{\"name\":\"p\"},\"ns\":1}}",
		  NOTHING " pod=p kube.ns=1", true },
		/* The name of a field is not its place. */
		{ "{" AT ",\"pod\":\"x\"}", NOTHING, true },
		{ "{" AT ",\"K\":\"x\"}", NOTHING, true },
		/* Of doubles the first. */
		{ "{" AT ",\"k\":\"x\",\"k\":\"y\"}", NOTHING " k=x", false },
		{ "{" AT ",\"k\":null,\"k\":\"y\"}", NOTHING, false },
		{ "{" AT ",\"u\":1,\"u\":2}", NOTHING, false },
		{ "{" AT ",\"kube\":{\"ns\":\"a\"},\"kube\":{\"ns\":\"b\"}}",
		  NOTHING " kube.ns=a", false },
		{ "{" AT ",\"\\u006b\":\"x\"}", NOTHING " k=x", false },
		{ "{" AT ",\"k\":\"\\ud800\"}", NOTHING " k=\xef\xbf\xbd",
		  true },
		{ "{" AT ",\"k\":\"\\ude00\\ud83d\\ude00\"}",
		  NOTHING " k=\xef\xbf\xbd\xf0\x9f\x98\x80", true },
	};

	(void)state;
	check_rows(rows, ARRAY_SIZE(rows));
}

static void test_decode__names_what_does_not_fit(void **state)
{
	static const struct row rows[] = {
		{ "{}", "invalid=at", true },
		{ "{\"at\":null}", "invalid=at", true },
		{ "{\"at\":\"0001-01-01T00:00:00Z\"}", "invalid=at", true },
		{ "{\"at\":\"then\"}", "invalid=at", true },
		{ "{" AT
		  ",\"n\":\"x\",\"d\":\"\",\"b\":1,\"e\":\"HALF\",\"ip\":\"1.2.3\"}",
		  NOTHING " invalid=n invalid=d invalid=b invalid=e invalid=ip",
		  true },
		{ "{" AT ",\"k\":[\"x\"]}", NOTHING " invalid=k", true },
		{ "{" AT ",\"k\":{\"x\":1}}", NOTHING " invalid=k", true },
		{ "{" AT ",\"k\":{}}", NOTHING " invalid=k", true },
		{ "{" AT ",\"k\":[]}", NOTHING, true },
		{ "{" AT ",\"k\":[ ]}", NOTHING, true },
		{ "{" AT ",\"k\":[null]}", NOTHING " invalid=k", true },
		{ "{" AT ",\"l\":[\"a\",[\"b\"],\"c\",{\"d\":1}]}",
		  NOTHING " l=[a,c] invalid=l", true },
		{ "{" AT ",\"l\":{\"a\":1}}", NOTHING " invalid=l", true },
		{ "{" AT ",\"nl\":[1,\"x\",3,\"y\"]}",
		  NOTHING " nl=[1,3] invalid=nl", true },
		{ "{" AT ",\"kube\":5}", NOTHING " invalid=pod invalid=kube.ns",
		  true },
		{ "{" AT ",\"kube\":null}", NOTHING, true },
		{ "{" AT ",\"kube\":[]}", NOTHING, true },
		{ "{" AT ",\"kube\":[{\"ns\":1}]}",
		  NOTHING " invalid=pod invalid=kube.ns", true },
		{ "{" AT ",\"kube\":{\"pod\":\"x\",\"ns\":\"q\"}}",
		  NOTHING " kube.ns=q invalid=pod", true },
		{ "{" AT ",\"e\":\"on\"}", NOTHING " e=on", true },
	};

	(void)state;
	check_rows(rows, ARRAY_SIZE(rows));
}

static void test_decode__lists(void **state)
{
	static const struct row rows[] = {
		{ "{" AT ",\"l\":[\"a\",\"b\"]}", NOTHING " l=[a,b]", true },
		{ "{" AT ",\"l\":[]}", NOTHING " l=[]", true },
		{ "{" AT ",\"l\":[ ]}", NOTHING " l=[]", true },
		{ "{" AT ",\"l\":\"a\"}", NOTHING " l=[a]", true },
		{ "{" AT ",\"l\":null}", NOTHING, true },
		{ "{" AT ",\"l\":[null]}", NOTHING " l=[]", true },
		{ "{" AT ",\"l\":[\"a\",null,\"b\"]}", NOTHING " l=[a,b]",
		  true },
		{ "{" AT ",\"l\":[1,true,\"x\"]}", NOTHING " l=[1,true,x]",
		  true },
		{ "{" AT ",\"l\":[1,2]}", NOTHING " l=[1,2]", true },
		{ "{" AT ",\"l\":[\"\\/a\",\"b\",\"<\"]}",
		  NOTHING " l=[/a,b,<]", true },
		{ "{" AT ",\"l\":[\"\\/a\",\"/b\"]}", NOTHING " l=[/a,/b]",
		  true },
		{ "{" AT ",\"l\":[\"a\", \"b\"]}", NOTHING " l=[a,b]", true },
		{ "{\"at\": 0, \"l\": [\"a\", \"b\"]}", NOTHING " l=[a,b]",
		  true },
		{ "{\"at\": 0, \"l\": [\"a\",\"b\"]}", NOTHING " l=[a,b]",
		  true },
		{ "{" AT ",\"nl\":[1.0,2]}", NOTHING " nl=[1,2]", true },
		{ "{" AT ",\"nl\":[1.0,2.0]}", NOTHING " nl=[1,2]", true },
		{ "{" AT ",\"nl\":\"5\"}", NOTHING " nl=[5]", true },
	};

	(void)state;
	check_rows(rows, ARRAY_SIZE(rows));
}

static void test_decode__arrays_of_objects(void **state)
{
	static const struct row rows[] = {
		{ "{" AT ",\"v\":[{\"q\":1,\"s\":{\"x\":\"a\"}},{\"q\":2}]}",
		  NOTHING " v{0:v.q=1 0:v.s.x=a 1:v.q=2}/2", true },
		{ "{" AT ",\"v\":[]}", NOTHING, true },
		{ "{" AT ",\"v\":null}", NOTHING, true },
		{ "{" AT ",\"v\":[{}]}", NOTHING " v{}/1", true },
		{ "{" AT ",\"v\":[null,{\"q\":null},{\"q\":3}]}",
		  NOTHING " v{2:v.q=3}/3", true },
		{ "{" AT ",\"v\":{\"q\":1}}", NOTHING " v{0:v.q=1}/1", true },
		{ "{" AT ",\"v\":7}", NOTHING " invalid=v.q invalid=v.s.x",
		  true },
		{ "{" AT ",\"v\":[7,{\"q\":1}]}",
		  NOTHING " v{1:v.q=1}/2 invalid=v.q invalid=v.s.x", true },
		{ "{" AT ",\"v\":[[{\"q\":1}]]}",
		  NOTHING " v{}/1 invalid=v.q invalid=v.s.x", true },
		{ "{" AT ",\"v\":[{\"q\":[1]},{\"q\":{}},{\"q\":[]}]}",
		  NOTHING " v{}/3 invalid=v.q", true },
		{ "{" AT ",\"v\":[{\"q\":1,\"q\":2},{\"s.x\":\"y\"}]}",
		  NOTHING " v{0:v.q=1 1:v.s.x=y}/2", true },
		{ "{" AT ",\"v\":[{\"s\":4}]}", NOTHING " v{}/1 invalid=v.s.x",
		  true },
		{ "{" AT ",\"v\" : [ { \"q\" : 1 } ] }",
		  NOTHING " v{0:v.q=1}/1", false },
		{ "{" AT ",\"v\":[ { \"q\" : 1 } ]}", NOTHING " v{0:v.q=1}/1",
		  true },
		{ "{" AT ",\"in\":{\"w\":[{\"y\":\"a\"},{\"y\":\"b\"}]}}",
		  NOTHING " w{0:w.y=a 1:w.y=b}/2", true },
		{ "{" AT ",\"in.w\":[{\"y\":\"a\"}]}", NOTHING " w{0:w.y=a}/1",
		  true },
		{ "{" AT
		  ",\"in.w\":[{\"y\":\"a\"}],\"in\":{\"w\":[{\"y\":\"b\"}]}}",
		  NOTHING " w{0:w.y=b}/1", true },
	};

	(void)state;
	check_rows(rows, ARRAY_SIZE(rows));
}

static void test_decode__proves_the_spacing(void **state)
{
	static const struct row rows[] = {
		{ "{\"at\": 0, \"k\": \"x\"}", NOTHING " k=x", true },
		{ "{\"at\": 0,\"k\": \"x\"}", NOTHING " k=x", false },
		{ "{\"at\":0, \"k\":\"x\"}", NOTHING " k=x", false },
		{ "{\"at\":0,\"k\": \"x\"}", NOTHING " k=x", false },
		{ "{\"at\" :0}", NOTHING, false },
		{ "{\"at\":\t0}", NOTHING, false },
		{ "{\"at\":0\n}", NOTHING, false },
		{ "{ \"at\":0}", NOTHING, false },
		{ " {\"at\":0}", NOTHING, false },
		{ "{\"at\":0} ", NOTHING, false },
		{ "{\"at\":0 ,\"k\":\"x\"}", NOTHING " k=x", false },
		{ "{" AT ",\"kube\":{ \"ns\":1}}", NOTHING " kube.ns=1",
		  false },
		{ "{" AT ",\"kube\":{ }}", NOTHING, true },
		{ "{" AT ",\"u\":{ \"x\" : [ ] }}", NOTHING, true },
		{ "{" AT ",\"kube\":{\"u\":{ }},\"k\":1}", NOTHING " k=1",
		  true },
	};

	(void)state;
	check_rows(rows, ARRAY_SIZE(rows));
}

static void test_decode__table_needs_its_key(void **state)
{
	static const char *const without[] = {
		"{}",          "{\"x\":1}",   "{\"id\":null}", "{\"id\":\"\"}",
		"{\"id\":[]}", "{\"id\":{}}",
	};
	struct fixture f;
	struct decode_refusal why;
	const struct record *rec;

	(void)state;
	open_fixture(&f, table_schema);
	for (size_t i = 0; i < ARRAY_SIZE(without); i++) {
		test_row("%s", without[i]);
		assert_int_equal(decode_message(f.fast, slice_str(without[i]),
						&rec, &why, NULL),
				 1);
		assert_int_equal(why.reason, REFUSED_NO_KEY);
		assert_string_equal(why.detail,
				    "no value in its key field \"id\"");
	}
	rec = decode(&f, SLICE_LIT("{\"id\":\"a\",\"_deleted\":true}"));
	assert_true(rec->deleted);
	rec = decode(&f, SLICE_LIT("{\"id\":\"a\",\"_deleted\":false}"));
	assert_false(rec->deleted);
	close_fixture(&f);
}

/* {"at":0,  then n times unit with %u counting, then behind */
static struct slice many(struct buf *b, const char *unit, unsigned n,
			 const char *behind)
{
	buf_reset(b);
	buf_puts(b, "{" AT);
	for (unsigned i = 0; i < n; i++) {
		const char *mark = strchr(unit, '#');

		buf_put(b, unit, (size_t)(mark - unit));
		buf_put_u64(b, i);
		buf_puts(b, mark + 1);
	}
	buf_puts(b, behind);
	return buf_slice(b);
}

static void test_decode__more_keys_than_the_limit(void **state)
{
	static const char *const units[] = { ",\"u#\":1", " , \"u#\" : {} ",
					     ",\"kube\":{\"u#\":1}" };
	struct fixture f;
	struct buf b;

	(void)state;
	buf_init(&b, SIZE_MAX);
	open_fixture(&f, log_schema);
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		const struct record *rec;

		test_row("%s", units[i]);
		rec = decode(&f, many(&b, units[i], 30000, ",\"k\":\"x\"}"));
		assert_false(rec->regular);
		assert_string_equal(describe(&f, rec), NOTHING " k=x");
	}
	decode(&f, many(&b, ",\"u#\":1", LIMIT_KEYS - 2, ",\"k\":\"x\"}"));
	assert_true(decode(&f, buf_slice(&b))->regular);
	decode(&f, many(&b, ",\"u#\":1", LIMIT_KEYS - 1, ",\"k\":\"x\"}"));
	assert_false(decode(&f, buf_slice(&b))->regular);
	close_fixture(&f);
	buf_release(&b);
}

static void test_decode__more_values_than_the_limit(void **state)
{
	struct fixture f;
	const struct record *rec;
	struct buf b;

	(void)state;
	buf_init(&b, SIZE_MAX);
	open_fixture(&f, log_schema);
	buf_puts(&b, "{" AT ",\"l\":[0");
	for (int i = 0; i < LIMIT_VALUES; i++)
		buf_puts(&b, ",1");
	buf_puts(&b, "],\"nl\":[2],\"k\":\"x\",\"v\":[0");
	for (int i = 0; i < LIMIT_VALUES; i++)
		buf_puts(&b, ",{}");
	buf_puts(&b, "]}");
	rec = decode(&f, buf_slice(&b));
	assert_int_equal(rec->nvalues, LIMIT_VALUES);
	assert_int_equal(rec->elements[0], LIMIT_VALUES);
	buf_reset(&b);
	for (uint32_t i = 0; i < rec->ntruncated; i++) {
		buf_put_slice(&b, f.ds->fields[rec->truncated[i]].name);
		buf_putc(&b, ' ');
	}
	assert_string_equal(buf_cstr(&b), "l nl k v.q v.s.x ");
	close_fixture(&f);
	buf_release(&b);
}

static void test_decode__long_values_are_cut_whole(void **state)
{
	struct fixture f;
	const struct record *rec;
	struct buf b;

	(void)state;
	buf_init(&b, SIZE_MAX);
	open_fixture(&f, log_schema);
	buf_puts(&b, "{" AT ",\"k\":\"x");
	for (int i = 0; i < LIMIT_VALUE / 2; i++)
		buf_puts(&b, "\xc3\xa9");
	buf_puts(&b, "\"}");
	rec = decode(&f, buf_slice(&b));
	assert_int_equal(rec->ntruncated, 1);
	assert_int_equal(rec->nvalues, 2);
	/* Not in the middle of a code point. */
	assert_int_equal(rec->values[1].text.len, LIMIT_VALUE - 1);
	assert_int_equal(rec->items[1].form, FORM_RAW);
	close_fixture(&f);
	buf_release(&b);
}

static void test_decode__counts_unknown_keys(void **state)
{
	struct fixture f;
	const struct decode_unknown *unknown;
	struct buf b;
	size_t n;

	(void)state;
	buf_init(&b, SIZE_MAX);
	open_fixture(&f, log_schema);
	decode(&f, SLICE_LIT("{" AT ",\"a\":1,\"kube\":{\"zz\":{\"a\":2}}}"));
	decode(&f, SLICE_LIT("{" AT ",\"a\":[],\"v\":[{\"a\":1},{\"a\":1}]}"));
	n = decoder_unknown(f.fast, &unknown);
	assert_int_equal(n, 3);
	assert_slice(unknown[0].name, "a");
	assert_int_equal(unknown[0].count, 2);
	assert_slice(unknown[1].name, "kube.zz");
	assert_int_equal(unknown[1].count, 1);
	assert_slice(unknown[2].name, "v[].a");
	assert_int_equal(unknown[2].count, 2);
	/* Beyond the limit they are counted together. */
	decode(&f, many(&b, ",\"u#\":1", LIMIT_UNKNOWN_NAMES + 5, "}"));
	n = decoder_unknown(f.fast, &unknown);
	assert_int_equal(n, LIMIT_UNKNOWN_NAMES + 1);
	assert_null(unknown[n - 1].name.p);
	assert_int_equal(unknown[n - 1].count, 3 + 5);
	/* Doubles are seen among those, too. */
	assert_false(
		decode(&f, SLICE_LIT("{" AT ",\"zu\":1,\"zu\":2}"))->regular);
	assert_true(
		decode(&f, SLICE_LIT("{" AT ",\"zu\":1,\"zv\":2}"))->regular);
	close_fixture(&f);
	buf_release(&b);
}

static void test_decode__allocates_nothing_when_warm(void **state)
{
	static const char *const messages[] = {
		"{" AT
		",\"k\":\"x\",\"kube\":{\"ns\":\"q\"},\"l\":[\"\\/a\",\"b\"]}",
		"{" AT ",\"v\":[{\"q\":1},{\"q\":2}],\"u\":{\"x\":[1]}}",
		"{" AT ",\"k\":\"\\ud83d\\ude00\",\"d\":1.0e7}",
		"{\"at\":\"2026-01-02T03:04:05Z\",\"n\":\"1\"",
		"[[[",
		"{\"k\":\"\xff\"}",
		"{}x",
	};
	struct fixture f;
	struct decode_refusal why;
	const struct record *rec;
	uint64_t before = 0;

	(void)state;
	open_fixture(&f, log_schema);
	for (int round = 0; round < 3; round++) {
		before = mem_count();
		for (size_t i = 0; i < ARRAY_SIZE(messages); i++) {
			struct slice m = slice_str(messages[i]);

			(void)!decode_message(f.fast, m, &rec, &why, NULL);
			(void)!decode_message(f.yajl, m, &rec, &why, NULL);
		}
	}
	assert_int_equal(mem_count(), before);
	close_fixture(&f);
}

static void test_decode__survives_no_memory(void **state)
{
	struct err err = ERR_INIT;
	struct decode_refusal why;
	const struct record *rec;
	struct dataset *ds;
	struct decoder *d = NULL;
	int ret = ERR_NO_MEMORY;

	(void)state;
	assert_int_equal(dataset_new(&ds, slice_str(log_schema), "t", &err), 0);
	for (uint64_t i = 1; ret == ERR_NO_MEMORY; i++) {
		mem_fail_after(i);
		ret = decoder_new(&d, ds, &err);
		if (ret == 0)
			ret = decode_message(
				d, SLICE_LIT("{" AT ",\"l\":[1,\"\\/\"]}"),
				&rec, &why, &err);
		mem_fail_after(0);
		if (ret == 0)
			assert_int_equal(rec->nvalues, 3);
		decoder_free(d);
		d = NULL;
		assert_true(i < 100);
	}
	assert_int_equal(ret, 0);
	dataset_free(ds);
}

TEST_MAIN(TEST(test_decode__finds_fields),
	  TEST(test_decode__names_what_does_not_fit), TEST(test_decode__lists),
	  TEST(test_decode__arrays_of_objects),
	  TEST(test_decode__proves_the_spacing),
	  TEST(test_decode__table_needs_its_key),
	  TEST(test_decode__more_keys_than_the_limit),
	  TEST(test_decode__more_values_than_the_limit),
	  TEST(test_decode__long_values_are_cut_whole),
	  TEST(test_decode__counts_unknown_keys),
	  TEST(test_decode__allocates_nothing_when_warm),
	  TEST(test_decode__survives_no_memory))
