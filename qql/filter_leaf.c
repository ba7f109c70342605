/*
 * qql/filter_leaf.c - one condition on one field: by bounds, then by column.
 */
#include "qql/filter_int.h"

enum {
	/* More ranges than this are not scanned one by one: each row's values
	 * are looked up among them. */
	RANGES_SCANNED = 4,
	/* A value costs about as much on its own as this many entries of a
	 * dictionary that is scanned as a whole. */
	VALUE_PER_ENTRIES = 8,
};

/* The virtual numbers and the time are known from the descriptor. */
static int load_bounds(struct qql_filter *f, struct qql_fnode *n,
		       struct err *err)
{
	const struct dataset *ds = f->x->plan->ds;
	const struct index_descriptor *d = f->desc;
	struct index_bounds whole = { .present = f->rows, .has_range = true };
	field_id field = n->plan->field;

	if (field == ds->seq) {
		whole.num_min = (int64_t)d->sequence;
		whole.num_max = (int64_t)d->sequence_end - 1;
	} else if (field == ds->received) {
		whole.num_min = d->received_min;
		whole.num_max = d->received_max;
	} else if (field == ds->time && ds->kind == DATASET_LOG) {
		whole.num_min = d->time_min;
		whole.num_max = d->time_max;
	} else {
		return index_segment_bounds(f->seg, field, &n->bounds, err);
	}
	n->bounds = whole;
	return 0;
}

static int load_column(struct qql_filter *f, struct qql_fnode *n,
		       struct err *err)
{
	int ret;

	if (n->col)
		return 0;
	ret = index_segment_column(f->seg, n->plan->field, &n->col, err);
	if (ret == 0 && !n->col)
		ret = err_set(
			err, ERR_CORRUPT,
			"segment %llu has bounds but "
			"no column of field \"%.*s\"",
			(unsigned long long)f->desc->segment,
			SLICE_ARG(f->x->plan->ds->fields[n->plan->field].name));
	return ret;
}

static int decide_num(const struct qql_filter *f, const struct qql_fnode *n)
{
	const struct index_bounds *b = &n->bounds;
	int v = QQL_NONE;

	if (!b->has_range)
		return QQL_SOME;
	for (uint32_t i = 0; i < n->plan->num.n; i++) {
		const struct plan_num_range *r = &n->plan->num.ranges[i];

		if (r->lo > b->num_max || r->hi < b->num_min)
			continue;
		if (r->lo <= b->num_min && b->num_max <= r->hi && !n->element &&
		    b->present == f->rows)
			return QQL_ALL;
		v = QQL_SOME;
	}
	return v;
}

static int decide_set(const struct qql_filter *f, const struct qql_fnode *n)
{
	const struct index_idset *s = &n->set;

	if (s->lo >= s->hi)
		return QQL_NONE;
	if (!s->bitmap && s->lo == 0 &&
	    s->hi == index_column_distinct(n->col) && !n->element &&
	    n->bounds.present == f->rows)
		return QQL_ALL;
	return QQL_SOME;
}

static int decide_b16(struct qql_filter *f, struct qql_fnode *n,
		      struct err *err)
{
	const struct index_bounds *b = &n->bounds;
	bool may = !b->has_range;
	int ret;

	for (uint32_t i = 0; i < n->plan->b16.n && !may; i++)
		may = memcmp(n->plan->b16.ranges[i].lo, b->b16_max, 16) <= 0 &&
		      memcmp(n->plan->b16.ranges[i].hi, b->b16_min, 16) >= 0;
	if (!may)
		return QQL_NONE;
	ret = load_column(f, n, err);
	if (ret < 0 || index_column_coding(n->col) != INDEX_CODED_DICT)
		return ret < 0 ? ret : QQL_SOME;
	ret = qql_leaf_resolve(f, n, err);
	return ret < 0 ? ret : decide_set(f, n);
}

/* Words and patterns without a fixed beginning are too dear for deciding. */
static bool is_dear(const struct qql_fnode *n)
{
	return n->plan->op == PLAN_WORDS ||
	       (n->plan->op == PLAN_PATTERN && !n->matcher.head_only);
}

int qql_leaf_decide(struct qql_filter *f, struct qql_fnode *n, struct err *err)
{
	int ret = load_bounds(f, n, err);

	if (ret < 0)
		return ret;
	if (n->bounds.present == 0)
		return QQL_NONE;
	switch ((int)n->plan->op) {
	case PLAN_PRESENT:
		return n->bounds.present == f->rows && !n->element ? QQL_ALL :
								     QQL_SOME;
	case PLAN_NUM:
		return decide_num(f, n);
	case PLAN_B16:
		return decide_b16(f, n, err);
	default:
		if (is_dear(n))
			return QQL_SOME;
		ret = load_column(f, n, err);
		if (ret == 0)
			ret = qql_leaf_resolve(f, n, err);
		return ret < 0 ? ret : decide_set(f, n);
	}
}

static bool among_nums(const struct plan_node *p, int64_t v)
{
	uint32_t lo = 0, hi = p->num.n;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (v > p->num.ranges[mid].hi)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < p->num.n && v >= p->num.ranges[lo].lo;
}

