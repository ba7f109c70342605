/*
 * schemas/value_int.h - the classes of values, each with its conversions and
 * its forms.
 *
 * A class decodes a scalar and proposes a form from how its text looks;
 * value.c then writes the value in that form and keeps it only if the bytes
 * are the same.  Where a form is obviously right it says so (`proven`).
 */
#ifndef SCHEMAS_VALUE_INT_H
#define SCHEMAS_VALUE_INT_H

#include "schemas/value.h"

enum {
	/* The longest text of a number: a double with all its digits. */
	VALUE_TEXT_MAX = 400,
	/* Forms that fit beside LIST_FORM_SCALAR. */
	VALUE_FORMS = 0x7fff,
};

struct scalar {
	enum json_kind kind;
	struct slice content;
	struct slice raw;
};

static inline bool scalar_is_number_text(const struct scalar *s)
{
	return s->kind == JSON_NUMBER ||
	       (s->kind == JSON_STRING && s->raw.len == s->content.len + 2);
}

/* A decimal number taken apart exactly: sign, digits, power of ten. */
struct decimal {
	bool negative;
	bool plain;       /* digits only, with a point or without */
	uint64_t digits;  /* without the point; trailing zeros dropped when
			      there are too many */
	bool exact;       /* `digits` holds all of them */
	int exponent;     /* value = digits * 10^exponent */
	unsigned ndigits; /* significant ones */
	unsigned places;  /* digits after the point, as written */
};
/* False if `text` is not a JSON number. */
bool value_decimal_parse(struct slice text, struct decimal *out);

/* The form two elements of a list may share; FORM_RAW if there is none. */
value_form value_form_join(const struct field *f, value_form a, value_form b);

enum value_status value_int_decode(const struct scalar *s, struct value *out,
				   value_form *form, bool *proven);
size_t value_int_format(int64_t v, value_form form, char out[VALUE_TEXT_MAX]);

enum value_status value_double_decode(const struct scalar *s, struct value *out,
				      value_form *form, bool *proven);
size_t value_double_format(int64_t num, value_form form,
			   char out[VALUE_TEXT_MAX]);

enum value_status value_bool_decode(const struct scalar *s, struct value *out,
				    value_form *form, bool *proven);
size_t value_bool_format(int64_t v, value_form form, char out[VALUE_TEXT_MAX]);

enum value_status value_date_decode(const struct field *f,
				    const struct scalar *s, struct value *out,
				    value_form *form, bool *proven);
size_t value_date_format(int64_t ns, value_form form, char out[VALUE_TEXT_MAX]);

enum value_status value_ip_decode(const struct scalar *s, struct value *out,
				  value_form *form, bool *proven);
size_t value_ip_format(const uint8_t ip[16], value_form form,
		       char out[VALUE_TEXT_MAX]);

enum value_status value_uuid_decode(const struct scalar *s, struct value *out,
				    value_form *form, bool *proven);
size_t value_uuid_format(const uint8_t id[16], value_form form,
			 char out[VALUE_TEXT_MAX]);

enum value_status value_text_decode(const struct field *f,
				    const struct scalar *s, struct value *out,
				    value_form *form, bool *proven);
void value_text_render(struct buf *out, struct slice text, value_form form);
/* Does value_text_render() give `raw`? */
bool value_text_renders_as(struct slice text, value_form form,
			   struct slice raw);

#endif
