#include "index/sort_int.h"

#include <stdlib.h>

#include "schemas/words.h"
#include "tests/test.h"
#include "tests/unit/index/helper_store.h"

enum { MOST = 4000, LONGEST = 64 };

static char texts[MOST][LONGEST];
static struct slice slices[MOST], folded[MOST];
static uint32_t order[MOST];

static int compare_slices(const void *a, const void *b)
{
	return slice_cmp(*(const struct slice *)a, *(const struct slice *)b);
}

/* Sorts and removes doubles. */
static uint32_t distinct(uint32_t n)
{
	uint32_t i, k = 0;

	qsort(slices, n, sizeof(*slices), compare_slices);
	for (i = 0; i < n; i++)
		if (k == 0 || !slice_eq(slices[k - 1], slices[i]))
			slices[k++] = slices[i];
	return k;
}

static void make_texts(unsigned kind, uint64_t *random)
{
	uint32_t i, k;

	for (i = 0; i < MOST; i++) {
		size_t len = helper_random(random) % LONGEST;

		for (k = 0; k < len; k++)
			texts[i][k] =
				kind == 0 ? (char)helper_random(random) :
				kind == 1 ? "aAbB"[helper_random(random) % 4] :
				kind == 2 ? "\0\1"[helper_random(random) % 2] :
					    (char)('/' +
						   (k > 40) * (helper_random(
								       random) %
							       9));
		if (kind == 4)
			memcpy(texts[i], "\xc3\x84\xc3\xa4", len < 4 ? 0 : 4);
		slices[i] = slice_of(texts[i], len);
	}
}

static void test_sort__orders_texts_as_fold_cmp_does(void **state)
{
	uint64_t random = 51;
	struct arena a;
	uint32_t i, n;
	unsigned kind;

	(void)state;
	arena_init(&a, 1 << 24);
	for (kind = 0; kind < 5; kind++) {
		test_row("kind %u", kind);
		make_texts(kind, &random);
		n = distinct(MOST);
		/* Shuffled, so that ties are met in any order. */
		for (i = n - 1; i > 0; i--) {
			uint32_t k =
				(uint32_t)(helper_random(&random) % (i + 1));
			struct slice t = slices[i];

			slices[i] = slices[k];
			slices[k] = t;
		}
		assert_int_equal(index_sort_texts(slices, n, &a, order, folded),
				 0);
		for (i = 1; i < n; i++)
			assert_true(fold_cmp(slices[order[i - 1]],
					     slices[order[i]]) < 0);
		arena_reset(&a);
	}
	arena_release(&a);
}

static void test_sort__orders_times_and_keeps_ties(void **state)
{
	static int64_t times[MOST];
	static const struct {
		const char *name;
		uint64_t range;
	} rows[] = { { "two times", 2 },
		     { "a second", 1000000000 },
		     { "any", 0 } };
	uint64_t random = 52;
	struct arena a;
	uint32_t i, k;

	(void)state;
	arena_init(&a, 1 << 24);
	for (k = 0; k < ARRAY_SIZE(rows); k++) {
		test_row("%s", rows[k].name);
		for (i = 0; i < MOST; i++)
			times[i] = (int64_t)(rows[k].range ?
						     helper_random(&random) %
							     rows[k].range :
						     helper_random(&random));
		assert_int_equal(index_sort_times(times, MOST, &a, order), 0);
		for (i = 1; i < MOST; i++) {
			assert_true(times[order[i - 1]] <= times[order[i]]);
			if (times[order[i - 1]] == times[order[i]])
				assert_true(order[i - 1] < order[i]);
		}
	}
	arena_release(&a);
}

TEST_MAIN(TEST(test_sort__orders_texts_as_fold_cmp_does),
	  TEST(test_sort__orders_times_and_keeps_ties))
