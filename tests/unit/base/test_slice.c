#include "base/slice.h"

#include "base/compiler.h"
#include "tests/test.h"

static void test_slice__order_is_by_bytes_then_by_length(void **state)
{
	static const struct {
		struct slice a, b;
		int order;
	} rows[] = {
		{ SLICE_INIT(""), SLICE_INIT(""), 0 },
		{ { NULL, 0 }, SLICE_INIT(""), 0 },
		{ SLICE_INIT(""), SLICE_INIT("a"), -1 },
		{ SLICE_INIT("a"), SLICE_INIT("a"), 0 },
		{ SLICE_INIT("a"), SLICE_INIT("ab"), -1 },
		{ SLICE_INIT("b"), SLICE_INIT("ab"), 1 },
		{ SLICE_INIT("a\0b"), SLICE_INIT("a\0c"), -1 },
		{ SLICE_INIT("a"), SLICE_INIT("a\0"), -1 },
		{ SLICE_INIT("\xff"), SLICE_INIT("a"), 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int c = slice_cmp(rows[i].a, rows[i].b);
		int back = slice_cmp(rows[i].b, rows[i].a);

		test_row("%zu", i);
		assert_int_equal((c > 0) - (c < 0), rows[i].order);
		assert_int_equal((back > 0) - (back < 0), -rows[i].order);
		assert_int_equal(slice_eq(rows[i].a, rows[i].b),
				 rows[i].order == 0);
	}
}

static void test_slice__only_ascii_letters_fold(void **state)
{
	static const struct {
		struct slice a, b;
		bool equal;
	} rows[] = {
		{ SLICE_INIT("aZ09"), SLICE_INIT("Az09"), true },
		{ SLICE_INIT("a"), SLICE_INIT("ab"), false },
		{ SLICE_INIT("["), SLICE_INIT("{"), false },
		{ SLICE_INIT("@"), SLICE_INIT("`"), false },
		{ SLICE_INIT("\xc3\x84"), SLICE_INIT("\xc3\xa4"), false },
		{ SLICE_INIT(""), SLICE_INIT(""), true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		test_row("%zu", i);
		assert_int_equal(slice_eq_ascii_case(rows[i].a, rows[i].b),
				 rows[i].equal);
	}
}

TEST_MAIN(TEST(test_slice__order_is_by_bytes_then_by_length),
	  TEST(test_slice__only_ascii_letters_fold))
