/*
 * qql/heap_int.h - rows that come next, the newest on top.
 */
#ifndef QQL_HEAP_INT_H
#define QQL_HEAP_INT_H

#include <stdint.h>

#include "base/compiler.h"
#include "base/err.h"

/* A row that comes next in its run, or a bound for a whole segment. */
struct qql_entry {
	int64_t time;
	uint64_t sequence;
	uint32_t source;
	uint32_t run;
	uint32_t row;
};

/* All zero is an empty heap; entries[0] is the newest. */
struct qql_heap {
	struct qql_entry *entries; /* freed by the owner */
	uint32_t n, cap;
};

MUST_CHECK int qql_heap_push(struct qql_heap *h, const struct qql_entry *e,
			     struct err *err);
void qql_heap_pop(struct qql_heap *h); /* not empty */

#endif
