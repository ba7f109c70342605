/*
 * index/counts_int.h - how many values (or elements) each present row has.
 *
 *	u32 n, u32 total, u32 width, u32 zero
 *	u32 sums: values before every 64th row, and the total
 *	counts of 1, 2 or 4 bytes; none if all are equal (width 0: total / n)
 */
#ifndef INDEX_COUNTS_INT_H
#define INDEX_COUNTS_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"
#include "index/part_int.h"

enum { COUNTS_HEADER = 16, COUNTS_GROUP = 64 };

struct index_counts {
	const char *sums;
	const char *counts;
	uint32_t n;
	uint32_t total;
	uint32_t width;
	uint32_t each; /* width 0 */
};

void index_counts_encode(struct buf *out, const uint32_t *counts, uint32_t n);
/* Takes counts off the front of a part; false if they are damaged. */
bool index_counts_open(struct index_counts *c, struct slice *part);

static inline uint32_t index_counts_get(const struct index_counts *c,
					uint32_t k)
{
	switch (c->width) {
	case 1:
		return (unsigned char)c->counts[k];
	case 2:
		return index_get16(c->counts + (size_t)k * 2);
	case 4:
		return index_get32(c->counts + (size_t)k * 4);
	default:
		return c->each;
	}
}

/* Values before present row k <= n, at most the total. */
uint32_t index_counts_before(const struct index_counts *c, uint32_t k);

/* Sets bit k of `rows` for each present row k that has a value set in `bits`,
 * whose bit 0 is value `first` and which has n bits.  Rows stay set. */
void index_counts_mark(const struct index_counts *c, const uint64_t *bits,
		       uint32_t first, uint32_t n, uint64_t *rows);

#endif
