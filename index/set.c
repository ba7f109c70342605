/*
 * index/set.c - stored sets of rows.
 *
 * Ranks and lists come from the disk and are not proven when a set is opened:
 * every number taken from them is clamped where it is used.
 */
#include "index/set_int.h"

#include "index/bits_int.h"

static void encode_thin(struct buf *out, const uint64_t *words,
			uint32_t universe, bool wide)
{
	uint32_t w;

	for (w = 0; w < (universe + 63) / 64; w++) {
		uint32_t in = universe - w * 64 < 64 ? universe - w * 64 : 64;
		uint64_t v = words[w] & index_low_bits(in);

		for (; v; v &= v - 1) {
			uint32_t i = w * 64 + (uint32_t)__builtin_ctzll(v);
			char le[4];

			index_set32(le, i);
			buf_put(out, le, wide ? 4 : 2);
		}
	}
}

static void encode_dense(struct buf *out, const uint64_t *words,
			 uint32_t universe)
{
	uint32_t w, i, rank = 0;

	for (w = 0; w < universe / 64; w++)
		index_put64(out, words[w]);
	if (universe % 64)
		index_put64(out, words[w] & index_low_bits(universe % 64));
	for (i = 0; i < universe; i += SET_RANK_BITS) {
		uint32_t n = universe - i < SET_RANK_BITS ? universe - i :
							    SET_RANK_BITS;

		index_put32(out, rank);
		rank += index_bits_count(words + i / 64, n);
	}
}

void index_set_encode(struct buf *out, const uint64_t *words, uint32_t first,
		      uint32_t universe)
{
	bool wide = universe > UINT16_MAX + 1;
	size_t start = out->len;
	enum index_set_form form;
	uint32_t members;

	words += first / 64;
	members = index_bits_count(words, universe);
	if ((uint64_t)members * (wide ? 32 : 16) >= universe)
		form = SET_DENSE;
	else
		form = wide ? SET_THIN32 : SET_THIN16;
	index_put32(out, universe);
	index_put32(out, members);
	index_put32(out, form);
	index_put32(out, 0);
	if (form == SET_DENSE)
		encode_dense(out, words, universe);
	else
		encode_thin(out, words, universe, wide);
	index_put_pad(out, start);
}

bool index_set_open(struct index_set *s, struct slice *part, uint32_t universe)
{
	const char *p;
	uint64_t words = ((uint64_t)universe + 63) / 64, size;

	if (!index_take(part, SET_HEADER, &p))
		return false;
	s->universe = index_get32(p);
	s->members = index_get32(p + 4);
	if (s->universe != universe || s->members > universe)
		return false;
	switch (index_get32(p + 8)) {
	case SET_DENSE:
		s->form = SET_DENSE;
		size = words * 8 + ((uint64_t)universe + SET_RANK_BITS - 1) /
					   SET_RANK_BITS * 4;
		break;
	case SET_THIN16:
		s->form = SET_THIN16;
		size = (uint64_t)s->members * 2;
		break;
	case SET_THIN32:
		s->form = SET_THIN32;
		size = (uint64_t)s->members * 4;
		break;
	default:
		return false;
	}
	if (!index_take_padded(part, size, &s->bits))
		return false;
	s->ranks = s->form == SET_DENSE ? s->bits + words * 8 : NULL;
	return true;
}

static uint32_t thin_member(const struct index_set *s, uint32_t k)
{
	return s->form == SET_THIN16 ? index_get16(s->bits + (size_t)k * 2) :
				       index_get32(s->bits + (size_t)k * 4);
}

bool index_set_find(const struct index_set *s, uint32_t i, uint32_t *rank)
{
	uint32_t lo = 0, hi = s->members;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (thin_member(s, mid) < i)
			lo = mid + 1;
		else
			hi = mid;
	}
	*rank = lo;
	return lo < s->members && thin_member(s, lo) == i;
}

