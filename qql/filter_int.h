/*
 * qql/filter_int.h - a plan's condition over one segment, as a bitmap of rows.
 *
 * For each segment the condition is taken in two passes.  Deciding looks at
 * bounds and dictionaries only and often ends there: no row, or every row.
 * Scanning then reads columns, cheapest conditions of an `and` first; the
 * dear ones (words, patterns) are put to the rows that are left when those
 * are few, else to the dictionary once.
 *
 * qql_filter belongs to one thread.
 */
#ifndef QQL_FILTER_INT_H
#define QQL_FILTER_INT_H

#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/err.h"
#include "index/scan.h"
#include "index/segment.h"
#include "qql/exec_int.h"
#include "qql/match_int.h"

/* A node of the plan and what is known about it in the present segment. */
struct qql_fnode {
	const struct plan_node *plan;
	struct qql_fnode **kids; /* of an `and` or `or`: cheapest first */
	uint32_t nkids;
	uint32_t cost;
	bool element; /* speaks of elements of an array, not of rows */
	struct qql_matcher matcher; /* leaves over text */
	bool has_matcher;

	struct index_bounds bounds;
	const struct index_column *col; /* NULL: not opened yet */
	bool resolved;			/* `set` holds all matching ids */
	struct index_idset set;
};

struct qql_filter {
	struct qql_exec *x;
	struct qql_fnode *root;
	struct arena nodes;
	struct arena scratch; /* of one segment */
	/* the present segment */
	struct index_segment *seg;
	const struct index_descriptor *desc;
	uint32_t rows;
};

MUST_CHECK int qql_filter_new(struct qql_filter **out, struct qql_exec *x,
			      struct err *err);
void qql_filter_free(struct qql_filter *f); /* NULL is fine */

struct qql_hits {
	enum qql_verdict verdict;
	bool scanned;		/* false: bounds and dictionaries were enough */
	struct index_mask mask; /* QQL_SOME: until the next segment */
};
MUST_CHECK int qql_filter_segment(struct qql_filter *f,
				  struct index_segment *seg,
				  struct qql_hits *out, struct err *err);

/* filter_leaf.c: one condition on one field. */

/* Cheap: an enum qql_verdict, or a negative error. */
MUST_CHECK int qql_leaf_decide(struct qql_filter *f, struct qql_fnode *n,
			       struct err *err);
/* As qql_leaf_decide(), and for QQL_SOME the rows (elements) in `out`.  `among`
 * (may be NULL): only these rows matter, others may come out either way. */
MUST_CHECK int qql_leaf_scan(struct qql_filter *f, struct qql_fnode *n,
			     const struct index_mask *among,
			     struct index_mask out, struct err *err);

/* filter_ids.c: the ids of a dictionary that meet the condition of `n`, into
 * n->set.  Words and patterns read the whole dictionary. */
MUST_CHECK int qql_leaf_resolve(struct qql_filter *f, struct qql_fnode *n,
				struct err *err);

#endif
