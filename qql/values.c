/*
 * qql/values.c - values counted: by id within a segment, by value across them.
 */
#include "qql/values.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/mem.h"
#include "qql/walk_int.h"
#include "schemas/words.h"

enum { VALUES_MAX = 1 << 20, TEXT_MAX = 256 << 20 };

struct counter {
	struct qql_exec x;
	struct qql_walk walk;
	const struct field *f;
	field_id field;
	struct arena texts;
	struct qql_value_count *slots; /* open addressing; rows 0: free */
	uint32_t nslots, used;
	uint64_t rows;
	uint64_t *ids; /* scratch: rows of each id of a segment */
	uint32_t ids_cap;
};

static struct slice bytes_of(const struct counter *c, const struct value *v)
{
	switch (field_class(c->f->type)) {
	case CLASS_TEXT:
		return v->text;
	case CLASS_NUM:
		return slice_of((const char *)&v->num, sizeof(v->num));
	case CLASS_B16:
		break;
	}
	return slice_of((const char *)v->b16, sizeof(v->b16));
}

static struct qql_value_count *find_slot(const struct counter *c,
					 const struct value *v)
{
	struct slice want = bytes_of(c, v);
	uint32_t i = (uint32_t)hash64(want.p, want.len) & (c->nslots - 1);

	while (c->slots[i].rows &&
	       !slice_eq(bytes_of(c, &c->slots[i].value), want))
		i = (i + 1) & (c->nslots - 1);
	return &c->slots[i];
}

static int grow(struct counter *c, struct err *err)
{
	struct qql_value_count *old = c->slots;
	uint32_t nold = c->nslots;

	if (2 * c->used < c->nslots)
		return 0;
	c->nslots = nold ? 2 * nold : 1024;
	c->slots = mem_calloc(c->nslots, sizeof(*c->slots));
	if (!c->slots) {
		c->slots = old;
		c->nslots = nold;
		return err_nomem(err);
	}
	for (uint32_t i = 0; i < nold; i++)
		if (old[i].rows)
			*find_slot(c, &old[i].value) = old[i];
	mem_free(old);
	return 0;
}

static int add(struct counter *c, const struct value *v, uint64_t rows,
	       struct err *err)
{
	struct qql_value_count *slot;
	int ret = grow(c, err);

	if (ret < 0)
		return ret;
	slot = find_slot(c, v);
	if (!slot->rows) {
		slot->value = *v;
		if (field_class(c->f->type) == CLASS_TEXT)
			slot->value.text = arena_dup(&c->texts, v->text);
		if (++c->used > VALUES_MAX ||
		    (field_class(c->f->type) == CLASS_TEXT &&
		     !slot->value.text.p))
			return err_set(err, ERR_LIMIT,
				       "more than %d different values",
				       VALUES_MAX);
	}
	slot->rows += rows;
	return 0;
}

/* Has the row this value further to the left already? */
static bool seen_in_row(const struct counter *c, const struct index_column *col,
			uint32_t first, uint32_t i, const struct value *v)
{
	struct value other;

	for (; first < i; first++) {
		index_column_value(col, first, &other);
		if (slice_eq(bytes_of(c, &other), bytes_of(c, v)))
			return true;
	}
	return false;
}

static int count_ids(struct counter *c, const struct index_column *col,
		     struct err *err)
{
	uint32_t distinct = index_column_distinct(col);
	struct value v;
	int ret = 0;

	for (uint32_t id = 0; id < distinct && ret == 0; id++) {
		struct slice entry = index_column_entry(col, id);

		if (!c->ids[id])
			continue;
		if (field_class(c->f->type) == CLASS_TEXT)
			v.text = entry;
		else
			memcpy(v.b16, entry.p, sizeof(v.b16));
		ret = add(c, &v, c->ids[id], err);
	}
	return ret;
}

static int room_for_ids(struct counter *c, const struct index_column *col,
			struct err *err)
{
	uint32_t distinct = index_column_distinct(col);

	if (distinct > c->ids_cap) {
		uint64_t *ids =
			mem_realloc_array(c->ids, distinct, sizeof(*ids));

		if (!ids)
			return err_nomem(err);
		c->ids = ids;
		c->ids_cap = distinct;
	}
	memset(c->ids, 0, distinct * sizeof(*c->ids));
	return 0;
}

