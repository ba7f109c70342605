/*
 * qql/sort.c - the first rows of another order, then their contents.
 *
 * One walk keeps the sort keys of the best rows (all of them without a limit)
 * with their sequence numbers; a second, over just those, copies rows out.
 */
#include "qql/sort_int.h"

#include <stdlib.h>

#include "base/mem.h"
#include "qql/rows_int.h"
#include "qql/walk_int.h"
#include "schemas/words.h"

enum {
	SORT_KEYS = 8,
	SORT_MEMORY_MAX = 256 << 20,
};

struct key {
	bool null;
	struct value v; /* text: owned by the item */
};

struct item {
	int64_t time;
	uint64_t sequence;
	struct key *keys;
};

struct sorted_run {
	struct qql_exec x;
	struct qql_walk walk;
	const struct qql_run_options *opt;
	const struct dataset *ds;
	struct item *items; /* a heap with the last one on top, then sorted */
	size_t n, cap, memory;
	const struct index_column *cols[SORT_KEYS]; /* of the present segment */
	struct qql_rows batch;
	struct index_segment **open; /* of the present view */
};

int qql_sort_compare(const struct field *f, const struct value *a,
			  const struct value *b)
{
	switch (field_class(f->type)) {
	case CLASS_TEXT:
		return fold_cmp(a->text, b->text);
	case CLASS_NUM:
		return (a->num > b->num) - (a->num < b->num);
	case CLASS_B16:
		break;
	}
	return memcmp(a->b16, b->b16, sizeof(a->b16));
}

/* < 0: a comes before b. */
static int compare_items(const struct sorted_run *r, const struct item *a,
			 const struct item *b)
{
	for (uint32_t i = 0; i < r->opt->nsort; i++) {
		const struct key *x = &a->keys[i], *y = &b->keys[i];
		int c;

		if (x->null || y->null) {
			c = (int)x->null - (int)y->null;
		} else {
			c = qql_sort_compare(
				&r->ds->fields[r->opt->sort[i].field], &x->v,
				&y->v);
			if (!r->opt->sort[i].ascending)
				c = -c;
		}
		if (c)
			return c;
	}
	if (a->time != b->time)
		return a->time > b->time ? -1 : 1;
	return a->sequence > b->sequence ? -1 : a->sequence < b->sequence;
}

static bool is_text(const struct sorted_run *r, uint32_t i)
{
	field_id id = r->opt->sort[i].field;

	return field_class(r->ds->fields[id].type) == CLASS_TEXT;
}

static void free_item(struct sorted_run *r, struct item *it)
{
	for (uint32_t i = 0; i < r->opt->nsort && it->keys; i++) {
		if (!is_text(r, i) || it->keys[i].null)
			continue;
		r->memory -= it->keys[i].v.text.len;
		mem_free((char *)(uintptr_t)it->keys[i].v.text.p);
	}
	mem_free(it->keys);
	it->keys = NULL;
}

/* An item's own copy of borrowed keys. */
static int copy_item(struct sorted_run *r, const struct item *from,
		     struct item *out, struct err *err)
{
	uint32_t n = r->opt->nsort;

	*out = *from;
	out->keys = mem_calloc(n, sizeof(*out->keys));
	if (!out->keys)
		return err_nomem(err);
	for (uint32_t i = 0; i < n; i++) {
		struct key *k = &out->keys[i];
		struct slice text = from->keys[i].v.text;

		k->null = true;
		if (from->keys[i].null)
			continue;
		k->v = from->keys[i].v;
		if (is_text(r, i)) {
			char *copy = mem_memdup_str(text.p, text.len);

			if (!copy) {
				free_item(r, out);
				return err_nomem(err);
			}
			k->v.text = slice_of(copy, text.len);
			r->memory += text.len;
		}
		k->null = false;
	}
	return 0;
}

static void sift_down(struct sorted_run *r, size_t i)
{
	struct item e = r->items[i];

	for (;;) {
		size_t kid = 2 * i + 1;

		if (kid >= r->n)
			break;
		if (kid + 1 < r->n &&
		    compare_items(r, &r->items[kid + 1], &r->items[kid]) > 0)
			kid++;
		if (compare_items(r, &r->items[kid], &e) <= 0)
			break;
		r->items[i] = r->items[kid];
		i = kid;
	}
	r->items[i] = e;
}

