/*
 * tests/unit/probe/test_target.c - reading memory, here our own.
 */
#include "tests/test.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "probe/target.h"

enum { PAGE = 4096 };

/* Two pages, of which only the first is there. */
static char *one_page(void)
{
	char *p = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_true(p != MAP_FAILED);
	assert_int_equal(munmap(p + PAGE, PAGE), 0);
	return p;
}

static uint64_t address(const void *p)
{
	return (uint64_t)(uintptr_t)p;
}

static void test_target__reads_a_string_up_to_a_hole(void **state)
{
	struct probe_target t = { getpid(), -1 };
	char *page = one_page(), out[64];
	bool cut = true;

	(void)state;
	memset(page, 'x', PAGE);
	memcpy(page + PAGE - 6, "hello", 6);
	assert_int_equal(probe_target_string(&t, address(page + PAGE - 6), out,
					     sizeof(out), &cut),
			 5);
	assert_string_equal(out, "hello");
	assert_false(cut);
	/* Without its NUL it runs into the hole. */
	page[PAGE - 1] = 'x';
	assert_int_equal(probe_target_string(&t, address(page + PAGE - 6), out,
					     sizeof(out), &cut),
			 -1);
	munmap(page, PAGE);
}

static void test_target__cuts_at_the_ceiling(void **state)
{
	struct probe_target t = { getpid(), -1 };
	static char text[9000];
	char out[5000];
	bool cut;

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	assert_int_equal(probe_target_string(&t, address(text), out,
					     sizeof(out), &cut),
			 sizeof(out) - 1);
	assert_true(cut);
	assert_int_equal(strlen(out), sizeof(out) - 1);
	text[sizeof(out) - 1] = '\0';
	assert_int_equal(probe_target_string(&t, address(text), out,
					     sizeof(out), &cut),
			 sizeof(out) - 1);
	assert_false(cut);
}

static void test_target__needs_all_or_says_no(void **state)
{
	struct probe_target t = { getpid(), -1 };
	char *page = one_page(), out[64];

	(void)state;
	assert_true(
		probe_target_read_all(&t, address(page + PAGE - 32), out, 32));
	assert_false(
		probe_target_read_all(&t, address(page + PAGE - 32), out, 33));
	assert_false(probe_target_read_all(&t, 0, out, 1));
	assert_false(probe_target_read_all(&t, UINT64_MAX - 1, out, 8));
	munmap(page, PAGE);
}

static void test_target__falls_back_on_a_descriptor(void **state)
{
	struct probe_target t = { -1, open("/proc/self/mem", O_RDONLY) };
	static const char text[] = "through mem";
	char out[64];
	bool cut;

	(void)state;
	assert_true(t.mem_fd >= 0);
	assert_int_equal(probe_target_string(&t, address(text), out,
					     sizeof(out), &cut),
			 strlen(text));
	assert_string_equal(out, text);
	close(t.mem_fd);
}

TEST_MAIN(TEST(test_target__reads_a_string_up_to_a_hole),
	  TEST(test_target__cuts_at_the_ceiling),
	  TEST(test_target__needs_all_or_says_no),
	  TEST(test_target__falls_back_on_a_descriptor))