static bool among_b16s(const struct plan_node *p, const uint8_t v[16])
{
	uint32_t lo = 0, hi = p->b16.n;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (memcmp(v, p->b16.ranges[mid].hi, 16) > 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < p->b16.n && memcmp(v, p->b16.ranges[lo].lo, 16) >= 0;
}

static int test_value(struct qql_fnode *n, uint32_t i, struct err *err)
{
	struct value v;

	index_column_value(n->col, i, &v);
	switch ((int)n->plan->op) {
	case PLAN_NUM:
		return among_nums(n->plan, v.num);
	case PLAN_B16:
		return among_b16s(n->plan, v.b16);
	default:
		return qql_matcher_test(&n->matcher, v.text, err);
	}
}

/* Row by row, over the rows that matter. */
static int test_rows(struct qql_filter *f, struct qql_fnode *n,
		     const struct index_mask *among, struct index_mask out,
		     struct err *err)
{
	int64_t row = -1;
	uint32_t tested = 0;
	int ret;

	index_mask_fill(out, false);
	for (;;) {
		uint32_t first, count, from = (uint32_t)(row + 1);

		row = among	     ? index_mask_next(*among, from) :
		      from < f->rows ? (int64_t)from :
				       -1;
		if (row < 0)
			return QQL_SOME;
		if (++tested % 4096 == 0) {
			ret = qql_exec_check(f->x, err);
			if (ret < 0)
				return ret;
		}
		index_column_row(n->col, (uint32_t)row, &first, &count);
		for (ret = 0; count && ret == 0; first++, count--)
			ret = test_value(n, first, err);
		if (ret < 0)
			return ret;
		if (ret)
			out.words[row / 64] |= UINT64_C(1) << (row % 64);
	}
}

/* One range's rows (elements). */
static int scan_range(struct qql_filter *f, const struct qql_fnode *n,
		      uint32_t i, struct index_mask out, struct err *err)
{
	const struct dataset *ds = f->x->plan->ds;
	const struct plan_node *p = n->plan;

	if (p->op == PLAN_B16) {
		(n->element ? index_scan_b16_elements : index_scan_b16)(
			n->col, p->b16.ranges[i].lo, p->b16.ranges[i].hi, out);
		return 0;
	}
	int64_t lo = p->num.ranges[i].lo, hi = p->num.ranges[i].hi;

	if (p->field == ds->time && ds->kind == DATASET_LOG)
		return index_scan_time(f->seg, lo, hi, out, err);
	(n->element ? index_scan_nums_elements : index_scan_nums)(n->col, lo,
								  hi, out);
	return 0;
}

static bool range_may_match(const struct qql_fnode *n, uint32_t i)
{
	const struct index_bounds *b = &n->bounds;
	const struct plan_node *p = n->plan;

	if (!b->has_range)
		return true;
	if (p->op == PLAN_B16)
		return memcmp(p->b16.ranges[i].lo, b->b16_max, 16) <= 0 &&
		       memcmp(p->b16.ranges[i].hi, b->b16_min, 16) >= 0;
	return p->num.ranges[i].lo <= b->num_max &&
	       p->num.ranges[i].hi >= b->num_min;
}

static int scan_ranges(struct qql_filter *f, struct qql_fnode *n,
		       const struct index_mask *among, struct index_mask out,
		       struct err *err)
{
	uint32_t all = n->plan->op == PLAN_B16 ? n->plan->b16.n :
						 n->plan->num.n;
	uint32_t live = 0;
	struct index_mask one;
	int ret;

	for (uint32_t i = 0; i < all; i++)
		live += range_may_match(n, i);
	if (live > RANGES_SCANNED && !n->element)
		return test_rows(f, n, among, out, err);
	one = out;
	live = 0;
	for (uint32_t i = 0; i < all; i++) {
		if (!range_may_match(n, i))
			continue;
		if (live == 1) {
			one = index_mask_new(&f->scratch, out.bits);
			if (!one.words)
				return err_nomem(err);
		}
		ret = scan_range(f, n, i, one, err);
		if (ret < 0)
			return ret;
		if (live++)
			index_mask_or(out, one);
	}
	return live ? QQL_SOME : QQL_NONE;
}

/* Are so few rows left that the dictionary is better not read as a whole? */
static bool few_rows(const struct qql_fnode *n, const struct index_mask *among)
{
	uint64_t values;

	if (!among || n->element)
		return false;
	values = index_mask_count(*among) *
		 (index_column_values(n->col) / index_column_present(n->col));
	return values * VALUE_PER_ENTRIES < index_column_distinct(n->col);
}

static void scan_present(const struct qql_fnode *n, struct index_mask out)
{
	(n->element ? index_scan_present_elements : index_scan_present)(n->col,
									out);
}

static void scan_set(const struct qql_fnode *n, struct index_mask out)
{
	(n->element ? index_scan_ids_elements : index_scan_ids)(n->col, &n->set,
								out);
}

int qql_leaf_scan(struct qql_filter *f, struct qql_fnode *n,
		  const struct index_mask *among, struct index_mask out,
		  struct err *err)
{
	int v = n->resolved ? decide_set(f, n) : qql_leaf_decide(f, n, err);

	if (v != QQL_SOME)
		return v;
	v = load_column(f, n, err);
	if (v < 0)
		return v;
	if (n->plan->op == PLAN_PRESENT) {
		scan_present(n, out);
		return QQL_SOME;
	}
	if (n->plan->op == PLAN_NUM ||
	    index_column_coding(n->col) != INDEX_CODED_DICT)
		return scan_ranges(f, n, among, out, err);
	if (!n->resolved) {
		if (few_rows(n, among))
			return test_rows(f, n, among, out, err);
		v = qql_leaf_resolve(f, n, err);
		if (v < 0)
			return v;
		v = decide_set(f, n);
		if (v != QQL_SOME)
			return v;
	}
	scan_set(n, out);
	return QQL_SOME;
}
