#include "tests/test.h"

#include "base/compiler.h"
#include "base/file.h"
#include "base/mem.h"
#include "qql/zone.h"
#include "qql/zone_int.h"

static int64_t utc(const char *text)
{
	struct time_form form;
	int64_t ns;

	assert_int_equal(time_parse_rfc3339(slice_str(text), &ns, &form),
			 TIME_OK);
	return ns;
}

static struct qql_zone *zone(const char *name)
{
	struct qql_zone *z = NULL;

	assert_int_equal(qql_zone_new(&z, slice_str(name), NULL), 0);
	return z;
}

static void test_zone__local_times(void **state)
{
	static const struct {
		const char *zone, *utc, *local;
		bool back; /* and from local again */
	} rows[] = {
		{ "UTC", "2026-03-15T12:00:00Z", "2026-03-15T12:00:00Z", true },
		{ "utc", "2026-03-15T12:00:00Z", "2026-03-15T12:00:00Z", true },
		{ "+05:30", "2026-03-15T12:00:00Z", "2026-03-15T17:30:00Z",
		  true },
		{ "-11:00", "2026-01-01T00:00:00Z", "2025-12-31T13:00:00Z",
		  true },
		{ "Europe/Berlin", "2026-01-15T12:00:00Z",
		  "2026-01-15T13:00:00Z", true },
		{ "Europe/Berlin", "2026-07-15T12:00:00Z",
		  "2026-07-15T14:00:00Z", true },
		{ "Europe/Berlin", "2026-03-29T00:59:59Z",
		  "2026-03-29T01:59:59Z", true },
		{ "Europe/Berlin", "2026-03-29T01:00:00Z",
		  "2026-03-29T03:00:00Z", true },
		{ "Europe/Berlin", "2026-10-25T00:30:00Z",
		  "2026-10-25T02:30:00Z", true },
		{ "Europe/Berlin", "2026-10-25T01:30:00Z",
		  "2026-10-25T02:30:00Z", false },
		{ "Europe/Berlin", "2250-07-15T12:00:00Z",
		  "2250-07-15T14:00:00Z", true },
		{ "Europe/Berlin", "2250-12-15T12:00:00Z",
		  "2250-12-15T13:00:00Z", true },
		{ "Europe/Berlin", "1969-07-01T00:00:00.5Z",
		  "1969-07-01T01:00:00.5Z", true },
		{ "America/New_York", "2026-03-08T06:59:59Z",
		  "2026-03-08T01:59:59Z", true },
		{ "America/New_York", "2026-03-08T07:00:00Z",
		  "2026-03-08T03:00:00Z", true },
		{ "Asia/Kolkata", "2026-03-15T12:00:00Z",
		  "2026-03-15T17:30:00Z", true },
		{ "Australia/Sydney", "2100-01-15T12:00:00Z",
		  "2100-01-15T23:00:00Z", true },
		{ "Australia/Lord_Howe", "2026-07-15T12:00:00Z",
		  "2026-07-15T22:30:00Z", true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct qql_zone *z = zone(rows[i].zone);
		struct civil c;
		int64_t local;

		test_row("%s %s", rows[i].zone, rows[i].utc);
		qql_zone_to_local(z, utc(rows[i].utc), &c);
		assert_true(time_ns_from_civil(&c, &local));
		assert_int_equal(local, utc(rows[i].local));
		if (rows[i].back)
			assert_int_equal(qql_zone_from_local(z, &c),
					 utc(rows[i].utc));
		qql_zone_free(z);
	}
}

static void test_zone__ends_are_clamped(void **state)
{
	struct civil early = { .year = -4000, .month = 1, .day = 1 };
	struct civil late = { .year = 9999, .month = 12, .day = 31 };
	struct qql_zone *z = zone("Europe/Berlin");
	struct civil c;

	(void)state;
	assert_int_equal(qql_zone_from_local(z, &early), INT64_MIN);
	assert_int_equal(qql_zone_from_local(z, &late), INT64_MAX);
	early.year = 1600;
	late.year = 2300;
	assert_int_equal(qql_zone_from_local(NULL, &early), INT64_MIN);
	assert_int_equal(qql_zone_from_local(NULL, &late), INT64_MAX);
	qql_zone_to_local(z, INT64_MIN, &c);
	assert_int_equal(c.year, 1677);
	qql_zone_to_local(z, INT64_MAX, &c);
	assert_int_equal(c.year, 2262);
	qql_zone_free(z);
}

static void test_zone__refuses_other_names(void **state)
{
	static const char *const names[] = {
		"",
		"Nowhere/Town",
		"../../../etc/passwd",
		"/etc/passwd",
		"Europe",
		"Europe/",
		"/Europe",
		"Europe//Berlin",
		"Europe/../Europe/Berlin",
		"tzdata.zi",
		"+5:30",
		"+05:60",
		"+24:00",
		"05:30",
		"zone.tab",
		"a b",
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct err err = ERR_INIT;
		struct qql_zone *z = NULL;

		test_row("%s", names[i]);
		assert_int_equal(qql_zone_new(&z, slice_str(names[i]), &err),
				 ERR_USAGE);
		assert_null(z);
		assert_non_null(strstr(err.message, "unknown time zone"));
	}
}

static void test_zone__reads_posix_rules(void **state)
{
	static const struct {
		const char *rule, *utc;
		int32_t offset;
	} rows[] = {
		{ "UTC0", "2026-01-01T00:00:00Z", 0 },
		{ "<+0330>-3:30", "2026-01-01T00:00:00Z", 12600 },
		{ "EST5EDT,M3.2.0,M11.1.0", "2026-03-08T06:59:59Z", -18000 },
		{ "EST5EDT,M3.2.0,M11.1.0", "2026-03-08T07:00:00Z", -14400 },
		{ "EST5EDT,M3.2.0,M11.1.0", "2026-11-01T05:59:59Z", -14400 },
		{ "EST5EDT,M3.2.0,M11.1.0", "2026-11-01T06:00:00Z", -18000 },
		{ "CET-1CEST,M3.5.0,M10.5.0/3", "2026-03-29T01:00:00Z", 7200 },
		{ "CET-1CEST,M3.5.0,M10.5.0/3", "2026-10-25T01:00:00Z", 3600 },
		{ "AEST-10AEDT,M10.1.0,M4.1.0/3", "2026-01-01T00:00:00Z",
		  39600 },
		{ "AEST-10AEDT,M10.1.0,M4.1.0/3", "2026-07-01T00:00:00Z",
		  36000 },
		{ "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-07-01T00:00:00Z",
		  -3600 },
		{ "AAA0BBB,J60,J300", "2024-03-01T02:00:00Z", 3600 },
		{ "AAA0BBB,J60,J300", "2024-03-01T01:59:59Z", 0 },
		{ "AAA0BBB,59,299", "2024-02-29T02:00:00Z", 3600 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct zone_rule rule;

		test_row("%s %s", rows[i].rule, rows[i].utc);
		assert_true(
			qql_zone_rule_parse(slice_str(rows[i].rule), &rule));
		assert_int_equal(qql_zone_rule_offset(&rule, utc(rows[i].utc) /
								     NS_PER_S),
				 rows[i].offset);
	}
}

static void test_zone__refuses_broken_rules(void **state)
{
	static const char *const rules[] = {
		"",
		"CET",
		"CET-",
		"CET-1CEST",
		"CET-1CEST,",
		"CET-1CEST,M3.5.0",
		"CET-1CEST,M13.5.0,M10.5.0",
		"CET-1CEST,M3.6.0,M10.5.0",
		"CET-1CEST,M3.5.7,M10.5.0",
		"CET-1CEST,J0,J5",
		"CET-1CEST,366,5",
		"CET-1CEST,M3.5.0,M10.5.0x",
		"<CET-1",
		"CET-999",
		"CET-1:60",
		"A0B,J60,J300",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		struct zone_rule rule;

		test_row("%s", rules[i]);
		assert_false(qql_zone_rule_parse(slice_str(rules[i]), &rule));
	}
}

/* Every prefix and every flipped byte of a real file is read or refused. */
static void test_zone__survives_damaged_files(void **state)
{
	struct buf file;

	(void)state;
	buf_init(&file, 1 << 20);
	assert_int_equal(
		file_read("/usr/share/zoneinfo/Europe/Berlin", &file, NULL), 0);
	for (size_t i = 0; i < 2 * file.len; i++) {
		struct qql_zone *z = mem_calloc(1, sizeof(*z));
		size_t len = i < file.len ? i : file.len;

		if (i >= file.len)
			file.p[i - file.len] ^= 0x55;
		assert_non_null(z);
		(void)!qql_zone_file_parse(z, slice_of(file.p, len), NULL);
		qql_zone_free(z);
		if (i >= file.len)
			file.p[i - file.len] ^= 0x55;
	}
	buf_release(&file);
}

static void test_zone__survives_failing_allocations(void **state)
{
	struct qql_zone *z = NULL;
	int ret = ERR_NO_MEMORY;

	(void)state;
	for (uint64_t n = 1; ret == ERR_NO_MEMORY; n++) {
		mem_fail_after(n);
		ret = qql_zone_new(&z, SLICE_LIT("Europe/Berlin"), NULL);
		mem_fail_after(0);
	}
	assert_int_equal(ret, 0);
	qql_zone_free(z);
}

TEST_MAIN(TEST(test_zone__local_times), TEST(test_zone__ends_are_clamped),
	  TEST(test_zone__refuses_other_names),
	  TEST(test_zone__reads_posix_rules),
	  TEST(test_zone__refuses_broken_rules),
	  TEST(test_zone__survives_damaged_files),
	  TEST(test_zone__survives_failing_allocations))
