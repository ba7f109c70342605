/*
 * qql/answer.h - what a query that aggregates gives: a small table.
 *
 * The whole answer is in memory, in its order, and holds nothing of the store.
 */
#ifndef QQL_ANSWER_H
#define QQL_ANSWER_H

#include <stdint.h>

#include "base/compiler.h"
#include "base/err.h"
#include "qql/plan.h"
#include "qql/run.h"
#include "schemas/value.h"

enum qql_answer_kind {
	QQL_ANSWER_NULL,
	QQL_ANSWER_IS,    /* a value of the column's type */
	QQL_ANSWER_OTHER, /* the series that stand for no value of their own */
};

/* An integer of 128 bits. */
struct qql_whole {
	int64_t hi;
	uint64_t lo;
};

struct qql_answer_cell {
	enum qql_answer_kind kind;
	union {
		struct value value;     /* PLAN_COLUMN_VALUE, _NET */
		struct qql_whole whole; /* PLAN_COLUMN_WHOLE */
		double real;            /* PLAN_COLUMN_REAL, _SHARE */
	};
};

struct qql_answer;

/* Runs a plan with an aggregate.  Of `opt` limit (rows of the answer), timeout,
 * stop and trace count.  ERR_LIMIT if groups do not fit into memory. */
MUST_CHECK int qql_run_answer(struct qql_answer **out, const struct plan *plan,
			      struct index_store *store,
			      const struct qql_run_options *opt,
			      struct qql_run_stats *stats, struct err *err);
void qql_answer_free(struct qql_answer *a); /* NULL is fine */

/* Rows and columns as they are shown, counted from 0. */
uint64_t qql_answer_rows(const struct qql_answer *a);
uint32_t qql_answer_columns(const struct qql_answer *a);
const struct plan_column *qql_answer_column(const struct qql_answer *a,
					    uint32_t column);
const struct qql_answer_cell *qql_answer_cell(const struct qql_answer *a,
					      uint64_t row, uint32_t column);

#endif
