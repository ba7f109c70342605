/*
 * qql/samples_int.h - a bag of numbers, for percentiles.
 *
 * New ones wait in a tail; when it is long they are sorted and put to what is
 * known, a value that occurs often being kept once with its number.
 */
#ifndef QQL_SAMPLES_INT_H
#define QQL_SAMPLES_INT_H

#include <stdint.h>

#include "qql/memory_int.h"

struct qql_samples_run {
	int64_t value;
	uint64_t n;
};
/* Zeroed it is empty. */
struct qql_samples {
	int64_t *tail;
	struct qql_samples_run *runs; /* ascending */
	uint32_t ntail, cap, nruns, runs_cap;
	uint64_t n;
};

MUST_CHECK int qql_samples_add(struct qql_samples *s, int64_t value,
			       struct qql_memory *m, struct err *err);
/* Sorts; to be called before values are asked for. */
MUST_CHECK int qql_samples_settle(struct qql_samples *s, struct qql_memory *m,
				  struct err *err);
/* Nearest rank: the value at ceil(percent * n / 100); n is not 0. */
int64_t qql_samples_rank(const struct qql_samples *s, uint32_t percent);
void qql_samples_free(struct qql_samples *s, struct qql_memory *m);

#endif