static int count_part(void *ctx, const struct qql_part *part, struct err *err)
{
	struct qql_part_rows it = { .part = part };
	struct counter *c = ctx;
	const struct index_column *col;
	uint32_t row, first, n;
	struct value v;
	bool dict;
	int ret;

	ret = index_segment_column(part->seg, c->field, &col, err);
	if (ret < 0 || !col)
		return ret;
	dict = index_column_coding(col) == INDEX_CODED_DICT;
	if (dict)
		ret = room_for_ids(c, col, err);
	while (ret == 0 && qql_part_next(&it, &row)) {
		index_column_row(col, row, &first, &n);
		c->rows += n > 0;
		for (uint32_t i = first; i < first + n && ret == 0; i++) {
			if (dict && n == 1) {
				c->ids[index_column_id(col, i)]++;
				continue;
			}
			index_column_value(col, i, &v);
			if (seen_in_row(c, col, first, i, &v))
				continue;
			if (dict)
				c->ids[index_column_id(col, i)]++;
			else
				ret = add(c, &v, 1, err);
		}
	}
	return ret == 0 && dict ? count_ids(c, col, err) : ret;
}

static int compare(const struct counter *c, const struct qql_value_count *a,
		   const struct qql_value_count *b)
{
	if (a->rows != b->rows)
		return a->rows > b->rows ? -1 : 1;
	switch (field_class(c->f->type)) {
	case CLASS_TEXT:
		return fold_cmp(a->value.text, b->value.text);
	case CLASS_NUM:
		return (a->value.num > b->value.num) -
		       (a->value.num < b->value.num);
	case CLASS_B16:
		break;
	}
	return memcmp(a->value.b16, b->value.b16, sizeof(a->value.b16));
}

/* The first `max` of all slots, by insertion: max is small. */
static int pick(struct counter *c, struct qql_values *out, struct arena *a,
		uint32_t max, struct err *err)
{
	out->top = arena_calloc(a, max, sizeof(*out->top));
	if (!out->top)
		return err_nomem(err);
	out->distinct = c->used;
	out->rows = c->rows;
	out->n = 0;
	for (uint32_t i = 0; i < c->nslots; i++) {
		const struct qql_value_count *s = &c->slots[i];
		uint32_t at = out->n;

		if (!s->rows)
			continue;
		while (at && compare(c, s, &out->top[at - 1]) < 0)
			at--;
		if (at == max)
			continue;
		if (out->n < max)
			out->n++;
		memmove(&out->top[at + 1], &out->top[at],
			(out->n - 1 - at) * sizeof(*s));
		out->top[at] = *s;
	}
	for (uint32_t i = 0; i < out->n; i++) {
		struct value *v = &out->top[i].value;

		if (field_class(c->f->type) != CLASS_TEXT)
			continue;
		v->text = arena_dup(a, v->text);
		if (!v->text.p)
			return err_nomem(err);
	}
	return 0;
}

int qql_run_values(struct qql_values *out, struct arena *a,
		   struct index_store *store, const struct dataset *ds,
		   field_id field, uint32_t max,
		   const struct qql_run_options *opt, struct err *err)
{
	struct plan_node present = { .op = PLAN_PRESENT, .field = field };
	struct plan plan = { .ds = ds,
			     .filter = &present,
			     .time_min = INT64_MIN,
			     .time_max = INT64_MAX };
	struct counter c = { .f = &ds->fields[field], .field = field };
	int ret;

	arena_init(&c.texts, TEXT_MAX);
	ret = qql_exec_open(&c.x, &plan, store, opt, NULL, err);
	if (ret < 0)
		return ret;
	ret = qql_walk_init(&c.walk, &c.x, err);
	c.walk.open_all = true;
	if (ret == 0)
		ret = qql_walk_run(&c.walk, count_part, &c, err);
	if (ret == 0)
		ret = pick(&c, out, a, max, err);
	qql_walk_release(&c.walk);
	qql_exec_close(&c.x);
	arena_release(&c.texts);
	mem_free(c.slots);
	mem_free(c.ids);
	return ret;
}
