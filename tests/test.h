/*
 * tests/test.h - the only includer of cmocka.
 *
 * A test is `static void test_<file>__<what_it_shows>(void **state)`; a file
 * ends in TEST_MAIN(TEST(test_...), ...).  A test over a table says test_row()
 * for each row: the output of a program is shown only if it fails, and the row
 * it failed at is then the last one named.
 */
#ifndef TESTS_TEST_H
#define TESTS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define TEST(name) cmocka_unit_test(name)

#define TEST_MAIN(...)                                             \
	int main(void)                                             \
	{                                                          \
		const struct CMUnitTest tests[] = { __VA_ARGS__ }; \
                                                                   \
		return cmocka_run_group_tests(tests, NULL, NULL);  \
	}

#define test_row(...)                 \
	do {                          \
		printf("row: ");      \
		printf(__VA_ARGS__);  \
		printf("\n");         \
		(void)fflush(stdout); \
	} while (0)

/* The bytes of a struct slice (or of p and len in anything like it). */
#define assert_slice(s, text)                                        \
	do {                                                         \
		assert_int_equal((s).len, strlen(text));             \
		if ((s).len)                                         \
			assert_memory_equal((s).p, (text), (s).len); \
	} while (0)

#endif
