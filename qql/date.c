/*
 * qql/date.c - date literals: a text of limited precision is an interval.
 */
#include "qql/date_int.h"

#include "base/time.h"

enum { DAY_SECONDS = 86400 };

struct reader {
	const char *p, *end;
};

int64_t qql_date_add(int64_t a, int64_t b)
{
	int64_t sum;

	if (__builtin_add_overflow(a, b, &sum))
		return b < 0 ? INT64_MIN : INT64_MAX;
	return sum;
}

static bool is_digit(const struct reader *r)
{
	return r->p < r->end && *r->p >= '0' && *r->p <= '9';
}

static bool take(struct reader *r, char c)
{
	if (r->p == r->end || *r->p != c)
		return false;
	r->p++;
	return true;
}

/* Exactly n digits. */
static bool take_digits(struct reader *r, int n, int *out)
{
	*out = 0;
	for (; n; n--) {
		if (!is_digit(r))
			return false;
		*out = *out * 10 + (*r->p++ - '0');
	}
	return true;
}

/* A literal's parts, and how many were given. */
struct parts {
	struct civil at;
	enum { YEAR, MONTH, DAY, MINUTE, SECOND, FRACTION } precision;
	int64_t step; /* of a fraction, in ns */
	bool has_offset;
	int64_t offset; /* seconds east of UTC */
};

static bool take_fraction(struct reader *r, struct parts *p)
{
	int digits = 0;

	p->precision = FRACTION;
	p->step = NS_PER_S;
	for (; digits < 9 && is_digit(r); digits++) {
		p->step /= 10;
		p->at.nanos += (int)(p->step * (*r->p++ - '0'));
	}
	return digits > 0 && !is_digit(r);
}

static bool take_offset(struct reader *r, struct parts *p)
{
	int hours, minutes, sign;

	if (r->p == r->end)
		return true;
	p->has_offset = true;
	if (take(r, 'Z') || take(r, 'z'))
		return true;
	sign = take(r, '+') ? 1 : take(r, '-') ? -1 : 0;
	if (!sign || !take_digits(r, 2, &hours) || !take(r, ':') ||
	    !take_digits(r, 2, &minutes) || hours > 23 || minutes > 59)
		return false;
	p->offset = sign * (hours * 3600 + minutes * 60);
	return true;
}

static bool take_time(struct reader *r, struct parts *p)
{
	p->precision = MINUTE;
	if (!take_digits(r, 2, &p->at.hour) || !take(r, ':') ||
	    !take_digits(r, 2, &p->at.minute))
		return false;
	if (take(r, ':')) {
		p->precision = SECOND;
		if (!take_digits(r, 2, &p->at.second))
			return false;
		if (take(r, '.') && !take_fraction(r, p))
			return false;
	}
	return take_offset(r, p);
}

/* YYYY[-MM[-DD[Thh:mm[:ss[.f]][zone]]]] */
static bool take_parts(struct reader *r, struct parts *p)
{
	int year;

	*p = (struct parts){ .at = { .month = 1, .day = 1 } };
	if (!take_digits(r, 4, &year))
		return false;
	p->at.year = year;
	if (r->p == r->end)
		return true;
	p->precision = MONTH;
	if (!take(r, '-') || !take_digits(r, 2, &p->at.month))
		return false;
	if (r->p == r->end)
		return true;
	p->precision = DAY;
	if (!take(r, '-') || !take_digits(r, 2, &p->at.day))
		return false;
	if (r->p == r->end)
		return true;
	if (!take(r, 'T') && !take(r, 't') && !take(r, ' '))
		return false;
	return take_time(r, p) && r->p == r->end;
}

static bool is_possible(const struct civil *c)
{
	return c->month >= 1 && c->month <= 12 && c->day >= 1 &&
	       c->day <= time_days_in_month(c->year, c->month) &&
	       c->hour < 24 && c->minute < 60 && c->second < 60;
}

/* The civil time in UTC, moved by a written offset. */
static int64_t with_offset(const struct parts *p)
{
	int64_t seconds =
		time_days_from_civil(p->at.year, p->at.month, p->at.day) *
			DAY_SECONDS +
		p->at.hour * 3600 + p->at.minute * 60 + p->at.second -
		p->offset;
	int64_t ns;

	if (__builtin_mul_overflow(seconds, NS_PER_S, &ns))
		return seconds < 0 ? INT64_MIN : INT64_MAX;
	return qql_date_add(ns, p->at.nanos);
}

static void fill(const struct parts *p, const struct qql_zone *zone,
		 struct qql_instants *out)
{
	struct civil next = { .year = p->at.year,
			      .month = p->at.month,
			      .day = p->at.day };
	int64_t step = p->precision == MINUTE ? 60 * NS_PER_S :
		       p->precision == SECOND ? NS_PER_S :
						p->step;

	out->start = p->has_offset ? with_offset(p) :
				     qql_zone_from_local(zone, &p->at);
	if (p->precision >= MINUTE) {
		out->end = qql_date_add(out->start, step - 1);
		return;
	}
	if (p->precision == YEAR) {
		next.year++;
	} else if (p->precision == MONTH) {
		next.month++;
	} else {
		next.day++;
		if (next.day > time_days_in_month(next.year, next.month)) {
			next.day = 1;
			next.month++;
		}
	}
	if (next.month > 12) {
		next.month = 1;
		next.year++;
	}
	out->end = qql_date_add(qql_zone_from_local(zone, &next), -1);
}

/* 11 to 14 digits, or any with a sign: milliseconds since 1970. */
static enum qql_date_status read_ms(struct reader r, bool negative,
				    bool has_sign, struct qql_instants *out)
{
	int64_t ms = 0, ns;
	long digits = 0;

	for (; is_digit(&r); r.p++, digits++) {
		if (ms < INT64_MAX / 100)
			ms = ms * 10 + (*r.p - '0');
	}
	if (r.p != r.end || !digits)
		return QQL_DATE_BAD;
	if (!has_sign && (digits < 11 || digits > 14))
		return QQL_DATE_DIGITS;
	if (negative)
		ms = -ms;
	if (__builtin_mul_overflow(ms, NS_PER_MS, &ns))
		ns = negative ? INT64_MIN : INT64_MAX;
	out->start = ns;
	out->end = qql_date_add(ns, NS_PER_MS - 1);
	return QQL_DATE_OK;
}

enum qql_date_status qql_date_read(struct slice text, int64_t now,
				   const struct qql_zone *zone,
				   struct qql_instants *out)
{
	struct reader r = { text.p, text.p + text.len };
	struct parts p;

	if (text.len >= 3 &&
	    slice_eq_ascii_case(slice_of(text.p, 3), SLICE_LIT("now")))
		return qql_date_math(text, now, zone, out);
	if (take(&r, '-'))
		return read_ms(r, true, true, out);
	if (take(&r, '+'))
		return read_ms(r, false, true, out);
	if (take_parts(&r, &p)) {
		if (!is_possible(&p.at))
			return QQL_DATE_IMPOSSIBLE;
		fill(&p, zone, out);
		return QQL_DATE_OK;
	}
	r.p = text.p;
	return read_ms(r, false, false, out);
}
