#include "base/opt.h"

#include "base/time.h"
#include "tests/test.h"

static void test_opt_value__sizes_have_two_kinds_of_units(void **state)
{
	static const struct {
		const char *text;
		bool good;
		uint64_t bytes;
	} rows[] = {
		{ "0", true, 0 },
		{ "17", true, 17 },
		{ "17B", true, 17 },
		{ "64M", true, UINT64_C(64) << 20 },
		{ "64 MiB", true, UINT64_C(64) << 20 },
		{ "1GiB", true, UINT64_C(1) << 30 },
		{ "100kB", true, 100000 },
		{ "100k", true, 102400 },
		{ "2T", true, UINT64_C(2) << 40 },
		{ "1TB", true, UINT64_C(1000000000000) },
		{ "18446744073709551615", true, UINT64_MAX },
		{ "18446744073709551616", false, 0 },
		{ "16777216T", false, 0 },
		{ "", false, 0 },
		{ "M", false, 0 },
		{ "-1", false, 0 },
		{ "1.5G", false, 0 },
		{ "1X", false, 0 },
		{ "1  M", false, 0 },
		{ "1M ", false, 0 },
		{ " 1M", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct err err = ERR_INIT;
		uint64_t out = 42;
		int ret = opt_parse_size(rows[i].text, &out, &err);

		test_row("%s", rows[i].text);
		assert_int_equal(ret, rows[i].good ? 0 : ERR_USAGE);
		assert_true(out == (rows[i].good ? rows[i].bytes : 42));
		assert_int_equal(err.hint[0] != 0, !rows[i].good);
	}
}

static void test_opt_value__durations_need_a_unit(void **state)
{
	static const struct {
		const char *text;
		bool good;
		int64_t ns;
	} rows[] = {
		{ "0", true, 0 },
		{ "0s", true, 0 },
		{ "5ns", true, 5 },
		{ "7us", true, 7 * NS_PER_US },
		{ "500ms", true, 500 * NS_PER_MS },
		{ "10s", true, 10 * NS_PER_S },
		{ "5m", true, 300 * NS_PER_S },
		{ "2h", true, 7200 * NS_PER_S },
		{ "30d", true, 30 * NS_PER_DAY },
		{ "1w", true, 7 * NS_PER_DAY },
		{ "106751d", true, 106751 * NS_PER_DAY },
		{ "106752d", false, 0 },
		{ "9223372036854775808ns", false, 0 },
		{ "10", false, 0 },
		{ "s", false, 0 },
		{ "-1s", false, 0 },
		{ "1.5s", false, 0 },
		{ "1M", false, 0 },
		{ "", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct err err = ERR_INIT;
		int64_t out = 42;
		int ret = opt_parse_duration(rows[i].text, &out, &err);

		test_row("%s", rows[i].text);
		assert_int_equal(ret, rows[i].good ? 0 : ERR_USAGE);
		assert_true(out == (rows[i].good ? rows[i].ns : 42));
		assert_int_equal(err.hint[0] != 0, !rows[i].good);
	}
}

TEST_MAIN(TEST(test_opt_value__sizes_have_two_kinds_of_units),
	  TEST(test_opt_value__durations_need_a_unit))
