/*
 * qql/filter.c - conditions combined: and, or, not, one element.
 */
#include "qql/filter_int.h"

#include <stdlib.h>

#include "base/mem.h"

enum {
	NODES_MAX = 16 << 20,
	SCRATCH_MAX = 512 << 20,
};

static uint32_t leaf_cost(const struct dataset *ds, const struct plan_node *p)
{
	switch ((int)p->op) {
	case PLAN_ALL:
	case PLAN_NONE:
		return 0;
	case PLAN_NUM:
		return p->field == ds->time ? 1 : p->num.n > 16 ? 8 : 2;
	case PLAN_EQUAL:
	case PLAN_EXACT:
	case PLAN_PREFIX:
		return p->text.n > 16 ? 8 : 3;
	case PLAN_B16:
		return p->b16.n > 16 ? 8 : 3;
	case PLAN_PATTERN:
		return 40;
	case PLAN_WORDS:
		return 50;
	default:
		return 2;
	}
}

static int by_cost(const void *a, const void *b)
{
	const struct qql_fnode *x = *(struct qql_fnode *const *)a;
	const struct qql_fnode *y = *(struct qql_fnode *const *)b;

	return (x->cost > y->cost) - (x->cost < y->cost);
}

static bool over_text(enum plan_op op)
{
	return op == PLAN_WORDS || op == PLAN_PATTERN || op == PLAN_EQUAL ||
	       op == PLAN_EXACT || op == PLAN_PREFIX || op == PLAN_TEXT_RANGE;
}

/* Depth is bounded by the language's own limit. */
static struct qql_fnode *build(struct qql_filter *f, const struct plan_node *p,
			       bool element)
{
	struct qql_fnode *n = arena_calloc(&f->nodes, 1, sizeof(*n));

	if (!n)
		return NULL;
	n->plan = p;
	n->element = element;
	n->cost = leaf_cost(f->x->plan->ds, p);
	if (over_text(p->op)) {
		qql_matcher_init(&n->matcher, p);
		n->has_matcher = true;
	}
	if (!p->nkids)
		return n;
	n->kids = arena_calloc(&f->nodes, p->nkids, sizeof(*n->kids));
	if (!n->kids)
		return NULL;
	for (uint32_t i = 0; i < p->nkids; i++) {
		n->kids[i] =
			build(f, p->kids[i], element || p->op == PLAN_ELEMENT);
		if (!n->kids[i])
			return NULL;
		n->nkids++;
		n->cost += n->kids[i]->cost;
	}
	qsort(n->kids, n->nkids, sizeof(*n->kids), by_cost);
	return n;
}

static void release_node(struct qql_fnode *n)
{
	if (n->has_matcher)
		qql_matcher_release(&n->matcher);
	for (uint32_t i = 0; i < n->nkids; i++)
		release_node(n->kids[i]);
}

int qql_filter_new(struct qql_filter **out, struct qql_exec *x, struct err *err)
{
	struct qql_filter *f = mem_calloc(1, sizeof(*f));

	if (!f)
		return err_nomem(err);
	f->x = x;
	arena_init(&f->nodes, NODES_MAX);
	arena_init(&f->scratch, SCRATCH_MAX);
	f->root = build(f, x->plan->filter, false);
	if (!f->root) {
		qql_filter_free(f);
		return err_nomem(err);
	}
	*out = f;
	return 0;
}

void qql_filter_free(struct qql_filter *f)
{
	if (!f)
		return;
	if (f->root)
		release_node(f->root);
	arena_release(&f->nodes);
	arena_release(&f->scratch);
	mem_free(f);
}

static int decide(struct qql_filter *f, struct qql_fnode *n, struct err *err);

/* The answer of a kid that decides the whole, or QQL_SOME; QQL_ALL of an `and`
 * and QQL_NONE of an `or` need every kid. */
static int decide_kids(struct qql_filter *f, struct qql_fnode *n,
		       struct err *err)
{
	int neutral = n->plan->op == PLAN_AND ? QQL_ALL : QQL_NONE;
	int all = neutral;

	for (uint32_t i = 0; i < n->nkids; i++) {
		int v = decide(f, n->kids[i], err);

		if (v < 0 || (v != QQL_SOME && v != neutral))
			return v;
		if (v == QQL_SOME)
			all = QQL_SOME;
	}
	return all;
}

static int decide_elements(struct qql_filter *f, struct qql_fnode *n,
			   struct err *err)
{
	uint32_t elements;
	int ret =
		index_object_elements(f->seg, n->plan->object, &elements, err);

	if (ret < 0)
		return ret;
	if (elements == 0)
		return QQL_NONE;
	if (n->plan->op == PLAN_ANY_ELEMENT)
		return QQL_SOME;
	ret = decide(f, n->kids[0], err);
	return ret < 0 || ret == QQL_NONE ? ret : QQL_SOME;
}

