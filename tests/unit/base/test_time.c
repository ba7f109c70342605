#include "base/time.h"

#include "base/compiler.h"
#include "tests/test.h"

#define S(s) (INT64_C(s) * NS_PER_S)

static void test_time__each_day_of_800_years_has_its_number(void **state)
{
	int64_t days = time_days_from_civil(1600, 1, 1);

	(void)state;
	assert_int_equal(time_days_from_civil(1970, 1, 1), 0);
	assert_int_equal(time_days_from_civil(2000, 3, 1), 11017);
	assert_int_equal(days, -135140);
	for (int year = 1600; year < 2400; year++) {
		for (int month = 1; month <= 12; month++) {
			int last = time_days_in_month(year, month);

			for (int day = 1; day <= last; day++)
				assert_int_equal(
					time_days_from_civil(year, month, day),
					days++);
		}
	}
}

static void test_time__civil_time_survives_the_round_trip(void **state)
{
	static const int64_t rows[] = {
		0,
		-1,
		1,
		NS_PER_S - 1,
		-NS_PER_S,
		NS_PER_S,
		INT64_MAX,
		INT64_MIN,
		INT64_MIN + 1,
		INT64_C(-1) * NS_PER_DAY - 1,
		INT64_C(951782400) * NS_PER_S, /* 2000-02-29 */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct civil c;
		int64_t back = 42;

		test_row("%lld", (long long)rows[i]);
		time_civil_from_ns(rows[i], &c);
		assert_in_range(c.nanos, 0, 999999999);
		assert_true(time_ns_from_civil(&c, &back));
		assert_true(back == rows[i]);
	}
}

static void test_time__impossible_civil_times_are_refused(void **state)
{
	static const struct civil rows[] = {
		{ 2023, 2, 29, 0, 0, 0, 0 },
		{ 2100, 2, 29, 0, 0, 0, 0 },
		{ 2023, 0, 1, 0, 0, 0, 0 },
		{ 2023, 13, 1, 0, 0, 0, 0 },
		{ 2023, 4, 31, 0, 0, 0, 0 },
		{ 2023, 1, 0, 0, 0, 0, 0 },
		{ 2023, 1, 1, 24, 0, 0, 0 },
		{ 2023, 1, 1, 0, 60, 0, 0 },
		{ 2023, 1, 1, 0, 0, 60, 0 },
		{ 2023, 1, 1, 0, 0, 0, 1000000000 },
		{ 2023, 1, 1, 0, 0, 0, -1 },
		{ 2263, 1, 1, 0, 0, 0, 0 },
		{ 1677, 9, 21, 0, 12, 43, 145224191 },
		{ 2262, 4, 11, 23, 47, 16, 854775808 },
		{ INT64_MAX, 1, 1, 0, 0, 0, 0 },
		{ INT64_MIN, 1, 1, 0, 0, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int64_t out = 42;

		test_row("%zu", i);
		assert_false(time_ns_from_civil(&rows[i], &out));
		assert_int_equal(out, 42);
	}
}

/* Texts that are read, and written again byte for byte. */
static void test_time__texts_come_back_as_they_were(void **state)
{
	static const struct {
		const char *text;
		int64_t ns;
	} rows[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "1970-01-01t00:00:00z", 0 },
		{ "1970-01-01 00:00:00", 0 },
		{ "1970-01-01", 0 },
		{ "2018-01-22T05:33:34.123456789Z", S(1516599214) + 123456789 },
		{ "2018-01-22T05:33:34.1Z", S(1516599214) + 100000000 },
		{ "2018-01-22T05:33:34.000Z", S(1516599214) },
		{ "2018-01-22T05:33:34+01:00", S(1516595614) },
		{ "2018-01-22T05:33:34-0130", S(1516604614) },
		{ "2018-01-22T05:33:34-00:00", S(1516599214) },
		{ "2018-01-22T05:33:34+23:59", S(1516512874) },
		{ "2000-02-29T23:59:59.999Z", S(951868799) + 999000000 },
		{ "1969-12-31T23:59:59.5Z", -500000000 },
		{ "1677-09-21T00:12:43.145224192Z", INT64_MIN },
		{ "2262-04-11T23:47:16.854775807Z", INT64_MAX },
		{ "2262-04-12T23:46:16.854775807+23:59", INT64_MAX },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char out[TIME_TEXT_MAX];
		struct time_form form;
		int64_t ns = 42;

		test_row("%s", rows[i].text);
		assert_int_equal(time_parse_rfc3339(slice_str(rows[i].text),
						    &ns, &form),
				 TIME_OK);
		assert_true(ns == rows[i].ns);
		assert_int_equal(time_format(ns, &form, out),
				 strlen(rows[i].text));
		assert_string_equal(out, rows[i].text);
		assert_int_equal(time_parse_rfc3339(slice_str(rows[i].text),
						    &ns, NULL),
				 TIME_OK);
	}
}

