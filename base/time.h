/*
 * base/time.h - time stamps: int64 nanoseconds since 1970-01-01T00:00:00Z,
 * proleptic Gregorian, no leap seconds; 1677-09-21 to 2262-04-11.
 */
#ifndef BASE_TIME_H
#define BASE_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

#define NS_PER_US INT64_C(1000)
#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S INT64_C(1000000000)
#define NS_PER_DAY (INT64_C(86400) * NS_PER_S)

struct civil {
	int64_t year;
	int month, day;           /* 1..12, 1..31 */
	int hour, minute, second; /* 0..23, 0..59, 0..59 */
	int nanos;                /* 0..999999999 */
};

/* Days since 1970-01-01 (H. Hinnant, "chrono-compatible low-level date
 * algorithms"); month 1..12. */
int64_t time_days_from_civil(int64_t year, int month, int day);
void time_civil_from_ns(int64_t ns, struct civil *out);
/* False if a part is out of range (Feb 30) or the result does not fit. */
bool time_ns_from_civil(const struct civil *c, int64_t *out);
int time_days_in_month(int64_t year, int month);

/* How a stored RFC 3339 text was written, so that it can be written again. */
struct time_form {
	uint8_t digits;  /* fraction digits 0..9 */
	char separator;  /* 'T', 't' or ' ' */
	char zone;       /* 'Z', 'z', '+', '-', or 0 for none */
	bool zone_colon; /* +hh:mm, else +hhmm */
	int16_t offset;  /* minutes east of UTC */
};

enum time_parse {
	TIME_OK = 0,
	TIME_BAD = -1,   /* not RFC 3339, or an impossible date */
	TIME_RANGE = -2, /* well formed, outside the int64 range */
};

/* The whole of `s`: date, 'T' or space, time with seconds, 0-9 fraction
 * digits, zone or none (= UTC).  A date alone is taken as its midnight, with
 * separator 0. */
enum time_parse time_parse_rfc3339(struct slice s, int64_t *ns,
				   struct time_form *form);
enum { TIME_TEXT_MAX = 40 };
/* Writes `ns` in the given form; returns the length. */
size_t time_format(int64_t ns, const struct time_form *form,
		   char out[TIME_TEXT_MAX]);
/* 2026-01-02T03:04:05.123456789Z with 0, 3, 6 or 9 digits as needed. */
size_t time_format_utc(int64_t ns, char out[TIME_TEXT_MAX]);

int64_t time_now(void);       /* CLOCK_REALTIME */
int64_t time_monotonic(void); /* CLOCK_MONOTONIC, ns */

#endif
