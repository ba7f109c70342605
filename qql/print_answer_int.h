/*
 * qql/print_answer_int.h - what the forms of an answer share.
 */
#ifndef QQL_PRINT_ANSWER_INT_H
#define QQL_PRINT_ANSWER_INT_H

#include "qql/print_answer.h"

/* Appends a cell without quotes; null is nothing. */
void qql_answer_text(struct buf *out, const struct plan_column *c,
		     const struct qql_answer_cell *cell);
/* The same for people: dates in a zone, shares in percent. */
void qql_answer_show(struct buf *out, const struct plan_column *c,
		     const struct qql_answer_cell *cell,
		     const struct qql_zone *zone);
/* As a number to draw with; what is none is 0. */
double qql_answer_number(const struct plan_column *c,
			 const struct qql_answer_cell *cell);
static inline bool qql_answer_is_number(const struct plan_column *c)
{
	return !c->key &&
	       !(c->type == PLAN_COLUMN_VALUE && c->field->type == FIELD_DATE);
}
void qql_put_date(struct buf *out, int64_t ns, const struct qql_zone *zone);

/* print_answer_table.c, print_answer_chart.c */
MUST_CHECK int qql_answer_table(const struct qql_answer *a,
				const struct qql_print_answer_options *opt,
				struct qql_out *out, struct err *err);
MUST_CHECK int qql_answer_draw(const struct qql_answer *a,
			       const struct qql_print_answer_options *opt,
			       struct qql_out *out, struct err *err);

#endif
