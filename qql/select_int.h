/*
 * qql/select_int.h - matching rows, newest first, over all segments.
 *
 * Segments wait in a heap under their newest possible row and are opened only
 * when it is their turn; an open one stands there once per run, under its
 * next row.  So the newest fifty cost a segment or two, however many there
 * are, and memory follows the number of segments that overlap in time.
 *
 * Logs are ordered by (time, sequence), both descending; tables by sequence
 * alone (their time is taken as 0).
 */
#ifndef QQL_SELECT_INT_H
#define QQL_SELECT_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/err.h"
#include "index/segment.h"
#include "qql/exec_int.h"

struct qql_select;

struct qql_hit {
	struct index_segment *seg; /* until the view is let go */
	uint32_t row;
	int64_t time;
	uint64_t sequence;
};

/* `x` is pinned; rows start behind x->opt's cursor if there is one. */
MUST_CHECK int qql_select_new(struct qql_select **out, struct qql_exec *x,
			      struct err *err);
void qql_select_free(struct qql_select *s); /* NULL is fine */

/* 1: the next row; 0: no more; negative: error. */
MUST_CHECK int qql_select_next(struct qql_select *s, struct qql_hit *out,
			       struct err *err);
/* Lets go of the store, and takes hold of it again. */
void qql_select_unpin(struct qql_select *s);
MUST_CHECK int qql_select_pin(struct qql_select *s, struct err *err);

#endif
