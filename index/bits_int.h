/*
 * index/bits_int.h - bits in 64-bit words, and instructions that processors
 * may lack.
 */
#ifndef INDEX_BITS_INT_H
#define INDEX_BITS_INT_H

#include <stdbool.h>
#include <stdint.h>

/* Functions compiled once more for processors that have popcnt (all since
 * 2008) and chosen at load time; sanitizers do not bear that. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
	!defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define INDEX_POPCNT __attribute__((target_clones("popcnt", "default")))
#define INDEX_WIDE __attribute__((target_clones("avx2", "default")))
#else
#define INDEX_POPCNT
#define INDEX_WIDE
#endif

static inline void index_bit_set(uint64_t *words, uint32_t i)
{
	words[i / 64] |= UINT64_C(1) << (i % 64);
}

static inline bool index_bit_get(const uint64_t *words, uint32_t i)
{
	return words[i / 64] >> (i % 64) & 1;
}

/* The lowest n bits, n <= 64. */
static inline uint64_t index_low_bits(uint32_t n)
{
	return n >= 64 ? UINT64_MAX : (UINT64_C(1) << n) - 1;
}

/* Bits [first, first + n) of `words`, n <= 64; reads no word past the last
 * one that holds such a bit. */
static inline uint64_t index_bits_at(const uint64_t *words, uint32_t first,
				     uint32_t n)
{
	uint32_t shift = first % 64;
	uint64_t v;

	if (n == 0)
		return 0;
	v = words[first / 64] >> shift;
	if (shift && shift + n > 64)
		v |= words[first / 64 + 1] << (64 - shift);
	return v & index_low_bits(n);
}

/* Set bits of [0, n). */
uint32_t index_bits_count(const uint64_t *words, uint32_t n);

/* ORs `n` bits of `from` into `words`, from bit `at` on. */
void index_bits_or(uint64_t *words, uint32_t at, const uint64_t *from,
		   uint32_t n);

/* Puts the low bits of `bits` where `mask` has ones. */
uint64_t index_bits_deposit(uint64_t bits, uint64_t mask);

#endif
