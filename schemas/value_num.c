/*
 * schemas/value_num.c - ints, doubles and booleans.
 *
 * Forms of an int (x = form - FORM_FIRST): x = 2 * places + quoted, where
 * `places` zeros stand after a point ("1.00"); places 0 with quoted 0 is the
 * canonical form.
 *
 * Forms of a double: x / 2 is 0 for the canonical text, 1 + n for n places
 * after the point, EXPONENT_FORMS + flags for a power of ten; x % 2 is 1 when
 * quoted.
 *
 * Forms of a boolean: 0 "true", 1 "True", 2 "TRUE", as strings.
 *
 * LC_NUMERIC is never set by our programs, so the C library's point is ".".
 */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "schemas/value_int.h"

enum {
	MAX_PLACES = 17,
	EXACT_DIGITS = 15, /* any decimal of so many survives a double */
	EXPONENT_FORMS = 32,
	EXPONENT_UPPER = 1, /* E */
	EXPONENT_PLUS = 2,  /* e+7 */
	EXPONENT_TWO = 4,   /* e07 */
	EXPONENT_POINT = 8, /* 1.0e7 */
	EXPONENT_ALL = 15,
};

static inline bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Takes a run of digits into *d; false if there is none. */
static bool take_digits(const char **at, const char *end, struct decimal *d,
			bool after_point)
{
	const char *p = *at;

	for (; p < end && is_digit(*p); p++) {
		d->places += after_point;
		if (d->digits == 0 && *p == '0') {
			d->exponent -= after_point;
			continue;
		}
		d->ndigits++;
		if (d->ndigits <= 19) {
			d->digits = d->digits * 10 + (uint64_t)(*p - '0');
			d->exponent -= after_point;
		} else {
			d->exact &= *p == '0';
			d->exponent += !after_point;
		}
	}
	if (p == *at)
		return false;
	*at = p;
	return true;
}

static bool take_exponent(const char *p, const char *end, struct decimal *d)
{
	bool negative = false;
	int exponent = 0;

	if (p < end && (*p == '+' || *p == '-'))
		negative = *p++ == '-';
	if (p == end)
		return false;
	for (; p < end; p++) {
		if (!is_digit(*p))
			return false;
		if (exponent < 100000)
			exponent = exponent * 10 + (*p - '0');
	}
	/* A message has at most 2^20 digits, so this stays an int. */
	d->exponent += negative ? -exponent : exponent;
	return true;
}

bool value_decimal_parse(struct slice text, struct decimal *out)
{
	struct decimal d = { .plain = true, .exact = true };
	const char *p = text.p, *end = text.p + text.len;
	const char *first;

	if (p < end && *p == '-') {
		d.negative = true;
		p++;
	}
	first = p;
	if (!take_digits(&p, end, &d, false))
		return false;
	if (*first == '0' && p - first > 1)
		return false;
	if (p < end && *p == '.') {
		p++;
		if (!take_digits(&p, end, &d, true))
			return false;
	}
	if (p < end) {
		if (*p != 'e' && *p != 'E')
			return false;
		d.plain = false;
		if (!take_exponent(p + 1, end, &d))
			return false;
	}
	*out = d;
	return true;
}

static bool decimal_to_int(struct decimal d, int64_t *out)
{
	uint64_t limit = (uint64_t)INT64_MAX + d.negative;
	uint64_t v = d.digits;

	if (v == 0) {
		*out = 0;
		return true;
	}
	if (!d.exact || d.exponent > 19 || d.exponent < -40)
		return false;
	for (; d.exponent < 0; d.exponent++) {
		if (v % 10)
			return false;
		v /= 10;
	}
	for (; d.exponent > 0; d.exponent--)
		if (__builtin_mul_overflow(v, (uint64_t)10, &v))
			return false;
	if (v > limit)
		return false;
	*out = d.negative ? (int64_t)(0 - v) : (int64_t)v;
	return true;
}

bool value_parse_int(struct slice text, int64_t *out)
{
	struct decimal d;

	return value_decimal_parse(text, &d) && decimal_to_int(d, out);
}

/* The form most texts have: up to 18 digits, no leading zero, no "-0". */
static bool plain_int(struct slice text, int64_t *out)
{
	const char *p = text.p, *end = text.p + text.len;
	bool negative = p < end && *p == '-';
	int64_t v = 0;

	p += negative;
	if (p == end || end - p > 18)
		return false;
	if (*p == '0' && (negative || end - p > 1))
		return false;
	for (; p < end; p++) {
		if (!is_digit(*p))
			return false;
		v = v * 10 + (*p - '0');
	}
	*out = negative ? -v : v;
	return true;
}

