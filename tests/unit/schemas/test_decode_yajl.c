/*
 * What must be refused is, with its reason, and the next message is unharmed;
 * what must be taken is.  Each with yajl alone and with the fast scanner.
 */
#include <stdlib.h>

#include "base/limits.h"
#include "schemas/catalog.h"
#include "schemas/decode.h"
#include "tests/test.h"
#include "tests/unit/schemas/helper_record.h"

struct shape {
	struct slice text;
	enum refusal reason;
};

#define N(s)                                    \
	{                                       \
		SLICE_INIT(s), REFUSED_NOT_JSON \
	}
#define A(s)                                      \
	{                                         \
		SLICE_INIT(s), REFUSED_NOT_OBJECT \
	}
#define U(s)                                    \
	{                                       \
		SLICE_INIT(s), REFUSED_NOT_UTF8 \
	}
#define E(s)                                    \
	{                                       \
		SLICE_INIT(s), REFUSED_NO_VALUE \
	}

static const struct shape refused[] = {
	/* nothing, or not a whole value */
	E(""),
	N(" "),
	N("\n"),
	N("\t \r\n"),
	N("{"),
	N("["),
	N("{\"a\""),
	N("{\"a\":"),
	N("{\"a\":1"),
	N("{\"a\":1,"),
	N("{\"a\":1,\"b\""),
	N("{\"a\":{\"x\":5,"),
	N("{\"a\":{\"x\":5}"),
	N("{\"a\":[1,2"),
	N("{\"a\":[1,2]"),
	N("{\"a\":[{\"b\":1}"),
	N("{\"a\":\"x"),
	N("{\"a\":\"x\\"),
	N("{\"a\":\"x\\u00"),
	N("{\"a\":tr"),
	N("{\"a\":nul"),
	N("{\"a\":-"),
	N("{\"a\":1e"),
	N("{\"a\":1."),
	N("[1,"),
	N("[1"),
	N("[\""),
	N("\""),
	N("\"a"),
	N("t"),
	N("tru"),
	N("nul"),
	N("fals"),
	N("-"),
	/* punctuation */
	N("{]"),
	N("[}"),
	N("{\"a\":1]"),
	N("[1}"),
	N("}"),
	N("]"),
	N(","),
	N(":"),
	N("{,}"),
	N("{\"a\":1,}"),
	N("{\"a\":1,,\"b\":2}"),
	N("{,\"a\":1}"),
	N("{\"a\" 1}"),
	N("{\"a\"::1}"),
	N("{\"a\":}"),
	N("{\"a\",1}"),
	N("{\"a\":1 \"b\":2}"),
	N("{\"a\":1:2}"),
	N("{\"a\":[1,]}"),
	N("{\"a\":[,1]}"),
	N("{\"a\":[1,,2]}"),
	N("{\"a\":[1 2]}"),
	N("{\"a\":[,]}"),
	N("{\"a\":[\"b\":1]}"),
	N("{\"a\":[1:2]}"),
	N("{:1}"),
	N("{\"a\":{,}}"),
	N("{\"a\":{\"b\"}}"),
	N("{\"a\":[[]"),
	N("{\"a\";1}"),
	N("{\"a\":(1)}"),
	N("{\"a\"=1}"),
	N("[1,\n1\n,1"),
	N("{{}}"),
	N("{[]}"),
	/* keys */
	N("{a:1}"),
	N("{'a':1}"),
	N("{1:1}"),
	N("{null:1}"),
	N("{true:1}"),
	N("{\"a\":1,b:2}"),
	N("{\"a\\x\":1}"),
	N("{\"a\n\":1}"),
	N("{[1]:2}"),
	/* something behind it */
	N("{}x"),
	N("{} x"),
	N("{}{}"),
	N("{} {}"),
	N("{}\n{}"),
	N("{},"),
	N("{}:"),
	N("{}]"),
	N("{}}"),
	N("{}1"),
	N("{}\"a\""),
	N("{}true"),
	N("{} tru"),
	N("{} \""),
	N("{}["),
	N("{}{"),
	N("{}#"),
	N("{}//"),
	N("{}/**/"),
	N("[]]"),
	N("[] []"),
	N("1 2"),
	N("true false"),
	N("\"a\"\"b\""),
	N("\"a\" x"),
	N("{\"a\":1}{\"a\":2"),
	N("{}\0"),
	N("{}\x01"),
	N("{}\v"),
	/* comments, other notations */
	N("{/**/}"),
	N("{\"a\":1/*c*/}"),
	N("// c\n{}"),
	N("#c\n{}"),
	N("<a/>"),
	N("a: 1"),
	N("a=1"),
	N("0x7b7d"),
	N("undefined"),
	N("nan"),
	N("NaN"),
	N("{\"a\":NaN}"),
	N("{\"a\":Infinity}"),
	N("{\"a\":-Infinity}"),
	N("{\"a\":inf}"),
	N("{\"a\":None}"),
	N("{\"a\":True}"),
	N("{\"a\":NULL}"),
	N("{\"a\":undefined}"),
	N("{\"a\":'b'}"),
	N("{\"a\":`b`}"),
	N("*"),
	N("&"),
	N("{\"a\":@}"),
	N("{\"a\":b}"),
	N("{\"a\":truee}"),
	N("{\"a\":nulll}"),
	/* numbers */
	N("{\"a\":+1}"),
	N("{\"a\":01}"),
	N("{\"a\":-01}"),
	N("{\"a\":00}"),
	N("{\"a\":.5}"),
	N("{\"a\":-.5}"),
	N("{\"a\":1.}"),
	N("{\"a\":1.e1}"),
	N("{\"a\":1e}"),
	N("{\"a\":1e+}"),
	N("{\"a\":1e-}"),
	N("{\"a\":1E}"),
	N("{\"a\":1ee2}"),
	N("{\"a\":1e1.5}"),
	N("{\"a\":1.2.3}"),
	N("{\"a\":--1}"),
	N("{\"a\":-}"),
	N("{\"a\":- 1}"),
	N("{\"a\":1 000}"),
	N("{\"a\":1_000}"),
	N("{\"a\":1a}"),
	N("{\"a\":0x1}"),
	N("{\"a\":0b1}"),
	N("{\"a\":1f}"),
	N("{\"a\":1,5x}"),
	N("{\"a\":-foo}"),
	N("{\"a\":2.e3}"),
	N("{\"a\":e5}"),
	N("{\"a\":1+2}"),
	N("{\"a\":++1}"),
	N("{\"a\":012}"),
	/* strings */
	N("{\"a\":\"\n\"}"),
	N("{\"a\":\"\t\"}"),
	N("{\"a\":\"\r\"}"),
	N("{\"a\":\"\0\"}"),
	N("{\"a\":\"\x1f\"}"),
	N("{\"a\":\"\x01\"}"),
	N("{\"a\":\"\\x\"}"),
	N("{\"a\":\"\\a\"}"),
	N("{\"a\":\"\\'\"}"),
	N("{\"a\":\"\\0\"}"),
	N("{\"a\":\"\\u\"}"),
	N("{\"a\":\"\\u1\"}"),
	N("{\"a\":\"\\u12\"}"),
	N("{\"a\":\"\\u123\"}"),
	N("{\"a\":\"\\u123g\"}"),
	N("{\"a\":\"\\u 123\"}"),
	N("{\"a\":\"\\U0041\"}"),
	N("{\"a\":\"\\ud800\\u\"}"),
	N("{\"a\":\"\\ud800\\u1\"}"),
	N("{\"a\":\"\\\n\"}"),
	N("{\"a\":\"\\\xc3\xa9\"}"),
	N("{\"a\":\"\"\"}"),
	N("{\"a\":\"b\"c\"}"),
	N("{\"a\":\"\\\"}"),
	N("{\"a\":\"b\" \"c\"}"),
	N("{\"a\":\\u0041}"),
	N("{\"a\":\"\\u{41}\"}"),
	/* white space that is none */
	N("\xc2\xa0{}"),
	N("{\"a\":\xe2\x80\x83"
	  "1}"),
	N("{\f}"),
	N("\v{}"),
	N("{\xe2\x80\xa8}"),
	N("\x00{}"),
	N("{\"a\"\xc2\xa0:1}"),
	N("{\"a\":1\x0c}"),
	/* marks of an encoding */
	N("\xef\xbb\xbf{}"),
	N("\xef\xbb\xbf"),
	N("{}\xef\xbb\xbf"),
	U("\xff\xfe{\0}\0"),
	U("\xfe\xff\0{\0}"),
	N("{\0}\0"),
	N("\0{\0}"),
	/* bytes that are not UTF-8, also where the JSON is bad */
	U("{\"a\":\"\xff\"}"),
	U("{\"a\":\"\xc0\xaf\"}"),
	U("{\"a\":\"\xed\xa0\x80\"}"),
	U("{\"a\":\"\xf8\x88\x80\x80\x80\"}"),
	U("{\"a\":\"\x80\"}"),
	U("{\"a\":\"\xe2\x82\"}"),
	U("{\"a\":\"\xf4\x90\x80\x80\"}"),
	U("{\"a\":\"\xc3\"}"),
	U("{\"a\":\"\xe0\x80\xaf\"}"),
	U("{\"\xe9\":1}"),
	U("\xe9"),
	U("{}\xff"),
	U("{\"a\":\xe9}"),
	U("{\xff"),
	U("{\"a\":\"\\u00\xe9\"}"),
	U("{\"a\":\"\xed\xb0\x80\"}"),
	U("{\"a\":\"\xf0\x80\x80\xaf\"}"),
	U("\xc3"),
	/* JSON, but no object */
	A("[]"),
	A("[1,2]"),
	A("[{}]"),
	A("1 "),
	A("\"a\""),
	A("true"),
	A("null"),
	A("false"),
	A("-0.5e3 "),
	A("[[[]]]"),
	A(" [] "),
	A("\"{}\""),
	A("[null]"),
	A("15"),
	A("-1.5e3"),
	A(" 0"),
	A("\"\\ud800\""),
};

