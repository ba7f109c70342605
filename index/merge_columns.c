/*
 * index/merge_columns.c - the values of a field, of several segments.
 *
 * Columns are laid end to end, texts and forms translated into tables of the
 * merged segment by dictionary entry rather than by row; where rows change
 * places, the column is then put in their order.
 */
#include <string.h>

#include "index/bits_int.h"
#include "index/merge_int.h"

static const uint32_t values_max = UINT32_MAX >> 2;

static int too_large(struct err *err)
{
	return err_set(err, ERR_LIMIT, "a column would be too large");
}

/* Sets bits [at, at + n). */
static void set_range(uint64_t *words, uint32_t at, uint32_t n)
{
	for (; n && at % 64; n--)
		index_bit_set(words, at++);
	for (; n >= 64; n -= 64, at += 64)
		words[at / 64] = UINT64_MAX;
	while (n--)
		index_bit_set(words, at++);
}

static void set_members(uint64_t *words, uint32_t at,
			const struct index_set *set)
{
	uint32_t i, n, shift;
	uint64_t v;

	switch (set->form) {
	case SET_ALL:
		set_range(words, at, set->universe);
		break;
	case SET_DENSE:
		for (i = 0; i < set->universe; i += 64) {
			n = set->universe - i < 64 ? set->universe - i : 64;
			shift = (at + i) % 64;
			v = index_get64(set->bits + i / 8) & index_low_bits(n);
			words[(at + i) / 64] |= v << shift;
			if (shift && v >> (64 - shift))
				words[(at + i) / 64 + 1] |= v >> (64 - shift);
		}
		break;
	case SET_THIN16:
	case SET_THIN32:
		for (i = 0; i < set->members; i++) {
			n = set->form == SET_THIN16 ?
				    index_get16(set->bits + (size_t)i * 2) :
				    index_get32(set->bits + (size_t)i * 4);
			if (n < set->universe)
				index_bit_set(words, at + n);
		}
		break;
	case SET_EMPTY:
		break;
	}
}

/* --- another order --------------------------------------------------- */

/* A column before it is put in order. */
struct gather {
	struct index_spread_col old;
	uint32_t *rank;  /* members before each word */
	uint32_t *start; /* lists: the first value of each member */
};

static int prepare(struct arena *a, const struct index_spread_col *c,
		   uint32_t places, struct gather *g)
{
	uint32_t words = (places + 63) / 64, i, sum = 0;

	g->old = *c;
	g->rank = arena_alloc(a, (size_t)words * sizeof(*g->rank));
	if (!g->rank)
		return ERR_NO_MEMORY;
	for (i = 0; i < words; i++) {
		g->rank[i] = sum;
		sum += (uint32_t)__builtin_popcountll(c->present[i]);
	}
	g->start = NULL;
	if (!c->counts)
		return 0;
	g->start = arena_alloc(a, c->npresent * sizeof(*g->start));
	if (!g->start)
		return ERR_NO_MEMORY;
	for (i = 0, sum = 0; i < c->npresent; sum += c->counts[i++])
		g->start[i] = sum;
	return 0;
}

static int alloc_column(struct arena *a, struct index_spread_col *c,
			enum value_class class, uint32_t places, bool counted,
			bool coded)
{
	c->present = arena_calloc(a, (places + 63) / 64, 8);
	if (!c->present)
		return ERR_NO_MEMORY;
	if (counted)
		c->counts = arena_alloc(a, c->npresent * sizeof(*c->counts));
	if (coded)
		c->codes = arena_alloc(a, c->npresent);
	if ((counted && !c->counts) || (coded && !c->codes))
		return ERR_NO_MEMORY;
	switch (class) {
	case CLASS_TEXT:
		c->ids = arena_alloc(a, c->nvalues * sizeof(*c->ids));
		return c->ids ? 0 : ERR_NO_MEMORY;
	case CLASS_NUM:
		c->nums = arena_alloc(a, c->nvalues * sizeof(*c->nums));
		return c->nums ? 0 : ERR_NO_MEMORY;
	case CLASS_B16:
	default:
		c->b16 = arena_alloc(a, (size_t)c->nvalues * 16);
		return c->b16 ? 0 : ERR_NO_MEMORY;
	}
}