enum value_status value_int_decode(const struct scalar *s, struct value *out,
				   value_form *form, bool *proven)
{
	struct decimal d;
	bool quoted = s->kind == JSON_STRING;

	if (s->kind != JSON_NUMBER && !quoted)
		return VALUE_INVALID;
	if (plain_int(s->content, &out->num)) {
		*form = quoted ? FORM_FIRST + 1 : FORM_CANONICAL;
		*proven = s->raw.len == s->content.len + 2u * quoted;
		return VALUE_OK;
	}
	if (!value_decimal_parse(s->content, &d) ||
	    !decimal_to_int(d, &out->num))
		return VALUE_INVALID;
	if (!d.plain || d.places > MAX_PLACES)
		*form = FORM_RAW;
	else if (d.places == 0 && !quoted)
		*form = FORM_CANONICAL;
	else
		*form = (value_form)(FORM_FIRST + 2 * d.places + quoted);
	return VALUE_OK;
}

/* Puts quotes around the text if wanted. */
static size_t quote(char out[VALUE_TEXT_MAX], size_t len, bool quoted)
{
	if (!quoted || len + 2 > VALUE_TEXT_MAX)
		return len;
	memmove(out + 1, out, len);
	out[0] = '"';
	out[len + 1] = '"';
	return len + 2;
}

static size_t put_i64(int64_t v, char *out)
{
	char digits[20];
	size_t n = 0, len = 0;
	uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

	do {
		digits[n++] = (char)('0' + u % 10);
		u /= 10;
	} while (u);
	if (v < 0)
		out[len++] = '-';
	while (n)
		out[len++] = digits[--n];
	return len;
}

size_t value_int_format(int64_t v, value_form form, char out[VALUE_TEXT_MAX])
{
	unsigned x = form >= FORM_FIRST ? form - FORM_FIRST : 0;
	unsigned places = x / 2;
	size_t len = put_i64(v, out);

	if (places > 0 && places <= MAX_PLACES) {
		out[len++] = '.';
		memset(out + len, '0', places);
		len += places;
	}
	return quote(out, len, x % 2);
}

int64_t value_from_double(double d)
{
	int64_t bits;

	if (d == 0)
		d = 0; /* -0.0 too */
	memcpy(&bits, &d, sizeof(bits));
	return bits >= 0 ? bits : (int64_t)((uint64_t)bits ^ INT64_MAX);
}

double value_to_double(int64_t num)
{
	int64_t bits = num >= 0 ? num : (int64_t)((uint64_t)num ^ INT64_MAX);
	double d;

	memcpy(&d, &bits, sizeof(d));
	return d;
}

static const double powers_of_10[] = {
	1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
};

/* Digits and power are both exact doubles, so one operation rounds once (W.
 * Clinger, "How to read floating point numbers accurately"). */
static bool decimal_to_double(const struct decimal *d, double *out)
{
	double v = (double)d->digits;

	if (d->ndigits > EXACT_DIGITS || !d->exact || d->exponent < -22 ||
	    d->exponent > 22)
		return false;
	v = d->exponent < 0 ? v / powers_of_10[-d->exponent] :
			      v * powers_of_10[d->exponent];
	*out = d->negative ? -v : v;
	return true;
}

/* By strtod().  Of very many digits the first DECIMAL_MAX decide; the others
 * can only say that something follows. */
static bool slow_to_double(struct slice text, const struct decimal *d,
			   double *out)
{
	enum { DECIMAL_MAX = 780 }; /* no tie between doubles needs more */
	char small[DECIMAL_MAX + 64];
	int before_point =
		d->exponent + (int)(d->ndigits < 19 ? d->ndigits : 19);
	size_t n = 0, kept = 0;
	bool more = false;

	if (d->digits == 0) {
		*out = d->negative ? -0.0 : 0.0;
		return true;
	}
	if (d->negative)
		small[n++] = '-';
	small[n++] = '.';
	for (size_t i = 0; i < text.len && (text.p[i] | 0x20) != 'e'; i++) {
		if (!is_digit(text.p[i]) || (kept == 0 && text.p[i] == '0'))
			continue;
		if (kept < DECIMAL_MAX) {
			small[n++] = text.p[i];
			kept++;
		} else {
			more |= text.p[i] != '0';
		}
	}
	if (more)
		small[n++] = '1';
	snprintf(small + n, sizeof(small) - n, "e%d", before_point);
	*out = strtod(small, NULL);
	return isfinite(*out);
}

