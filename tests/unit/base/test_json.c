#include "base/json.h"

#include <math.h>

#include "base/compiler.h"
#include "base/utf8.h"
#include "tests/test.h"

static void test_json__strings_have_the_shortest_escapes(void **state)
{
	static const struct {
		struct slice text;
		const char *json;
	} rows[] = {
		{ SLICE_INIT(""), "\"\"" },
		{ SLICE_INIT("plain"), "\"plain\"" },
		{ SLICE_INIT("a\"b\\c/d"), "\"a\\\"b\\\\c/d\"" },
		{ SLICE_INIT("\b\f\n\r\t"), "\"\\b\\f\\n\\r\\t\"" },
		{ SLICE_INIT("\0\x1f\x7f"), "\"\\u0000\\u001f\x7f\"" },
		{ SLICE_INIT("\x0b\x1b"), "\"\\u000b\\u001b\"" },
		{ SLICE_INIT("\xc3\xa4\xe2\x80\xa8"),
		  "\"\xc3\xa4\xe2\x80\xa8\"" },
		{ SLICE_INIT("0123456789\"0123456789"),
		  "\"0123456789\\\"0123456789\"" },
	};
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		test_row("%zu", i);
		buf_reset(&b);
		json_quote(&b, rows[i].text);
		assert_string_equal(buf_cstr(&b), rows[i].json);
	}
	buf_release(&b);
}

/* Each byte at each place of a text that is read eight bytes at a time. */
static void test_json__each_byte_is_escaped_wherever_it_stands(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	for (int byte = 0; byte < 256; byte++) {
		size_t extra = byte == '"' || byte == '\\' || byte == '\b' ||
					       byte == '\f' || byte == '\n' ||
					       byte == '\r' || byte == '\t' ?
				       1 :
			       byte < 0x20 ? 5 :
					     0;

		for (size_t at = 0; at < 20; at++) {
			char text[20];

			memset(text, 'a', sizeof(text));
			text[at] = (char)byte;
			buf_reset(&b);
			json_quote(&b, slice_of(text, sizeof(text)));
			assert_int_equal(b.len, sizeof(text) + 2 + extra);
			assert_int_equal((unsigned char)b.p[1 + at],
					 extra ? '\\' : byte);
			assert_int_equal(b.p[b.len - 1], '"');
		}
	}
	buf_release(&b);
}

static void test_json__commas_stand_between_values_only(void **state)
{
	struct json_writer w;
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	json_init(&w, &b);
	json_object_begin(&w);
	json_key(&w, "a");
	json_array_begin(&w);
	json_array_end(&w);
	json_key_slice(&w, SLICE_LIT("b\n"));
	json_array_begin(&w);
	json_i64(&w, -1);
	json_u64(&w, UINT64_MAX);
	json_object_begin(&w);
	json_object_end(&w);
	json_bool(&w, true);
	json_bool(&w, false);
	json_null(&w);
	json_raw(&w, SLICE_LIT("1e400"));
	json_array_end(&w);
	json_key(&w, "c");
	json_str(&w, "d");
	json_object_end(&w);
	assert_string_equal(buf_cstr(&b),
			    "{\"a\":[],\"b\\n\":[-1,18446744073709551615,{},"
			    "true,false,null,1e400],\"c\":\"d\"}");
	buf_release(&b);
}

static void test_json__doubles_read_back_the_same(void **state)
{
	static const struct {
		double v;
		const char *json;
	} rows[] = {
		{ 0.0, "0" },
		{ -0.0, "-0" },
		{ 1.0, "1" },
		{ -17.0, "-17" },
		{ 0.1, "0.1" },
		{ 1.0 / 3, "0.3333333333333333" },
		{ 1e15, "1e+15" },
		{ 123456789012345.0, "123456789012345" },
		{ 1e300, "1e+300" },
		{ 5e-324, "4.94065645841247e-324" },
		{ 1.7976931348623157e308, "1.7976931348623157e+308" },
		{ NAN, "null" },
		{ INFINITY, "null" },
		{ -INFINITY, "null" },
	};
	struct json_writer w;
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		test_row("%g", rows[i].v);
		buf_reset(&b);
		json_init(&w, &b);
		json_double(&w, rows[i].v);
		assert_string_equal(buf_cstr(&b), rows[i].json);
	}
	buf_release(&b);
}

static void test_json__bad_bytes_become_replacement_characters(void **state)
{
	static const struct {
		struct slice text;
		const char *json;
		bool clean;
	} rows[] = {
		{ SLICE_INIT("fine \xc3\xa4"), "\"fine \xc3\xa4\"", true },
		{ SLICE_INIT(""), "\"\"", true },
		{ SLICE_INIT("a\xff"), "\"a\xef\xbf\xbd\"", false },
		{ SLICE_INIT("\xc3"), "\"\xef\xbf\xbd\"", false },
		{ SLICE_INIT("\xed\xa0\x80z"),
		  "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz\"", false },
		{ SLICE_INIT("\"\x80\n"), "\"\\\"\xef\xbf\xbd\\n\"", false },
	};
	struct json_writer w;
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		test_row("%zu", i);
		buf_reset(&b);
		json_init(&w, &b);
		assert_int_equal(json_string_lossy(&w, rows[i].text),
				 rows[i].clean);
		assert_string_equal(buf_cstr(&b), rows[i].json);
		assert_true(utf8_valid(buf_slice(&b)));
	}
	buf_release(&b);
}

static void test_json__a_full_buffer_is_an_error_not_a_cut_text(void **state)
{
	struct json_writer w;
	struct buf b;

	(void)state;
	buf_init(&b, 6);
	json_init(&w, &b);
	json_str(&w, "1234");
	assert_string_equal(buf_cstr(&b), "\"1234\"");
	buf_reset(&b);
	json_init(&w, &b);
	json_str(&w, "12345");
	assert_int_equal(b.error, ERR_LIMIT);
	buf_release(&b);
}

TEST_MAIN(TEST(test_json__strings_have_the_shortest_escapes),
	  TEST(test_json__each_byte_is_escaped_wherever_it_stands),
	  TEST(test_json__commas_stand_between_values_only),
	  TEST(test_json__doubles_read_back_the_same),
	  TEST(test_json__bad_bytes_become_replacement_characters),
	  TEST(test_json__a_full_buffer_is_an_error_not_a_cut_text))
