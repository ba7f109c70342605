/* Spans of the calendar, also where clocks change. */
#include "qql/bucket_int.h"

#include "tests/test.h"

static int64_t instant(const char *text)
{
	struct time_form form;
	int64_t ns;

	assert_int_equal(time_parse_rfc3339(slice_str(text), &ns, &form),
			 TIME_OK);
	return ns;
}

static void test_bucket__starts_where_the_calendar_says(void **state)
{
	static const struct {
		struct plan_span span;
		const char *zone, *at, *start;
	} cases[] = {
		{ { 's', 15 },
		  NULL,
		  "2026-03-04T05:06:59.9Z",
		  "2026-03-04T05:06:45Z" },
		{ { 'm', 20 },
		  NULL,
		  "2026-03-04T05:59:00Z",
		  "2026-03-04T05:40:00Z" },
		{ { 'h', 6 },
		  NULL,
		  "2026-03-04T05:59:00Z",
		  "2026-03-04T00:00:00Z" },
		{ { 'h', 6 },
		  "+05:30",
		  "2026-03-04T05:59:00Z",
		  "2026-03-04T00:30:00Z" },
		{ { 'd', 1 },
		  "Europe/Berlin",
		  "2026-03-29T22:30:00Z",
		  "2026-03-29T22:00:00Z" },
		{ { 'd', 2 },
		  NULL,
		  "1970-01-04T01:00:00Z",
		  "1970-01-03T00:00:00Z" },
		{ { 'd', 2 },
		  NULL,
		  "1969-12-31T01:00:00Z",
		  "1969-12-30T00:00:00Z" },
		{ { 'w', 1 },
		  NULL,
		  "1970-01-04T23:00:00Z",
		  "1969-12-29T00:00:00Z" },
		{ { 'w', 1 },
		  NULL,
		  "1970-01-05T00:00:00Z",
		  "1970-01-05T00:00:00Z" },
		{ { 'M', 2 },
		  NULL,
		  "2024-02-29T12:00:00Z",
		  "2024-01-01T00:00:00Z" },
		{ { 'q', 1 },
		  NULL,
		  "2024-12-31T12:00:00Z",
		  "2024-10-01T00:00:00Z" },
		{ { 'y', 5 },
		  NULL,
		  "1969-06-01T00:00:00Z",
		  "1965-01-01T00:00:00Z" },
		/* 02:00 to 03:00 is left out, and comes twice. */
		{ { 'h', 1 },
		  "Europe/Berlin",
		  "2026-03-29T01:10:00Z",
		  "2026-03-29T01:00:00Z" },
		{ { 'h', 1 },
		  "Europe/Berlin",
		  "2026-10-25T00:10:00Z",
		  "2026-10-25T00:00:00Z" },
		{ { 'h', 1 },
		  "Europe/Berlin",
		  "2026-10-25T01:10:00Z",
		  "2026-10-25T00:00:00Z" },
		{ { 'h', 1 },
		  "Europe/Berlin",
		  "2026-10-25T02:10:00Z",
		  "2026-10-25T02:00:00Z" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct qql_zone *zone = NULL;
		struct qql_bucket b;
		char text[TIME_TEXT_MAX];
		int64_t n;
		size_t len;

		if (cases[i].zone)
			assert_int_equal(qql_zone_new(&zone,
						      slice_str(cases[i].zone),
						      NULL),
					 0);
		qql_bucket_init(&b, cases[i].span, zone);
		n = qql_bucket_find(&b, instant(cases[i].at));
		len = time_format_utc(qql_bucket_start(&b, n), text);
		test_row("%u%c of %s: %.*s", cases[i].span.n,
			 cases[i].span.unit, cases[i].at, (int)len, text);
		assert_int_equal(len, strlen(cases[i].start));
		assert_memory_equal(text, cases[i].start, len);
		qql_zone_free(zone);
	}
}

static void test_bucket__an_hour_that_is_left_out_has_no_length(void **state)
{
	int64_t at = instant("2026-03-29T00:30:00Z"), n;
	struct qql_zone *zone;
	struct qql_bucket b;

	(void)state;
	assert_int_equal(qql_zone_new(&zone, SLICE_LIT("Europe/Berlin"), NULL),
			 0);
	qql_bucket_init(&b, (struct plan_span){ 'h', 1 }, zone);
	n = qql_bucket_find(&b, at);
	assert_int_equal(qql_bucket_start(&b, n + 1),
			 qql_bucket_start(&b, n + 2));
	assert_int_equal(qql_bucket_find(&b, at + 3600 * NS_PER_S), n + 2);
	qql_zone_free(zone);
}

static void test_bucket__answers_do_not_depend_on_the_one_before(void **state)
{
	const struct plan_span spans[] = { { 'm', 15 }, { 'h', 1 }, { 'h', 4 },
					   { 'd', 1 },  { 'w', 1 }, { 'M', 1 } };
	int64_t from = instant("2026-10-20T00:00:00Z");
	struct qql_zone *zone;

	(void)state;
	assert_int_equal(qql_zone_new(&zone, SLICE_LIT("Europe/Berlin"), NULL),
			 0);
	for (size_t s = 0; s < ARRAY_SIZE(spans); s++) {
		struct qql_bucket kept;

		qql_bucket_init(&kept, spans[s], zone);
		for (int i = 0; i < 10 * 24 * 12; i++) {
			int64_t at = from + i * 300 * NS_PER_S;
			struct qql_bucket fresh;

			qql_bucket_init(&fresh, spans[s], zone);
			assert_int_equal(qql_bucket_find(&kept, at),
					 qql_bucket_find(&fresh, at));
		}
	}
	qql_zone_free(zone);
}

static void test_bucket__the_ends_of_time_are_clamped(void **state)
{
	static const char units[] = "smhdwMqy";

	(void)state;
	for (size_t i = 0; i < sizeof(units) - 1; i++) {
		struct qql_bucket b;
		int64_t first, last;

		qql_bucket_init(&b, (struct plan_span){ units[i], 1 }, NULL);
		first = qql_bucket_find(&b, INT64_MIN);
		last = qql_bucket_find(&b, INT64_MAX);
		assert_true(first < last);
		assert_true(qql_bucket_start(&b, first) <
			    qql_bucket_start(&b, last));
	}
}

TEST_MAIN(TEST(test_bucket__starts_where_the_calendar_says),
	  TEST(test_bucket__an_hour_that_is_left_out_has_no_length),
	  TEST(test_bucket__answers_do_not_depend_on_the_one_before),
	  TEST(test_bucket__the_ends_of_time_are_clamped))
