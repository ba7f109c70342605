/*
 * index/spread.c - a builder's rows, spread over columns in the order of time.
 */
#include "index/spread_int.h"

#include <string.h>

#include "index/bits_int.h"
#include "index/sort_int.h"

static int sort_rows(struct index_builder *b, struct index_spread *s)
{
	struct arena *a = &b->scratch;
	struct arena_mark mark;
	int64_t *times;
	uint32_t i;
	int ret;

	s->order = arena_alloc(a, s->rows * sizeof(*s->order));
	if (!s->order)
		return ERR_NO_MEMORY;
	mark = arena_mark(a);
	times = arena_alloc(a, s->rows * sizeof(*times));
	if (!times)
		return ERR_NO_MEMORY;
	/* Tables stay in the order of arrival. */
	for (i = 0; i < s->rows; i++)
		times[i] = b->ds->time == FIELD_NONE ? 0 : b->rows[i].time;
	ret = index_sort_times(times, s->rows, a, s->order);
	arena_rewind(a, mark);
	return ret;
}

static uint64_t *bitmap(struct arena *a, uint32_t bits)
{
	return arena_calloc(a, (bits + 63) / 64, sizeof(uint64_t));
}

static bool alloc_values(struct arena *a, struct index_spread_col *c,
			 enum value_class class, uint32_t n)
{
	switch (class) {
	case CLASS_TEXT:
		c->ids = arena_alloc(a, n * sizeof(*c->ids));
		return c->ids;
	case CLASS_NUM:
		c->nums = arena_alloc(a, n * sizeof(*c->nums));
		return c->nums;
	case CLASS_B16:
	default:
		c->b16 = arena_alloc(a, (size_t)n * 16);
		return c->b16;
	}
}

static int alloc_col(struct index_builder *b, struct index_spread *s,
		     uint32_t field)
{
	const struct field *f = &b->ds->fields[field];
	const struct index_col *from = &b->cols[field];
	struct index_spread_col *c = &s->cols[field];
	bool member = f->object != OBJECT_NONE;
	struct arena *a = &b->scratch;

	if (from->n.values) {
		c->present = bitmap(a, member ? b->objs[f->object].elements :
						s->rows);
		if (!c->present ||
		    !alloc_values(a, c, from->class, from->n.values))
			return ERR_NO_MEMORY;
		if (!member) {
			c->codes = arena_alloc(a, from->n.rows);
			if (!c->codes)
				return ERR_NO_MEMORY;
		}
		if (f->list) {
			c->counts = arena_alloc(a, from->n.rows *
							   sizeof(*c->counts));
			if (!c->counts)
				return ERR_NO_MEMORY;
		}
	}
	if (from->n.nulls) {
		c->nulls = bitmap(a, s->rows);
		if (!c->nulls)
			return ERR_NO_MEMORY;
	}
	if (from->n.raws) {
		c->raws = arena_alloc(a, from->n.raws * sizeof(*c->raws));
		if (!c->raws)
			return ERR_NO_MEMORY;
	}
	return 0;
}

static int alloc_slots(struct index_builder *b, struct index_spread *s)
{
	uint32_t n = b->templates.nslots, i;

	s->slot_raws = arena_calloc(&b->scratch, n, sizeof(*s->slot_raws));
	s->slot_nraws = arena_calloc(&b->scratch, n, sizeof(*s->slot_nraws));
	if (!s->slot_raws || !s->slot_nraws)
		return ERR_NO_MEMORY;
	for (i = 0; i < n; i++) {
		if (!b->slot_raws[i])
			continue;
		s->slot_raws[i] = arena_alloc(
			&b->scratch, b->slot_raws[i] * sizeof(**s->slot_raws));
		if (!s->slot_raws[i])
			return ERR_NO_MEMORY;
	}
	return 0;
}

