#include "index/counts_int.h"

#include "index/bits_int.h"
#include "tests/test.h"
#include "tests/unit/index/helper_store.h"

enum { ROWS = 3000, VALUES = 400000 };

static uint32_t counts[ROWS];
static uint64_t bits[VALUES / 64 + 1], rows[ROWS / 64 + 1],
	expected[ROWS / 64 + 1];

static void check(const char *name, uint32_t n, uint64_t *random)
{
	struct index_counts c;
	struct slice part;
	struct buf b;
	uint32_t k, i, sum = 0, chunk;

	test_row("%s, %u rows", name, n);
	buf_init(&b, 1 << 20);
	index_counts_encode(&b, counts, n);
	part = buf_slice(&b);
	assert_true(index_counts_open(&c, &part));
	assert_int_equal(part.len, 0);
	memset(expected, 0, sizeof(expected));
	memset(bits, 0, sizeof(bits));
	for (k = 0; k < n; k++) {
		assert_int_equal(index_counts_before(&c, k), sum);
		assert_int_equal(index_counts_get(&c, k), counts[k]);
		for (i = 0; i < counts[k]; i++, sum++) {
			if (helper_random(random) % 50)
				continue;
			index_bit_set(bits, sum);
			index_bit_set(expected, k);
		}
	}
	assert_int_equal(index_counts_before(&c, n), sum);
	/* In pieces, whose edges fall inside rows. */
	memset(rows, 0, sizeof(rows));
	for (i = 0; i < sum; i += chunk) {
		chunk = sum - i < 640 ? sum - i : 640;
		index_counts_mark(&c, bits + i / 64, i, chunk, rows);
	}
	assert_memory_equal(rows, expected, sizeof(rows));
	for (i = 0; i < b.len; i += i < 32 ? 1 : 61) {
		part = slice_of(b.p, i);
		assert_false(index_counts_open(&c, &part));
	}
	buf_release(&b);
}

static void test_counts__find_the_row_of_a_value(void **state)
{
	static const uint32_t sizes[] = { 1, 63, 64, 65, 500, ROWS };
	uint64_t random = 5;
	uint32_t i, k;

	(void)state;
	for (k = 0; k < ARRAY_SIZE(sizes); k++) {
		for (i = 0; i < ROWS; i++)
			counts[i] = 3;
		check("three each", sizes[k], &random);
		for (i = 0; i < ROWS; i++)
			counts[i] = (uint32_t)(helper_random(&random) % 5);
		check("few", sizes[k], &random);
		for (i = 0; i < ROWS; i++)
			counts[i] = i % 100 ? 1 : 3000;
		check("some long", sizes[k], &random);
	}
	counts[0] = 70000;
	counts[1] = 1;
	check("a very long one", 2, &random);
}

static void test_counts__stay_inside_when_damaged(void **state)
{
	uint64_t random = 6;
	struct index_counts c;
	struct slice part;
	struct buf b;
	uint32_t i, k;

	(void)state;
	memset(bits, 0xff, sizeof(bits));
	for (k = 0; k < 2000; k++) {
		for (i = 0; i < ROWS; i++)
			counts[i] = (uint32_t)(helper_random(&random) % 9);
		buf_init(&b, 1 << 20);
		index_counts_encode(&b, counts, ROWS);
		for (i = 0; i < 6; i++)
			b.p[helper_random(&random) % b.len] =
				(char)helper_random(&random);
		part = buf_slice(&b);
		if (index_counts_open(&c, &part) && c.n <= ROWS) {
			for (i = 0; i < c.n; i += 11)
				assert_true(index_counts_before(&c, i) <=
					    c.total);
			index_counts_mark(&c, bits, 0,
					  c.total < VALUES ? c.total : VALUES,
					  rows);
		}
		buf_release(&b);
	}
}

TEST_MAIN(TEST(test_counts__find_the_row_of_a_value),
	  TEST(test_counts__stay_inside_when_damaged))
