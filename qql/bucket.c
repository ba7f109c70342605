/*
 * qql/bucket.c - the spans of a calendar, numbered through.
 */
#include "qql/bucket_int.h"

#include <stdbool.h>

enum { FIRST_MONDAY = 4, MONTHS = 12, QUARTERS = 4, YEAR0 = 1970 };

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* Nanoseconds of a unit that is always as long in local time; 0: none is. */
static int64_t fixed_unit(char unit)
{
	switch (unit) {
	case 's':
		return NS_PER_S;
	case 'm':
		return 60 * NS_PER_S;
	case 'h':
		return 3600 * NS_PER_S;
	case 'd':
		return NS_PER_DAY;
	case 'w':
		return 7 * NS_PER_DAY;
	default:
		return 0;
	}
}

void qql_bucket_init(struct qql_bucket *b, struct plan_span span,
		     const struct qql_zone *zone)
{
	*b = (struct qql_bucket){ .span = span, .zone = zone };
}

static int64_t days_of(const struct civil *c)
{
	return time_days_from_civil(c->year, c->month, c->day);
}

/* Seconds since 1970 as a local clock shows them. */
static int64_t clock_seconds(const struct civil *c)
{
	return days_of(c) * 86400 + c->hour * 3600 + c->minute * 60 + c->second;
}

static int64_t number_of(const struct qql_bucket *b, const struct civil *c)
{
	int64_t n = b->span.n, unit = fixed_unit(b->span.unit) / NS_PER_S;

	switch (b->span.unit) {
	case 'M':
		return floor_div(c->year * MONTHS + c->month - 1, n);
	case 'q':
		return floor_div(c->year * QUARTERS + (c->month - 1) / 3, n);
	case 'y':
		return floor_div(c->year - YEAR0, n);
	case 'w':
		return floor_div(days_of(c) - FIRST_MONDAY, 7 * n);
	default:
		return floor_div(clock_seconds(c), n * unit);
	}
}

static void set_clock(struct civil *c, int64_t seconds)
{
	int64_t days = floor_div(seconds, 86400);

	/* Days beyond int64 nanoseconds are clamped by the zone. */
	if (days > INT64_MAX / NS_PER_DAY || days < INT64_MIN / NS_PER_DAY) {
		c->year = days < 0 ? INT32_MIN : INT32_MAX;
		return;
	}
	time_civil_from_ns(days * NS_PER_DAY, c);
	seconds -= days * 86400;
	c->hour = (int)(seconds / 3600);
	c->minute = (int)(seconds / 60 % 60);
	c->second = (int)(seconds % 60);
}

int64_t qql_bucket_start(const struct qql_bucket *b, int64_t number)
{
	struct civil c = { .month = 1, .day = 1 };
	int64_t n = b->span.n, unit = fixed_unit(b->span.unit) / NS_PER_S;
	int64_t months;

	switch (b->span.unit) {
	case 'M':
	case 'q':
		months = number * n * (b->span.unit == 'q' ? 3 : 1);
		c.year = floor_div(months, MONTHS);
		c.month = (int)(months - c.year * MONTHS) + 1;
		break;
	case 'y':
		c.year = YEAR0 + number * n;
		break;
	case 'w':
		set_clock(&c, (number * 7 * n + FIRST_MONDAY) * 86400);
		break;
	default:
		set_clock(&c, number * n * unit);
		break;
	}
	return qql_zone_from_local(b->zone, &c);
}

/* Do local clocks run through between two instants, without a change that
 * could make one bucket of two stretches? */
static bool runs_through(const struct qql_bucket *b, int64_t lo, int64_t hi)
{
	struct civil first, last;

	if (!b->zone)
		return true;
	qql_zone_to_local(b->zone, lo, &first);
	qql_zone_to_local(b->zone, hi, &last);
	return clock_seconds(&last) - clock_seconds(&first) ==
	       floor_div(hi, NS_PER_S) - floor_div(lo, NS_PER_S);
}

int64_t qql_bucket_until(struct qql_bucket *b, int64_t ns, int64_t *end)
{
	struct civil c;
	int64_t lo, hi;

	if (ns >= b->lo && ns < b->hi) {
		*end = b->hi;
		return b->number;
	}
	qql_zone_to_local(b->zone, ns, &c);
	b->number = number_of(b, &c);
	lo = qql_bucket_start(b, b->number);
	hi = qql_bucket_start(b, b->number + 1);
	if (lo <= ns && ns < hi && runs_through(b, lo, hi)) {
		b->lo = lo;
		b->hi = hi;
		*end = hi;
	} else {
		b->lo = b->hi = 0;
		*end = ns < INT64_MAX ? ns + 1 : ns;
	}
	return b->number;
}

int64_t qql_bucket_find(struct qql_bucket *b, int64_t ns)
{
	int64_t end;

	return qql_bucket_until(b, ns, &end);
}
