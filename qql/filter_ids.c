/*
 * qql/filter_ids.c - a condition on text or 16-byte values, as dictionary ids.
 *
 * Dictionaries are sorted by the folded value, so equality, prefix and range
 * without case are each one range of ids; several of them, words and patterns
 * are a bitmap.
 */
#include "qql/filter_int.h"

#include "schemas/words.h"

static uint32_t bitmap_words(uint32_t bits)
{
	return (bits + 63) / 64;
}

static uint64_t *new_bitmap(struct qql_filter *f, uint32_t distinct)
{
	return arena_calloc(&f->scratch, bitmap_words(distinct),
			    sizeof(uint64_t));
}

static void set_bits(uint64_t *bitmap, uint32_t lo, uint32_t hi)
{
	for (; lo < hi && lo % 64; lo++)
		bitmap[lo / 64] |= UINT64_C(1) << (lo % 64);
	for (; hi - lo >= 64; lo += 64)
		bitmap[lo / 64] = UINT64_MAX;
	for (; lo < hi; lo++)
		bitmap[lo / 64] |= UINT64_C(1) << (lo % 64);
}

/* Adds [lo, hi); ranges come in rising order and may overlap. */
static int add_range(struct qql_filter *f, struct qql_fnode *n, uint32_t lo,
		     uint32_t hi, struct err *err)
{
	struct index_idset *set = &n->set;
	uint64_t *bitmap;

	if (lo >= hi)
		return 0;
	if (set->lo >= set->hi) {
		set->lo = lo;
		set->hi = hi;
		return 0;
	}
	if (!set->bitmap) {
		if (lo <= set->hi) {
			set->hi = hi > set->hi ? hi : set->hi;
			return 0;
		}
		bitmap = new_bitmap(f, index_column_distinct(n->col));
		if (!bitmap)
			return err_nomem(err);
		set_bits(bitmap, set->lo, set->hi);
		set->bitmap = bitmap;
	}
	bitmap = (uint64_t *)(uintptr_t)set->bitmap;
	set_bits(bitmap, lo, hi);
	set->hi = hi > set->hi ? hi : set->hi;
	return 0;
}

/* Could folded text `t`, or (prefix) something that begins with it, be here? */
static bool within_bounds(const struct index_bounds *b, struct slice t,
			  bool prefix)
{
	if (!b->text_max.p)
		return true;
	/* Below the least value, yet that may begin with t. */
	if (slice_cmp(t, b->text_min) < 0)
		return prefix && t.len <= b->text_min.len &&
		       memcmp(t.p, b->text_min.p, t.len) == 0;
	if (slice_cmp(t, b->text_max) <= 0)
		return true;
	return b->max_cut && t.len >= b->text_max.len &&
	       memcmp(t.p, b->text_max.p, b->text_max.len) == 0;
}

static int resolve_texts(struct qql_filter *f, struct qql_fnode *n,
			 struct err *err)
{
	bool prefix = n->plan->op == PLAN_PREFIX;
	int ret = 0;

	for (uint32_t i = 0; i < n->plan->text.n && ret == 0; i++) {
		struct slice t = n->plan->text.texts[i];
		uint32_t lo, hi;

		if (!within_bounds(&n->bounds, t, prefix))
			continue;
		lo = index_dict_lower(n->col, t);
		hi = prefix ? index_dict_prefix_end(n->col, t) :
			      index_dict_upper(n->col, t);
		ret = add_range(f, n, lo, hi, err);
	}
	return ret;
}

/* Bytes sort differently from folded bytes, so ids do not rise. */
static int resolve_exact(struct qql_filter *f, struct qql_fnode *n,
			 struct err *err)
{
	uint32_t distinct = index_column_distinct(n->col);
	uint64_t *bitmap = NULL;

	if (n->plan->text.n > 1) {
		bitmap = new_bitmap(f, distinct);
		if (!bitmap)
			return err_nomem(err);
		n->set.bitmap = bitmap;
	}
	for (uint32_t i = 0; i < n->plan->text.n; i++) {
		uint32_t id = index_dict_find(n->col, n->plan->text.texts[i]);

		if (id == UINT32_MAX)
			continue;
		if (bitmap)
			set_bits(bitmap, id, id + 1);
		if (n->set.hi == 0 || id < n->set.lo)
			n->set.lo = id;
		if (id >= n->set.hi)
			n->set.hi = id + 1;
	}
	return 0;
}

static int resolve_text_range(struct qql_filter *f, struct qql_fnode *n,
			      struct err *err)
{
	const struct plan_text_range *r = &n->plan->text_range;
	uint32_t lo = 0, hi = index_column_distinct(n->col);

	if (r->lo.p)
		lo = r->lo_open ? index_dict_upper(n->col, r->lo) :
				  index_dict_lower(n->col, r->lo);
	if (r->hi.p)
		hi = r->hi_open ? index_dict_lower(n->col, r->hi) :
				  index_dict_upper(n->col, r->hi);
	return add_range(f, n, lo, hi, err);
}

static int resolve_b16(struct qql_filter *f, struct qql_fnode *n,
		       struct err *err)
{
	int ret = 0;

	for (uint32_t i = 0; i < n->plan->b16.n && ret == 0; i++) {
		const struct plan_b16_range *r = &n->plan->b16.ranges[i];

		ret = add_range(f, n, index_dict_lower_b16(n->col, r->lo),
				index_dict_upper_b16(n->col, r->hi), err);
	}
	return ret;
}

static int resolve_matcher(struct qql_filter *f, struct qql_fnode *n,
			   struct err *err)
{
	uint32_t lo = 0, hi = index_column_distinct(n->col), found;
	struct slice head = n->matcher.head;
	uint64_t *bitmap;
	int ret;

	if (head.len) {
		lo = index_dict_lower(n->col, head);
		hi = index_dict_prefix_end(n->col, head);
	}
	if (n->matcher.head_only || lo >= hi)
		return add_range(f, n, lo, hi, err);
	bitmap = new_bitmap(f, index_column_distinct(n->col));
	if (!bitmap)
		return err_nomem(err);
	ret = qql_matcher_dict(&n->matcher, n->col, lo, hi, bitmap, &found,
			       qql_exec_check, f->x, err);
	if (ret < 0 || found == 0)
		return ret;
	n->set = (struct index_idset){ .lo = lo, .hi = hi, .bitmap = bitmap };
	return 0;
}

int qql_leaf_resolve(struct qql_filter *f, struct qql_fnode *n, struct err *err)
{
	int ret;

	n->set = (struct index_idset){ .bitmap = NULL };
	switch ((int)n->plan->op) {
	case PLAN_EQUAL:
	case PLAN_PREFIX:
		ret = resolve_texts(f, n, err);
		break;
	case PLAN_EXACT:
		ret = resolve_exact(f, n, err);
		break;
	case PLAN_TEXT_RANGE:
		ret = resolve_text_range(f, n, err);
		break;
	case PLAN_B16:
		ret = resolve_b16(f, n, err);
		break;
	default:
		ret = resolve_matcher(f, n, err);
		break;
	}
	n->resolved = ret == 0;
	return ret;
}
