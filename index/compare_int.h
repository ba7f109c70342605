/*
 * index/compare_int.h - arrays of stored values against a range, to bits.
 *
 * Plain loops that the compiler turns into vectors: 64 comparisons to 64
 * bytes, eight bytes at a time to bits.  Each function sets or adds bits
 * [0, n) of `out`; bits behind n in the last word are 0.
 */
#ifndef INDEX_COMPARE_INT_H
#define INDEX_COMPARE_INT_H

#include <stdbool.h>
#include <stdint.h>

/* Unsigned values of `width` bytes: lo <= value <= hi.  With `add`, ORs. */
void index_compare_range(const char *p, uint32_t width, uint32_t n, uint64_t lo,
			 uint64_t hi, bool add, uint64_t *out);

/* Ids of `width` bytes that are in [lo, hi) and whose bit is set. */
void index_compare_set(const char *p, uint32_t width, uint32_t n, uint32_t lo,
		       uint32_t hi, const uint64_t *bitmap, uint64_t *out);

/* 16-byte values in the order of memcmp: lo <= value <= hi. */
void index_compare_b16(const char *p, uint32_t n, const uint8_t lo[16],
		       const uint8_t hi[16], uint64_t *out);

/* Sets bits [first, first + n). */
void index_compare_fill(uint64_t *out, uint32_t first, uint32_t n);

#endif
