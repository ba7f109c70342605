/*
 * qql/exact_int.h - sums without error, rounded once.
 *
 * A sum of doubles is kept as one long integer in units of 2^-1088, of which
 * only the part between the smallest and the largest bit ever used has memory.
 * So no order of rows, segments or threads shows in the result.
 */
#ifndef QQL_EXACT_INT_H
#define QQL_EXACT_INT_H

#include <stdint.h>

#include "qql/memory_int.h"

__extension__ typedef __int128 qql_i128;
__extension__ typedef unsigned __int128 qql_u128;

/* Zeroed it is the sum of nothing. */
struct qql_exact {
	int64_t *limbs; /* 32 bits each, carries not yet passed on */
	uint32_t adds;  /* since they were */
	uint16_t lo;    /* the place of limbs[0] */
	uint16_t n;
};

MUST_CHECK int qql_exact_add(struct qql_exact *e, double d,
			     struct qql_memory *m, struct err *err);
void qql_exact_free(struct qql_exact *e, struct qql_memory *m);
/* The sum divided by `n` (not 0), rounded to nearest, ties to even. */
double qql_exact_round(const struct qql_exact *e, uint64_t n);
/* The same for an integer. */
double qql_exact_divide(qql_i128 sum, uint64_t n);
/* The integer nearest to sum / n, ties to even. */
int64_t qql_exact_mean(qql_i128 sum, uint64_t n);

#endif
