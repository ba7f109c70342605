#include "base/mem.h"

#include "tests/test.h"

static void test_mem__nothing_is_still_a_block(void **state)
{
	void *p = mem_alloc(0), *q = mem_calloc(0, 8), *r;

	(void)state;
	assert_non_null(p);
	assert_non_null(q);
	r = mem_realloc(p, 0);
	assert_non_null(r);
	mem_free(r);
	mem_free(q);
	mem_free(NULL);
}

static void test_mem__a_product_that_overflows_fails(void **state)
{
	void *p = mem_alloc(8);

	(void)state;
	assert_non_null(p);
	assert_null(mem_realloc_array(p, SIZE_MAX / 4 + 1, 8));
	assert_null(mem_realloc_array(NULL, SIZE_MAX, 2));
	assert_null(mem_memdup_str("", SIZE_MAX));
	mem_free(p); /* still there */
}

static void test_mem__copies_end_in_a_nul(void **state)
{
	char *a = mem_strdup("abc"), *b = mem_memdup_str("abc", 2);
	char *c = mem_memdup_str(NULL, 0);

	(void)state;
	assert_string_equal(a, "abc");
	assert_string_equal(b, "ab");
	assert_string_equal(c, "");
	mem_free(a);
	mem_free(b);
	mem_free(c);
}

static void test_mem__the_nth_allocation_and_all_later_ones_fail(void **state)
{
	char *p[4];

	(void)state;
	for (uint64_t nth = 1; nth <= 4; nth++) {
		test_row("nth %u", (unsigned)nth);
		mem_fail_after(nth);
		p[0] = mem_alloc(1);
		p[1] = mem_calloc(1, 1);
		p[2] = mem_strdup("x");
		p[3] = mem_realloc(NULL, 1);
		mem_fail_after(0);
		for (unsigned i = 0; i < 4; i++) {
			assert_int_equal(p[i] != NULL, i + 1 < nth);
			mem_free(p[i]);
		}
	}
	p[0] = mem_alloc(1);
	assert_non_null(p[0]);
	mem_free(p[0]);
}

static void test_mem__a_failed_realloc_leaves_the_block(void **state)
{
	char *p = mem_strdup("kept");

	(void)state;
	mem_fail_after(1);
	assert_null(mem_realloc(p, 100));
	mem_fail_after(0);
	assert_string_equal(p, "kept");
	mem_free(p);
}

static void test_mem__counts_this_threads_allocations(void **state)
{
	uint64_t before = mem_count();
	void *p = mem_alloc(1);

	(void)state;
	p = mem_realloc(p, 2);
	assert_non_null(p);
	mem_free(p);
	assert_int_equal(mem_count() - before, 2);
}

TEST_MAIN(TEST(test_mem__nothing_is_still_a_block),
	  TEST(test_mem__a_product_that_overflows_fails),
	  TEST(test_mem__copies_end_in_a_nul),
	  TEST(test_mem__the_nth_allocation_and_all_later_ones_fail),
	  TEST(test_mem__a_failed_realloc_leaves_the_block),
	  TEST(test_mem__counts_this_threads_allocations))
