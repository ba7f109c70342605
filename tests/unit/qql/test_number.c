#include "tests/test.h"

#include "base/compiler.h"
#include "qql/number_int.h"

static struct arena arena;

static struct qql_number number(const char *text)
{
	struct qql_number n;
	struct slice rest;

	assert_int_equal(qql_number_parse(&arena, slice_str(text), &n, &rest),
			 1);
	assert_int_equal(rest.len, 0);
	return n;
}

static void test_number__forms(void **state)
{
	static const struct {
		const char *text;
		int ret;
		const char *rest;
	} rows[] = {
		{ "5", 1, "" },       { "-5", 1, "" },    { "+5", 1, "" },
		{ "5.25", 1, "" },    { "5.", 1, "." },   { ".5", 0, NULL },
		{ "5e3", 1, "" },     { "5E+3", 1, "" },  { "5e-3", 1, "" },
		{ "5e", 1, "e" },     { "5e+", 1, "e+" }, { "5 MB", 1, " MB" },
		{ "", 0, NULL },      { "-", 0, NULL },   { "x", 0, NULL },
		{ "0x10", 1, "x10" }, { "1,0", 1, ",0" }, { "--5", 0, NULL },
		{ "007.50", 1, "" },
	};

	(void)state;
	arena_init(&arena, 1 << 20);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct qql_number n;
		struct slice rest;

		test_row("%s", rows[i].text);
		assert_int_equal(qql_number_parse(&arena,
						  slice_str(rows[i].text), &n,
						  &rest),
				 rows[i].ret);
		if (rows[i].ret == 1)
			assert_slice(rest, rows[i].rest);
	}
	arena_release(&arena);
}

static void test_number__order(void **state)
{
	/* Ascending, but for those marked as equal to the one before. */
	static const struct {
		const char *text;
		bool equal;
	} rows[] = {
		{ "-1e999999999999", false },
		{ "-10", false },
		{ "-9.5", false },
		{ "-9.25", false },
		{ "-0.001", false },
		{ "0", false },
		{ "-0", true },
		{ "0e99", true },
		{ "1e-999999999", false },
		{ "0.1", false },
		{ "0.10", true },
		{ "1e-1", true },
		{ "0.11", false },
		{ "9", false },
		{ "10", false },
		{ "1e1", true },
		{ "0.1e2", true },
		{ "10.5", false },
		{ "100", false },
		{ "1e30", false },
	};

	(void)state;
	arena_init(&arena, 1 << 20);
	for (size_t i = 1; i < ARRAY_SIZE(rows); i++) {
		struct qql_number a = number(rows[i - 1].text);
		struct qql_number b = number(rows[i].text);
		int c = qql_number_cmp(&a, &b);

		test_row("%s %s", rows[i - 1].text, rows[i].text);
		assert_true(rows[i].equal ? c == 0 : c < 0);
		c = qql_number_cmp(&b, &a);
		assert_true(rows[i].equal ? c == 0 : c > 0);
	}
	arena_release(&arena);
}

static void test_number__floor(void **state)
{
	static const struct {
		const char *text;
		int side;
		int64_t value;
		bool fraction;
	} rows[] = {
		{ "5", 0, 5, false },
		{ "5.5", 0, 5, true },
		{ "-5.5", 0, -6, true },
		{ "-5", 0, -5, false },
		{ "0.1", 0, 0, true },
		{ "-0.1", 0, -1, true },
		{ "1e-99", 0, 0, true },
		{ "-1e-99", 0, -1, true },
		{ "12e2", 0, 1200, false },
		{ "9223372036854775807", 0, INT64_MAX, false },
		{ "9223372036854775807.5", 0, INT64_MAX, true },
		{ "9223372036854775808", 1, 0, false },
		{ "-9223372036854775808", 0, INT64_MIN, false },
		{ "-9223372036854775808.5", -1, 0, false },
		{ "18446744073709551616", 1, 0, false },
		{ "1e19", 1, 0, false },
		{ "-1e400", -1, 0, false },
	};

	(void)state;
	arena_init(&arena, 1 << 20);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct qql_number n = number(rows[i].text);
		struct qql_floor f = qql_number_floor(&n);

		test_row("%s", rows[i].text);
		assert_int_equal(f.side, rows[i].side);
		if (f.side)
			continue;
		assert_int_equal(f.value, rows[i].value);
		assert_int_equal(f.fraction, rows[i].fraction);
	}
	arena_release(&arena);
}

static void test_number__scale(void **state)
{
	static const struct {
		const char *text;
		unsigned bits;
		const char *result;
	} rows[] = {
		{ "1", 10, "1024" },
		{ "1.5", 10, "1536" },
		{ "0.5", 40, "549755813888" },
		{ "0", 20, "0" },
		{ "999999999999999999", 40, "1099511627775999998900488372224" },
	};

	(void)state;
	arena_init(&arena, 1 << 20);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct qql_number n = number(rows[i].text);
		struct qql_number want = number(rows[i].result);

		test_row("%s", rows[i].text);
		assert_int_equal(qql_number_scale(&arena, &n, rows[i].bits), 1);
		assert_int_equal(qql_number_cmp(&n, &want), 0);
	}
	arena_release(&arena);
}

TEST_MAIN(TEST(test_number__forms), TEST(test_number__order),
	  TEST(test_number__floor), TEST(test_number__scale))
