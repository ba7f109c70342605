/*
 * qql/date_int.h - date literals and date math.
 */
#ifndef QQL_DATE_INT_H
#define QQL_DATE_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "qql/zone.h"

/* All instants of a literal, both ends included. */
struct qql_instants {
	int64_t start, end;
};

enum qql_date_status {
	QQL_DATE_OK,
	QQL_DATE_BAD,        /* no form of a date */
	QQL_DATE_IMPOSSIBLE, /* well formed, but there is no such day or time */
	QQL_DATE_UNIT,       /* date math with a unit that is none */
	QQL_DATE_DIGITS,     /* digits only, but neither a year nor ms */
};

enum qql_date_status qql_date_read(struct slice text, int64_t now,
				   const struct qql_zone *zone,
				   struct qql_instants *out);
/* now { (+|-) N unit } [ /unit ] */
enum qql_date_status qql_date_math(struct slice text, int64_t now,
				   const struct qql_zone *zone,
				   struct qql_instants *out);
/* a + b, kept within int64. */
int64_t qql_date_add(int64_t a, int64_t b);

#endif
