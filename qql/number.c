/*
 * qql/number.c - a decimal literal, exactly.
 */
#include "qql/number_int.h"

#include <stdio.h>

#include "base/err.h"

enum {
	/* Beyond this an exponent is as good as infinite. */
	EXPONENT_MAX = 1000000000,
	INT_DIGITS = 19,
	SCALED_DIGITS = 18,
};

__extension__ typedef unsigned __int128 u128;

static bool is_digit(struct slice s, size_t i)
{
	return i < s.len && s.p[i] >= '0' && s.p[i] <= '9';
}

/* Copies the run of digits at *at. */
static size_t take_digits(struct slice text, size_t *at, char *to)
{
	size_t n = 0;

	while (is_digit(text, *at))
		to[n++] = text.p[(*at)++];
	return n;
}

/* e[+-]n at *at; without a digit it is no exponent. */
static int64_t take_exponent(struct slice text, size_t *at)
{
	size_t i = *at;
	bool negative;
	int64_t n = 0;

	if (i >= text.len || (text.p[i] | 0x20) != 'e')
		return 0;
	i++;
	negative = i < text.len && text.p[i] == '-';
	if (i < text.len && (text.p[i] == '-' || text.p[i] == '+'))
		i++;
	if (!is_digit(text, i))
		return 0;
	for (; is_digit(text, i); i++) {
		if (n < EXPONENT_MAX)
			n = n * 10 + (text.p[i] - '0');
	}
	*at = i;
	return negative ? -n : n;
}

static void normalize(struct qql_number *n)
{
	while (n->digits.len && n->digits.p[0] == '0') {
		n->digits = slice_of(n->digits.p + 1, n->digits.len - 1);
		n->exponent--;
	}
	while (n->digits.len && n->digits.p[n->digits.len - 1] == '0')
		n->digits.len--;
	if (!n->digits.len) {
		n->negative = false;
		n->exponent = 0;
	}
}

int qql_number_parse(struct arena *a, struct slice text, struct qql_number *out,
		     struct slice *rest)
{
	bool negative = text.len && text.p[0] == '-';
	size_t at = text.len && (text.p[0] == '-' || text.p[0] == '+');
	size_t before, n;
	char *digits;

	if (!is_digit(text, at))
		return 0;
	digits = arena_alloc(a, text.len);
	if (!digits)
		return ERR_NO_MEMORY;
	n = before = take_digits(text, &at, digits);
	if (at < text.len && text.p[at] == '.' && is_digit(text, at + 1)) {
		at++;
		n += take_digits(text, &at, digits + n);
	}
	out->negative = negative;
	out->digits = slice_of(digits, n);
	out->exponent = (int64_t)before + take_exponent(text, &at);
	*rest = slice_of(text.p + at, text.len - at);
	normalize(out);
	return 1;
}

int qql_number_cmp(const struct qql_number *a, const struct qql_number *b)
{
	int sign = a->negative ? -1 : 1;

	if (a->negative != b->negative)
		return sign;
	if (!a->digits.len || !b->digits.len)
		return sign * ((a->digits.len > 0) - (b->digits.len > 0));
	if (a->exponent != b->exponent)
		return a->exponent < b->exponent ? -sign : sign;
	return sign * slice_cmp(a->digits, b->digits);
}

void qql_number_shift(struct qql_number *n, int64_t by)
{
	if (n->digits.len)
		n->exponent += by;
}

int qql_number_scale(struct arena *a, struct qql_number *n, unsigned bits)
{
	enum { MAX = 40 };
	char *digits;
	size_t len = 0;
	u128 v = 0;

	if (n->digits.len > SCALED_DIGITS)
		return 0;
	digits = arena_alloc(a, MAX);
	if (!digits)
		return ERR_NO_MEMORY;
	for (size_t i = 0; i < n->digits.len; i++)
		v = v * 10 + (unsigned)(n->digits.p[i] - '0');
	v <<= bits;
	for (; v; v /= 10)
		digits[MAX - ++len] = (char)('0' + (int)(v % 10));
	n->exponent += (int64_t)len - (int64_t)n->digits.len;
	n->digits = slice_of(digits + MAX - len, len);
	normalize(n);
	return 1;
}

struct qql_floor qql_number_floor(const struct qql_number *n)
{
	struct qql_floor out = { .side = n->negative ? -1 : 1 };
	uint64_t whole = 0;

	if (n->exponent > INT_DIGITS)
		return out;
	for (int64_t i = 0; i < n->exponent; i++) {
		bool digit = (uint64_t)i < n->digits.len;

		whole = whole * 10 +
			(digit ? (unsigned)(n->digits.p[i] - '0') : 0u);
	}
	out.fraction = n->exponent < (int64_t)n->digits.len;
	if (n->negative) {
		/* -4.5 lies above -5. */
		whole += out.fraction;
		if (whole > (uint64_t)INT64_MAX + 1)
			return out;
		out.value = (int64_t)(0 - whole);
	} else {
		if (whole > INT64_MAX)
			return out;
		out.value = (int64_t)whole;
	}
	out.side = 0;
	return out;
}

struct slice qql_number_text(struct arena *a, const struct qql_number *n)
{
	enum { AROUND = 40 };
	char *p = arena_alloc(a, n->digits.len + AROUND);
	int len;

	if (!p)
		return slice_of(NULL, 0);
	len = snprintf(p, n->digits.len + AROUND, "%s0.%.*se%lld",
		       n->negative ? "-" : "",
		       n->digits.len ? (int)n->digits.len : 1,
		       n->digits.len ? n->digits.p : "0",
		       (long long)n->exponent);
	return slice_of(p, (size_t)len);
}
