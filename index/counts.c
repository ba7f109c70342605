/*
 * index/counts.c - how many values each present row has.
 *
 * Sums and counts come from the disk unproven; what is computed from them is
 * clamped to the total, which was checked against the values when the column
 * was opened.
 */
#include "index/counts_int.h"

#include "index/bits_int.h"

static uint32_t width_of(const uint32_t *counts, uint32_t n)
{
	uint32_t i, min = UINT32_MAX, max = 0;

	for (i = 0; i < n; i++) {
		min = counts[i] < min ? counts[i] : min;
		max = counts[i] > max ? counts[i] : max;
	}
	if (n == 0 || min == max)
		return 0;
	if (max <= UINT8_MAX)
		return 1;
	return max <= UINT16_MAX ? 2 : 4;
}

void index_counts_encode(struct buf *out, const uint32_t *counts, uint32_t n)
{
	uint32_t width = width_of(counts, n), i, total = 0;
	size_t start = out->len;

	for (i = 0; i < n; i++)
		total += counts[i];
	index_put32(out, n);
	index_put32(out, total);
	index_put32(out, width);
	index_put32(out, 0);
	for (i = 0, total = 0; i < n; i++) {
		if (i % COUNTS_GROUP == 0)
			index_put32(out, total);
		total += counts[i];
	}
	index_put32(out, total);
	index_put_pad(out, start);
	for (i = 0; width && i < n; i++) {
		char le[4];

		index_set32(le, counts[i]);
		buf_put(out, le, width);
	}
	index_put_pad(out, start);
}

bool index_counts_open(struct index_counts *c, struct slice *part)
{
	const char *p;
	uint64_t sums;

	if (!index_take(part, COUNTS_HEADER, &p))
		return false;
	c->n = index_get32(p);
	c->total = index_get32(p + 4);
	c->width = index_get32(p + 8);
	c->each = c->n ? c->total / c->n : 0;
	if (c->n > LIMIT_BLOCK_ROWS || (c->width != 0 && c->width != 1 &&
					c->width != 2 && c->width != 4))
		return false;
	/* No message has more values than bytes: a total that nothing else can
	 * be compared with must not ask for memory without bound. */
	if (c->total > (uint64_t)c->n * LIMIT_MESSAGE)
		return false;
	sums = ((uint64_t)c->n + COUNTS_GROUP - 1) / COUNTS_GROUP + 1;
	return index_take_padded(part, sums * 4, &c->sums) &&
	       index_take_padded(part, (uint64_t)c->n * c->width, &c->counts);
}

uint32_t index_counts_before(const struct index_counts *c, uint32_t k)
{
	uint32_t i, sum;

	if (k >= c->n)
		return c->total;
	if (c->width == 0)
		return k * c->each;
	i = k / COUNTS_GROUP * COUNTS_GROUP;
	sum = index_get32(c->sums + (size_t)(k / COUNTS_GROUP) * 4);
	for (; i < k; i++)
		sum += index_counts_get(c, i);
	return sum < c->total ? sum : c->total;
}

void index_counts_mark(const struct index_counts *c, const uint64_t *bits,
		       uint32_t first, uint32_t n, uint64_t *rows)
{
	uint32_t k = 0, end = 0, w;

	if (c->n == 0)
		return;
	end = index_counts_get(c, 0);
	for (w = 0; w < (n + 63) / 64; w++) {
		uint64_t v = bits[w] & index_low_bits(n - w * 64);

		while (v) {
			uint32_t i =
				first + w * 64 + (uint32_t)__builtin_ctzll(v);

			/* Skip whole groups, then rows. */
			while (k / COUNTS_GROUP + 1 < (c->n + COUNTS_GROUP -
						       1) / COUNTS_GROUP &&
			       index_get32(c->sums +
					   (size_t)(k / COUNTS_GROUP + 1) *
						   4) <= i) {
				k = (k / COUNTS_GROUP + 1) * COUNTS_GROUP;
				end = index_get32(c->sums +
						  (size_t)(k / COUNTS_GROUP) *
							  4) +
				      index_counts_get(c, k);
			}
			while (end <= i && k + 1 < c->n)
				end += index_counts_get(c, ++k);
			index_bit_set(rows, k);
			/* The rest of this row's values in this word. */
			while (v &&
			       first + w * 64 + (uint32_t)__builtin_ctzll(v) <
				       end)
				v &= v - 1;
			if (v && end <= i)
				return; /* values past the last row */
		}
	}
}
