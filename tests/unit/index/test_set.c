#include "index/set_int.h"

#include "index/bits_int.h"
#include "tests/test.h"
#include "tests/unit/index/helper_store.h"

enum { MOST = 140000 };

static uint64_t words[MOST / 64 + 2], bits[MOST / 64 + 2], out[MOST / 64 + 2];

/* In how many of 1,000 places there is a member. */
static void fill(uint32_t n, unsigned density, uint64_t *random)
{
	uint32_t i;

	memset(words, 0, sizeof(words));
	for (i = 0; i < n; i++)
		if (helper_random(random) % 1000 < density)
			index_bit_set(words, i);
}

static void check(uint32_t n, uint64_t *random)
{
	uint32_t i, k = 0, rank, first, span;
	struct index_set s;
	struct slice part;
	struct buf b;

	buf_init(&b, 1 << 20);
	index_set_encode(&b, words, 0, n);
	part = buf_slice(&b);
	assert_true(index_set_open(&s, &part, n));
	assert_int_equal(part.len, 0);
	for (i = 0; i < n; i++) {
		assert_int_equal(index_set_rank(&s, i), k);
		assert_int_equal(index_set_get(&s, i), index_bit_get(words, i));
		assert_int_equal(index_set_lookup(&s, i, &rank),
				 index_bit_get(words, i));
		if (index_bit_get(words, i))
			assert_int_equal(rank, k++);
	}
	assert_int_equal(index_set_rank(&s, n), k);
	assert_int_equal(s.members, k);
	for (first = 0; first < n; first += 65536) {
		uint32_t in = n - first < 65536 ? n - first : 65536;

		span = index_set_span(&s, first, in, &rank);
		for (i = 0; i < (span + 63) / 64; i++)
			bits[i] = helper_random(random);
		memset(out, 0, sizeof(out));
		index_set_deposit(&s, first, in, bits, span, out);
		for (i = 0, k = 0; i < in; i++) {
			bool member = index_bit_get(words, first + i);

			assert_int_equal(index_bit_get(out, i),
					 member && index_bit_get(bits, k));
			k += member;
		}
	}
	for (i = 0; i < b.len; i += i < 64 ? 1 : 331) {
		part = slice_of(b.p, i);
		assert_false(index_set_open(&s, &part, n));
	}
	part = buf_slice(&b);
	assert_false(index_set_open(&s, &part, n + 1));
	buf_release(&b);
}

static void test_set__answers_as_a_bitmap_does(void **state)
{
	static const uint32_t counts[] = { 1,   63,  64,    65,  511,
					   512, 513, 65536, MOST };
	static const unsigned densities[] = { 0, 1, 20, 60, 500, 990, 1000 };
	uint64_t random = 2;
	uint32_t i, k;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		for (k = 0; k < ARRAY_SIZE(densities); k++) {
			test_row("%u places, %u of 1000", counts[i],
				 densities[k]);
			fill(counts[i], densities[k], &random);
			check(counts[i], &random);
		}
	}
}

static void test_set__stays_inside_when_damaged(void **state)
{
	uint64_t random = 3;
	uint32_t i, k, rank;
	struct index_set s;
	struct slice part;
	struct buf b;

	(void)state;
	for (k = 0; k < 2000; k++) {
		unsigned density = k % 3 ? 500 : 5;

		fill(5000, density, &random);
		buf_init(&b, 1 << 20);
		index_set_encode(&b, words, 0, 5000);
		for (i = 0; i < 8; i++)
			b.p[helper_random(&random) % b.len] =
				(char)helper_random(&random);
		part = buf_slice(&b);
		if (index_set_open(&s, &part, 5000)) {
			for (i = 0; i < 5000; i += 7) {
				assert_true(index_set_rank(&s, i) <= s.members);
				if (index_set_lookup(&s, i, &rank))
					assert_true(rank < s.members);
			}
			i = index_set_span(&s, 0, 5000, &rank);
			assert_true(i <= 5000);
			memset(out, 0, sizeof(out));
			index_set_deposit(&s, 0, 5000, bits, i, out);
			assert_int_equal(
				out[5000 / 64] & ~index_low_bits(5000 % 64), 0);
		}
		buf_release(&b);
	}
}

static void test_set__moves_bits_anywhere(void **state)
{
	uint64_t random = 4;
	uint32_t at, n, i;

	(void)state;
	for (at = 0; at < 130; at += 13) {
		for (n = 1; n < 200; n += 17) {
			for (i = 0; i < 8; i++)
				bits[i] = helper_random(&random);
			memset(out, 0, sizeof(out));
			index_bits_or(out, at, bits, n);
			for (i = 0; i < 400; i++)
				assert_int_equal(index_bit_get(out, i),
						 i >= at && i < at + n &&
							 index_bit_get(bits,
								       i - at));
			for (i = 0; i < n; i++)
				assert_int_equal(index_bits_at(out, at + i, 1),
						 index_bit_get(bits, i));
		}
	}
	assert_true(index_bits_deposit(5, 0xf0) == 0x50);
}

TEST_MAIN(TEST(test_set__answers_as_a_bitmap_does),
	  TEST(test_set__stays_inside_when_damaged),
	  TEST(test_set__moves_bits_anywhere))
