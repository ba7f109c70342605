/*
 * qql/bucket_int.h - the spans of a calendar, numbered through.
 *
 * s, m and h stand at whole units of the next larger one, M and q at whole
 * years; d, w and y count from 1970, weeks from Monday 1970-01-05.  All of it
 * in local time: an hour that a clock change repeats is one bucket.
 */
#ifndef QQL_BUCKET_INT_H
#define QQL_BUCKET_INT_H

#include <stdint.h>

#include "qql/plan.h"
#include "qql/zone.h"

struct qql_bucket {
	struct plan_span span;
	const struct qql_zone *zone;
	/* The last answer holds from `lo` to below `hi`. */
	int64_t number, lo, hi;
};

void qql_bucket_init(struct qql_bucket *b, struct plan_span span,
		     const struct qql_zone *zone);
/* The number of the bucket that an instant lies in. */
int64_t qql_bucket_find(struct qql_bucket *b, int64_t ns);
/* As qql_bucket_find(); all instants from `ns` to below *end lie in it. */
int64_t qql_bucket_until(struct qql_bucket *b, int64_t ns, int64_t *end);
/* Its first instant; the same for two if no instant lies in the first. */
int64_t qql_bucket_start(const struct qql_bucket *b, int64_t number);

#endif
