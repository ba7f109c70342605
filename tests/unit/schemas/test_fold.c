#include "base/utf8.h"
#include "schemas/words.h"
#include "tests/test.h"

static void test_fold__maps_simply(void **state)
{
	static const struct {
		uint32_t from, to;
	} rows[] = {
		{ 'A', 'a' },
		{ 'Z', 'z' },
		{ '[', '[' },
		{ '@', '@' },
		{ '0', '0' },
		{ 0xc9, 0xe9 },
		{ 0xd7, 0xd7 },
		{ 0xdf, 0xdf },
		/* To one code point, never to two. */
		{ 0x130, 'i' },
		{ 0x1e9e, 0xdf },
		{ 0x212a, 'k' },
		{ 0x212b, 0xe5 },
		{ 0x23a, 0x2c65 },
		{ 0x3a3, 0x3c3 },
		{ 0x3c2, 0x3c2 },
		{ 0x10400, 0x10428 },
		{ 0x1e921, 0x1e943 },
		{ 0x10ffff, 0x10ffff },
		{ 0x4e00, 0x4e00 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		test_row("U+%04X", rows[i].from);
		assert_int_equal(fold_code_point(rows[i].from), rows[i].to);
	}
}

static void test_fold__twice_is_once(void **state)
{
	(void)state;
	for (uint32_t cp = 0; cp <= 0x10ffff; cp++) {
		uint32_t once = fold_code_point(cp);

		if (fold_code_point(once) != once)
			fail_msg("U+%04X", cp);
	}
}

static void test_fold__appends(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, SIZE_MAX);
	fold_append(
		&b,
		SLICE_LIT("ABC \xc3\x89 \xc8\xba\xc8\xba\xc8\xba \xff\xc3 Z"));
	assert_slice(
		b,
		"abc \xc3\xa9 \xe2\xb1\xa5\xe2\xb1\xa5\xe2\xb1\xa5 \xff\xc3 z");
	fold_append(&b, SLICE_LIT(""));
	assert_int_equal(b.error, 0);
	buf_release(&b);
}

static void test_fold__orders(void **state)
{
	/* In the order of dictionaries. */
	static const char *const rows[] = {
		"",
		"A",
		"a",
		"AB",
		"aB",
		"ab",
		"abc",
		"b",
		"Z",
		"z",
		"\xc3\x89",
		"\xc3\xa9",
		"\xe4\xb8\x80",
		"\xf0\x9f\x98\x80",
		"\xff",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(rows); j++) {
			struct slice a = slice_str(rows[i]),
				     b = slice_str(rows[j]);
			int c = fold_cmp(a, b), ci = fold_cmp_ci(a, b);

			test_row("%s %s", rows[i], rows[j]);
			assert_int_equal((c > 0) - (c < 0), (i > j) - (i < j));
			assert_int_equal((ci > 0) - (ci < 0),
					 -((fold_cmp_ci(b, a) > 0) -
					   (fold_cmp_ci(b, a) < 0)));
			if (ci)
				assert_int_equal(ci > 0, c > 0);
		}
	}
	assert_int_equal(fold_cmp_ci(SLICE_LIT("aB\xc3\x89"),
				     SLICE_LIT("Ab\xc3\xa9")),
			 0);
}

static void test_fold__prefixes(void **state)
{
	static const struct {
		const char *text, *prefix;
		bool is;
	} rows[] = {
		{ "Windows", "win", true },
		{ "Windows", "", true },
		{ "Windows", "windows", true },
		{ "Windows", "windowss", false },
		{ "Windows", "Win", false },
		{ "", "", true },
		{ "", "a", false },
		{ "\xc3\x89t\xc3\x89", "\xc3\xa9t", true },
		{ "\xc8\xba", "\xe2\xb1", true },
		{ "\xff", "\xff", true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		test_row("%s %s", rows[i].text, rows[i].prefix);
		assert_int_equal(fold_has_prefix(slice_str(rows[i].text),
						 slice_str(rows[i].prefix)),
				 rows[i].is);
	}
}

TEST_MAIN(TEST(test_fold__maps_simply), TEST(test_fold__twice_is_once),
	  TEST(test_fold__appends), TEST(test_fold__orders),
	  TEST(test_fold__prefixes))
