/*
 * tests/unit/probe/test_text.c - foreign bytes as JSON strings.
 */
#include "tests/test.h"

#include "base/compiler.h"
#include "base/mem.h"
#include "probe/text.h"

static void test_text__spells_out_what_is_no_utf8(void **state)
{
	static const struct {
		const char *in;
		size_t len;
		const char *out;
	} rows[] = {
		{ "plain", 5, "\"plain\"" },
		{ "", 0, "\"\"" },
		{ "caf\xc3\xa9", 5, "\"caf\xc3\xa9\"" },
		{ "a\xff"
		  "b",
		  3, "\"a\\\\xffb\"" },
		{ "\xc3", 1, "\"\\\\xc3\"" },
		{ "\xed\xa0\x80", 3, "\"\\\\xed\\\\xa0\\\\x80\"" },
		{ "\xc0\xaf", 2, "\"\\\\xc0\\\\xaf\"" },
		{ "a\nb\"\\", 5, "\"a\\nb\\\"\\\\\"" },
		{ "\xff\x01", 2, "\"\\\\xff\\u0001\"" },
		{ "a\0b", 3, "\"a\\u0000b\"" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct json_writer w;
		struct buf b;

		test_row("%zu", i);
		buf_init(&b, 1000);
		json_init(&w, &b);
		probe_text_json(&w, slice_of(rows[i].in, rows[i].len));
		assert_slice(b, rows[i].out);
		buf_release(&b);
	}
}

static void test_text__spells_out_long_ones(void **state)
{
	static char bytes[10000];
	struct json_writer w;
	struct buf b;

	(void)state;
	memset(bytes, 0xfe, sizeof(bytes));
	buf_init(&b, 100000);
	json_init(&w, &b);
	probe_text_json(&w, slice_of(bytes, sizeof(bytes)));
	assert_int_equal(b.error, 0);
	assert_int_equal(b.len, 2 + 5 * sizeof(bytes));
	for (size_t i = 1; i + 5 < b.len; i += 5)
		assert_memory_equal(b.p + i, "\\\\xfe", 5);
	buf_release(&b);
}

static void test_text__fails_with_its_buffer(void **state)
{
	struct json_writer w;
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	json_init(&w, &b);
	mem_fail_after(1);
	probe_text_json(&w, slice_of("\xff", 1));
	mem_fail_after(0);
	assert_int_equal(b.error, ERR_NO_MEMORY);
	buf_release(&b);
}

static void test_text__puts_commas_round_members(void **state)
{
	struct json_writer w;
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	json_init(&w, &b);
	json_object_begin(&w);
	probe_text_members(&w, SLICE_LIT("\"a\":1"));
	probe_text_members(&w, SLICE_LIT(""));
	probe_text_members(&w, SLICE_LIT("\"b\":2"));
	json_key(&w, "c");
	json_i64(&w, 3);
	json_object_end(&w);
	assert_slice(b, "{\"a\":1,\"b\":2,\"c\":3}");
	buf_release(&b);
}

TEST_MAIN(TEST(test_text__spells_out_what_is_no_utf8),
	  TEST(test_text__spells_out_long_ones),
	  TEST(test_text__fails_with_its_buffer),
	  TEST(test_text__puts_commas_round_members))