static bool text_to_double(struct slice text, const struct decimal *d,
			   double *out)
{
	return decimal_to_double(d, out) || slow_to_double(text, d, out);
}

bool value_parse_double(struct slice text, double *out)
{
	struct decimal d;

	return value_decimal_parse(text, &d) && text_to_double(text, &d, out);
}

/* How the power of ten is written; 0 if the text has none. */
static unsigned exponent_flags(struct slice text)
{
	const char *e = memchr(text.p, 'e', text.len);
	const char *end = text.p + text.len;
	unsigned flags = 0;

	if (!e) {
		e = memchr(text.p, 'E', text.len);
		flags |= EXPONENT_UPPER;
	}
	if (!e)
		return 0;
	if (e - text.p >= 2 && e[-1] == '0' && e[-2] == '.')
		flags |= EXPONENT_POINT;
	if (e + 1 < end && e[1] == '+')
		flags |= EXPONENT_PLUS;
	e += e + 1 < end && (e[1] == '+' || e[1] == '-');
	if (e + 1 < end && e[1] == '0')
		flags |= EXPONENT_TWO;
	return EXPONENT_FORMS + flags;
}

/* Up to 15 digits, no exponent, no zero at the end, not tiny: the shortest
 * text that reads back as the same double is the text itself. */
static bool is_shortest(const struct decimal *d, struct slice text)
{
	return d->plain && d->ndigits <= EXACT_DIGITS && d->digits &&
	       text.len <= EXACT_DIGITS + 2 && d->places <= 6 &&
	       (d->places == 0 || text.p[text.len - 1] != '0');
}

enum value_status value_double_decode(const struct scalar *s, struct value *out,
				      value_form *form, bool *proven)
{
	char canonical[VALUE_TEXT_MAX];
	bool quoted = s->kind == JSON_STRING;
	struct decimal d;
	size_t len;
	double v;
	unsigned x;

	if (s->kind != JSON_NUMBER && !quoted)
		return VALUE_INVALID;
	if (!value_decimal_parse(s->content, &d) ||
	    !text_to_double(s->content, &d, &v))
		return VALUE_INVALID;
	out->num = value_from_double(v);
	if (is_shortest(&d, s->content)) {
		*form = quoted ? FORM_FIRST + 1 : FORM_CANONICAL;
		*proven = scalar_is_number_text(s);
		return VALUE_OK;
	}
	len = value_double_format(out->num, FORM_CANONICAL, canonical);
	if (len == s->content.len && memcmp(canonical, s->content.p, len) == 0)
		x = 0;
	else if (d.plain && d.places <= MAX_PLACES && s->content.len < 64)
		x = 1 + d.places;
	else
		x = exponent_flags(s->content);
	if (x == 0 && !quoted)
		*form = len == s->raw.len ? FORM_CANONICAL : FORM_RAW;
	else
		*form = (value_form)(FORM_FIRST + 2 * x + quoted);
	return VALUE_OK;
}

/* The fewest digits that read back as `v`: "1234567e-3" as digits and the
 * power of ten of the first one. */
static unsigned shortest_digits(double v, char digits[24], int *power)
{
	char text[40];
	unsigned n = 0;

	/* Fifteen digits are found in any normal number. */
	for (int precision = v < DBL_MIN ? 0 : 14; precision <= 16;
	     precision++) {
		snprintf(text, sizeof(text), "%.*e", precision, v);
		if (precision == 16 || strtod(text, NULL) == v)
			break;
	}
	for (const char *p = text; *p && *p != 'e'; p++)
		if (is_digit(*p))
			digits[n++] = *p;
	while (n > 1 && digits[n - 1] == '0')
		n--;
	*power = (int)strtol(strchr(text, 'e') + 1, NULL, 10);
	return n;
}

