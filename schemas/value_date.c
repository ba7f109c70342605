/*
 * schemas/value_date.c - dates: RFC 3339 texts and numbers since the epoch.
 *
 * A number is seconds, milliseconds, microseconds or nanoseconds by its size
 * (up to 10, 14, 17 and more digits before the point) unless the schema has a
 * unit.  0001-01-01T00:00:00Z is how some producers write "never": null.
 *
 * Forms (x = form - FORM_FIRST).  The canonical one is time_format_utc(): 'T',
 * 'Z' and 0, 3, 6 or 9 fraction digits, as few as the value needs.
 *
 *   x < 80    a number: ((unit * 10) + digits after the point) * 2 + quoted;
 *             unit 0 s, 1 ms, 2 us, 3 ns
 *   else      a text: (zone * 4 + separator) * 10 + fraction digits + 80;
 *             separator 0 'T', 1 't', 2 ' ', 3 a date alone; zone 0 'Z', 1 'z',
 *             2 none, else 3 + (colon * 2 + west) * 96 + quarters of an hour
 */
#include <string.h>

#include "base/time.h"
#include "schemas/value_int.h"

enum {
	NUMBER_FORMS = 80,
	ZONE_Z = 0,
	ZONE_LOWER_Z,
	ZONE_NONE,
	ZONE_OFFSET,
	QUARTERS = 96, /* of an hour in a day */
	DIGITS = 10,
	SEPARATORS = 4,
	/* Strings of fewer digits are no time stamps ("2018"). */
	STRING_DIGITS = 10,
};

static const char separators[SEPARATORS] = { 'T', 't', ' ', 0 };
static const int64_t ns_per_unit[] = { NS_PER_S, NS_PER_MS, NS_PER_US, 1 };

/* 0001-01-01T00:00:00, before the range of an int64. */
static bool is_never(struct slice s)
{
	static const char day[] = "0001-01-01", time[] = "00:00:00";
	size_t i = sizeof(day) - 1 + 1 + sizeof(time) - 1;

	if (s.len < i || memcmp(s.p, day, sizeof(day) - 1) != 0 ||
	    memcmp(s.p + sizeof(day), time, sizeof(time) - 1) != 0)
		return false;
	if (s.p[sizeof(day) - 1] != 'T' && s.p[sizeof(day) - 1] != ' ')
		return false;
	if (i < s.len && s.p[i] == '.')
		for (i++; i < s.len && s.p[i] == '0'; i++)
			;
	return i == s.len || (i + 1 == s.len && s.p[i] == 'Z') ||
	       (i + 6 == s.len && memcmp(s.p + i, "+00:00", 6) == 0);
}

static unsigned zone_code(const struct time_form *t)
{
	int minutes = t->offset < 0 ? -t->offset : t->offset;

	switch (t->zone) {
	case 'Z':
		return ZONE_Z;
	case 'z':
		return ZONE_LOWER_Z;
	case 0:
		return ZONE_NONE;
	default:
		/* An offset of odd minutes fails the comparison. */
		return ZONE_OFFSET +
		       (2u * t->zone_colon + (t->zone == '-')) * QUARTERS +
		       (unsigned)minutes / 15 % QUARTERS;
	}
}

static value_form text_form(const struct time_form *t)
{
	const char *sep = memchr(separators, t->separator, SEPARATORS);
	unsigned s = sep ? (unsigned)(sep - separators) : 0;

	return (value_form)(FORM_FIRST + NUMBER_FORMS +
			    (zone_code(t) * SEPARATORS + s) * DIGITS +
			    t->digits);
}

static bool form_to_time(unsigned y, struct time_form *t)
{
	unsigned zone = y / DIGITS / SEPARATORS;

	*t = (struct time_form){
		.digits = (uint8_t)(y % DIGITS),
		.separator = separators[y / DIGITS % SEPARATORS],
	};
	if (zone == ZONE_Z) {
		t->zone = 'Z';
	} else if (zone == ZONE_LOWER_Z) {
		t->zone = 'z';
	} else if (zone >= ZONE_OFFSET) {
		unsigned code = (zone - ZONE_OFFSET) / QUARTERS;
		unsigned quarters = (zone - ZONE_OFFSET) % QUARTERS;

		if (code > 3)
			return false;
		t->zone = code & 1 ? '-' : '+';
		t->zone_colon = code >> 1;
		t->offset = (int16_t)((code & 1 ? -15 : 15) * (int)quarters);
	}
	return true;
}

/* Is it the form time_format_utc() would choose? */
static bool is_canonical(int64_t ns, const struct time_form *t)
{
	int64_t part = ns % NS_PER_S;
	unsigned digits = part == 0             ? 0 :
			  part % NS_PER_MS == 0 ? 3 :
			  part % NS_PER_US == 0 ? 6 :
						  9;

	return t->separator == 'T' && t->zone == 'Z' && t->digits == digits;
}

