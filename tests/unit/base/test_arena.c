#include "base/arena.h"

#include "base/mem.h"
#include "tests/test.h"

#ifdef ARENA_DEBUG
enum { OBJECT_IS_BLOCK = 1 };
#else
enum { OBJECT_IS_BLOCK = 0 };
#endif

static void test_arena__objects_are_aligned_and_apart(void **state)
{
	unsigned char *p[300];
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 20);
	for (size_t i = 0; i < ARRAY_SIZE(p); i++) {
		p[i] = arena_alloc(&a, i);
		assert_non_null(p[i]);
		assert_int_equal((uintptr_t)p[i] % 8, 0);
		memset(p[i], (int)(i & 0xff), i);
	}
	for (size_t i = 0; i < ARRAY_SIZE(p); i++) {
		for (size_t j = 0; j < i; j++)
			assert_int_equal(p[i][j], i & 0xff);
	}
	arena_release(&a);
}

static void test_arena__the_limit_is_a_failure_not_a_crash(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 100);
	assert_non_null(arena_alloc(&a, 96));
	assert_null(arena_alloc(&a, 8));
	assert_int_equal(a.used, 96);
	arena_reset(&a);
	assert_non_null(arena_alloc(&a, 8));
	assert_null(arena_alloc(&a, 101));
	assert_null(arena_alloc(&a, SIZE_MAX));
	assert_null(arena_alloc(&a, SIZE_MAX - 6));
	assert_null(arena_calloc(&a, SIZE_MAX / 2, 3));
	assert_null(arena_dup(&a, slice_of("", SIZE_MAX)).p);
	arena_release(&a);

	arena_init(&a, SIZE_MAX);
	assert_null(arena_alloc(&a, SIZE_MAX - 8));
	arena_release(&a);
	arena_release(NULL);
}

static void test_arena__a_copy_ends_in_a_nul(void **state)
{
	struct arena a;
	struct slice s, empty;

	(void)state;
	arena_init(&a, 1 << 10);
	s = arena_dup(&a, slice_of("a\0bcd", 4));
	empty = arena_dup(&a, slice_of(NULL, 0));
	assert_int_equal(s.len, 4);
	assert_memory_equal(s.p, "a\0bc", 5);
	assert_non_null(empty.p);
	assert_string_equal(empty.p, "");
	arena_release(&a);
}

static void test_arena__rewind_forgets_what_came_after_the_mark(void **state)
{
	struct arena_mark start, mark;
	struct arena a;
	char *kept;

	(void)state;
	arena_init(&a, 1 << 24);
	start = arena_mark(&a);
	kept = arena_alloc(&a, 5);
	assert_non_null(kept);
	memcpy(kept, "kept", 5);
	mark = arena_mark(&a);
	for (int round = 0; round < 3; round++) {
		for (size_t size = 1; size < (1 << 20); size *= 3) {
			void *p = arena_alloc(&a, size);

			assert_non_null(p);
			memset(p, 0xee, size);
		}
		arena_rewind(&a, mark);
		assert_int_equal(a.used, mark.used);
		assert_string_equal(kept, "kept");
	}
	arena_rewind(&a, start);
	assert_int_equal(a.used, 0);
	arena_release(&a);
}

static void use_some(struct arena *a, int from, int to)
{
	for (int i = from; i < to; i++) {
		/* Small ones, and now and then one larger than a block. */
		size_t size = i % 50 == 49 ? 60000 : 100;
		char *p = arena_alloc(a, size);

		assert_non_null(p);
		memset(p, i, size);
	}
}

static void test_arena__a_second_phase_takes_no_new_memory(void **state)
{
	struct arena a;
	uint64_t before;

	(void)state;
	if (OBJECT_IS_BLOCK)
		skip();
	arena_init(&a, 1 << 24);
	use_some(&a, 0, 1000);
	arena_reset(&a);
	before = mem_count();
	for (int round = 0; round < 5; round++) {
		use_some(&a, 0, 1000);
		arena_reset(&a);
	}
	assert_int_equal(mem_count(), before);
	arena_release(&a);
}

static void test_arena__phases_of_different_shape_do_not_grow_it(void **state)
{
	struct arena a;
	uint64_t before = 0;

	(void)state;
	if (OBJECT_IS_BLOCK)
		skip();
	arena_init(&a, 1 << 24);
	for (int round = 0; round < 40; round++) {
		if (round == 20)
			before = mem_count();
		use_some(&a, round * 7 % 50, 400);
		arena_reset(&a);
	}
	assert_int_equal(mem_count(), before);
	arena_release(&a);
}

static void test_arena__survives_each_failed_allocation(void **state)
{
	(void)state;
	for (uint64_t nth = 1; nth <= 5; nth++) {
		struct arena a;
		size_t used;
		int n = 0;

		test_row("nth %u", (unsigned)nth);
		arena_init(&a, 1 << 24);
		mem_fail_after(nth);
		while (n < 20000 && arena_alloc(&a, 500))
			n++;
		mem_fail_after(0);
		used = a.used;
		assert_true(n < 20000);
		assert_int_equal(used, (size_t)n * 504);
		/* Usable again as soon as there is memory. */
		assert_non_null(arena_alloc(&a, 500));
		arena_release(&a);
	}
}

TEST_MAIN(TEST(test_arena__objects_are_aligned_and_apart),
	  TEST(test_arena__the_limit_is_a_failure_not_a_crash),
	  TEST(test_arena__a_copy_ends_in_a_nul),
	  TEST(test_arena__rewind_forgets_what_came_after_the_mark),
	  TEST(test_arena__a_second_phase_takes_no_new_memory),
	  TEST(test_arena__phases_of_different_shape_do_not_grow_it),
	  TEST(test_arena__survives_each_failed_allocation))
