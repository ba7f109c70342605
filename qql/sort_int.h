/*
 * qql/sort_int.h - rows in another order than newest first.
 *
 * Numbers, addresses and texts (without case, then by bytes) ascend or
 * descend; rows without a value come last either way; ties newest first.
 * Memory is bounded: with a limit only that many rows are kept, without one
 * ERR_LIMIT when the keys do not fit.
 */
#ifndef QQL_SORT_INT_H
#define QQL_SORT_INT_H

#include "qql/run.h"

/* < 0: a comes before b; both of field `f`. */
int qql_sort_compare(const struct field *f, const struct value *a,
		     const struct value *b);

MUST_CHECK int qql_run_sorted(const struct plan *plan,
			      struct index_store *store,
			      const struct qql_run_options *opt, qql_row_fn *fn,
			      void *ctx, struct qql_run_stats *stats,
			      struct err *err);

#endif
