#include "qql/run.h"

#include "tests/test.h"

static void test_cursor__text_gives_the_cursor_back(void **state)
{
	static const struct qql_cursor cursors[] = {
		{ 0, 0, 0 },
		{ INT64_MIN, UINT64_MAX, INT64_MAX },
		{ INT64_MAX, 1, INT64_MIN },
		{ -1, 42, 1769040000000000000 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cursors); i++) {
		char text[QQL_CURSOR_MAX];
		size_t n = qql_cursor_format(&cursors[i], text);
		struct qql_cursor c;

		assert_true(n < QQL_CURSOR_MAX);
		assert_int_equal(qql_cursor_parse(slice_of(text, n), &c, NULL),
				 0);
		assert_int_equal(c.time, cursors[i].time);
		assert_int_equal(c.sequence, cursors[i].sequence);
		assert_int_equal(c.now, cursors[i].now);
	}
}

static void test_cursor__other_texts_are_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"1",
		"1.2",
		"1.2.",
		".1.2",
		"1.2.3.4",
		"1.-2.3",
		"1.2.3 ",
		"a.b.c",
		"+1.2.3",
		"--1.2.3",
		"9223372036854775808.1.1",
		"1.18446744073709551616.1",
		"-9223372036854775809.1.1",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct err err = ERR_INIT;
		struct qql_cursor c;

		test_row("\"%s\"", texts[i]);
		assert_int_equal(qql_cursor_parse(slice_str(texts[i]), &c,
						  &err),
				 ERR_USAGE);
		assert_non_null(strstr(err.message, "is no cursor"));
	}
}

TEST_MAIN(TEST(test_cursor__text_gives_the_cursor_back),
	  TEST(test_cursor__other_texts_are_refused))