static const char *const taken[] = {
	"{}",
	" {} ",
	"{ }",
	"{\n}",
	"{}\n",
	"\t{}\r\n",
	"{\"a\":1}",
	"{\"a\": 1}",
	"{ \"a\" : 1 }",
	"{\"\":0}",
	"{\"a\":\"\"}",
	"{\"a\":[]}",
	"{\"a\":{}}",
	"{\"a\":{ }}",
	"{\"a\":[ ]}",
	"{\"a\":null}",
	"{\"a\":true,\"b\":false}",
	"{\"a\":0}",
	"{\"a\":-0}",
	"{\"a\":-0.0}",
	"{\"a\":1.5}",
	"{\"a\":1e5}",
	"{\"a\":1E+5}",
	"{\"a\":1e-5}",
	"{\"a\":1e400}",
	"{\"a\":-1e-400}",
	"{\"a\":123456789012345678901234567890}",
	"{\"a\":0.1e1}",
	"{\"a\":0e0}",
	"{\"a\":18446744073709551615}",
	"{\"a\":20.0}",
	"{\"a\":\"\\u0000\"}",
	"{\"a\":\"\\u0041\"}",
	"{\"a\":\"\\ud83d\\ude00\"}",
	"{\"a\":\"\\ud800\"}",
	"{\"a\":\"\\ude00\\ud83d\"}",
	"{\"a\":\"\\ud800\\u0041\"}",
	"{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"}",
	"{\"a\":\"\x7f\"}",
	"{\"a\":\"\xc3\xa9\"}",
	"{\"a\":\"\xf0\x9f\x98\x80\"}",
	"{\"\xc3\xa9\":1}",
	"{\"a\":\"\xef\xbb\xbf\"}",
	"{\"a\":\"\xef\xbf\xbf\"}",
	"{\"a\":\"/**/\"}",
	"{\"a\":1,\"a\":2}",
	"{\"a\":{\"b\":{\"c\":[1,{\"d\":[]}]}}}",
	"{\"\\u0061\":1}",
	"{\"a\":[1,[2,[3]],{}]}",
	"{\"a\":\"\\u20ac\"}",
	"{\"severity\":3,\"severity\":4}",
	"{\"tags\":[\"a\",[\"b\"],{\"c\":1},null]}",
	"{\"uuid\":\"7781808c-ad94-4c2d-9f4b-3a1c5e6d7f80\",\"count\":1.0}",
	"{\"message\":\"\\u001f\\u001F\"}",
	"{\"severity\":{\"a\":1},\"tags\":{}}",
	"{\"message\":[],\"count\":[1]}",
	"{\"a\":\"\\/\",\"message\":\"\\/\"}",
};

