/*
 * index/compare.c - arrays of stored values against a range, to bits.
 */
#include "index/compare_int.h"

#include <string.h>

#include "index/bits_int.h"
#include "index/part_int.h"

/* 64 bytes of 0 or 1 to bits: the product gathers eight of them at the top. */
static inline uint64_t gather(const uint8_t hit[64])
{
	uint64_t out = 0, x;
	int i;

	for (i = 0; i < 8; i++) {
		memcpy(&x, hit + (size_t)i * 8, sizeof(x));
		out |= (x * UINT64_C(0x0102040810204080)) >> 56 << (i * 8);
	}
	return out;
}

static inline void put(uint64_t *out, uint32_t w, uint64_t bits, bool add)
{
	out[w] = add ? out[w] | bits : bits;
}

/* One loop for each width: value - lo <= span, unsigned, is both bounds in
 * one comparison. */
#define COMPARE(name, type, load)                                         \
	INDEX_WIDE                                                        \
	static void name(const char *p, uint32_t n, type lo, type span,   \
			 bool add, uint64_t *out)                         \
	{                                                                 \
		uint8_t hit[64] = { 0 };                                  \
		uint32_t w, i;                                            \
                                                                          \
		for (w = 0; w < n / 64; w++, p += 64 * sizeof(type)) {    \
			for (i = 0; i < 64; i++)                          \
				hit[i] = (type)((type)(load)-lo) <= span; \
			put(out, w, gather(hit), add);                    \
		}                                                         \
		if (n % 64) {                                             \
			memset(hit, 0, sizeof(hit));                      \
			for (i = 0; i < n % 64; i++)                      \
				hit[i] = (type)((type)(load)-lo) <= span; \
			put(out, w, gather(hit), add);                    \
		}                                                         \
	}

COMPARE(compare8, uint8_t, p[i])
COMPARE(compare16, uint16_t, index_get16(p + (size_t)i * 2))
COMPARE(compare32, uint32_t, index_get32(p + (size_t)i * 4))
COMPARE(compare64, uint64_t, index_get64(p + (size_t)i * 8))

void index_compare_fill(uint64_t *out, uint32_t first, uint32_t n)
{
	while (n) {
		uint32_t in = 64 - first % 64;

		in = in < n ? in : n;
		out[first / 64] |= index_low_bits(in) << (first % 64);
		first += in;
		n -= in;
	}
}

static void fill(uint64_t *out, uint32_t n, bool value, bool add)
{
	if (!add)
		memset(out, 0, (size_t)(n + 63) / 64 * sizeof(*out));
	if (value)
		index_compare_fill(out, 0, n);
}

void index_compare_range(const char *p, uint32_t width, uint32_t n, uint64_t lo,
			 uint64_t hi, bool add, uint64_t *out)
{
	uint64_t most = width >= 8 ? UINT64_MAX :
				     (UINT64_C(1) << (8 * width)) - 1;

	if (hi > most)
		hi = most;
	if (lo > hi || (lo == 0 && hi == most)) {
		fill(out, n, lo <= hi, add);
		return;
	}
	switch (width) {
	case 1:
		compare8(p, n, (uint8_t)lo, (uint8_t)(hi - lo), add, out);
		break;
	case 2:
		compare16(p, n, (uint16_t)lo, (uint16_t)(hi - lo), add, out);
		break;
	case 4:
		compare32(p, n, (uint32_t)lo, (uint32_t)(hi - lo), add, out);
		break;
	default:
		compare64(p, n, lo, hi - lo, add, out);
		break;
	}
}

static inline uint32_t load_id(const char *p, uint32_t width, uint32_t i)
{
	switch (width) {
	case 1:
		return (unsigned char)p[i];
	case 2:
		return index_get16(p + (size_t)i * 2);
	case 4:
		return index_get32(p + (size_t)i * 4);
	default:
		return 0;
	}
}

static inline uint64_t set_word(const char *p, uint32_t width, uint32_t first,
				uint32_t n, uint32_t lo, uint32_t hi,
				const uint64_t *bitmap)
{
	uint64_t bits = 0;
	uint32_t i;

	for (i = 0; i < n; i++) {
		uint32_t id = load_id(p, width, first + i);

		if (id - lo < hi - lo)
			bits |= (bitmap[id / 64] >> (id % 64) & 1) << i;
	}
	return bits;
}

void index_compare_set(const char *p, uint32_t width, uint32_t n, uint32_t lo,
		       uint32_t hi, const uint64_t *bitmap, uint64_t *out)
{
	uint32_t i;

	for (i = 0; i < n; i += 64) {
		uint32_t in = n - i < 64 ? n - i : 64;

		/* The width is a constant in each copy of the loop. */
		switch (width) {
		case 1:
			out[i / 64] = set_word(p, 1, i, in, lo, hi, bitmap);
			break;
		case 2:
			out[i / 64] = set_word(p, 2, i, in, lo, hi, bitmap);
			break;
		case 4:
			out[i / 64] = set_word(p, 4, i, in, lo, hi, bitmap);
			break;
		default:
			out[i / 64] = set_word(p, 0, i, in, lo, hi, bitmap);
			break;
		}
	}
}

static inline uint64_t load_be(const char *p)
{
	return __builtin_bswap64(index_get64(p));
}

static void equal_b16(const char *p, uint32_t n, const uint8_t v[16],
		      uint64_t *out)
{
	uint64_t a, b, bits = 0;
	uint32_t i;

	memcpy(&a, v, 8);
	memcpy(&b, v + 8, 8);
	for (i = 0; i < n; i++) {
		uint64_t x, y;

		memcpy(&x, p + (size_t)i * 16, 8);
		memcpy(&y, p + (size_t)i * 16 + 8, 8);
		bits |= (uint64_t)(((x ^ a) | (y ^ b)) == 0) << (i % 64);
		if (i % 64 == 63) {
			out[i / 64] = bits;
			bits = 0;
		}
	}
	if (n % 64)
		out[n / 64] = bits;
}

void index_compare_b16(const char *p, uint32_t n, const uint8_t lo[16],
		       const uint8_t hi[16], uint64_t *out)
{
	uint64_t a = load_be((const char *)lo),
		 b = load_be((const char *)lo + 8);
	uint64_t c = load_be((const char *)hi),
		 d = load_be((const char *)hi + 8);
	uint64_t bits = 0;
	uint32_t i;

	if (memcmp(lo, hi, 16) == 0) {
		equal_b16(p, n, lo, out);
		return;
	}
	for (i = 0; i < n; i++) {
		uint64_t x = load_be(p + (size_t)i * 16);
		uint64_t y = load_be(p + (size_t)i * 16 + 8);
		bool in = (x > a || (x == a && y >= b)) &&
			  (x < c || (x == c && y <= d));

		bits |= (uint64_t)in << (i % 64);
		if (i % 64 == 63) {
			out[i / 64] = bits;
			bits = 0;
		}
	}
	if (n % 64)
		out[n / 64] = bits;
}
