/*
 * index/encode_ids.c - a column's values as ids into a sorted dictionary.
 */
#include <string.h>

#include "index/encode_int.h"
#include "index/sort_int.h"

enum { SAMPLE = 4096 };

static void remap(uint32_t *ids, uint32_t n, const uint32_t *to)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		ids[i] = to[ids[i]];
}

static void set_bound(char to[BOUNDS_TEXT], uint8_t *len, struct slice s)
{
	*len = (uint8_t)(s.len < BOUNDS_TEXT ? s.len : BOUNDS_TEXT);
	if (*len)
		memcpy(to, s.p, *len);
}

static int sort_dictionary(struct arena *a, struct index_spread_col *c,
			   enum value_class class, const struct index_intern *t,
			   struct index_encoded_dict *dict,
			   struct index_field_bounds *bounds)
{
	uint32_t *order = arena_alloc(a, t->n * sizeof(*order));
	uint32_t *to = arena_alloc(a, t->n * sizeof(*to));
	struct slice *folded = arena_alloc(a, t->n * sizeof(*folded));
	struct slice *entries = arena_alloc(a, t->n * sizeof(*entries));
	const struct slice *keys = folded;
	uint32_t i;
	int ret;

	if (!order || !to || !folded || !entries)
		return ERR_NO_MEMORY;
	for (i = 0; i < t->n; i++)
		entries[i] = index_intern_entry(t, i);
	if (class == CLASS_TEXT) {
		ret = index_sort_texts(entries, t->n, a, order, folded);
	} else {
		keys = entries;
		ret = index_sort_b16(entries, t->n, a, order);
	}
	if (ret < 0)
		return ret;
	for (i = 0; i < t->n; i++)
		to[order[i]] = i;
	remap(c->ids, c->nvalues, to);
	*dict = (struct index_encoded_dict){ entries, order, t->n, true };
	bounds->distinct = t->n;
	set_bound(bounds->min, &bounds->min_len, keys[order[0]]);
	set_bound(bounds->max, &bounds->max_len, keys[order[t->n - 1]]);
	if (keys[order[t->n - 1]].len > BOUNDS_TEXT)
		bounds->flags |= BOUNDS_MAX_CUT;
	return 0;
}

/* Distinct 16-byte values; false if there are too many for a dictionary. */
static int intern_b16(struct arena *a, struct index_spread_col *c,
		      struct index_intern *t, bool *worth)
{
	uint32_t i, id;

	*worth = false;
	c->ids = arena_alloc(a, c->nvalues * sizeof(*c->ids));
	if (!c->ids)
		return ERR_NO_MEMORY;
	for (i = 0; i < c->nvalues; i++) {
		struct slice s = slice_of(c->b16 + (size_t)i * 16, 16);

		id = index_intern_put(t, s, index_intern_hash(t, s));
		if (id == INTERN_FULL)
			return ERR_NO_MEMORY;
		c->ids[i] = id;
		if (i == SAMPLE && t->n > SAMPLE / 10 * 9)
			return 0;
	}
	*worth = t->n <= c->nvalues / 2;
	return 0;
}

static void raw_bounds(const struct index_spread_col *c,
		       struct index_field_bounds *bounds)
{
	const char *min = c->b16, *max = c->b16;
	uint32_t i;

	for (i = 1; i < c->nvalues; i++) {
		const char *v = c->b16 + (size_t)i * 16;

		min = memcmp(v, min, 16) < 0 ? v : min;
		max = memcmp(v, max, 16) > 0 ? v : max;
	}
	set_bound(bounds->min, &bounds->min_len, slice_of(min, 16));
	set_bound(bounds->max, &bounds->max_len, slice_of(max, 16));
}

int index_encode_ids(struct index_builder *b, struct index_spread_col *c,
		     enum value_class class, const struct index_intern *texts,
		     struct index_encoded_dict *dict,
		     struct index_field_bounds *bounds)
{
	bool worth;
	int ret;

	dict->used = false;
	bounds->flags |= BOUNDS_HAS_RANGE;
	if (class == CLASS_TEXT)
		return sort_dictionary(&b->scratch, c, class, texts, dict,
				       bounds);
	index_intern_clear(&b->b16s);
	ret = intern_b16(&b->scratch, c, &b->b16s, &worth);
	if (ret < 0)
		return ret;
	if (worth)
		return sort_dictionary(&b->scratch, c, class, &b->b16s, dict,
				       bounds);
	raw_bounds(c, bounds);
	return 0;
}