static size_t put_exponent(char *out, const char *digits, unsigned n, int power,
			   unsigned flags)
{
	unsigned u = power < 0 ? 0u - (unsigned)power : (unsigned)power;
	size_t len = 0;

	out[len++] = digits[0];
	if (n > 1 || flags & EXPONENT_POINT)
		out[len++] = '.';
	if (n > 1) {
		memcpy(out + len, digits + 1, n - 1);
		len += n - 1;
	} else if (flags & EXPONENT_POINT) {
		out[len++] = '0';
	}
	out[len++] = flags & EXPONENT_UPPER ? 'E' : 'e';
	if (power < 0)
		out[len++] = '-';
	else if (flags & EXPONENT_PLUS)
		out[len++] = '+';
	if (u < 10 && flags & EXPONENT_TWO)
		out[len++] = '0';
	return len + put_i64((int64_t)u, out + len);
}

/* As ECMAScript writes numbers: no exponent from 1e-6 up to 1e21. */
static size_t put_double(char *out, double v)
{
	char digits[24];
	size_t len = 0;
	int power;
	unsigned n;

	if (v == 0) {
		out[0] = '0';
		return 1;
	}
	if (v < 0)
		out[len++] = '-';
	n = shortest_digits(fabs(v), digits, &power);
	if (power < -6 || power >= 21)
		return len +
		       put_exponent(out + len, digits, n, power, EXPONENT_PLUS);
	if (power < 0) {
		out[len++] = '0';
		out[len++] = '.';
		for (int i = -1; i > power; i--)
			out[len++] = '0';
	}
	for (unsigned i = 0; i < n; i++) {
		if (power >= 0 && i == (unsigned)power + 1)
			out[len++] = '.';
		out[len++] = digits[i];
	}
	for (int i = (int)n; i <= power; i++)
		out[len++] = '0';
	return len;
}

static size_t put_scientific(char *out, double v, unsigned flags)
{
	char digits[24];
	size_t len = 0;
	int power = 0;
	unsigned n = 1;

	if (signbit(v))
		out[len++] = '-';
	digits[0] = '0';
	if (v != 0)
		n = shortest_digits(fabs(v), digits, &power);
	return len + put_exponent(out + len, digits, n, power, flags);
}

size_t value_double_format(int64_t num, value_form form,
			   char out[VALUE_TEXT_MAX])
{
	unsigned x = form >= FORM_FIRST ? form - FORM_FIRST : 0;
	double v = value_to_double(num);
	size_t len;

	if (!isfinite(v)) /* not from value_decode(): a damaged store */
		v = 0;
	if (x / 2 == 0)
		len = put_double(out, v);
	else if (x / 2 <= 1 + MAX_PLACES)
		len = (size_t)snprintf(out, VALUE_TEXT_MAX, "%.*f",
				       (int)(x / 2 - 1), v);
	else
		len = put_scientific(out, v,
				     (x / 2 - EXPONENT_FORMS) & EXPONENT_ALL);
	return quote(out, len, x % 2);
}

static const char *const bool_texts[][2] = {
	{ "\"false\"", "\"true\"" },
	{ "\"False\"", "\"True\"" },
	{ "\"FALSE\"", "\"TRUE\"" },
	{ "false", "true" },
};
enum { BOOL_CANONICAL = 3 };

enum value_status value_bool_decode(const struct scalar *s, struct value *out,
				    value_form *form, bool *proven)
{
	unsigned upper;

	if (s->kind == JSON_TRUE || s->kind == JSON_FALSE) {
		out->num = s->kind == JSON_TRUE;
		*form = FORM_CANONICAL;
		*proven = true;
		return VALUE_OK;
	}
	if (s->kind != JSON_STRING)
		return VALUE_INVALID;
	if (slice_eq_ascii_case(s->content, SLICE_LIT("true")))
		out->num = 1;
	else if (slice_eq_ascii_case(s->content, SLICE_LIT("false")))
		out->num = 0;
	else
		return VALUE_INVALID;
	upper = (s->content.p[0] < 'a') + (s->content.p[1] < 'a');
	*form = (value_form)(FORM_FIRST + upper);
	return VALUE_OK;
}

size_t value_bool_format(int64_t v, value_form form, char out[VALUE_TEXT_MAX])
{
	unsigned x = form >= FORM_FIRST ? form - FORM_FIRST : BOOL_CANONICAL;
	const char *text =
		bool_texts[x < BOOL_CANONICAL ? x : BOOL_CANONICAL][v != 0];
	size_t len = strlen(text);

	memcpy(out, text, len);
	return len;
}