static void move_values(struct index_spread_col *c, uint32_t to,
			const struct index_spread_col *old, uint32_t from,
			uint32_t n)
{
	if (c->ids)
		memcpy(c->ids + to, old->ids + from, n * sizeof(*c->ids));
	if (c->nums)
		memcpy(c->nums + to, old->nums + from, n * sizeof(*c->nums));
	if (c->b16)
		memcpy(c->b16 + (size_t)to * 16, old->b16 + (size_t)from * 16,
		       (size_t)n * 16);
}

static int put_in_order(struct arena *a, struct index_spread_col *c,
			enum value_class class,
			const struct index_merge_order *o)
{
	uint32_t k, r, p, n, present = 0, value = 0;
	struct gather g;

	if (!o->order || c->nvalues == 0)
		return 0;
	if (prepare(a, c, o->n, &g) < 0 ||
	    alloc_column(a, c, class, o->n, c->counts, c->codes) < 0)
		return ERR_NO_MEMORY;
	for (k = 0; k < o->n; k++) {
		r = o->order[k];
		if (!index_bit_get(g.old.present, r))
			continue;
		p = g.rank[r / 64] +
		    (uint32_t)__builtin_popcountll(g.old.present[r / 64] &
						   index_low_bits(r % 64));
		n = g.start ? g.old.counts[p] : 1;
		index_bit_set(c->present, k);
		if (g.start)
			c->counts[present] = n;
		if (c->codes)
			c->codes[present] = g.old.codes[p];
		move_values(c, value, &g.old, g.start ? g.start[p] : p, n);
		present++;
		value += n;
	}
	return 0;
}

/* --- end to end ------------------------------------------------------ */

/* The code of a form in the merged table; -1: the table is full. */
static int code_of(struct index_col *col, value_form form)
{
	uint32_t i;

	for (i = 0; i < col->nforms && col->forms[i] != form; i++)
		;
	if (i == BUILDER_FORMS)
		return -1;
	if (i == col->nforms)
		col->forms[col->nforms++] = form;
	return (int)i;
}

static int add_codes(const struct index_column *from,
		     const struct index_column_block *b, struct index_col *col,
		     struct index_spread_col *c, uint32_t at, struct err *err)
{
	uint8_t codes[BUILDER_FORMS + 1];
	uint32_t i, n = b->nforms;
	int64_t v;
	int code;

	if (!b->forms) {
		memset(c->codes + at, 0, b->present.members);
		return 0;
	}
	if (n == 0 || n > BUILDER_FORMS)
		return err_set(err, ERR_CORRUPT, "too many forms of %.*s",
			       SLICE_ARG(from->field->name));
	for (i = 0; i < n; i++) {
		code = code_of(col, index_get16(b->forms + (size_t)i * 2));
		if (code < 0)
			return err_set(err, ERR_LIMIT, "too many forms of %.*s",
				       SLICE_ARG(from->field->name));
		codes[i] = (uint8_t)code;
	}
	for (i = 0; i < b->present.members; i++) {
		v = index_frame_get(&b->codes, i);
		c->codes[at + i] = codes[v >= 0 && v < n ? v : 0];
		c->coded |= c->codes[at + i] != 0;
	}
	return 0;
}

/* Presence, counts and forms of one input, whose places begin at `base`. */
static int add_shape(const struct index_column *from, uint32_t base,
		     struct index_col *col, struct index_spread_col *c,
		     struct err *err)
{
	uint32_t i, k;
	int ret;