static void sift_up(struct sorted_run *r, size_t i)
{
	struct item e = r->items[i];

	while (i && compare_items(r, &e, &r->items[(i - 1) / 2]) > 0) {
		r->items[i] = r->items[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	r->items[i] = e;
}

static int make_room(struct sorted_run *r, struct err *err)
{
	size_t per_item =
		sizeof(struct item) + r->opt->nsort * sizeof(struct key);
	size_t cap = r->cap ? 2 * r->cap : 1024;
	struct item *items;

	if (r->n * per_item + r->memory > SORT_MEMORY_MAX) {
		err_set(err, ERR_LIMIT,
			"the rows to sort do not fit into %d MiB",
			SORT_MEMORY_MAX >> 20);
		err_hint(err, "give a smaller -n, or narrow the query down");
		return ERR_LIMIT;
	}
	if (r->n < r->cap)
		return 0;
	items = mem_realloc_array(r->items, cap, sizeof(*items));
	if (!items)
		return err_nomem(err);
	r->items = items;
	r->cap = cap;
	return 0;
}

static int offer(struct sorted_run *r, const struct item *it, struct err *err)
{
	struct item own;
	int ret;

	if (r->n >= r->opt->limit) {
		if (!r->n || compare_items(r, it, &r->items[0]) > 0)
			return 0;
		ret = copy_item(r, it, &own, err);
		if (ret < 0)
			return ret;
		free_item(r, &r->items[0]);
		r->items[0] = own;
		sift_down(r, 0);
		return 0;
	}
	ret = make_room(r, err);
	if (ret == 0)
		ret = copy_item(r, it, &own, err);
	if (ret < 0)
		return ret;
	r->items[r->n++] = own;
	sift_up(r, r->n - 1);
	return 0;
}

static void read_key(const struct index_column *c, uint32_t row,
		     struct key *out)
{
	uint32_t first, n = 0;

	if (c)
		index_column_row(c, row, &first, &n);
	out->null = n == 0;
	if (n)
		index_column_value(c, first, &out->v);
}

static int offer_part(void *ctx, const struct qql_part *part, struct err *err)
{
	struct sorted_run *r = ctx;
	struct qql_part_rows walk = { .part = part };
	struct key keys[SORT_KEYS];
	struct item it = { .keys = keys };
	uint32_t row;
	int ret = 0;

	r->x.stats->matched += part->matched;
	for (uint32_t i = 0; i < r->opt->nsort && ret == 0; i++)
		ret = index_segment_column(part->seg, r->opt->sort[i].field,
					   &r->cols[i], err);
	while (ret == 0 && qql_part_next(&walk, &row)) {
		for (uint32_t i = 0; i < r->opt->nsort; i++)
			read_key(r->cols[i], row, &keys[i]);
		it.sequence = index_segment_sequence(part->seg, row);
		if (r->ds->kind == DATASET_LOG)
			ret = index_segment_time(part->seg, row, &it.time, err);
		if (ret == 0)
			ret = offer(r, &it, err);
	}
	return ret;
}

/* Heap sort: the last one goes to the end, again and again. */
static void put_in_order(struct sorted_run *r)
{
	size_t all = r->n;

	while (r->n > 1) {
		struct item last = r->items[0];

		r->items[0] = r->items[--r->n];
		sift_down(r, 0);
		r->items[r->n] = last;
	}
	r->n = all;
}

static void close_segments(struct sorted_run *r)
{
	for (uint32_t i = 0; r->open && i < r->x.data.nsegments; i++)
		index_segment_close(r->open[i]);
	mem_free(r->open);
	r->open = NULL;
}

/* The row of a sequence number; 0: it expired meanwhile. */
static int find_row(struct sorted_run *r, uint64_t sequence,
		    struct qql_hit *hit, struct err *err)
{
	uint32_t i = qql_exec_segment_at(&r->x, sequence);
	int ret;

	if (i == r->x.data.nsegments)
		return 0;
	if (!r->open) {
		r->open = mem_calloc(r->x.data.nsegments, sizeof(*r->open));
		if (!r->open)
			return err_nomem(err);
	}
	if (!r->open[i]) {
		ret = index_segment_open(&r->open[i], r->x.snap, &r->x.data,
					 &r->x.data.segments[i], err);
		if (ret < 0)
			return ret;
	}
	hit->seg = r->open[i];
	return index_segment_find_sequence(hit->seg, sequence, &hit->row);
}

static int fill(struct sorted_run *r, size_t *at, struct err *err)
{
	int ret = 0;

	while (ret >= 0 && *at < r->n && !qql_rows_full(&r->batch)) {
		const struct item *it = &r->items[(*at)++];
		struct qql_hit hit = { .time = it->time,
				       .sequence = it->sequence };

		ret = find_row(r, it->sequence, &hit, err);
		if (ret == 0)
			r->x.stats->expired++;
		else if (ret > 0)
			ret = qql_rows_add(&r->batch, &hit, r->ds, err);
		if (ret >= 0)
			ret = qql_exec_check(&r->x, err);
	}
	return ret < 0 ? ret : 0;
}

static int hand_out(struct sorted_run *r, qql_row_fn *fn, void *ctx,
		    struct err *err)
{
	size_t at = 0;
	uint32_t taken;
	int ret = 0;

	while (ret == 0 && at < r->n) {
		ret = qql_exec_pin(&r->x, err);
		if (ret < 0)
			return ret;
		ret = fill(r, &at, err);
		close_segments(r);
		qql_exec_unpin(&r->x);
		if (ret == 0)
			ret = qql_rows_hand_out(&r->batch, fn, ctx, &taken,
						err);
	}
	return ret;
}

int qql_run_sorted(const struct plan *plan, struct index_store *store,
		   const struct qql_run_options *opt, qql_row_fn *fn, void *ctx,
		   struct qql_run_stats *stats, struct err *err)
{
	struct sorted_run r = { .opt = opt, .ds = plan->ds };
	int ret;

	if (opt->nsort > SORT_KEYS)
		return err_set(err, ERR_LIMIT, "at most %d fields to sort by",
			       SORT_KEYS);
	ret = qql_exec_open(&r.x, plan, store, opt, stats, err);
	if (ret < 0)
		return ret;
	ret = qql_rows_init(&r.batch, opt, err);
	if (ret == 0)
		ret = qql_walk_init(&r.walk, &r.x, err);
	r.walk.open_all = true;
	if (ret == 0)
		ret = qql_walk_run(&r.walk, offer_part, &r, err);
	if (ret == 0) {
		r.x.stats->more = r.x.stats->matched > r.n;
		qql_exec_unpin(&r.x);
		put_in_order(&r);
		ret = hand_out(&r, fn, ctx, err);
	}
	for (size_t i = 0; i < r.n; i++)
		free_item(&r, &r.items[i]);
	mem_free(r.items);
	qql_walk_release(&r.walk);
	qql_rows_release(&r.batch);
	qql_exec_close(&r.x);
	return ret;
}
