#include "index/scan.h"

#include "tests/test.h"
#include "tests/unit/index/helper_store.h"

enum { MOST = 200 };

static void test_mask__combines_and_walks(void **state)
{
	static const uint32_t sizes[] = { 1, 63, 64, 65, 128, MOST };
	bool a[MOST], b[MOST];
	uint64_t random = 41;
	struct arena arena;
	uint32_t k, i, round;

	(void)state;
	arena_init(&arena, 1 << 20);
	for (k = 0; k < ARRAY_SIZE(sizes); k++) {
		uint32_t n = sizes[k];
		struct index_mask x = index_mask_new(&arena, n);
		struct index_mask y = index_mask_new(&arena, n);

		test_row("%u bits", n);
		for (round = 0; round < 40; round++) {
			int64_t last = -1, next = -1;
			uint32_t count = 0;

			index_mask_fill(x, false);
			index_mask_fill(y, false);
			for (i = 0; i < n; i++) {
				a[i] = helper_random(&random) % 3 == 0;
				b[i] = helper_random(&random) % (round + 1) ==
				       0;
				x.words[i / 64] |= (uint64_t)a[i] << (i % 64);
				y.words[i / 64] |= (uint64_t)b[i] << (i % 64);
			}
			for (i = 0; i < n; i++) {
				assert_int_equal(index_mask_prev(x, i), last);
				last = a[i] ? (int64_t)i : last;
				count += a[i];
			}
			assert_int_equal(index_mask_prev(x, n), last);
			assert_int_equal(index_mask_next(x, n), -1);
			for (i = n; i-- > 0;) {
				next = a[i] ? (int64_t)i : next;
				assert_int_equal(index_mask_next(x, i), next);
			}
			assert_int_equal(index_mask_count(x), count);
			switch (round % 3) {
			case 0:
				index_mask_and(x, y);
				break;
			case 1:
				index_mask_or(x, y);
				break;
			default:
				index_mask_not(x);
				break;
			}
			for (i = 0; i < n; i++)
				assert_int_equal(index_mask_get(x, i),
						 round % 3 == 0 ? a[i] && b[i] :
						 round % 3 == 1 ? a[i] || b[i] :
								  !a[i]);
			/* Nothing past the end. */
			index_mask_fill(x, true);
			assert_int_equal(index_mask_count(x), n);
			index_mask_not(x);
			assert_int_equal(index_mask_count(x), 0);
		}
	}
	arena_release(&arena);
}

static void test_mask__says_when_memory_is_out(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena, 64);
	assert_null(index_mask_new(&arena, 1000).words);
	arena_release(&arena);
}

TEST_MAIN(TEST(test_mask__combines_and_walks),
	  TEST(test_mask__says_when_memory_is_out))
