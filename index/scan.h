/*
 * index/scan.h - conditions over columns, as bitmaps of rows.
 *
 * A mask has one bit per row of a segment (or per element of an array of
 * objects), in 64-bit words; bits past the end are 0.  Each scan overwrites
 * its mask.  Rows with several values match if some value does.
 */
#ifndef INDEX_SCAN_H
#define INDEX_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/err.h"
#include "index/segment.h"

struct index_mask {
	uint64_t *words;
	uint32_t bits;
};

static inline uint32_t index_mask_words(uint32_t bits)
{
	return (bits + 63) / 64;
}
/* All bits 0; .words NULL when the arena is exhausted. */
struct index_mask index_mask_new(struct arena *a, uint32_t bits);
void index_mask_fill(struct index_mask m, bool value);
void index_mask_and(struct index_mask m, struct index_mask with);
void index_mask_or(struct index_mask m, struct index_mask with);
void index_mask_not(struct index_mask m);
uint64_t index_mask_count(struct index_mask m);
/* Highest set bit below `from` (from <= bits); -1 if none. */
int64_t index_mask_prev(struct index_mask m, uint32_t from);
/* Lowest set bit at or above `from`; -1 if none. */
int64_t index_mask_next(struct index_mask m, uint32_t from);
static inline bool index_mask_get(struct index_mask m, uint32_t i)
{
	return m.words[i / 64] >> (i % 64) & 1;
}

/* Ids of a dictionary: a range [lo, hi), or any set as a bitmap. */
struct index_idset {
	uint32_t lo, hi;
	const uint64_t *bitmap; /* NULL: the range; else one bit per id, and
				 * [lo, hi) bounds the set bits */
};

/* First id whose folded entry is >= `folded` (text dictionaries). */
uint32_t index_dict_lower(const struct index_column *c, struct slice folded);
/* First id whose folded entry does not begin with `folded` nor sort before it. */
uint32_t index_dict_prefix_end(const struct index_column *c, struct slice folded);
/* First id whose folded entry is > `folded`. */
uint32_t index_dict_upper(const struct index_column *c, struct slice folded);
/* The entry equal to `bytes` exactly; UINT32_MAX. */
uint32_t index_dict_find(const struct index_column *c, struct slice bytes);
/* First id whose 16 bytes are >= (lower) or > (upper) `b16`. */
uint32_t index_dict_lower_b16(const struct index_column *c, const uint8_t b16[16]);
uint32_t index_dict_upper_b16(const struct index_column *c, const uint8_t b16[16]);

/* Rows where some value ... */
void index_scan_present(const struct index_column *c, struct index_mask rows);
void index_scan_ids(const struct index_column *c, const struct index_idset *set,
		    struct index_mask rows);
void index_scan_nums(const struct index_column *c, int64_t lo, int64_t hi,
		     struct index_mask rows); /* lo <= value <= hi */
void index_scan_b16(const struct index_column *c, const uint8_t lo[16],
		    const uint8_t hi[16], struct index_mask rows); /* inclusive */
/* Rows with lo <= time <= hi, by binary search in the runs. */
MUST_CHECK int index_scan_time(struct index_segment *seg, int64_t lo, int64_t hi,
			       struct index_mask rows, struct err *err);

/* Arrays of objects: the same over elements.  Elements of a segment are
 * numbered through, row by row. */
MUST_CHECK int index_object_elements(struct index_segment *seg, object_id object,
				     uint32_t *n, struct err *err);
/* Rows with at least one element set in `elements`. */
MUST_CHECK int index_object_rows(struct index_segment *seg, object_id object,
				 struct index_mask elements,
				 struct index_mask rows, struct err *err);
void index_scan_present_elements(const struct index_column *c,
				 struct index_mask elements);
void index_scan_ids_elements(const struct index_column *c,
			     const struct index_idset *set,
			     struct index_mask elements);
void index_scan_nums_elements(const struct index_column *c, int64_t lo,
			      int64_t hi, struct index_mask elements);
void index_scan_b16_elements(const struct index_column *c, const uint8_t lo[16],
			     const uint8_t hi[16], struct index_mask elements);

#endif
