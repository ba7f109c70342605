/*
 * qql/answer_top.c - the most and the least frequent values.
 */
#include "qql/answer_int.h"

#include "base/mem.h"

/* The N best of many numbers; the least of them on top. */
struct best {
	uint64_t *heap;
	size_t n, max;
};

static void sift_down(struct best *b, uint64_t v)
{
	size_t i = 0;

	for (;;) {
		size_t kid = 2 * i + 1;

		if (kid + 1 < b->n && b->heap[kid + 1] < b->heap[kid])
			kid++;
		if (kid >= b->n || b->heap[kid] >= v)
			break;
		b->heap[i] = b->heap[kid];
		i = kid;
	}
	b->heap[i] = v;
}

static void offer(struct best *b, uint64_t v)
{
	size_t i = b->n;

	if (b->n == b->max) {
		if (v > b->heap[0])
			sift_down(b, v);
		return;
	}
	for (b->n++; i && b->heap[(i - 1) / 2] > v; i = (i - 1) / 2)
		b->heap[i] = b->heap[(i - 1) / 2];
	b->heap[i] = v;
}

/* More is better. */
static uint64_t worth(const struct qql_answer *a, uint32_t group)
{
	uint64_t rows = qql_agg_counts(
		(struct qql_agg_state *)&a->agg.states[0])[group];

	return a->plan->aggregate->op == PLAN_RARE ? ~rows : rows;
}

static bool has_value(const struct qql_agg *agg, uint32_t group)
{
	return agg->codes[(size_t)(group + 1) * agg->nkeys - 1] !=
	       QQL_CODE_NULL;
}

/* What a group must be worth to be among the first; groups of other keys have
 * their own first ones, so then all may be. */
static int find_least(const struct qql_answer *a, uint64_t *least,
		      struct err *err)
{
	const struct plan_stage *s = a->plan->aggregate;
	struct best best = { .max = (size_t)s->limit };

	*least = 0;
	if (s->nkeys > 1 || s->limit >= a->agg.ngroups)
		return 0;
	best.heap = mem_calloc(best.max, sizeof(*best.heap));
	if (!best.heap)
		return err_nomem(err);
	for (uint32_t g = 0; g < a->agg.ngroups; g++) {
		if (has_value(&a->agg, g))
			offer(&best, worth(a, g));
	}
	if (best.n == best.max)
		*least = best.heap[0];
	mem_free(best.heap);
	return 0;
}

/* The group of `totals` with the keys that group `g` has before its last. */
static int total_of(const struct qql_agg *agg, struct qql_agg *totals,
		    uint32_t g, uint32_t *group, struct err *err)
{
	uint32_t codes[LIMIT_GROUP_KEYS];

	for (uint32_t k = 0; k < totals->nkeys; k++) {
		uint32_t code = agg->codes[(size_t)g * agg->nkeys + k];
		int ret = 0;

		codes[k] = code;
		if (code != QQL_CODE_NULL)
			ret = qql_intern_add(&totals->keys[k].values,
					     &agg->keys[k].values.values[code],
					     &codes[k], err);
		if (ret < 0)
			return ret;
	}
	return qql_agg_group(totals, codes, group, err);
}

static int add_row(struct qql_answer *a, struct qql_agg *totals, uint32_t g,
		   struct err *err)
{
	const struct plan_stage *s = a->plan->aggregate;
	uint32_t total = 0;
	struct qql_answer_cell *cells;
	uint64_t of;
	int ret = qql_answer_add(a, &cells, err);

	for (uint32_t k = 0; k < s->nkeys && ret == 0; k++)
		qql_agg_key_cell(&a->agg, g, k, &cells[k]);
	if (ret == 0)
		ret = qql_agg_cell(&a->agg, g, s->aggregates, 0,
				   &cells[s->nkeys], err);
	if (ret == 0)
		ret = total_of(&a->agg, totals, g, &total, err);
	if (ret < 0)
		return ret;
	of = qql_agg_counts(&totals->states[0])[total];
	cells[s->nkeys + 1].kind = QQL_ANSWER_IS;
	cells[s->nkeys + 1].real =
		qql_exact_divide(cells[s->nkeys].whole.lo, of ? of : 1);
	return 0;
}

static bool same_keys(const struct qql_answer *a, uint64_t x, uint64_t y)
{
	for (uint32_t k = 0; k + 1 < a->plan->aggregate->nkeys; k++) {
		if (qql_answer_compare(&a->plan->columns[k], false,
				       &a->rows[x][k], &a->rows[y][k]) != 0)
			return false;
	}
	return true;
}

/* The first rows of each run of equal keys. */
static void cut(struct qql_answer *a)
{
	uint64_t n = 0, in_run = 0;

	for (uint64_t i = 0; i < a->n; i++) {
		in_run = i && same_keys(a, n - 1, i) ? in_run + 1 : 1;
		if (in_run <= a->plan->aggregate->limit)
			a->rows[n++] = a->rows[i];
	}
	a->n = n;
}

int qql_answer_top(struct qql_answer *a, struct qql_agg *totals,
		   struct err *err)
{
	const struct plan_stage *s = a->plan->aggregate;
	struct plan_order orders[LIMIT_GROUP_KEYS + 1];
	uint32_t last = s->nkeys - 1;
	uint64_t least;
	int ret = find_least(a, &least, err);

	for (uint32_t g = 0; g < a->agg.ngroups && ret == 0; g++) {
		if (has_value(&a->agg, g) && worth(a, g) >= least)
			ret = add_row(a, totals, g, err);
	}
	if (ret < 0)
		return ret;
	for (uint32_t k = 0; k < last; k++)
		orders[k] = (struct plan_order){ .column = k };
	orders[last] = (struct plan_order){ s->nkeys, s->op == PLAN_TOP };
	orders[last + 1] = (struct plan_order){ .column = last };
	ret = qql_answer_sort(a, orders, s->nkeys + 1, err);
	if (ret == 0)
		cut(a);
	return ret;
}
