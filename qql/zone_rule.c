/*
 * qql/zone_rule.c - POSIX TZ texts, as they stand at the end of TZif files.
 */
#include "qql/zone_int.h"

#include "base/time.h"

enum { DAY = 86400, HOURS_MAX = 167 };

struct reader {
	const char *p, *end;
};

static bool take(struct reader *r, char c)
{
	if (r->p == r->end || *r->p != c)
		return false;
	r->p++;
	return true;
}

static bool take_number(struct reader *r, int max, int *out)
{
	int n = 0;
	const char *start = r->p;

	while (r->p < r->end && *r->p >= '0' && *r->p <= '9' && n <= max)
		n = n * 10 + (*r->p++ - '0');
	*out = n;
	return r->p > start && n <= max;
}

/* [+-]hh[:mm[:ss]] */
static bool take_time(struct reader *r, int64_t *out)
{
	int64_t sign = take(r, '-') ? -1 : 1;
	int hours, minutes = 0, seconds = 0;

	if (sign > 0)
		(void)take(r, '+');
	if (!take_number(r, HOURS_MAX, &hours))
		return false;
	if (take(r, ':') && !take_number(r, 59, &minutes))
		return false;
	if (take(r, ':') && !take_number(r, 59, &seconds))
		return false;
	*out = sign * (hours * 3600 + minutes * 60 + seconds);
	return true;
}

/* A name, and the offset behind it, which counts west of UTC. */
static bool take_zone(struct reader *r, int32_t *offset, bool need_offset,
		      int32_t missing)
{
	const char *start;
	int64_t west;

	if (take(r, '<')) {
		while (r->p < r->end && *r->p != '>')
			r->p++;
		if (!take(r, '>'))
			return false;
	} else {
		start = r->p;
		while (r->p < r->end &&
		       ((*r->p | 0x20) >= 'a' && (*r->p | 0x20) <= 'z'))
			r->p++;
		if (r->p - start < 3)
			return false;
	}
	*offset = missing;
	if (!need_offset && (r->p == r->end || *r->p == ','))
		return true;
	if (!take_time(r, &west))
		return false;
	*offset = (int32_t)-west;
	return true;
}

static bool take_change(struct reader *r, struct zone_change *out)
{
	out->time = 2 * 3600;
	if (!take(r, ','))
		return false;
	if (take(r, 'M')) {
		out->kind = ZONE_WEEKDAY;
		if (!take_number(r, 12, &out->month) || out->month < 1 ||
		    !take(r, '.') || !take_number(r, 5, &out->week) ||
		    out->week < 1 || !take(r, '.') ||
		    !take_number(r, 6, &out->day))
			return false;
	} else {
		out->kind = take(r, 'J') ? ZONE_JULIAN : ZONE_COUNTED;
		if (!take_number(r, 365, &out->day) ||
		    (out->kind == ZONE_JULIAN && out->day < 1))
			return false;
	}
	return !take(r, '/') || take_time(r, &out->time);
}

bool qql_zone_rule_parse(struct slice text, struct zone_rule *out)
{
	struct reader r = { text.p, text.p + text.len };
	struct zone_rule rule = { .known = true };

	if (!take_zone(&r, &rule.standard, true, 0))
		return false;
	if (r.p < r.end) {
		rule.has_dst = true;
		if (!take_zone(&r, &rule.dst, false, rule.standard + 3600) ||
		    !take_change(&r, &rule.start) ||
		    !take_change(&r, &rule.end))
			return false;
	}
	*out = rule;
	return r.p == r.end;
}

/* Local seconds since 1970 of the change in `year`. */
static int64_t change_in(const struct zone_change *c, int64_t year)
{
	int64_t january = time_days_from_civil(year, 1, 1), day;
	int weekday, length;

	switch (c->kind) {
	case ZONE_JULIAN:
		day = january + c->day - 1;
		if (c->day > 59 && time_days_in_month(year, 2) == 29)
			day++;
		break;
	case ZONE_COUNTED:
		day = january + c->day;
		break;
	case ZONE_WEEKDAY:
	default:
		day = time_days_from_civil(year, c->month, 1);
		/* 1970-01-01 was a Thursday. */
		weekday = (int)(((day + 4) % 7 + 7) % 7);
		length = time_days_in_month(year, c->month);
		day += (c->day - weekday + 7) % 7 + 7 * (c->week - 1);
		if (day >= time_days_from_civil(year, c->month, 1) + length)
			day -= 7;
		break;
	}
	return day * DAY + c->time;
}

static int64_t year_of(int64_t seconds)
{
	int64_t days = seconds / DAY - (seconds % DAY < 0);
	int64_t year = 1970 + days / 366 - (days < 0);

	while (time_days_from_civil(year + 1, 1, 1) <= days)
		year++;
	return year;
}

int32_t qql_zone_rule_offset(const struct zone_rule *r, int64_t utc_seconds)
{
	int64_t year, start, end;
	bool dst;

	if (!r->has_dst)
		return r->standard;
	year = year_of(utc_seconds + r->standard);
	start = change_in(&r->start, year) - r->standard;
	end = change_in(&r->end, year) - r->dst;
	if (start < end)
		dst = utc_seconds >= start && utc_seconds < end;
	else
		dst = utc_seconds >= start || utc_seconds < end;
	return dst ? r->dst : r->standard;
}
