/*
 * index/mask.c - bitmaps of rows.
 */
#include <string.h>

#include "index/bits_int.h"
#include "index/scan.h"

struct index_mask index_mask_new(struct arena *a, uint32_t bits)
{
	uint64_t *words =
		arena_calloc(a, index_mask_words(bits), sizeof(*words));

	return (struct index_mask){ .words = words, .bits = words ? bits : 0 };
}

/* Bits past the end are 0. */
static void trim(struct index_mask m)
{
	if (m.bits % 64)
		m.words[m.bits / 64] &= index_low_bits(m.bits % 64);
}

void index_mask_fill(struct index_mask m, bool value)
{
	memset(m.words, value ? 0xff : 0,
	       index_mask_words(m.bits) * sizeof(*m.words));
	trim(m);
}

void index_mask_and(struct index_mask m, struct index_mask with)
{
	uint32_t i, n = index_mask_words(m.bits);

	for (i = 0; i < n; i++)
		m.words[i] &= with.words[i];
}

void index_mask_or(struct index_mask m, struct index_mask with)
{
	uint32_t i, n = index_mask_words(m.bits);

	for (i = 0; i < n; i++)
		m.words[i] |= with.words[i];
}

void index_mask_not(struct index_mask m)
{
	uint32_t i, n = index_mask_words(m.bits);

	for (i = 0; i < n; i++)
		m.words[i] = ~m.words[i];
	trim(m);
}

uint64_t index_mask_count(struct index_mask m)
{
	return index_bits_count(m.words, m.bits);
}

int64_t index_mask_prev(struct index_mask m, uint32_t from)
{
	uint32_t i = from / 64;
	uint64_t v;

	if (from % 64) {
		v = m.words[i] & index_low_bits(from % 64);
		if (v)
			return (int64_t)i * 64 + 63 - __builtin_clzll(v);
	}
	while (i-- > 0)
		if (m.words[i])
			return (int64_t)i * 64 + 63 -
			       __builtin_clzll(m.words[i]);
	return -1;
}

int64_t index_mask_next(struct index_mask m, uint32_t from)
{
	uint32_t i = from / 64, n = index_mask_words(m.bits);
	uint64_t v;

	if (from >= m.bits)
		return -1;
	v = m.words[i] & ~index_low_bits(from % 64);
	while (!v) {
		if (++i == n)
			return -1;
		v = m.words[i];
	}
	return (int64_t)i * 64 + __builtin_ctzll(v);
}
