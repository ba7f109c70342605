/*
 * qql/zone.c - time zones: from the system's tzdata, or a fixed offset.
 */
#include "qql/zone.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "qql/zone_int.h"

enum {
	FILE_MAX = 256 << 10,
	NAME_MAX_LEN = 64,
	DAY = 86400,
	/* Further from 1970 than any int64 of nanoseconds. */
	YEARS = 400,
};

static const char directory[] = "/usr/share/zoneinfo";

static bool two_digits(const char *p, int max, int *out)
{
	if (p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9')
		return false;
	*out = (p[0] - '0') * 10 + (p[1] - '0');
	return *out <= max;
}

/* "+hh:mm" */
static bool fixed_offset(struct slice name, int32_t *out)
{
	int hours, minutes;

	if (name.len != 6 || (name.p[0] != '+' && name.p[0] != '-') ||
	    name.p[3] != ':' || !two_digits(name.p + 1, 23, &hours) ||
	    !two_digits(name.p + 4, 59, &minutes))
		return false;
	*out = hours * 3600 + minutes * 60;
	if (name.p[0] == '-')
		*out = -*out;
	return true;
}

/* Letters, digits, "_", "+", "-" and single "/" between them: no way out of
 * the directory. */
static bool is_zone_name(struct slice name)
{
	bool start = true;

	if (!name.len || name.len > NAME_MAX_LEN)
		return false;
	for (size_t i = 0; i < name.len; i++) {
		char c = name.p[i];
		bool alpha = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		bool other = (c >= '0' && c <= '9') || c == '_' || c == '+' ||
			     c == '-';

		if (!alpha && (start || (!other && c != '/')))
			return false;
		start = c == '/';
	}
	return !start;
}

static int unknown(struct slice name, struct err *err)
{
	err_set(err, ERR_USAGE, "unknown time zone \"%.*s\"", SLICE_ARG(name));
	err_hint(err,
		 "write an IANA name such as Europe/Berlin, UTC, or +hh:mm");
	return ERR_USAGE;
}

static int read_zone(struct qql_zone *z, struct slice name, struct err *err)
{
	char path[sizeof(directory) + 1 + NAME_MAX_LEN];
	struct buf file;
	int ret;

	if (!is_zone_name(name))
		return unknown(name, err);
	(void)snprintf(path, sizeof(path), "%s/%.*s", directory,
		       SLICE_ARG(name));
	buf_init(&file, FILE_MAX);
	ret = file_read(path, &file, err);
	if (ret == 0)
		ret = qql_zone_file_parse(z, buf_slice(&file), err);
	if (ret < 0 && ret != ERR_NO_MEMORY)
		ret = unknown(name, err);
	buf_release(&file);
	return ret;
}

int qql_zone_new(struct qql_zone **out, struct slice name, struct err *err)
{
	struct qql_zone *z = mem_calloc(1, sizeof(*z));
	int ret = 0;

	if (!z)
		return err_nomem(err);
	if (!slice_eq_ascii_case(name, SLICE_LIT("UTC")) &&
	    !fixed_offset(name, &z->first))
		ret = read_zone(z, name, err);
	if (ret < 0)
		goto out;
	*out = z;
	z = NULL;
out:
	qql_zone_free(z);
	return ret;
}

void qql_zone_free(struct qql_zone *z)
{
	if (!z)
		return;
	mem_free(z->at);
	mem_free(z->offset);
	mem_free(z);
}

/* Seconds east of UTC at an instant. */
static int32_t offset_at(const struct qql_zone *z, int64_t seconds)
{
	size_t lo = 0, hi;

	if (!z)
		return 0;
	hi = z->n;
	if (z->rule.known && (!z->n || seconds >= z->at[z->n - 1]))
		return qql_zone_rule_offset(&z->rule, seconds);
	/* The last transition at or before it. */
	while (lo < hi) {
		size_t middle = lo + (hi - lo) / 2;

		if (z->at[middle] <= seconds)
			lo = middle + 1;
		else
			hi = middle;
	}
	return lo ? z->offset[lo - 1] : z->first;
}

static int64_t floor_seconds(int64_t ns)
{
	return ns / NS_PER_S - (ns % NS_PER_S < 0);
}

void qql_zone_to_local(const struct qql_zone *z, int64_t ns, struct civil *out)
{
	int64_t seconds = floor_seconds(ns);
	int64_t shift = offset_at(z, seconds) * NS_PER_S;
	int64_t local;

	/* At the very ends of the range the shift is left out. */
	if (__builtin_add_overflow(ns, shift, &local))
		local = ns;
	time_civil_from_ns(local, out);
}

int64_t qql_zone_from_local(const struct qql_zone *z, const struct civil *local)
{
	int64_t seconds, before, after, ns;
	int32_t old, new;

	if (local->year < 1970 - YEARS)
		return INT64_MIN;
	if (local->year > 1970 + YEARS)
		return INT64_MAX;
	seconds = time_days_from_civil(local->year, local->month, local->day) *
			  DAY +
		  local->hour * 3600 + local->minute * 60 + local->second;
	old = offset_at(z, seconds - DAY);
	new = offset_at(z, seconds + DAY);
	before = seconds - old;
	after = seconds - new;
	/* Skipped by a change, neither holds: the old offset moves it on. */
	if (offset_at(z, before) != old && offset_at(z, after) == new)
		before = after;
	if (__builtin_mul_overflow(before, NS_PER_S, &ns) ||
	    __builtin_add_overflow(ns, (int64_t)local->nanos, &ns))
		return before < 0 ? INT64_MIN : INT64_MAX;
	return ns;
}