static void test_time__texts_that_are_none_are_refused(void **state)
{
	static const struct {
		const char *text;
		enum time_parse result;
	} rows[] = {
		{ "", TIME_BAD },
		{ "2018", TIME_BAD },
		{ "2018-01", TIME_BAD },
		{ "2018-1-22", TIME_BAD },
		{ "2018-01-22T", TIME_BAD },
		{ "2018-01-22T05", TIME_BAD },
		{ "2018-01-22T05:33", TIME_BAD },
		{ "2018-01-22T05:33Z", TIME_BAD },
		{ "2018-01-22T05:33:3", TIME_BAD },
		{ "2018-01-22_05:33:34Z", TIME_BAD },
		{ "2018-01-22T05:33:34.Z", TIME_BAD },
		{ "2018-01-22T05:33:34,5Z", TIME_BAD },
		{ "2018-01-22T05:33:34.1234567890Z", TIME_BAD },
		{ "2018-01-22T05:33:34ZZ", TIME_BAD },
		{ "2018-01-22T05:33:34Z ", TIME_BAD },
		{ " 2018-01-22T05:33:34Z", TIME_BAD },
		{ "2018-01-22T05:33:34+1", TIME_BAD },
		{ "2018-01-22T05:33:34+01", TIME_BAD },
		{ "2018-01-22T05:33:34+01:0", TIME_BAD },
		{ "2018-01-22T05:33:34+01:000", TIME_BAD },
		{ "2018-01-22T05:33:34+24:00", TIME_BAD },
		{ "2018-01-22T05:33:34+01:60", TIME_BAD },
		{ "2018-01-22T05:33:34+ab:cd", TIME_BAD },
		{ "2018-01-22T24:00:00Z", TIME_BAD },
		{ "2018-01-22T23:59:60Z", TIME_BAD },
		{ "2018-02-29T00:00:00Z", TIME_BAD },
		{ "2018-13-01", TIME_BAD },
		{ "2018-00-01", TIME_BAD },
		{ "+018-01-22", TIME_BAD },
		{ "20 8-01-22", TIME_BAD },
		{ "1677-09-21T00:12:43.145224191Z", TIME_RANGE },
		{ "2262-04-11T23:47:16.854775808Z", TIME_RANGE },
		{ "0000-01-01", TIME_RANGE },
		{ "9999-12-31T23:59:59Z", TIME_RANGE },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct time_form form = { .digits = 77 };
		int64_t ns = 42;

		test_row("%s", rows[i].text);
		assert_int_equal(time_parse_rfc3339(slice_str(rows[i].text),
						    &ns, &form),
				 rows[i].result);
		assert_int_equal(ns, 42);
		assert_int_equal(form.digits, 77);
	}
}

static void test_time__utc_takes_as_many_digits_as_needed(void **state)
{
	static const struct {
		int64_t ns;
		const char *text;
	} rows[] = {
		{ 0, "1970-01-01T00:00:00Z" },
		{ 1, "1970-01-01T00:00:00.000000001Z" },
		{ 1000, "1970-01-01T00:00:00.000001Z" },
		{ 1000000, "1970-01-01T00:00:00.001Z" },
		{ -1, "1969-12-31T23:59:59.999999999Z" },
		{ INT64_MIN, "1677-09-21T00:12:43.145224192Z" },
		{ INT64_MAX, "2262-04-11T23:47:16.854775807Z" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char out[TIME_TEXT_MAX];

		assert_int_equal(time_format_utc(rows[i].ns, out),
				 strlen(rows[i].text));
		assert_string_equal(out, rows[i].text);
	}
}

static void test_time__clocks_run(void **state)
{
	int64_t before = time_monotonic();

	(void)state;
	assert_true(time_now() > S(1700000000));
	assert_true(time_monotonic() >= before);
}

TEST_MAIN(TEST(test_time__each_day_of_800_years_has_its_number),
	  TEST(test_time__civil_time_survives_the_round_trip),
	  TEST(test_time__impossible_civil_times_are_refused),
	  TEST(test_time__texts_come_back_as_they_were),
	  TEST(test_time__texts_that_are_none_are_refused),
	  TEST(test_time__utc_takes_as_many_digits_as_needed),
	  TEST(test_time__clocks_run))
