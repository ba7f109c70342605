#include "base/term.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/compiler.h"
#include "tests/test.h"

static void test_term__what_could_drive_a_terminal_is_shown(void **state)
{
	static const struct {
		struct slice text;
		unsigned keep;
		const char *safe;
	} rows[] = {
		{ SLICE_INIT(""), 0, "" },
		{ SLICE_INIT("plain \\ text"), 0, "plain \\ text" },
		{ SLICE_INIT("\x1b[31mred"), 0, "\\x1b[31mred" },
		{ SLICE_INIT("\0a\x7f"), 0, "\\x00a\\x7f" },
		{ SLICE_INIT("a\r\n\tb"), 0, "a\\x0d\\x0a\\x09b" },
		{ SLICE_INIT("a\r\n\tb"), TERM_KEEP_NEWLINE, "a\\x0d\n\\x09b" },
		{ SLICE_INIT("a\r\n\tb"), TERM_KEEP_TAB, "a\\x0d\\x0a\tb" },
		/* C1 raw (not UTF-8) and encoded, with its neighbours */
		{ SLICE_INIT("\x9b"
			     "31m"),
		  0, "\\x9b31m" },
		{ SLICE_INIT("\xc2\x9b"
			     "31m"),
		  0, "\\xc2\\x9b31m" },
		{ SLICE_INIT("\xc2\x80\xc2\x9f\xc2\xa0"), 0,
		  "\\xc2\\x80\\xc2\\x9f\xc2\xa0" },
		/* bidirectional controls: each end of each range */
		{ SLICE_INIT("\xd8\x9c"), 0, "\\xd8\\x9c" },
		{ SLICE_INIT("\xe2\x80\x8e\xe2\x80\x8f"), 0,
		  "\\xe2\\x80\\x8e\\xe2\\x80\\x8f" },
		{ SLICE_INIT("\xe2\x80\xaa\xe2\x80\xae"), 0,
		  "\\xe2\\x80\\xaa\\xe2\\x80\\xae" },
		{ SLICE_INIT("\xe2\x81\xa6\xe2\x81\xa9"), 0,
		  "\\xe2\\x81\\xa6\\xe2\\x81\\xa9" },
		/* line and paragraph separator, then what is none of these */
		{ SLICE_INIT("\xe2\x80\xa8\xe2\x80\xa9"), 0,
		  "\\xe2\\x80\\xa8\\xe2\\x80\\xa9" },
		{ SLICE_INIT("\xe2\x80\xaf\xe2\x81\xa5\xe2\x81\xaa"), 0,
		  "\xe2\x80\xaf\xe2\x81\xa5\xe2\x81\xaa" },
		{ SLICE_INIT("\xe2\x82\xac\xf0\x9f\x98\x80"), 0,
		  "\xe2\x82\xac\xf0\x9f\x98\x80" },
		/* not UTF-8 */
		{ SLICE_INIT("a\xff\xfe"), 0, "a\\xff\\xfe" },
		{ SLICE_INIT("\xc0\x9b"), 0, "\\xc0\\x9b" },
		{ SLICE_INIT("\xed\xa0\x80"), 0, "\\xed\\xa0\\x80" },
		{ SLICE_INIT("\xf0\x9f\x98"), 0, "\\xf0\\x9f\\x98" },
	};
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *text = NULL;
		size_t len = 0;
		FILE *f = open_memstream(&text, &len);

		test_row("%zu", i);
		assert_non_null(f);
		buf_reset(&b);
		term_escape(&b, rows[i].text, rows[i].keep);
		assert_string_equal(buf_cstr(&b), rows[i].safe);
		term_write(f, rows[i].text, rows[i].keep);
		assert_int_equal(fclose(f), 0);
		assert_string_equal(text, rows[i].safe);
		free(text);
	}
	buf_release(&b);
}

static void test_term__every_single_byte_is_safe_or_shown(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	for (int c = 0; c < 256; c++) {
		char byte = (char)c;
		bool safe = c >= 0x20 && c < 0x7f;

		buf_reset(&b);
		term_escape(&b, slice_of(&byte, 1), TERM_KEEP_NONE);
		assert_int_equal(b.len, safe ? 1 : 4);
		for (size_t i = 0; i < b.len; i++)
			assert_in_range(b.p[i], 0x20, 0x7e);
	}
	buf_release(&b);
}

/* Each byte at each place of a text that is read eight bytes at a time. */
static void test_term__a_byte_is_shown_wherever_it_stands(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	for (int c = 0; c < 256; c++) {
		bool safe = c >= 0x20 && c < 0x7f;

		for (size_t at = 0; at < 20; at++) {
			char text[20];

			memset(text, '~', sizeof(text));
			text[at] = (char)c;
			buf_reset(&b);
			term_escape(&b, slice_of(text, sizeof(text)), 0);
			assert_int_equal(b.len, sizeof(text) + (safe ? 0 : 3));
			assert_int_equal(b.p[at], safe ? c : '\\');
		}
	}
	buf_release(&b);
}

static void test_term__colour_needs_a_terminal(void **state)
{
	FILE *f = fopen("/dev/null", "w");

	(void)state;
	assert_non_null(f);
	assert_int_equal(setenv("TERM", "xterm", 1), 0);
	assert_false(term_color(f));
	assert_int_equal(term_columns(f), 80);
	fclose(f);
}

TEST_MAIN(TEST(test_term__what_could_drive_a_terminal_is_shown),
	  TEST(test_term__every_single_byte_is_safe_or_shown),
	  TEST(test_term__a_byte_is_shown_wherever_it_stands),
	  TEST(test_term__colour_needs_a_terminal))