static int decide(struct qql_filter *f, struct qql_fnode *n, struct err *err)
{
	int v;

	switch ((int)n->plan->op) {
	case PLAN_ALL:
		return QQL_ALL;
	case PLAN_NONE:
		return QQL_NONE;
	case PLAN_AND:
	case PLAN_OR:
		return decide_kids(f, n, err);
	case PLAN_NOT:
		v = decide(f, n->kids[0], err);
		return v < 0 || v == QQL_SOME ? v :
		       v == QQL_ALL	      ? QQL_NONE :
						QQL_ALL;
	case PLAN_ELEMENT:
	case PLAN_ANY_ELEMENT:
		return decide_elements(f, n, err);
	default:
		return qql_leaf_decide(f, n, err);
	}
}

static int new_mask(struct qql_filter *f, uint32_t bits, struct index_mask *out,
		    struct err *err)
{
	*out = index_mask_new(&f->scratch, bits);
	return out->words ? 0 : err_nomem(err);
}

static int scan(struct qql_filter *f, struct qql_fnode *n,
		const struct index_mask *among, struct index_mask out,
		struct err *err);

/*
 * What the kids seen so far leave over in `out` is what the next kid is asked
 * about.  For an `or` that is not so: each kid is asked about all.
 */
static int scan_kids(struct qql_filter *f, struct qql_fnode *n,
		     const struct index_mask *among, struct index_mask out,
		     struct err *err)
{
	bool and = n->plan->op == PLAN_AND;
	int neutral = and? QQL_ALL : QQL_NONE, all = neutral;
	struct index_mask kid;
	int ret, v;

	for (uint32_t i = 0; i < n->nkids; i++) {
		struct arena_mark mark = arena_mark(&f->scratch);

		kid = out;
		if (all == QQL_SOME) {
			ret = new_mask(f, out.bits, &kid, err);
			if (ret < 0)
				return ret;
		}
		v = scan(f, n->kids[i], and&&all == QQL_SOME ? &out : among,
			 kid, err);
		if (v < 0)
			return v;
		if (v == QQL_SOME && all == QQL_SOME) {
			if (and)
				index_mask_and(out, kid);
			else
				index_mask_or(out, kid);
		}
		arena_rewind(&f->scratch, mark);
		if (v == QQL_SOME)
			all = QQL_SOME;
		else if (v != neutral)
			return v;
		if (and&&all == QQL_SOME && index_mask_next(out, 0) < 0)
			return QQL_NONE;
	}
	return all;
}

static int scan_elements(struct qql_filter *f, struct qql_fnode *n,
			 struct index_mask out, struct err *err)
{
	struct arena_mark mark = arena_mark(&f->scratch);
	struct index_mask elements;
	uint32_t count;
	int ret, v = QQL_ALL;

	ret = index_object_elements(f->seg, n->plan->object, &count, err);
	if (ret < 0)
		return ret;
	if (count == 0)
		return QQL_NONE;
	ret = new_mask(f, count, &elements, err);
	if (ret < 0)
		return ret;
	if (n->plan->op == PLAN_ELEMENT)
		v = scan(f, n->kids[0], NULL, elements, err);
	if (v == QQL_ALL)
		index_mask_fill(elements, true);
	if (v == QQL_ALL || v == QQL_SOME) {
		ret = index_object_rows(f->seg, n->plan->object, elements, out,
					err);
		v = ret < 0 ? ret : QQL_SOME;
	}
	arena_rewind(&f->scratch, mark);
	return v;
}

static int scan(struct qql_filter *f, struct qql_fnode *n,
		const struct index_mask *among, struct index_mask out,
		struct err *err)
{
	int v;

	switch ((int)n->plan->op) {
	case PLAN_ALL:
		return QQL_ALL;
	case PLAN_NONE:
		return QQL_NONE;
	case PLAN_AND:
	case PLAN_OR:
		return scan_kids(f, n, among, out, err);
	case PLAN_NOT:
		v = scan(f, n->kids[0], among, out, err);
		if (v == QQL_SOME)
			index_mask_not(out);
		return v < 0 || v == QQL_SOME ? v :
		       v == QQL_ALL	      ? QQL_NONE :
						QQL_ALL;
	case PLAN_ELEMENT:
	case PLAN_ANY_ELEMENT:
		return scan_elements(f, n, out, err);
	default:
		return qql_leaf_scan(f, n, among, out, err);
	}
}

/* What earlier segments left in the nodes points into those. */
static void forget(struct qql_fnode *n)
{
	n->col = NULL;
	n->resolved = false;
	for (uint32_t i = 0; i < n->nkids; i++)
		forget(n->kids[i]);
}

int qql_filter_segment(struct qql_filter *f, struct index_segment *seg,
		       struct qql_hits *out, struct err *err)
{
	int ret, v;

	f->seg = seg;
	f->desc = index_segment_descriptor(seg);
	f->rows = index_segment_rows(seg);
	arena_reset(&f->scratch);
	forget(f->root);
	*out = (struct qql_hits){ .verdict = QQL_NONE };
	v = decide(f, f->root, err);
	if (v == QQL_SOME) {
		ret = new_mask(f, f->rows, &out->mask, err);
		if (ret < 0)
			return ret;
		out->scanned = true;
		v = scan(f, f->root, NULL, out->mask, err);
	}
	if (v < 0)
		return v;
	out->verdict = (enum qql_verdict)v;
	return qql_exec_check(f->x, err);
}