	for (i = 0; i < from->nblocks; i++) {
		const struct index_column_block *b = &from->blocks[i];

		set_members(c->present, base + b->first, &b->present);
		for (k = 0; c->counts && k < b->present.members; k++)
			c->counts[c->npresent + k] =
				index_counts_get(&b->counts, k);
		if (c->codes) {
			ret = add_codes(from, b, col, c, c->npresent, err);
			if (ret < 0)
				return ret;
		}
		c->npresent += b->present.members;
	}
	return 0;
}

/* Ids of one dictionary in the merged table. */
static int add_ids(struct index_merge *m, const struct index_column *from,
		   struct index_intern *t, uint32_t *out)
{
	struct arena_mark mark = arena_mark(&m->b->scratch);
	uint32_t n = from->dict.n, i;
	uint32_t *to = arena_alloc(&m->b->scratch, n * sizeof(*to));
	struct slice s;

	if (!to)
		return ERR_NO_MEMORY;
	for (i = 0; i < n; i++) {
		char hex[DICT_HEX_MAX];

		s = index_dict_peek(&from->dict, i, hex);
		to[i] = index_intern_put(t, s, index_intern_hash(t, s));
		if (to[i] == INTERN_FULL)
			return ERR_NO_MEMORY;
	}
	index_column_ids(from, 0, from->values, out);
	for (i = 0; i < from->values; i++)
		out[i] = to[out[i]];
	arena_rewind(&m->b->scratch, mark);
	return 0;
}

static void add_b16(const struct index_column *from, char *out)
{
	struct value v;
	uint32_t i;

	for (i = 0; i < from->nblocks && from->coding == INDEX_CODED_B16; i++)
		if (from->blocks[i].nvalues)
			memcpy(out + (size_t)from->blocks[i].value * 16,
			       from->blocks[i].stored,
			       (size_t)from->blocks[i].nvalues * 16);
	for (i = 0; i < from->values && from->coding == INDEX_CODED_DICT; i++) {
		index_column_value(from, i, &v);
		memcpy(out + (size_t)i * 16, v.b16, 16);
	}
}

static int add_values(struct index_merge *m, const struct index_column *from,
		      struct index_col *col, struct index_spread_col *c)
{
	int ret = 0;

	if (from->values == 0)
		return 0;
	if (c->ids)
		ret = add_ids(m, from, &col->texts, c->ids + c->nvalues);
	else if (c->nums)
		index_column_nums(from, 0, from->values, c->nums + c->nvalues);
	else
		add_b16(from, c->b16 + (size_t)c->nvalues * 16);
	c->nvalues += from->values;
	return ret;
}

static int add_input(struct index_merge *m, const struct index_column *from,
		     uint32_t base, field_id field, struct err *err)
{
	struct index_spread_col *c = &m->spread.cols[field];
	struct index_col *col = &m->b->cols[field];
	int ret = add_shape(from, base, col, c, err);

	if (ret < 0)
		return ret;
	return add_values(m, from, col, c) < 0 ? err_nomem(err) : 0;
}

/* How many there will be: members stands for all present places. */
static int measure(struct index_merge *m, field_id field,
		   struct index_spread_col *sum, struct err *err)
{
	const struct index_column *from;
	uint32_t i, k;
	int ret;

	for (i = 0; i < m->nin; i++) {
		ret = index_column_open(m->in[i].seg, field, &from, err);
		if (ret < 0)
			return ret;
		if (!from)
			continue;
		if (from->values > values_max - sum->nvalues)
			return too_large(err);
		sum->nvalues += from->values;
		for (k = 0; k < from->nblocks; k++)
			sum->npresent += from->blocks[k].present.members;
	}
	return 0;
}

