/*
 * qql/answer.c - the rows of an answer.
 */
#include "qql/answer_int.h"

#include "base/mem.h"

void qql_answer_free(struct qql_answer *a)
{
	if (!a)
		return;
	qql_agg_release(&a->agg);
	arena_release(&a->cells);
	mem_free(a->rows);
	mem_free(a);
}

uint64_t qql_answer_rows(const struct qql_answer *a)
{
	return a->n;
}

uint32_t qql_answer_columns(const struct qql_answer *a)
{
	return a->plan->nshown ? a->plan->nshown : a->plan->ncolumns;
}

static uint32_t shown(const struct qql_answer *a, uint32_t column)
{
	return a->plan->nshown ? a->plan->shown[column] : column;
}

const struct plan_column *qql_answer_column(const struct qql_answer *a,
					    uint32_t column)
{
	return &a->plan->columns[shown(a, column)];
}

const struct qql_answer_cell *qql_answer_cell(const struct qql_answer *a,
					      uint64_t row, uint32_t column)
{
	return &a->rows[row][shown(a, column)];
}

int qql_answer_add(struct qql_answer *a, struct qql_answer_cell **cells,
		   struct err *err)
{
	size_t size = a->plan->ncolumns * sizeof(**cells);
	int ret = qql_memory_take(&a->memory, size + sizeof(*a->rows), err);

	if (ret < 0)
		return ret;
	if (a->n == a->cap) {
		uint64_t cap = a->cap ? 2 * a->cap : 256;
		void *p = mem_realloc_array(a->rows, cap, sizeof(*a->rows));

		if (!p)
			return err_nomem(err);
		a->rows = p;
		a->cap = cap;
	}
	*cells = arena_calloc(&a->cells, 1, size);
	if (!*cells)
		return err_nomem(err);
	a->rows[a->n++] = *cells;
	return 0;
}

int qql_answer_finish(struct qql_answer *a, uint64_t limit, struct err *err)
{
	const struct plan *p = a->plan;
	int ret = 0;

	for (const struct plan_stage *s = p->aggregate + 1;
	     s < p->stages + p->nstages && ret == 0; s++) {
		if (s->op == PLAN_SORT)
			ret = qql_answer_sort(a, s->orders, s->norders, err);
		if (s->op == PLAN_LIMIT && s->limit < a->n)
			a->n = s->limit;
	}
	if (limit < a->n)
		a->n = limit;
	return ret;
}

int qql_answer_stats(struct qql_answer *a, struct err *err)
{
	const struct plan_stage *s = a->plan->aggregate;
	struct plan_order keys[LIMIT_GROUP_KEYS];
	struct qql_answer_cell *cells;
	int ret = 0;

	for (uint32_t g = 0; g < a->agg.ngroups && ret == 0; g++) {
		ret = qql_answer_add(a, &cells, err);
		for (uint32_t k = 0; k < s->nkeys && ret == 0; k++)
			qql_agg_key_cell(&a->agg, g, k, &cells[k]);
		for (uint32_t i = 0; i < s->naggregates && ret == 0; i++)
			ret = qql_agg_cell(&a->agg, g, s->aggregates, i,
					   &cells[s->nkeys + i], err);
	}
	for (uint32_t k = 0; k < s->nkeys; k++)
		keys[k] = (struct plan_order){ .column = k };
	return ret < 0 ? ret : qql_answer_sort(a, keys, s->nkeys, err);
}
