/*
 * qql/answer_sort.c - rows of an answer in an order of its columns.
 */
#include "qql/answer_int.h"

#include <string.h>

#include "base/mem.h"
#include "qql/sort_int.h"

static int compare_whole(struct qql_whole a, struct qql_whole b)
{
	if (a.hi != b.hi)
		return a.hi < b.hi ? -1 : 1;
	return (a.lo > b.lo) - (a.lo < b.lo);
}

/* Values, then `other`, then null. */
static int rank(enum qql_answer_kind kind)
{
	return kind == QQL_ANSWER_IS ? 0 : kind == QQL_ANSWER_NULL ? 1 : 2;
}

int qql_answer_compare(const struct plan_column *c, bool descending,
		       const struct qql_answer_cell *a,
		       const struct qql_answer_cell *b)
{
	int order = 0;

	if (a->kind != QQL_ANSWER_IS || b->kind != QQL_ANSWER_IS)
		return rank(a->kind) - rank(b->kind);
	switch (c->type) {
	case PLAN_COLUMN_VALUE:
	case PLAN_COLUMN_NET:
		order = qql_sort_compare(c->field, &a->value, &b->value);
		break;
	case PLAN_COLUMN_WHOLE:
		order = compare_whole(a->whole, b->whole);
		break;
	case PLAN_COLUMN_REAL:
	case PLAN_COLUMN_SHARE:
		order = (a->real > b->real) - (a->real < b->real);
		break;
	}
	return descending ? -order : order;
}

struct order {
	const struct plan *plan;
	const struct plan_order *orders;
	uint32_t n;
};

static bool comes_before(const struct order *o, const struct qql_answer_cell *a,
			 const struct qql_answer_cell *b)
{
	for (uint32_t i = 0; i < o->n; i++) {
		uint32_t column = o->orders[i].column;
		int c = qql_answer_compare(&o->plan->columns[column],
					   o->orders[i].descending, &a[column],
					   &b[column]);

		if (c)
			return c < 0;
	}
	return false;
}

/* [from, middle) and [middle, to) are in order; both together go to `out`. */
static void merge(const struct order *o, struct qql_answer_cell *const *rows,
		  uint64_t from, uint64_t middle, uint64_t to,
		  struct qql_answer_cell **out)
{
	uint64_t i = from, k = middle, n = from;

	while (i < middle || k < to) {
		bool right = i == middle ||
			     (k < to && comes_before(o, rows[k], rows[i]));

		out[n++] = right ? rows[k++] : rows[i++];
	}
}

/* Merge sort: equal rows stay in their order. */
int qql_answer_sort(struct qql_answer *a, const struct plan_order *orders,
		    uint32_t norders, struct err *err)
{
	struct order o = { a->plan, orders, norders };
	struct qql_answer_cell **from = a->rows, **to;

	if (!norders || a->n < 2)
		return 0;
	to = mem_calloc(a->cap, sizeof(*to));
	if (!to)
		return err_nomem(err);
	for (uint64_t width = 1; width < a->n; width *= 2) {
		struct qql_answer_cell **other = from;

		for (uint64_t at = 0; at < a->n; at += 2 * width) {
			uint64_t middle = at + width, end = at + 2 * width;

			merge(&o, from, at, middle < a->n ? middle : a->n,
			      end < a->n ? end : a->n, to);
		}
		from = to;
		to = other;
	}
	a->rows = from;
	mem_free(to);
	return 0;
}
