/*
 * qql/memory_int.h - what an aggregating query may keep, in bytes.
 *
 * Groups, distinct values and samples grow through here, so that a query that
 * would not fit ends with ERR_LIMIT and not with a wrong answer.
 */
#ifndef QQL_MEMORY_INT_H
#define QQL_MEMORY_INT_H

#include <stddef.h>

#include "base/compiler.h"
#include "base/err.h"

enum { QQL_MEMORY_MAX = 256 << 20 };

struct qql_memory {
	size_t used, max;
};

/* Accounts for `bytes` more. */
MUST_CHECK int qql_memory_take(struct qql_memory *m, size_t bytes,
			       struct err *err);
static inline void qql_memory_give(struct qql_memory *m, size_t bytes)
{
	m->used -= bytes;
}
/* Makes *array, of `old` items, one of `n`; what is new is zeroed. */
MUST_CHECK int qql_memory_grow(struct qql_memory *m, void **array, size_t old,
			       size_t n, size_t size, struct err *err);
/* Frees an array of `n` items and sets it to NULL. */
void qql_memory_free(struct qql_memory *m, void **array, size_t n, size_t size);

#endif
