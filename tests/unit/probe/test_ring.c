/*
 * tests/unit/probe/test_ring.c - a queue between two threads.
 */
#include "tests/test.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/mem.h"
#include "probe/ring.h"

static struct probe_ring *new_ring(size_t size)
{
	struct probe_ring *r;

	assert_int_equal(probe_ring_new(&r, size, NULL), 0);
	return r;
}

static void test_ring__gives_back_in_order_across_its_end(void **state)
{
	struct probe_ring *r = new_ring(4096);
	char bytes[700];
	uint64_t in = 0, out = 0, seq;
	struct slice got;

	(void)state;
	for (int round = 0; round < 200; round++) {
		size_t len = (size_t)(round * 37 % (int)sizeof(bytes));

		memset(bytes, round, sizeof(bytes));
		while (!probe_ring_push(r, in, slice_of(bytes, len))) {
			assert_true(probe_ring_peek(r, &seq, &got));
			assert_true(seq == out++);
			probe_ring_pop(r);
		}
		in++;
	}
	while (probe_ring_peek(r, &seq, &got)) {
		assert_true(seq == out);
		assert_int_equal(got.len, seq * 37 % sizeof(bytes));
		for (size_t i = 0; i < got.len; i++)
			assert_int_equal((unsigned char)got.p[i], seq & 255);
		probe_ring_pop(r);
		out++;
	}
	assert_true(in == out);
	assert_int_equal(probe_ring_fill(r), 0);
	probe_ring_free(r);
}

static void test_ring__refuses_what_has_no_room(void **state)
{
	struct probe_ring *r = new_ring(4096);
	static char big[5000];
	struct slice got;
	uint64_t seq;
	int n = 0;

	(void)state;
	assert_false(probe_ring_push(r, 1, slice_of(big, sizeof(big))));
	assert_false(probe_ring_push(r, 1, slice_of(big, 4096)));
	while (probe_ring_push(r, 1, slice_of(big, 100)))
		n++;
	assert_int_equal(n, 4096 / (16 + 112));
	assert_true(probe_ring_fill(r) > 95);
	assert_true(probe_ring_peek(r, &seq, &got));
	probe_ring_pop(r);
	assert_true(probe_ring_push(r, 1, slice_of(big, 100)));
	probe_ring_free(r);
}

static void test_ring__survives_lack_of_memory(void **state)
{
	struct probe_ring *r = NULL;

	(void)state;
	for (uint64_t n = 1; n <= 2; n++) {
		mem_fail_after(n);
		assert_int_equal(probe_ring_new(&r, 4096, NULL), ERR_NO_MEMORY);
		mem_fail_after(0);
		assert_null(r);
	}
}

enum { RECORDS = 200000 };

static void *produce(void *arg)
{
	struct probe_ring *r = arg;
	char bytes[64];
	uint64_t refused = 0;

	for (uint64_t i = 0; i < RECORDS; i++) {
		size_t len = i % sizeof(bytes);

		memset(bytes, (int)i, len);
		while (!probe_ring_push(r, i, slice_of(bytes, len)))
			refused++;
	}
	return refused ? arg : NULL;
}

static void test_ring__keeps_two_threads_apart(void **state)
{
	struct probe_ring *r = new_ring(1 << 14);
	uint64_t want = 0, seq;
	struct slice got;
	pthread_t t;

	(void)state;
	assert_int_equal(pthread_create(&t, NULL, produce, r), 0);
	while (want < RECORDS) {
		probe_ring_wait(r, 1000);
		while (probe_ring_peek(r, &seq, &got)) {
			assert_true(seq == want);
			assert_int_equal(got.len, want % 64);
			if (got.len)
				assert_int_equal(
					(unsigned char)got.p[got.len - 1],
					want & 255);
			probe_ring_pop(r);
			want++;
		}
	}
	pthread_join(t, NULL);
	probe_ring_free(r);
}

TEST_MAIN(TEST(test_ring__gives_back_in_order_across_its_end),
	  TEST(test_ring__refuses_what_has_no_room),
	  TEST(test_ring__survives_lack_of_memory),
	  TEST(test_ring__keeps_two_threads_apart))