static enum value_status text_decode_date(const struct scalar *s,
					  struct value *out, value_form *form,
					  bool *proven)
{
	struct time_form t;

	if (time_parse_rfc3339(s->content, &out->num, &t) != TIME_OK)
		return is_never(s->content) ? VALUE_NULL : VALUE_INVALID;
	if (is_canonical(out->num, &t)) {
		/* Each byte of such a text follows from the value. */
		*form = FORM_CANONICAL;
		*proven = s->raw.len == s->content.len + 2;
		return VALUE_OK;
	}
	*form = text_form(&t);
	return VALUE_OK;
}

static unsigned unit_of(const struct field *f, const struct decimal *d)
{
	int digits = (int)(d->ndigits < 19 ? d->ndigits : 19) + d->exponent;

	switch (f->unit) {
	case UNIT_S:
		return 0;
	case UNIT_MS:
		return 1;
	case UNIT_US:
		return 2;
	case UNIT_NS:
		return 3;
	case UNIT_NONE:
	case UNIT_BYTES:
		break;
	}
	return digits <= 10 ? 0 : digits <= 14 ? 1 : digits <= 17 ? 2 : 3;
}

/* digits * 10^exponent units in ns, what is below a ns cut off. */
static bool decimal_to_ns(const struct decimal *d, unsigned unit, int64_t *out)
{
	int exponent = d->exponent + 9 - 3 * (int)unit;
	uint64_t v = d->digits;

	if (exponent > 19 && v)
		return false;
	for (; exponent > 0; exponent--)
		if (__builtin_mul_overflow(v, (uint64_t)10, &v))
			return false;
	for (; exponent < 0 && v; exponent++)
		v /= 10;
	if (v > INT64_MAX)
		return false;
	*out = d->negative ? -(int64_t)v : (int64_t)v;
	return true;
}

static enum value_status number_decode(const struct field *f,
				       const struct scalar *s,
				       struct value *out, value_form *form)
{
	bool quoted = s->kind == JSON_STRING;
	struct decimal d;
	unsigned unit;

	if (!value_decimal_parse(s->content, &d))
		return VALUE_INVALID;
	if (quoted && (!d.plain || d.ndigits < STRING_DIGITS + d.places))
		return VALUE_INVALID;
	unit = unit_of(f, &d);
	if (!decimal_to_ns(&d, unit, &out->num))
		return VALUE_INVALID;
	*form = FORM_RAW;
	if (d.plain && d.places < DIGITS)
		*form = (value_form)(FORM_FIRST +
				     (unit * DIGITS + d.places) * 2 + quoted);
	return VALUE_OK;
}

enum value_status value_date_decode(const struct field *f,
				    const struct scalar *s, struct value *out,
				    value_form *form, bool *proven)
{
	enum value_status status = VALUE_INVALID;

	if (s->kind == JSON_STRING)
		status = text_decode_date(s, out, form, proven);
	if (status == VALUE_INVALID &&
	    (s->kind == JSON_NUMBER || s->kind == JSON_STRING))
		status = number_decode(f, s, out, form);
	return status;
}

static size_t put_digits(char *out, uint64_t v, unsigned width)
{
	char digits[20];
	unsigned n = 0;

	do {
		digits[n++] = (char)('0' + v % 10);
		v /= 10;
	} while (v || n < width);
	for (unsigned i = 0; i < n; i++)
		out[i] = digits[n - 1 - i];
	return n;
}

static size_t number_format(int64_t ns, unsigned x, char *out)
{
	uint64_t u = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
	unsigned places = x / 2 % DIGITS, unit = x / 2 / DIGITS;
	uint64_t per = (uint64_t)ns_per_unit[unit], rest = u % per;
	unsigned have = 9 - 3 * unit; /* digits of `rest` */
	size_t len = 0;

	if (x % 2)
		out[len++] = '"';
	if (ns < 0)
		out[len++] = '-';
	len += put_digits(out + len, u / per, 1);
	if (places) {
		out[len++] = '.';
		for (; have > places; have--)
			rest /= 10;
		for (unsigned i = have; i < places; i++)
			rest *= 10;
		len += put_digits(out + len, rest, places);
	}
	if (x % 2)
		out[len++] = '"';
	return len;
}

size_t value_date_format(int64_t ns, value_form form, char out[VALUE_TEXT_MAX])
{
	unsigned x = form >= FORM_FIRST ? form - FORM_FIRST : 0;
	struct time_form t;
	size_t len;

	if (form >= FORM_FIRST && x < NUMBER_FORMS)
		return number_format(ns, x, out);
	out[0] = '"';
	if (form >= FORM_FIRST && form_to_time(x - NUMBER_FORMS, &t))
		len = time_format(ns, &t, out + 1);
	else
		len = time_format_utc(ns, out + 1);
	out[len + 1] = '"';
	return len + 2;
}
