/*
 * qql/date_math.c - now-7d, now-1M/d.
 *
 * s, m and h are exact; d, w, M, q and y are steps of the calendar in the
 * zone, with the day kept within its month.  Rounding gives the whole unit.
 */
#include "qql/date_int.h"

#include "base/time.h"

/* So many of any unit lead beyond int64 nanoseconds. */
#define COUNT_MAX INT64_C(1000000000000)

static bool is_unit(char c)
{
	return c && strchr("yqMwdhms", c);
}

static int64_t exact_unit(char unit)
{
	return unit == 's' ? NS_PER_S :
	       unit == 'm' ? 60 * NS_PER_S :
			     3600 * NS_PER_S;
}

/* The month `months` after that of `c`; the day kept within it. */
static void add_months(struct civil *c, int64_t months)
{
	int64_t total = c->year * 12 + c->month - 1 + months;
	int64_t year = total / 12 - (total % 12 < 0);
	int length;

	c->year = year;
	c->month = (int)(total - year * 12) + 1;
	length = time_days_in_month(c->year, c->month);
	if (c->day > length)
		c->day = length;
}

static void set_days(struct civil *c, int64_t days)
{
	struct civil date;

	/* Whole days within int64 ns; beyond, the year says enough. */
	if (days > INT64_MAX / NS_PER_DAY || days < INT64_MIN / NS_PER_DAY) {
		c->year = days < 0 ? -1000000 : 1000000;
		return;
	}
	time_civil_from_ns(days * NS_PER_DAY, &date);
	c->year = date.year;
	c->month = date.month;
	c->day = date.day;
}

static int64_t add_steps(int64_t at, int64_t n, char unit,
			 const struct qql_zone *zone)
{
	struct civil c;
	int64_t ns;

	if (strchr("hms", unit)) {
		if (__builtin_mul_overflow(n, exact_unit(unit), &ns))
			ns = n < 0 ? INT64_MIN : INT64_MAX;
		return qql_date_add(at, ns);
	}
	qql_zone_to_local(zone, at, &c);
	if (unit == 'd' || unit == 'w')
		set_days(&c, time_days_from_civil(c.year, c.month, c.day) +
				     n * (unit == 'w' ? 7 : 1));
	else
		add_months(&c, n * (unit == 'y' ? 12 : unit == 'q' ? 3 : 1));
	return qql_zone_from_local(zone, &c);
}

static void round_exact(int64_t at, char unit, const struct qql_zone *zone,
			struct qql_instants *out)
{
	struct civil c;
	int64_t into;

	qql_zone_to_local(zone, at, &c);
	into = c.nanos;
	if (unit != 's')
		into += c.second * NS_PER_S;
	if (unit == 'h')
		into += c.minute * 60 * NS_PER_S;
	out->start = qql_date_add(at, -into);
	out->end = qql_date_add(out->start, exact_unit(unit) - 1);
}

/* The whole day, week, ... that `at` lies in. */
static void round_to(int64_t at, char unit, const struct qql_zone *zone,
		     struct qql_instants *out)
{
	struct civil c, first = { 0 };

	if (strchr("hms", unit)) {
		round_exact(at, unit, zone, out);
		return;
	}
	qql_zone_to_local(zone, at, &c);
	first.year = c.year;
	first.month = unit == 'y' ? 1 :
		      unit == 'q' ? c.month - (c.month - 1) % 3 :
				    c.month;
	first.day = unit == 'd' || unit == 'w' ? c.day : 1;
	if (unit == 'w') {
		int64_t days = time_days_from_civil(c.year, c.month, c.day);

		/* 1970-01-01 was a Thursday; weeks start on Monday. */
		set_days(&first, days - ((days + 3) % 7 + 7) % 7);
	}
	out->start = qql_zone_from_local(zone, &first);
	if (unit == 'd' || unit == 'w')
		set_days(&first, time_days_from_civil(first.year, first.month,
						      first.day) +
					 (unit == 'w' ? 7 : 1));
	else
		add_months(&first, unit == 'y' ? 12 : unit == 'q' ? 3 : 1);
	out->end = qql_date_add(qql_zone_from_local(zone, &first), -1);
}

static const char *skip_space(const char *p, const char *end)
{
	while (p < end && *p == ' ')
		p++;
	return p;
}

enum qql_date_status qql_date_math(struct slice text, int64_t now,
				   const struct qql_zone *zone,
				   struct qql_instants *out)
{
	const char *end = text.p + text.len;
	const char *p = skip_space(text.p + strlen("now"), end);

	out->start = out->end = now;
	while (p < end && (*p == '+' || *p == '-')) {
		bool minus = *p == '-';
		const char *digits = p = skip_space(p + 1, end);
		int64_t n = 0;

		for (; p < end && *p >= '0' && *p <= '9'; p++) {
			n = n * 10 + (*p - '0');
			if (n > COUNT_MAX)
				n = COUNT_MAX;
		}
		if (p == digits)
			return QQL_DATE_BAD;
		if (p == end || !is_unit(*p))
			return QQL_DATE_UNIT;
		now = add_steps(now, minus ? -n : n, *p, zone);
		out->start = out->end = now;
		p = skip_space(p + 1, end);
	}
	if (p < end && *p == '/') {
		p = skip_space(p + 1, end);
		if (p == end || !is_unit(*p))
			return QQL_DATE_UNIT;
		round_to(now, *p, zone, out);
		p = skip_space(p + 1, end);
	}
	/* "now-7days": the letters after the unit. */
	if (p < end && text.len > 3 && p[-1] != ' ' && (*p | 0x20) >= 'a' &&
	    (*p | 0x20) <= 'z' && p > text.p + 3)
		return QQL_DATE_UNIT;
	return p == end ? QQL_DATE_OK : QQL_DATE_BAD;
}
