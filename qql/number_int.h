/*
 * qql/number_int.h - a decimal literal, exactly.
 */
#ifndef QQL_NUMBER_INT_H
#define QQL_NUMBER_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"

/* 0.DIGITS x 10^exponent: no zero at either end of the digits; zero has none
 * (and no sign). */
struct qql_number {
	bool negative;
	struct slice digits;
	int64_t exponent;
};

/* Reads [+-]digits[.digits][e[+-]n] at the start of `text`; *rest is what
 * stands behind.  1: read, 0: no number, negative: ERR_NO_MEMORY. */
int qql_number_parse(struct arena *a, struct slice text, struct qql_number *out,
		     struct slice *rest);
int qql_number_cmp(const struct qql_number *a, const struct qql_number *b);

/* Times 10^n. */
void qql_number_shift(struct qql_number *n, int64_t by);
/* Times 2^bits (at most 40).  1: done, 0: too many digits for that. */
int qql_number_scale(struct arena *a, struct qql_number *n, unsigned bits);

/* The integer at or below it. */
struct qql_floor {
	int side; /* -1, 1: below, above the range of int64 */
	int64_t value;
	bool fraction; /* something is left above `value` */
};
struct qql_floor qql_number_floor(const struct qql_number *n);
/* As a JSON number, for value_parse_double(); .p NULL: out of memory. */
struct slice qql_number_text(struct arena *a, const struct qql_number *n);

#endif
