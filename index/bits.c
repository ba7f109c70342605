/*
 * index/bits.c - bits in 64-bit words.
 */
#include "index/bits_int.h"

INDEX_POPCNT
uint32_t index_bits_count(const uint64_t *words, uint32_t n)
{
	uint32_t i, sum = 0;

	for (i = 0; i < n / 64; i++)
		sum += (uint32_t)__builtin_popcountll(words[i]);
	if (n % 64)
		sum += (uint32_t)__builtin_popcountll(words[i] &
						      index_low_bits(n % 64));
	return sum;
}

void index_bits_or(uint64_t *words, uint32_t at, const uint64_t *from,
		   uint32_t n)
{
	uint32_t i, shift = at % 64;
	uint64_t *to = words + at / 64;

	for (i = 0; i < (n + 63) / 64; i++) {
		uint32_t in = n - i * 64 < 64 ? n - i * 64 : 64;
		uint64_t v = from[i] & index_low_bits(in);

		if (!v)
			continue;
		to[i] |= v << shift;
		if (shift && v >> (64 - shift))
			to[i + 1] |= v >> (64 - shift);
	}
}

uint64_t index_bits_deposit(uint64_t bits, uint64_t mask)
{
	uint64_t out = 0;

	if (!bits)
		return 0;
	for (; mask && bits; mask &= mask - 1, bits >>= 1)
		out |= (mask & -mask) & -(bits & 1);
	return out;
}