static const char good[] = "{\"action\":\"DENY\",\"severity\":4}";
static const char good_text[] = "action=DENY severity=4 invalid=eventTime";

struct fixture {
	struct catalog *catalog;
	const struct dataset *ds;
	struct decoder *fast, *yajl;
	struct buf text;
};

static void open_fixture(struct fixture *f)
{
	struct err err = ERR_INIT;

	assert_int_equal(catalog_new(&f->catalog, &err), 0);
	f->ds = catalog_find(f->catalog, slice_str("events"));
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
	catalog_free(f->catalog);
}

/* A copy of its very length, so that ASan sees a read beyond the end. */
static char *exact(struct slice s)
{
	char *p = malloc(s.len ? s.len : 1);

	assert_non_null(p);
	if (s.len)
		memcpy(p, s.p, s.len);
	return p;
}

static void check_good(struct fixture *f, struct decoder *d)
{
	struct decode_refusal why;
	const struct record *rec;

	assert_int_equal(decode_message(d, slice_str(good), &rec, &why, NULL),
			 0);
	buf_reset(&f->text);
	record_describe(&f->text, f->ds, rec);
	assert_slice(f->text, good_text);
	assert_true(rec->regular);
}

static void check_refused(struct fixture *f, struct slice text,
			  enum refusal reason)
{
	struct decoder *both[] = { f->fast, f->yajl };

