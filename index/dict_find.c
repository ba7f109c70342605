/*
 * index/dict_find.c - binary searches in a dictionary.
 *
 * Text entries stand in the order of (folded bytes, bytes), so what is equal
 * without case, and what begins alike, is a range of ids.
 */
#include <string.h>

#include "index/scan.h"
#include "index/segment_int.h"
#include "schemas/words.h"

/* Does the entry stand before what is looked for? */
typedef bool before_fn(struct slice entry, struct slice wanted);

static uint32_t search(const struct index_column *c, struct slice wanted,
		       before_fn *before)
{
	char scratch[DICT_HEX_MAX];
	uint32_t lo = 0, hi = c->dict.n;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (before(index_dict_peek(&c->dict, mid, scratch), wanted))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static bool folded_below(struct slice entry, struct slice folded)
{
	return fold_cmp_ci(entry, folded) < 0;
}

static bool folded_not_above(struct slice entry, struct slice folded)
{
	return fold_cmp_ci(entry, folded) <= 0;
}

static bool below_or_begins(struct slice entry, struct slice folded)
{
	return fold_cmp_ci(entry, folded) < 0 || fold_has_prefix(entry, folded);
}

static bool below(struct slice entry, struct slice bytes)
{
	return fold_cmp(entry, bytes) < 0;
}

static bool b16_below(struct slice entry, struct slice b16)
{
	return memcmp(entry.p, b16.p, 16) < 0;
}

static bool b16_not_above(struct slice entry, struct slice b16)
{
	return memcmp(entry.p, b16.p, 16) <= 0;
}

uint32_t index_dict_lower(const struct index_column *c, struct slice folded)
{
	return search(c, folded, folded_below);
}

uint32_t index_dict_prefix_end(const struct index_column *c,
			       struct slice folded)
{
	return search(c, folded, below_or_begins);
}

uint32_t index_dict_upper(const struct index_column *c, struct slice folded)
{
	return search(c, folded, folded_not_above);
}

uint32_t index_dict_find(const struct index_column *c, struct slice bytes)
{
	char scratch[DICT_HEX_MAX];
	uint32_t id = search(c, bytes, below);

	if (id < c->dict.n &&
	    slice_eq(index_dict_peek(&c->dict, id, scratch), bytes))
		return id;
	return UINT32_MAX;
}

uint32_t index_dict_lower_b16(const struct index_column *c,
			      const uint8_t b16[16])
{
	return search(c, slice_of((const char *)b16, 16), b16_below);
}

uint32_t index_dict_upper_b16(const struct index_column *c,
			      const uint8_t b16[16])
{
	return search(c, slice_of((const char *)b16, 16), b16_not_above);
}
