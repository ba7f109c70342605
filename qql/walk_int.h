/*
 * qql/walk_int.h - matching rows segment by segment, in sequence order.
 *
 * For counting, sorting and following: what needs every match, or matches as
 * they were committed.  The view is renewed after a second; the walk then goes
 * on at the sequence number it had come to.
 */
#ifndef QQL_WALK_INT_H
#define QQL_WALK_INT_H

#include <stdint.h>

#include "base/compiler.h"
#include "base/err.h"
#include "qql/exec_int.h"
#include "qql/filter_int.h"

/* The matching rows of one segment, to be met in `hits` with sequence numbers
 * in [from, until). */
struct qql_part {
	const struct index_descriptor *desc;
	struct index_segment *seg; /* NULL: QQL_ALL by the descriptor alone */
	const struct qql_hits *hits;
	uint64_t from, until;
	bool whole;	  /* all of the segment's rows lie in [from, until) */
	uint64_t matched; /* rows; never 0 */
};
/* 0 to go on; else the walk ends with that. */
typedef int qql_part_fn(void *ctx, const struct qql_part *part,
			struct err *err);

struct qql_walk {
	struct qql_exec *x;
	struct qql_filter *filter;
	uint64_t next; /* sequence number to go on from */
	uint64_t until;
	bool open_all; /* part->seg is never NULL */
};

/* From sequence 0 to the end of the view, unless w->next, w->until are set
 * to something else. */
MUST_CHECK int qql_walk_init(struct qql_walk *w, struct qql_exec *x,
			     struct err *err);
void qql_walk_release(struct qql_walk *w);
MUST_CHECK int qql_walk_run(struct qql_walk *w, qql_part_fn *fn, void *ctx,
			    struct err *err);

/* The rows of a part, in the order of the segment. */
struct qql_part_rows {
	const struct qql_part *part;
	uint32_t next;
};
/* 1: *row; 0: no more. */
int qql_part_next(struct qql_part_rows *it, uint32_t *row);

#endif