	for (int i = 0; i < 2; i++) {
		char *copy = exact(text);
		struct decode_refusal why = { .reason = REFUSED_NOT };
		const struct record *rec = NULL;

		assert_int_equal(decode_message(both[i],
						slice_of(copy, text.len), &rec,
						&why, NULL),
				 1);
		assert_string_equal(refusal_name(why.reason),
				    refusal_name(reason));
		assert_true(why.detail[0]);
		assert_null(rec);
		free(copy);
		check_good(f, both[i]);
	}
}

static void test_decode_yajl__refuses_and_goes_on(void **state)
{
	struct fixture f;

	(void)state;
	assert_true(ARRAY_SIZE(refused) >= 150);
	open_fixture(&f);
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		test_row("%zu: %.*s", i, SLICE_ARG(refused[i].text));
		check_refused(&f, refused[i].text, refused[i].reason);
	}
	close_fixture(&f);
}

static void test_decode_yajl__takes_what_is_json(void **state)
{
	struct fixture f;

	(void)state;
	open_fixture(&f);
	for (size_t i = 0; i < ARRAY_SIZE(taken); i++) {
		char *copy = exact(slice_str(taken[i]));
		struct slice text = slice_of(copy, strlen(taken[i]));
		const struct record *a, *b;
		struct decode_refusal why;

		test_row("%zu: %s", i, taken[i]);
		assert_int_equal(decode_message(f.fast, text, &a, &why, NULL),
				 0);
		assert_int_equal(decode_message(f.yajl, text, &b, &why, NULL),
				 0);
		assert_true(record_same(f.ds, a, b));
		if (a->regular) {
			buf_reset(&f.text);
			record_rebuild(&f.text, f.ds, a);
			assert_slice(f.text, taken[i]);
		}
		free(copy);
	}
	close_fixture(&f);
}

/* `n` times `unit` between what is before and behind it. */
static struct slice repeat(struct buf *b, const char *before, const char *unit,
			   size_t n, const char *behind)
{
	buf_reset(b);
	buf_puts(b, before);
	for (size_t i = 0; i < n; i++)
		buf_puts(b, unit);
	buf_puts(b, behind);
	assert_int_equal(b->error, 0);
	return buf_slice(b);
}

static void test_decode_yajl__holds_its_limits(void **state)
{
	static const struct {
		const char *before, *unit;
		size_t n;
		const char *behind;
		enum refusal reason;
	} rows[] = {
		{ "", "[", 100000, "", REFUSED_TOO_DEEP },
		{ "", "{\"a\":", 100000, "", REFUSED_TOO_DEEP },
		{ "{\"tags\":", "[", 100000, "", REFUSED_TOO_DEEP },
		{ "", "[", 33, "", REFUSED_TOO_DEEP },
		{ "", "[", 32, "", REFUSED_NOT_JSON },
		{ "{\"a\":", "[", 32, "", REFUSED_TOO_DEEP },
		{ "{\"a\":", "[", 31, "", REFUSED_NOT_JSON },
		{ "{\"a\":\"", "x", 2 << 20, "\"}", REFUSED_TOO_LARGE },
		{ "", "[", 2 << 20, "", REFUSED_TOO_LARGE },
		{ "", "\xff", 2 << 20, "", REFUSED_TOO_LARGE },
		{ "{\"a\":\"", "x", 1 << 19, "", REFUSED_NOT_JSON },
		{ "{\"a\":\"", "\\n", 1 << 18, "", REFUSED_NOT_JSON },
		{ "{\"a\":", "1", 1 << 19, "", REFUSED_NOT_JSON },
		{ "{\"", "k", 1 << 19, "", REFUSED_NOT_JSON },
		{ "{", " ", 1 << 19, "", REFUSED_NOT_JSON },
		{ "{\"a\":\"", "\\u", 1 << 18, "\"}", REFUSED_NOT_JSON },
		{ "{}", "{}", 1 << 18, "", REFUSED_NOT_JSON },
		{ "[", "{},", 1 << 18, "{}]", REFUSED_NOT_OBJECT },
		{ "{\"a\":\"", "\\ud800", 1 << 16, "\xff", REFUSED_NOT_UTF8 },
	};
	struct fixture f;
	struct buf b;

	(void)state;
	buf_init(&b, SIZE_MAX);
	open_fixture(&f);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		test_row("%zu: %s%s x %zu", i, rows[i].before, rows[i].unit,
			 rows[i].n);
		check_refused(&f,
			      repeat(&b, rows[i].before, rows[i].unit,
				     rows[i].n, rows[i].behind),
			      rows[i].reason);
	}
	close_fixture(&f);
	buf_release(&b);
}

