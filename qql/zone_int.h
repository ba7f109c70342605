/*
 * qql/zone_int.h - what a time zone is made of.
 */
#ifndef QQL_ZONE_INT_H
#define QQL_ZONE_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

/* The day a yearly clock change falls on. */
enum zone_day {
	ZONE_JULIAN,  /* Jn: 1..365, February 29 is never counted */
	ZONE_COUNTED, /* n: 0..365, it is */
	ZONE_WEEKDAY, /* Mm.w.d: weekday d of week w (5: the last) of month m */
};
struct zone_change {
	enum zone_day kind;
	int month, week, day;
	int64_t time; /* seconds after local midnight */
};

/* A POSIX TZ text: what holds after the last listed transition. */
struct zone_rule {
	bool known;
	bool has_dst;
	int32_t standard, dst; /* seconds east of UTC */
	struct zone_change start, end;
};

struct qql_zone {
	int32_t first; /* seconds east of UTC before the first transition */
	size_t n;
	int64_t *at;     /* UTC seconds of each transition, ascending */
	int32_t *offset; /* from it on */
	struct zone_rule rule;
};

/* "CET-1CEST,M3.5.0,M10.5.0/3"; false: not such a text. */
bool qql_zone_rule_parse(struct slice text, struct zone_rule *out);
int32_t qql_zone_rule_offset(const struct zone_rule *r, int64_t utc_seconds);

/* A TZif file's bytes (RFC 8536, version 2 and later).  ERR_USAGE if they are
 * damaged. */
MUST_CHECK int qql_zone_file_parse(struct qql_zone *z, struct slice file,
				   struct err *err);

#endif
