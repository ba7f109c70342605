/* Sums that are rounded once, and samples. */
#include "qql/exact_int.h"

#include <float.h>
#include <math.h>

#include "qql/samples_int.h"
#include "tests/test.h"

static double sum_of(const double *v, size_t n, uint64_t by)
{
	struct qql_memory m = { .max = 1 << 20 };
	struct qql_exact e = { .n = 0 };
	double sum;

	for (size_t i = 0; i < n; i++)
		assert_int_equal(qql_exact_add(&e, v[i], &m, NULL), 0);
	sum = qql_exact_round(&e, by);
	qql_exact_free(&e, &m);
	assert_int_equal(m.used, 0);
	return sum;
}

static void test_exact__a_sum_is_rounded_once(void **state)
{
	static const struct {
		double v[5];
		uint64_t by;
		double is;
	} cases[] = {
		{ { 0.1, 0.2, 0.3 }, 1, 0.6 },
		{ { 1e300, 1, -1e300 }, 1, 1 },
		{ { DBL_MAX, DBL_MAX, -DBL_MAX }, 1, DBL_MAX },
		{ { DBL_MAX, DBL_MAX }, 2, DBL_MAX },
		{ { DBL_TRUE_MIN, DBL_TRUE_MIN }, 2, DBL_TRUE_MIN },
		{ { DBL_TRUE_MIN }, 2, 0 }, /* a tie, to even */
		{ { DBL_TRUE_MIN, DBL_TRUE_MIN, DBL_TRUE_MIN },
		  2,
		  2 * DBL_TRUE_MIN },
		{ { -1, -1, -1 }, 3, -1 },
		{ { 0x1p53, 1 }, 1, 0x1p53 },                /* a tie */
		{ { 0x1p53, 1, 0x1p-1074 }, 1, 0x1p53 + 2 }, /* and more */
		{ { 1e-300, 1e300, -1e300, -1e-300 }, 1, 0 },
		{ { 1 }, 3, 1.0 / 3 },
		{ { -10 }, 3, -10.0 / 3 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		double is =
			sum_of(cases[i].v, ARRAY_SIZE(cases[i].v), cases[i].by);

		test_row("case %zu: %a", i, is);
		assert_true(is == cases[i].is);
	}
	assert_true(isinf(sum_of((double[]){ DBL_MAX, DBL_MAX }, 2, 1)));
}

static void test_exact__integers_are_divided_exactly(void **state)
{
	qql_i128 most = (qql_i128)INT64_MAX * 4;

	(void)state;
	assert_true(qql_exact_divide(most, 4) == (double)INT64_MAX);
	assert_true(qql_exact_divide(-7, 2) == -3.5);
	assert_true(qql_exact_divide(0, 5) == 0);
	assert_int_equal(qql_exact_mean(most, 4), INT64_MAX);
	assert_int_equal(qql_exact_mean(5, 2), 2);
	assert_int_equal(qql_exact_mean(7, 2), 4);
	assert_int_equal(qql_exact_mean(-7, 2), -4);
	assert_int_equal(qql_exact_mean(-5, 2), -2);
	assert_int_equal(qql_exact_mean(8, 3), 3);
}

static void test_exact__samples_rank_nearest(void **state)
{
	struct qql_memory m = { .max = 8 << 20 };
	struct qql_samples s = { .n = 0 };

	(void)state;
	for (int64_t i = 0; i < 100000; i++)
		assert_int_equal(
			qql_samples_add(&s, i * 7919 % 100000, &m, NULL), 0);
	assert_int_equal(qql_samples_settle(&s, &m, NULL), 0);
	assert_int_equal(qql_samples_rank(&s, 50), 49999);
	assert_int_equal(qql_samples_rank(&s, 99), 98999);
	qql_samples_free(&s, &m);
	assert_int_equal(m.used, 0);
	for (int i = 0; i < 1000000; i++)
		assert_int_equal(qql_samples_add(&s, i % 3, &m, NULL), 0);
	assert_int_equal(qql_samples_settle(&s, &m, NULL), 0);
	assert_int_equal(qql_samples_rank(&s, 90), 2);
	/* What comes often is kept once. */
	assert_true(m.used < 100000);
	qql_samples_free(&s, &m);
}

static void test_exact__memory_ends_in_an_error(void **state)
{
	struct qql_memory m = { .max = 64 << 10 };
	struct qql_samples s = { .n = 0 };
	struct err err = ERR_INIT;
	int ret = 0;

	(void)state;
	for (int64_t i = 0; i < 100000 && ret == 0; i++)
		ret = qql_samples_add(&s, i, &m, &err);
	assert_int_equal(ret, ERR_LIMIT);
	assert_non_null(strstr(err.message, "do not fit"));
	qql_samples_free(&s, &m);
	assert_int_equal(m.used, 0);
}

TEST_MAIN(TEST(test_exact__a_sum_is_rounded_once),
	  TEST(test_exact__integers_are_divided_exactly),
	  TEST(test_exact__samples_rank_nearest),
	  TEST(test_exact__memory_ends_in_an_error))