static void test_decode_yajl__takes_the_largest_message(void **state)
{
	static const char *const units[] = { "x", "\\n", "\\u0041", "\\/" };
	struct fixture f;
	struct buf b;

	(void)state;
	buf_init(&b, SIZE_MAX);
	open_fixture(&f);
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		size_t n = (LIMIT_MESSAGE - strlen("{\"a\":\"\"}")) /
			   strlen(units[i]);
		struct decoder *both[] = { f.fast, f.yajl };
		struct slice text = repeat(&b, "{\"a\":\"", units[i], n, "\"}");
		struct decode_refusal why;
		const struct record *rec;

		test_row("%s", units[i]);
		for (int k = 0; k < 2; k++) {
			/* Twice: the buffers are those of the time before. */
			for (int again = 0; again < 2; again++)
				assert_int_equal(decode_message(both[k], text,
								&rec, &why,
								NULL),
						 0);
			check_good(&f, both[k]);
		}
	}
	close_fixture(&f);
	buf_release(&b);
}

/* A key met before is looked for where it stood; as it would stand. */
static void test_decode_yajl__known_keys_need_their_escapes(void **state)
{
	static const struct {
		const char *good, *bad;
	} rows[] = {
		{ "{\"a\\\"b\":1}", "{\"a\"b\":1}" },
		{ "{\"a\\nb\":1}", "{\"a\nb\":1}" },
		{ "{\"a\\\\\":1}", "{\"a\\\":1}" },
		{ "{\"a\\\\b\":1}", "{\"a\\b\":1,x}" },
		{ "{\"\\u0000\":1}", "{\"\":1,}" },
	};
	struct fixture f;

	(void)state;
	open_fixture(&f);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct record *rec;
		struct decode_refusal why;

		test_row("%s %s", rows[i].good, rows[i].bad);
		for (int n = 0; n < 2; n++)
			assert_int_equal(decode_message(f.fast,
							slice_str(rows[i].good),
							&rec, &why, NULL),
					 0);
		assert_int_equal(decode_message(f.fast, slice_str(rows[i].bad),
						&rec, &why, NULL),
				 1);
	}
	close_fixture(&f);
}

static void test_decode_yajl__says_where(void **state)
{
	static const struct {
		struct slice text;
		const char *detail;
	} rows[] = {
		{ SLICE_INIT("{\"a\":01}"),
		  "after key and value, inside map, I expect ',' or '}' at byte 6" },
		{ SLICE_INIT("{\"a\":1"),
		  "ends before its value does at byte 6" },
		{ SLICE_INIT("{} x"),
		  "something follows the end of the value at byte 3" },
		{ SLICE_INIT("\xef\xbb\xbf{}"),
		  "starts with a byte order mark at byte 0" },
		{ SLICE_INIT("{\"a\":\"\xff\"}"), "no UTF-8 at byte 6: 0xff" },
		{ SLICE_INIT("[]"), "JSON, but not an object" },
		{ SLICE_INIT(""), "an empty message" },
	};
	struct fixture f;

	(void)state;
	open_fixture(&f);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct decode_refusal why;
		const struct record *rec;

		test_row("%zu", i);
		assert_int_equal(decode_message(f.fast, rows[i].text, &rec,
						&why, NULL),
				 1);
		assert_string_equal(why.detail, rows[i].detail);
	}
	close_fixture(&f);
}

TEST_MAIN(TEST(test_decode_yajl__refuses_and_goes_on),
	  TEST(test_decode_yajl__takes_what_is_json),
	  TEST(test_decode_yajl__holds_its_limits),
	  TEST(test_decode_yajl__takes_the_largest_message),
	  TEST(test_decode_yajl__known_keys_need_their_escapes),
	  TEST(test_decode_yajl__says_where))
