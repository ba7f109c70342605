#include "base/near.h"

#include "base/compiler.h"
#include "base/limits.h"
#include "tests/test.h"

static void test_near__distance_counts_slips(void **state)
{
	static const struct {
		const char *a, *b;
		unsigned max, distance;
	} rows[] = {
		{ "", "", 3, 0 },
		{ "abc", "abc", 0, 0 },
		{ "abc", "ABC", 0, 0 },
		{ "", "abc", 3, 3 },
		{ "", "abc", 2, 3 },
		{ "sevrity", "severity", 3, 1 },
		{ "severiyt", "severity", 3, 1 }, /* two swapped */
		{ "kitten", "sitting", 5, 3 },
		{ "ca", "abc", 5,
		  3 }, /* restricted: no edit between the swap */
		{ "kitten", "sitting", 2, 3 },
		{ "abcdef", "uvwxyz", 2, 3 },
		{ "a", "abcdefgh", 3, 4 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct slice a = slice_str(rows[i].a), b = slice_str(rows[i].b);

		test_row("%s %s", rows[i].a, rows[i].b);
		assert_int_equal(near_distance(a, b, rows[i].max),
				 rows[i].distance);
		assert_int_equal(near_distance(b, a, rows[i].max),
				 rows[i].distance);
	}
}

static void test_near__very_long_names_are_far(void **state)
{
	static char text[LIMIT_NAME + 1];

	(void)state;
	memset(text, 'a', sizeof(text));
	assert_int_equal(near_distance(slice_of(text, LIMIT_NAME),
				       slice_of(text, LIMIT_NAME), 3),
			 0);
	assert_int_equal(near_distance(slice_of(text, LIMIT_NAME + 1),
				       slice_of(text, LIMIT_NAME), 3),
			 4);
}

static void test_near__the_best_and_first_is_kept(void **state)
{
	static const char *const names[] = { "severity", "action", "hostName",
					     "hostname", "pid",    "x",
					     "score" };
	static const struct {
		const char *wanted, *best; /* NULL: none */
	} rows[] = {
		{ "sevrity", "severity" },
		{ "HOSTNAME", "hostName" },
		{ "hostnam", "hostName" },
		{ "pdi", "pid" },
		{ "actoin", "action" },
		{ "scroe", "score" },
		{ "severities", "severity" },
		{ "zzzzzz", NULL },
		{ "y", NULL },
		{ "", NULL },
		{ "completely", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct near n;

		test_row("%s", rows[i].wanted);
		near_init(&n, slice_str(rows[i].wanted));
		for (size_t j = 0; j < ARRAY_SIZE(names); j++)
			near_offer(&n, slice_str(names[j]));
		if (rows[i].best) {
			assert_non_null(n.best.p);
			assert_slice(n.best, rows[i].best);
		} else {
			assert_null(n.best.p);
		}
	}
}

TEST_MAIN(TEST(test_near__distance_counts_slips),
	  TEST(test_near__very_long_names_are_far),
	  TEST(test_near__the_best_and_first_is_kept))
