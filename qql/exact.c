/*
 * qql/exact.c - sums without error, rounded once.
 */
#include "qql/exact_int.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>

enum {
	UNIT = -1088, /* exponent of the lowest bit of place 0 */
	LIMBS = 72,   /* 2^64 times the largest double */
	BITS = 32,
	MANTISSA = 53,
	LEAST = -1074, /* exponent of the lowest bit of a double */
	CARRY_AFTER = 1 << 29,
	/* Places put below a number before it is divided. */
	BELOW = 4,
};

/* Makes places [lo, hi) part of the window. */
static int widen(struct qql_exact *e, uint32_t lo, uint32_t hi,
		 struct qql_memory *m, struct err *err)
{
	void *limbs = e->limbs;
	uint32_t below, n;
	int ret;

	if (e->n && lo >= e->lo && hi <= (uint32_t)e->lo + e->n)
		return 0;
	if (!e->n)
		e->lo = (uint16_t)lo;
	below = lo < e->lo ? e->lo - lo : 0;
	n = (hi > (uint32_t)e->lo + e->n ? hi - e->lo : e->n) + below;
	ret = qql_memory_grow(m, &limbs, e->n, n, sizeof(*e->limbs), err);
	if (ret < 0)
		return ret;
	e->limbs = limbs;
	for (uint32_t i = e->n; below && i-- > 0;)
		e->limbs[i + below] = e->limbs[i];
	for (uint32_t i = 0; i < below; i++)
		e->limbs[i] = 0;
	e->lo = (uint16_t)(e->lo - below);
	e->n = (uint16_t)n;
	return 0;
}

/* Passes carries on; the last place keeps the sign. */
static void carry(int64_t *limbs, uint32_t n)
{
	for (uint32_t i = 0; i + 1 < n; i++) {
		int64_t up = limbs[i] >> BITS;

		limbs[i] -= up * (INT64_C(1) << BITS);
		limbs[i + 1] += up;
	}
}

int qql_exact_add(struct qql_exact *e, double d, struct qql_memory *m,
		  struct err *err)
{
	int exponent, shift;
	double fraction = frexp(d, &exponent);
	int64_t whole = (int64_t)ldexp(fraction, MANTISSA);
	uint32_t place;
	qql_u128 bits;
	int ret;

	assert(isfinite(d));
	if (!whole)
		return 0;
	exponent -= MANTISSA;
	/* A subnormal's low bits are zero: no bit lies below LEAST. */
	if (exponent < UNIT) {
		whole >>= UNIT - exponent;
		exponent = UNIT;
	}
	shift = exponent - UNIT;
	place = (uint32_t)(shift / BITS);
	bits = (qql_u128)(uint64_t)(whole < 0 ? -whole : whole)
	       << (shift % BITS);
	/* One place more for carries. */
	ret = widen(e, place, place + 4, m, err);
	if (ret < 0)
		return ret;
	for (uint32_t i = place - e->lo; bits; i++, bits >>= BITS) {
		int64_t part = (int64_t)(uint32_t)bits;

		e->limbs[i] += whole < 0 ? -part : part;
	}
	if (++e->adds < CARRY_AFTER)
		return 0;
	e->adds = 0;
	ret = widen(e, e->lo, (uint32_t)e->lo + e->n + 1, m, err);
	if (ret == 0)
		carry(e->limbs, e->n);
	return ret;
}

void qql_exact_free(struct qql_exact *e, struct qql_memory *m)
{
	void *limbs = e->limbs;

	qql_memory_free(m, &limbs, e->n, sizeof(*e->limbs));
	*e = (struct qql_exact){ .n = 0 };
}

/* Bits [from, from + n) of a magnitude, n <= 64. */
static uint64_t bits_at(const uint32_t *mag, int from, int n)
{
	uint64_t v = 0;

	for (int i = n - 1; i >= 0; i--)
		v = v << 1 | (mag[(from + i) / BITS] >> (from + i) % BITS & 1);
	return v;
}

static bool any_below(const uint32_t *mag, int bit)
{
	for (int i = 0; i < bit / BITS; i++) {
		if (mag[i])
			return true;
	}
	return bit % BITS && bits_at(mag, bit - bit % BITS, bit % BITS);
}

/* mag * 2^exponent to the nearest double; `more`: something is lost below. */
static double to_double(const uint32_t *mag, int n, int exponent, bool more)
{
	int top = n * BITS - 1, lowest, cut;
	uint64_t m;
	bool half;

	while (top >= 0 && !(mag[top / BITS] >> top % BITS & 1))
		top--;
	if (top < 0)
		return 0;
	lowest = exponent + top - (MANTISSA - 1);
	if (lowest < LEAST)
		lowest = LEAST;
	cut = lowest - exponent;
	if (cut <= 0)
		return ldexp((double)bits_at(mag, 0, top + 1), exponent);
	m = cut > top ? 0 : bits_at(mag, cut, top - cut + 1);
	half = cut - 1 <= top && bits_at(mag, cut - 1, 1);
	if (half && (more || any_below(mag, cut - 1) || (m & 1)))
		m++;
	return ldexp((double)m, lowest);
}

/* `mag` has BELOW free places at its start. */
static double divide(uint32_t *mag, int n, int exponent, uint64_t by)
{
	qql_u128 rest = 0;

	for (int i = n - 1; i >= 0; i--) {
		rest = rest << BITS | mag[i];
		mag[i] = (uint32_t)(rest / by);
		rest %= by;
	}
	return to_double(mag, n, exponent - BELOW * BITS, rest != 0);
}

double qql_exact_round(const struct qql_exact *e, uint64_t n)
{
	uint32_t mag[LIMBS + BELOW + 2] = { 0 };
	int64_t limbs[LIMBS + 2] = { 0 };
	uint32_t used = e->n;
	bool negative;
	double d;

	if (!used)
		return 0;
	for (uint32_t i = 0; i < used; i++)
		limbs[i] = e->limbs[i];
	used++;
	carry(limbs, used);
	negative = limbs[used - 1] < 0;
	for (uint32_t i = 0; negative && i < used; i++)
		limbs[i] = -limbs[i];
	carry(limbs, used);
	for (uint32_t i = 0; i < used; i++)
		mag[BELOW + i] = (uint32_t)limbs[i];
	d = divide(mag, (int)used + BELOW, UNIT + e->lo * BITS, n);
	return negative ? -d : d;
}

double qql_exact_divide(qql_i128 sum, uint64_t n)
{
	uint32_t mag[BELOW + 4] = { 0 };
	qql_u128 v = sum < 0 ? -(qql_u128)sum : (qql_u128)sum;
	double d;

	for (int i = 0; i < 4; i++, v >>= BITS)
		mag[BELOW + i] = (uint32_t)v;
	d = divide(mag, BELOW + 4, 0, n);
	return sum < 0 ? -d : d;
}

int64_t qql_exact_mean(qql_i128 sum, uint64_t n)
{
	qql_i128 q = sum / n, rest = sum % n;
	qql_u128 twice = 2 * (qql_u128)(rest < 0 ? -rest : rest);

	if (twice > n || (twice == n && (q & 1)))
		q += sum < 0 ? -1 : 1;
	return (int64_t)q;
}