static int alloc_all(struct index_builder *b, struct index_spread *s)
{
	struct arena *a = &b->scratch;
	uint32_t i;
	int ret;

	s->cols = arena_calloc(a, b->ds->nall, sizeof(*s->cols));
	s->objs = arena_calloc(a, b->ds->nobjects, sizeof(*s->objs));
	s->tmpls = arena_alloc(a, s->rows * sizeof(*s->tmpls));
	if (!s->cols || !s->objs || !s->tmpls)
		return ERR_NO_MEMORY;
	for (i = 0; i < b->ds->nall; i++) {
		ret = alloc_col(b, s, i);
		if (ret < 0)
			return ret;
	}
	for (i = 0; i < b->ds->nobjects; i++) {
		struct index_spread_obj *o = &s->objs[i];

		o->present = bitmap(a, s->rows);
		o->counts =
			arena_alloc(a, b->objs[i].rows * sizeof(*o->counts));
		if (!o->present || !o->counts)
			return ERR_NO_MEMORY;
	}
	return alloc_slots(b, s);
}

static const uint64_t *copy_values(struct index_spread_col *c,
				   enum value_class class, const uint64_t *p,
				   uint32_t n)
{
	uint32_t i;

	switch (class) {
	case CLASS_TEXT:
		for (i = 0; i < n; i++)
			c->ids[c->nvalues++] = (uint32_t)p[i];
		return p + n;
	case CLASS_NUM:
		memcpy(c->nums + c->nvalues, p, n * sizeof(*p));
		c->nvalues += n;
		return p + n;
	case CLASS_B16:
	default:
		memcpy(c->b16 + (size_t)c->nvalues * 16, p, (size_t)n * 16);
		c->nvalues += n;
		return p + (size_t)n * 2;
	}
}

static void add_raw(struct index_spread *s, const struct index_row *row,
		    uint32_t k, const struct index_log_entry *e, uint64_t len)
{
	struct slice source = index_row_source(s->b, row);
	struct index_raw_text t = { k, slice_of(source.p + e->x, (size_t)len) };

	if (e->field >= PART_FIELD_UNKNOWN) {
		uint32_t slot = e->field - PART_FIELD_UNKNOWN;

		s->slot_raws[slot][s->slot_nraws[slot]++] = t;
	} else {
		struct index_spread_col *c = &s->cols[e->field];

		c->raws[c->nraws++] = t;
	}
}

/* Spreads one entry and returns the word behind it. */
static const uint64_t *add_entry(struct index_spread *s,
				 const struct index_row *row, uint32_t k,
				 const uint64_t *p)
{
	struct index_log_entry e = index_log_unpack(*p++);
	struct index_spread_col *c;
	struct index_spread_obj *o;
	uint32_t n = 1;

	if (e.kind == LOG_RAW) {
		add_raw(s, row, k, &e, *p);
		return p + 1;
	}
	c = e.kind == LOG_OBJECT ? NULL : &s->cols[e.field];
	switch (e.kind) {
	case LOG_LIST:
		n = e.x;
		/* fallthrough */
	case LOG_VALUE:
		if (c->counts)
			c->counts[c->npresent] = n;
		index_bit_set(c->present, k);
		c->codes[c->npresent++] = e.code;
		c->coded |= e.code != 0;
		return copy_values(c, s->b->cols[e.field].class, p, n);
	case LOG_MEMBER:
		o = &s->objs[s->b->ds->fields[e.field].object];
		index_bit_set(c->present, o->base + e.x);
		c->npresent++;
		return copy_values(c, s->b->cols[e.field].class, p, 1);
	case LOG_OBJECT: /* whose field is an object's number */
		o = &s->objs[e.field];
		index_bit_set(o->present, k);
		o->counts[o->npresent++] = e.x;
		o->base = o->elements;
		o->elements += e.x;
		return p;
	case LOG_NULL:
		index_bit_set(c->nulls, k);
		return p;
	case LOG_RAW:
	default:
		return p;
	}
}

int index_spread(struct index_builder *b, struct index_spread *s)
{
	uint32_t k;
	int ret;

	*s = (struct index_spread){ .b = b, .rows = b->nrows };
	ret = sort_rows(b, s);
	if (ret < 0)
		return ret;
	ret = alloc_all(b, s);
	if (ret < 0)
		return ret;
	for (k = 0; k < s->rows; k++) {
		uint32_t r = s->order[k];
		const struct index_row *row = &b->rows[r];
		const uint64_t *p = b->log + row->log;
		const uint64_t *end =
			b->log + (r + 1 < b->nrows ? row[1].log : b->nlog);

		s->tmpls[k] = row->tmpl;
		while (p < end)
			p = add_entry(s, row, k, p);
	}
	return 0;
}