INDEX_POPCNT
uint32_t index_set_rank(const struct index_set *s, uint32_t i)
{
	uint32_t rank, w;

	switch (s->form) {
	case SET_ALL:
		return i;
	case SET_EMPTY:
		return 0;
	case SET_DENSE:
		break;
	case SET_THIN16:
	case SET_THIN32:
	default:
		(void)index_set_find(s, i, &rank);
		return rank;
	}
	if (i >= s->universe)
		return s->members;
	rank = index_get32(s->ranks + (size_t)(i / SET_RANK_BITS) * 4);
	for (w = i / SET_RANK_BITS * (SET_RANK_BITS / 64); w < i / 64; w++)
		rank += (uint32_t)__builtin_popcountll(
			index_get64(s->bits + (size_t)w * 8));
	rank += (uint32_t)__builtin_popcountll(
		index_get64(s->bits + (size_t)w * 8) & index_low_bits(i % 64));
	return rank < s->members ? rank : s->members;
}

uint32_t index_set_span(const struct index_set *s, uint32_t first, uint32_t n,
			uint32_t *rank)
{
	uint32_t from = index_set_rank(s, first),
		 to = index_set_rank(s, first + n);

	*rank = from;
	if (to < from)
		return 0;
	return to - from < n ? to - from : n;
}

#if defined(__x86_64__) && defined(__GNUC__)
/* The processor's own instruction, ten times as fast. */
__attribute__((target("bmi2,popcnt"))) static void
deposit_bmi2(const char *mask, uint32_t words, const uint64_t *bits,
	     uint32_t nbits, uint64_t *out)
{
	uint32_t w, at = 0;

	for (w = 0; w < words; w++) {
		uint64_t m = index_get64(mask + (size_t)w * 8);
		uint32_t k = (uint32_t)__builtin_popcountll(m);

		k = k < nbits - at ? k : nbits - at;
		out[w] = __builtin_ia32_pdep_di(index_bits_at(bits, at, k), m);
		at += k;
	}
}

static bool has_bmi2(void)
{
	return __builtin_cpu_supports("bmi2");
}
#else
static bool has_bmi2(void)
{
	return false;
}

static void deposit_bmi2(const char *mask, uint32_t words, const uint64_t *bits,
			 uint32_t nbits, uint64_t *out)
{
	(void)mask;
	(void)words;
	(void)bits;
	(void)nbits;
	(void)out;
}
#endif

static void deposit_dense(const char *mask, uint32_t words,
			  const uint64_t *bits, uint32_t nbits, uint64_t *out)
{
	uint32_t w, at = 0;

	for (w = 0; w < words; w++) {
		uint64_t m = index_get64(mask + (size_t)w * 8);
		uint32_t k = (uint32_t)__builtin_popcountll(m);

		k = k < nbits - at ? k : nbits - at;
		out[w] = index_bits_deposit(index_bits_at(bits, at, k), m);
		at += k;
	}
}

static void deposit_thin(const struct index_set *s, uint32_t first, uint32_t n,
			 const uint64_t *bits, uint32_t nbits, uint64_t *out)
{
	uint32_t from, k;

	(void)index_set_find(s, first, &from);
	for (k = 0; k < nbits && k < s->members - from; k++) {
		uint32_t i = thin_member(s, from + k);

		if (i < first || i - first >= n)
			break;
		if (index_bit_get(bits, k))
			index_bit_set(out, i - first);
	}
}

void index_set_deposit(const struct index_set *s, uint32_t first, uint32_t n,
		       const uint64_t *bits, uint32_t nbits, uint64_t *out)
{
	uint32_t words = (n + 63) / 64;

	switch (s->form) {
	case SET_EMPTY:
		break;
	case SET_ALL:
		memcpy(out, bits, (size_t)words * 8);
		if (n % 64)
			out[words - 1] &= index_low_bits(n % 64);
		break;
	case SET_DENSE:
		if (has_bmi2())
			deposit_bmi2(s->bits + first / 8, words, bits, nbits,
				     out);
		else
			deposit_dense(s->bits + first / 8, words, bits, nbits,
				      out);
		if (n % 64)
			out[words - 1] &= index_low_bits(n % 64);
		break;
	case SET_THIN16:
	case SET_THIN32:
	default:
		deposit_thin(s, first, n, bits, nbits, out);
		break;
	}
}
