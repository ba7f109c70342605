/*
 * base/time.c - civil time and RFC 3339 text.
 */
#include "base/time.h"

#include <string.h>
#include <time.h>

enum { SECONDS_PER_DAY = 86400 };

static const uint32_t powers_of_10[] = {
	1,      10,      100,      1000,      10000,
	100000, 1000000, 10000000, 100000000, 1000000000,
};

/* Years start in March, so that the leap day is the last of its year; an era
 * is 400 of them. */
int64_t time_days_from_civil(int64_t year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year =
		(153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 -
			     year_of_era / 100 + day_of_year;

	return era * 146097 + day_of_era - 719468;
}

static void civil_from_days(int64_t days, struct civil *out)
{
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t day_of_era = z - era * 146097;
	int64_t year_of_era = (day_of_era - day_of_era / 1460 +
			       day_of_era / 36524 - day_of_era / 146096) /
			      365;
	int64_t day_of_year =
		day_of_era -
		(365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t march_month = (5 * day_of_year + 2) / 153;

	out->day = (int)(day_of_year - (153 * march_month + 2) / 5 + 1);
	out->month =
		(int)(march_month < 10 ? march_month + 3 : march_month - 9);
	out->year = year_of_era + era * 400 + (out->month <= 2);
}

static void civil_from_seconds(int64_t seconds, struct civil *out)
{
	int64_t days = seconds / SECONDS_PER_DAY;
	int64_t rest = seconds % SECONDS_PER_DAY;

	if (rest < 0) {
		days--;
		rest += SECONDS_PER_DAY;
	}
	civil_from_days(days, out);
	out->hour = (int)(rest / 3600);
	out->minute = (int)(rest / 60 % 60);
	out->second = (int)(rest % 60);
}

/* Floor division: the fraction is never negative. */
static int64_t split_ns(int64_t ns, int *nanos)
{
	int64_t seconds = ns / NS_PER_S;
	int64_t rest = ns % NS_PER_S;

	if (rest < 0) {
		seconds--;
		rest += NS_PER_S;
	}
	*nanos = (int)rest;
	return seconds;
}

void time_civil_from_ns(int64_t ns, struct civil *out)
{
	int64_t seconds = split_ns(ns, &out->nanos);

	civil_from_seconds(seconds, out);
}

int time_days_in_month(int64_t year, int month)
{
	static const signed char days[] = { 31, 28, 31, 30, 31, 30,
					    31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return month == 2 && leap ? 29 : days[month - 1];
}

static bool civil_is_valid(const struct civil *c)
{
	return c->month >= 1 && c->month <= 12 && c->day >= 1 &&
	       c->day <= time_days_in_month(c->year, c->month) &&
	       c->hour >= 0 && c->hour <= 23 && c->minute >= 0 &&
	       c->minute <= 59 && c->second >= 0 && c->second <= 59 &&
	       c->nanos >= 0 && c->nanos < NS_PER_S;
}

/* Seconds before 1970 with a fraction: the product alone may be one second
 * below the range although the sum is within it. */
static bool join_ns(int64_t seconds, int nanos, int64_t *out)
{
	int64_t rest = nanos;
	int64_t ns;

	if (seconds < 0 && rest > 0) {
		seconds++;
		rest -= NS_PER_S;
	}
	return !__builtin_mul_overflow(seconds, NS_PER_S, &ns) &&
	       !__builtin_add_overflow(ns, rest, out);
}

static int64_t civil_seconds(const struct civil *c)
{
	return time_days_from_civil(c->year, c->month, c->day) *
		       SECONDS_PER_DAY +
	       c->hour * 3600 + c->minute * 60 + c->second;
}

bool time_ns_from_civil(const struct civil *c, int64_t *out)
{
	int64_t ns;

	/* Far years would overflow the seconds before the nanoseconds. */
	if (c->year < -9999 || c->year > 9999 || !civil_is_valid(c) ||
	    !join_ns(civil_seconds(c), c->nanos, &ns))
		return false;
	*out = ns;
	return true;
}

static bool digits(const char *p, int n, int *out)
{
	int v = 0;

	for (int i = 0; i < n; i++) {
		if (p[i] < '0' || p[i] > '9')
			return false;
		v = v * 10 + (p[i] - '0');
	}
	*out = v;
	return true;
}

static bool parse_date(const char *p, struct civil *c)
{
	int year;

	if (p[4] != '-' || p[7] != '-' || !digits(p, 4, &year))
		return false;
	c->year = year;
	return digits(p + 5, 2, &c->month) && digits(p + 8, 2, &c->day);
}

static bool parse_clock(const char *p, struct civil *c)
{
	return p[2] == ':' && p[5] == ':' && digits(p, 2, &c->hour) &&
	       digits(p + 3, 2, &c->minute) && digits(p + 6, 2, &c->second);
}

/* ".123" at p; returns what follows it, NULL if it is none. */
static const char *parse_fraction(const char *p, const char *end,
				  struct civil *c, struct time_form *form)
{
	const char *start = ++p;
	int n, v;

	while (p < end && *p >= '0' && *p <= '9')
		p++;
	if (p == start || p - start > 9)
		return NULL;
	n = (int)(p - start);
	if (!digits(start, n, &v))
		return NULL;
	c->nanos = v * (int)powers_of_10[9 - n];
	form->digits = (uint8_t)n;
	return p;
}

/* "Z", "+hh:mm", "+hhmm" or nothing, up to end. */
static bool parse_zone(const char *p, const char *end, struct time_form *form)
{
	size_t left = (size_t)(end - p);
	int hour, minute;

	if (left == 0)
		return true;
	form->zone = *p;
	if (*p == 'Z' || *p == 'z')
		return left == 1;
	if (*p != '+' && *p != '-')
		return false;
	form->zone_colon = left == 6 && p[3] == ':';
	if (left != (form->zone_colon ? 6 : 5))
		return false;
	if (!digits(p + 1, 2, &hour) ||
	    !digits(p + (form->zone_colon ? 4 : 3), 2, &minute) || hour > 23 ||
	    minute > 59)
		return false;
	minute += hour * 60;
	form->offset = (int16_t)(*p == '-' ? -minute : minute);
	return true;
}

static bool parse_parts(struct slice s, struct civil *c, struct time_form *form)
{
	const char *p = s.p, *end = s.p + s.len;

	if (s.len < 10 || !parse_date(p, c))
		return false;
	if (s.len == 10)
		return civil_is_valid(c);
	form->separator = p[10];
	if (p[10] != 'T' && p[10] != 't' && p[10] != ' ')
		return false;
	if (s.len < 19 || !parse_clock(p + 11, c))
		return false;
	p += 19;
	if (p < end && *p == '.') {
		p = parse_fraction(p, end, c, form);
		if (!p)
			return false;
	}
	return parse_zone(p, end, form) && civil_is_valid(c);
}

enum time_parse time_parse_rfc3339(struct slice s, int64_t *ns,
				   struct time_form *form)
{
	struct civil c = { .year = 0 };
	struct time_form f = { .digits = 0 };
	int64_t value;

	if (!parse_parts(s, &c, &f))
		return TIME_BAD;
	if (!join_ns(civil_seconds(&c) - f.offset * 60, c.nanos, &value))
		return TIME_RANGE;
	*ns = value;
	if (form)
		*form = f;
	return TIME_OK;
}

static char *put_digits(char *p, uint32_t v, int n)
{
	for (int i = n - 1; i >= 0; i--) {
		p[i] = (char)('0' + v % 10);
		v /= 10;
	}
	return p + n;
}

static char *put_clock(char *p, const struct civil *c,
		       const struct time_form *form)
{
	*p++ = form->separator;
	p = put_digits(p, (uint32_t)c->hour, 2);
	*p++ = ':';
	p = put_digits(p, (uint32_t)c->minute, 2);
	*p++ = ':';
	p = put_digits(p, (uint32_t)c->second, 2);
	if (form->digits > 0) {
		*p++ = '.';
		p = put_digits(
			p, (uint32_t)c->nanos / powers_of_10[9 - form->digits],
			form->digits);
	}
	if (form->zone)
		*p++ = form->zone;
	if (form->zone == '+' || form->zone == '-') {
		uint32_t minutes = (uint32_t)(form->offset < 0 ? -form->offset :
								 form->offset);

		p = put_digits(p, minutes / 60, 2);
		if (form->zone_colon)
			*p++ = ':';
		p = put_digits(p, minutes % 60, 2);
	}
	return p;
}

size_t time_format(int64_t ns, const struct time_form *form,
		   char out[TIME_TEXT_MAX])
{
	struct civil c;
	char *p = out;
	int64_t seconds = split_ns(ns, &c.nanos);

	civil_from_seconds(seconds + form->offset * 60, &c);
	p = put_digits(p, (uint32_t)c.year, 4);
	*p++ = '-';
	p = put_digits(p, (uint32_t)c.month, 2);
	*p++ = '-';
	p = put_digits(p, (uint32_t)c.day, 2);
	if (form->separator)
		p = put_clock(p, &c, form);
	*p = '\0';
	return (size_t)(p - out);
}

size_t time_format_utc(int64_t ns, char out[TIME_TEXT_MAX])
{
	struct time_form form = { .separator = 'T', .zone = 'Z' };

	if (ns % NS_PER_S == 0)
		form.digits = 0;
	else if (ns % NS_PER_MS == 0)
		form.digits = 3;
	else if (ns % NS_PER_US == 0)
		form.digits = 6;
	else
		form.digits = 9;
	return time_format(ns, &form, out);
}

static int64_t clock_ns(clockid_t id)
{
	struct timespec ts = { .tv_sec = 0 };

	(void)clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

int64_t time_now(void)
{
	return clock_ns(CLOCK_REALTIME);
}

int64_t time_monotonic(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}
