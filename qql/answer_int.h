/*
 * qql/answer_int.h - an answer while it is made.
 *
 * Texts of its cells belong to the values of `agg`, which the answer keeps.
 */
#ifndef QQL_ANSWER_INT_H
#define QQL_ANSWER_INT_H

#include "base/arena.h"
#include "qql/agg_int.h"
#include "qql/answer.h"

struct qql_answer {
	const struct plan *plan;
	struct qql_memory memory;
	struct qql_agg agg;
	struct arena cells;
	struct qql_answer_cell **rows; /* all columns of the aggregate each */
	uint64_t n, cap;
};

/* A new row at the end; its cells are null. */
MUST_CHECK int qql_answer_add(struct qql_answer *a,
			      struct qql_answer_cell **cells, struct err *err);
/* Rows in an order of columns; those that are equal stay as they are. */
MUST_CHECK int qql_answer_sort(struct qql_answer *a,
			       const struct plan_order *orders,
			       uint32_t norders, struct err *err);
/* < 0: a comes before b.  What is no value comes last in every order. */
int qql_answer_compare(const struct plan_column *c, bool descending,
		       const struct qql_answer_cell *a,
		       const struct qql_answer_cell *b);
/* `sort` and `limit` behind the aggregate. */
MUST_CHECK int qql_answer_finish(struct qql_answer *a, uint64_t limit,
				 struct err *err);

/* Groups to rows, by the kind of stage. */
MUST_CHECK int qql_answer_stats(struct qql_answer *a, struct err *err);
/* `totals` counts the rows with a value by the keys before the last. */
MUST_CHECK int qql_answer_top(struct qql_answer *a, struct qql_agg *totals,
			      struct err *err);
/* `series`: codes of the second key in their order; the last may be OTHER. */
MUST_CHECK int qql_answer_chart(struct qql_answer *a, const uint32_t *series,
				uint32_t nseries, struct err *err);
/* ERR_LIMIT for a time that is bounded and too long for its buckets. */
MUST_CHECK int qql_answer_check_time(const struct plan *plan, struct err *err);

#endif
