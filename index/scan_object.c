/*
 * index/scan_object.c - rows by time, and elements of arrays of objects.
 */
#include <assert.h>
#include <string.h>

#include "index/bits_int.h"
#include "index/compare_int.h"
#include "index/scan.h"
#include "index/segment_int.h"

enum { BLOCK_WORDS = LIMIT_BLOCK_ROWS / 64 };

/* First row of [from, to) whose time is above (or, with `equal`, at) t. */
static uint32_t first_from(const struct index_column *c, uint32_t from,
			   uint32_t to, int64_t t, bool equal)
{
	while (from < to) {
		uint32_t mid = from + (to - from) / 2;
		int64_t v;

		index_column_nums(c, mid, 1, &v);
		if (v < t || (v == t && !equal))
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

int index_scan_time(struct index_segment *seg, int64_t lo, int64_t hi,
		    struct index_mask rows, struct err *err)
{
	const struct index_column *c;
	uint32_t i, from, to;
	int64_t first;
	int ret;

	/* Opens the column, and says so if it is not as it must be. */
	ret = index_segment_time(seg, 0, &first, err);
	if (ret < 0)
		return ret;
	ret = index_column_open(seg, seg->ds->time, &c, err);
	if (ret < 0)
		return ret;
	index_mask_fill(rows, false);
	for (i = 0; i < seg->nruns && lo <= hi; i++) {
		const struct index_run *r = &seg->runs[i];

		from = first_from(c, r->first, r->first + r->rows, lo, true);
		to = first_from(c, from, r->first + r->rows, hi, false);
		index_compare_fill(rows.words, from, to - from);
	}
	return 0;
}

int index_object_elements(struct index_segment *seg, object_id object,
			  uint32_t *n, struct err *err)
{
	const struct index_object *o;
	int ret;

	object = index_segment_object(seg, object);
	if (object == OBJECT_NONE) {
		*n = 0;
		return 0;
	}
	ret = index_object_open(seg, object, &o, err);
	if (ret == 0)
		*n = o->elements;
	return ret;
}

/* Bits [first, first + n) of a mask, moved to the front of `out`. */
static void slice_bits(struct index_mask m, uint32_t first, uint32_t n,
		       uint64_t *out)
{
	uint32_t i;

	for (i = 0; i < n; i += 64)
		out[i / 64] = index_bits_at(m.words, first + i,
					    n - i < 64 ? n - i : 64);
}

static void block_rows(const struct index_object_block *o,
		       struct index_mask elements, uint64_t *rows)
{
	uint64_t bits[BLOCK_WORDS], present[BLOCK_WORDS];
	uint32_t i;

	if (o->elements == 0)
		return;
	memset(present, 0, sizeof(present));
	for (i = 0; i < o->elements; i += LIMIT_BLOCK_ROWS) {
		uint32_t n = o->elements - i < LIMIT_BLOCK_ROWS ?
				     o->elements - i :
				     LIMIT_BLOCK_ROWS;

		slice_bits(elements, o->first + i, n, bits);
		index_counts_mark(&o->counts, bits, i, n, present);
	}
	index_set_deposit(&o->present, 0, o->rows, present, o->present.members,
			  rows);
}

int index_object_rows(struct index_segment *seg, object_id object,
		      struct index_mask elements, struct index_mask rows,
		      struct err *err)
{
	const struct index_object *o;
	uint32_t i;
	int ret;

	index_mask_fill(rows, false);
	object = index_segment_object(seg, object);
	if (object == OBJECT_NONE)
		return 0;
	ret = index_object_open(seg, object, &o, err);
	if (ret < 0)
		return ret;
	assert(elements.bits == o->elements);
	for (i = 0; i < index_segment_blocks(seg); i++)
		block_rows(&o->blocks[i], elements,
			   rows.words + (size_t)i * BLOCK_WORDS);
	return 0;
}