int index_merge_column(struct index_merge *m, field_id field, struct err *err)
{
	const struct field *f = &m->ds->fields[field];
	bool member = f->object != OBJECT_NONE;
	const struct index_merge_order *o = member ? &m->elements[f->object] :
						     &m->rows;
	struct index_spread_col *c = &m->spread.cols[field];
	enum value_class class = m->b->cols[field].class;
	const struct index_column *from;
	uint32_t i, base = 0;
	int ret;

	if (f->is_virtual == VIRTUAL_RECEIVED || f->is_virtual == VIRTUAL_SEQ)
		return 0;
	ret = measure(m, field, c, err);
	if (ret < 0 || c->nvalues == 0)
		return ret;
	if (alloc_column(&m->b->scratch, c, class, o->n, f->list, !member) < 0)
		return err_nomem(err);
	c->npresent = 0;
	c->nvalues = 0;
	for (i = 0; i < m->nin; i++) {
		struct index_segment *seg = m->in[i].seg;

		ret = index_column_open(seg, field, &from, err);
		if (ret == 0 && from)
			ret = add_input(m, from, member ? base : m->in[i].base,
					field, err);
		if (ret < 0)
			return ret;
		if (member && seg->objs[f->object])
			base += seg->objs[f->object]->elements;
	}
	return put_in_order(&m->b->scratch, c, class, o) < 0 ? err_nomem(err) :
							       0;
}

/* --- arrays of objects ----------------------------------------------- */

/* The order of elements follows from that of their rows. */
static int order_elements(struct index_merge *m, struct index_spread_obj *o,
			  struct index_merge_order *out)
{
	struct index_spread_col c = { .present = o->present,
				      .npresent = o->npresent,
				      .counts = o->counts };
	uint32_t k, r, p, i, row = 0, at = 0;
	struct arena *a = &m->b->scratch;
	struct gather g;

	out->order = arena_alloc(a, out->n * sizeof(*out->order));
	if (!out->order || prepare(a, &c, m->rows.n, &g) < 0)
		return ERR_NO_MEMORY;
	o->present = arena_calloc(a, (m->rows.n + 63) / 64, 8);
	o->counts = arena_alloc(a, o->npresent * sizeof(*o->counts));
	if (!o->present || !o->counts)
		return ERR_NO_MEMORY;
	for (k = 0; k < m->rows.n; k++) {
		r = m->rows.order[k];
		if (!index_bit_get(g.old.present, r))
			continue;
		p = g.rank[r / 64] +
		    (uint32_t)__builtin_popcountll(g.old.present[r / 64] &
						   index_low_bits(r % 64));
		index_bit_set(o->present, k);
		o->counts[row++] = g.old.counts[p];
		for (i = 0; i < g.old.counts[p]; i++)
			out->order[at++] = g.start[p] + i;
	}
	return 0;
}

int index_merge_object(struct index_merge *m, object_id object, struct err *err)
{
	struct index_spread_obj *o = &m->spread.objs[object];
	const struct index_object *from;
	uint32_t i, block, k, present = 0;
	int ret;

	for (i = 0; i < m->nin; i++) {
		ret = index_object_open(m->in[i].seg, object, &from, err);
		if (ret < 0)
			return ret;
		if (from->elements > values_max - o->elements)
			return too_large(err);
		o->elements += from->elements;
		for (k = 0; k < index_segment_blocks(m->in[i].seg); k++)
			present += from->blocks[k].present.members;
	}
	m->elements[object].n = o->elements;
	o->present = arena_calloc(&m->b->scratch, (m->rows.n + 63) / 64, 8);
	o->counts = arena_alloc(&m->b->scratch, present * sizeof(*o->counts));
	if (!o->present || !o->counts)
		return err_nomem(err);
	for (i = 0; i < m->nin; i++) {
		from = m->in[i].seg->objs[object];
		for (block = 0; block < index_segment_blocks(m->in[i].seg);
		     block++) {
			const struct index_object_block *b =
				&from->blocks[block];

			set_members(o->present,
				    m->in[i].base + block * LIMIT_BLOCK_ROWS,
				    &b->present);
			for (k = 0; k < b->present.members; k++)
				o->counts[o->npresent++] =
					index_counts_get(&b->counts, k);
		}
	}
	if (m->rows.order && o->elements &&
	    order_elements(m, o, &m->elements[object]) < 0)
		return err_nomem(err);
	return 0;
}
