#include "index/intern_int.h"

#include <stdio.h>

#include "base/mem.h"
#include "tests/test.h"

enum { VALUES = 20000 };

static struct slice value(uint32_t i, char text[32])
{
	return slice_of(text, (size_t)snprintf(text, 32, "%u", i));
}

static uint32_t put(struct index_intern *t, uint32_t i)
{
	char text[32];
	struct slice s = value(i, text);

	return index_intern_put(t, s, index_intern_hash(t, s));
}

static void test_intern__numbers_values_as_they_come(void **state)
{
	struct index_intern t = { .n = 0 };
	char text[32];
	uint32_t i;

	(void)state;
	for (i = 0; i < VALUES; i++)
		assert_int_equal(put(&t, i), i);
	for (i = VALUES; i-- > 0;) {
		assert_int_equal(put(&t, i), i);
		assert_true(index_intern_again(&t, value(i, text)));
		assert_true(
			slice_eq(index_intern_entry(&t, i), value(i, text)));
	}
	/* The newest ones go, and come back as new. */
	index_intern_cut(&t, 100);
	assert_int_equal(t.n, 100);
	assert_int_equal(put(&t, 5000), 100);
	assert_int_equal(put(&t, 99), 99);
	index_intern_clear(&t);
	assert_int_equal(put(&t, 7), 0);
	index_intern_release(&t);
}

static void test_intern__keeps_empty_and_binary_values_apart(void **state)
{
	static const struct slice values[] = {
		{ "", 0 }, { "\0", 1 }, { "\0\0", 2 }, { "a", 1 }, { "a\0", 2 }
	};
	struct index_intern t = { .n = 0 };
	uint32_t i, round;

	(void)state;
	for (round = 0; round < 2; round++)
		for (i = 0; i < 5; i++)
			assert_int_equal(
				index_intern_put(&t, values[i],
						 index_intern_hash(&t,
								   values[i])),
				i);
	index_intern_release(&t);
}

static void test_intern__is_whole_after_a_failed_allocation(void **state)
{
	struct index_intern t = { .n = 0 };
	uint32_t i, failed = 0;

	(void)state;
	for (i = 0; i < VALUES; i++) {
		mem_fail_after(1);
		if (put(&t, i) == INTERN_FULL) {
			failed++;
			assert_int_equal(t.n, i);
			mem_fail_after(0);
			assert_int_equal(put(&t, i), i);
		}
		mem_fail_after(0);
	}
	assert_true(failed > 10);
	for (i = 0; i < VALUES; i++)
		assert_int_equal(put(&t, i), i);
	index_intern_release(&t);
}

TEST_MAIN(TEST(test_intern__numbers_values_as_they_come),
	  TEST(test_intern__keeps_empty_and_binary_values_apart),
	  TEST(test_intern__is_whole_after_a_failed_allocation))
