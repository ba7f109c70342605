/*
 * qql/rows_int.h - rows copied out of the store, until they are handed on.
 *
 * Whoever takes rows may block for as long as it likes: a batch owns all its
 * bytes.  It is full at a number of rows that grows from batch to batch (the
 * first rows should show at once), at a number of bytes, or when its first row
 * has waited long enough.
 */
#ifndef QQL_ROWS_INT_H
#define QQL_ROWS_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/compiler.h"
#include "base/err.h"
#include "qql/run.h"
#include "qql/select_int.h"

struct qql_rows {
	const struct qql_run_options *opt;
	struct arena memory; /* cells and values */
	struct buf bytes;    /* sources; texts are offsets until handed out */
	struct qql_row *rows;
	uint32_t n, max;
	int64_t since; /* monotonic; of the first row */
};

MUST_CHECK int qql_rows_init(struct qql_rows *r,
			     const struct qql_run_options *opt,
			     struct err *err);
void qql_rows_release(struct qql_rows *r);

bool qql_rows_full(const struct qql_rows *r);
MUST_CHECK int qql_rows_add(struct qql_rows *r, const struct qql_hit *hit,
			    const struct dataset *ds, struct err *err);
/* Hands all rows to `fn` and empties the batch; ends with what `fn` ended
 * with.  *taken rows were handed out, that one included. */
MUST_CHECK int qql_rows_hand_out(struct qql_rows *r, qql_row_fn *fn, void *ctx,
				 uint32_t *taken, struct err *err);

#endif
