#include "base/utf8.h"

#include <stdlib.h>

#include "base/compiler.h"
#include "tests/test.h"

/* `good` bytes are the longest valid prefix. */
static const struct {
	struct slice text;
	size_t good;
} prefixes[] = {
	{ SLICE_INIT(""), 0 },
	{ SLICE_INIT("a\0b"), 3 },
	{ SLICE_INIT("0123456789abcdef"), 16 },
	{ SLICE_INIT("01234567\x80"), 8 },
	{ SLICE_INIT("0123456\xff"), 7 },
	{ SLICE_INIT("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"), 9 },
	/* overlong */
	{ SLICE_INIT("\xc0\x80"), 0 },
	{ SLICE_INIT("\xc1\xbf"), 0 },
	{ SLICE_INIT("\xe0\x80\x80"), 0 },
	{ SLICE_INIT("\xe0\x9f\xbf"), 0 },
	{ SLICE_INIT("\xf0\x80\x80\x80"), 0 },
	{ SLICE_INIT("\xf0\x8f\xbf\xbf"), 0 },
	/* surrogates, and the neighbours that are none */
	{ SLICE_INIT("\xed\xa0\x80"), 0 },
	{ SLICE_INIT("\xed\xbf\xbf"), 0 },
	{ SLICE_INIT("\xed\x9f\xbf\xee\x80\x80"), 6 },
	/* beyond U+10FFFF */
	{ SLICE_INIT("\xf4\x8f\xbf\xbf"), 4 },
	{ SLICE_INIT("\xf4\x90\x80\x80"), 0 },
	{ SLICE_INIT("\xf5\x80\x80\x80"), 0 },
	{ SLICE_INIT("\xf8\x88\x80\x80\x80"), 0 },
	/* cut short, and a continuation alone */
	{ SLICE_INIT("a\xc3"), 1 },
	{ SLICE_INIT("a\xe2\x82"), 1 },
	{ SLICE_INIT("a\xf0\x9f\x98"), 1 },
	{ SLICE_INIT("a\x80z"), 1 },
	{ SLICE_INIT("\xc3z"), 0 },
	{ SLICE_INIT("\xe2\x82z"), 0 },
	{ SLICE_INIT("\xf0\x9f\x98z"), 0 },
};

static void test_utf8__the_valid_prefix_ends_at_the_first_bad_byte(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++) {
		/* Of its very size, so that ASan sees a read beyond it. */
		size_t len = prefixes[i].text.len;
		char *exact = malloc(len ? len : 1);

		test_row("%zu", i);
		assert_non_null(exact);
		memcpy(exact, prefixes[i].text.p, len);
		assert_int_equal(utf8_valid_prefix(slice_of(exact, len)),
				 prefixes[i].good);
		assert_int_equal(utf8_valid(slice_of(exact, len)),
				 prefixes[i].good == len);
		free(exact);
	}
}

static void test_utf8__a_bad_byte_is_found_wherever_it_stands(void **state)
{
	char text[40];

	(void)state;
	for (size_t at = 0; at < sizeof(text); at++) {
		memset(text, 'a', sizeof(text));
		text[at] = '\xfe';
		assert_int_equal(
			utf8_valid_prefix(slice_of(text, sizeof(text))), at);
	}
}

static void test_utf8__every_code_point_survives_the_round_trip(void **state)
{
	(void)state;
	for (uint32_t cp = 0; cp <= 0x10ffff; cp++) {
		uint32_t back = UINT32_MAX;
		char text[4];
		size_t n = utf8_encode(cp, text);
		bool surrogate = cp >= 0xd800 && cp <= 0xdfff;

		if (utf8_decode(text, text + n, &back) != (surrogate ? 0 : n) ||
		    back != (surrogate ? UINT32_MAX : cp))
			fail_msg("U+%04X", cp);
	}
}

static void test_utf8__a_cut_never_splits_a_code_point(void **state)
{
	static const struct {
		struct slice text;
		size_t max, n;
	} rows[] = {
		{ SLICE_INIT("abc"), 10, 3 },
		{ SLICE_INIT("abc"), 3, 3 },
		{ SLICE_INIT("abc"), 2, 2 },
		{ SLICE_INIT("abc"), 0, 0 },
		{ SLICE_INIT("a\xc3\xa4z"), 1, 1 },
		{ SLICE_INIT("a\xc3\xa4z"), 2, 1 },
		{ SLICE_INIT("a\xc3\xa4z"), 3, 3 },
		{ SLICE_INIT("\xe2\x82\xac"), 1, 0 },
		{ SLICE_INIT("\xe2\x82\xac"), 2, 0 },
		{ SLICE_INIT("\xf0\x9f\x98\x80z"), 3, 0 },
		{ SLICE_INIT("\xf0\x9f\x98\x80z"), 4, 4 },
		/* What is not valid is cut anywhere, but never looped over. */
		{ SLICE_INIT("\x80\x80\x80\x80\x80"), 3, 3 },
		{ SLICE_INIT("\xc3"), 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		test_row("%zu", i);
		assert_int_equal(utf8_cut(rows[i].text, rows[i].max),
				 rows[i].n);
	}
}

static void test_utf8__spaces_are_the_25_of_unicode(void **state)
{
	unsigned n = 0;

	(void)state;
	for (uint32_t cp = 0; cp <= 0x10ffff; cp++)
		n += utf8_is_space(cp);
	assert_int_equal(n, 25);
	assert_true(utf8_is_space('\t') && utf8_is_space(0x3000));
	assert_false(utf8_is_space(0x200b) || utf8_is_space(0xfeff));
}

TEST_MAIN(TEST(test_utf8__the_valid_prefix_ends_at_the_first_bad_byte),
	  TEST(test_utf8__a_bad_byte_is_found_wherever_it_stands),
	  TEST(test_utf8__every_code_point_survives_the_round_trip),
	  TEST(test_utf8__a_cut_never_splits_a_code_point),
	  TEST(test_utf8__spaces_are_the_25_of_unicode))
