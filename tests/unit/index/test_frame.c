#include "index/frame_int.h"

#include <stdlib.h>

#include "tests/test.h"
#include "tests/unit/index/helper_store.h"

enum { MOST = 70000 };

static int64_t values[MOST], back[MOST];

static void round_trip(const char *name, uint32_t n)
{
	struct index_frame f;
	struct slice part;
	struct buf b;
	uint32_t i, first;

	test_row("%s, %u values", name, n);
	buf_init(&b, 1 << 24);
	index_frame_encode(&b, values, n);
	assert_int_equal(b.error, 0);
	assert_int_equal(b.len % 8, 0);
	part = buf_slice(&b);
	assert_true(index_frame_open(&f, &part));
	assert_int_equal(part.len, 0);
	assert_int_equal(f.n, n);
	for (i = 0; i < n; i++)
		assert_true(index_frame_get(&f, i) == values[i]);
	for (first = 0; first < n; first += 1 + first / 2) {
		index_frame_read(&f, first, n - first, back);
		assert_memory_equal(back, values + first,
				    (n - first) * sizeof(*back));
	}
	/* No shorter part is taken for whole. */
	for (i = 0; i < b.len; i += i < 64 ? 1 : 997) {
		part = slice_of(b.p, i);
		assert_false(index_frame_open(&f, &part));
	}
	buf_release(&b);
}

static void test_frame__gives_back_any_integers(void **state)
{
	static const uint32_t counts[] = {
		0, 1, 2, 1023, 1024, 1025, 5000, MOST
	};
	uint64_t random = 1;
	uint32_t i, k;

	(void)state;
	for (k = 0; k < ARRAY_SIZE(counts); k++) {
		for (i = 0; i < MOST; i++)
			values[i] = -7;
		round_trip("constant", counts[k]);
		for (i = 0; i < MOST; i++)
			values[i] =
				(int64_t)(helper_random(&random) % 200) - 100;
		round_trip("one byte", counts[k]);
		for (i = 0; i < MOST; i++)
			values[i] = (int64_t)(helper_random(&random) % 60000);
		round_trip("two bytes", counts[k]);
		for (i = 0; i < MOST; i++)
			values[i] = (int64_t)helper_random(&random);
		round_trip("anything", counts[k]);
		for (i = 0; i < MOST; i++)
			values[i] = i % 2 ? INT64_MIN : INT64_MAX;
		round_trip("extremes", counts[k]);
		for (i = 0; i < MOST; i++)
			values[i] = INT64_C(1770000000123000000) +
				    (int64_t)(helper_random(&random) % 5000) *
					    1000000;
		round_trip("milliseconds", counts[k]);
	}
}

static void test_frame__takes_the_zeros_off_times(void **state)
{
	struct buf b;
	uint32_t i;

	(void)state;
	for (i = 0; i < 1024; i++)
		values[i] = INT64_C(1770000000000000000) +
			    i * INT64_C(1000000) / 5 * 5;
	buf_init(&b, 1 << 20);
	index_frame_encode(&b, values, 1024);
	/* 1,023 ms fit in two bytes. */
	assert_int_equal(b.len, FRAME_HEADER + FRAME_MINI + 2048);
	buf_release(&b);
}

static void test_frame__refuses_damaged_headers(void **state)
{
	struct index_frame f;
	struct slice part;
	struct buf b;
	uint32_t i, k, opened = 0;

	(void)state;
	for (i = 0; i < 3000; i++)
		values[i] = i * 3;
	buf_init(&b, 1 << 20);
	index_frame_encode(&b, values, 3000);
	for (i = 0; i < FRAME_HEADER + 3 * FRAME_MINI; i++) {
		for (k = 0; k < 8; k++) {
			b.p[i] = (char)(b.p[i] ^ 1 << k);
			part = buf_slice(&b);
			if (index_frame_open(&f, &part)) {
				opened++;
				index_frame_read(&f, 0, f.n < MOST ? f.n : MOST,
						 back);
			}
			b.p[i] = (char)(b.p[i] ^ 1 << k);
		}
	}
	/* Another base or scale gives other values, not other places. */
	assert_true(opened >= 3 * 64 + 64);
	buf_release(&b);
}

TEST_MAIN(TEST(test_frame__gives_back_any_integers),
	  TEST(test_frame__takes_the_zeros_off_times),
	  TEST(test_frame__refuses_damaged_headers))
