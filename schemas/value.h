/*
 * schemas/value.h - one value of a field, and how its JSON text was written.
 *
 * The same conversions serve decoding (JSON text to value), the query language
 * (constants to values) and printing (value to text), so they cannot differ.
 *
 * Numbers are int64 in value order: an int is itself, a bool 0 or 1, a date ns
 * since the epoch, a double its bits made monotonic (value_from_double).
 * 16-byte values are in memory order: an ip is its v6 form (v4 as
 * ::ffff:a.b.c.d), a uuid its bytes.
 */
#ifndef SCHEMAS_VALUE_H
#define SCHEMAS_VALUE_H

#include "base/buf.h"
#include "base/slice.h"
#include "schemas/field.h"

struct value {
	union {
		struct slice text;
		int64_t num;
		uint8_t b16[16];
	};
};

/* The JSON kinds a scalar can have in a message. */
enum json_kind { JSON_STRING, JSON_NUMBER, JSON_TRUE, JSON_FALSE };

/* A form is a small number that says how a value's JSON text follows from the
 * value.  Three are special in every class; the others are opaque here and
 * documented in docs/store-format.md (value_form_*, value.c). */
enum {
	FORM_CANONICAL = 0, /* value_render() with no more ado gives the text */
	FORM_RAW = 1,       /* the text does not follow: it is kept itself */
	FORM_ABSENT = 2, /* there is a value, but the source has no such key */
	FORM_FIRST = 3,  /* first of the class's own forms */
};
typedef uint16_t value_form;

enum value_status {
	VALUE_OK,
	VALUE_NULL,      /* stands for null ("never" dates) */
	VALUE_INVALID,   /* does not fit the field: _invalid */
	VALUE_TRUNCATED, /* fits; searched by its first LIMIT_VALUE bytes */
};

/*
 * The value of scalar `content` (decoded when a string, else the JSON text) in
 * field `f`, and its form.  `raw` is the JSON text in the message, quotes
 * included: a form other than FORM_RAW is only chosen if value_render() gives
 * exactly those bytes.  A text value borrows from `content`.
 */
enum value_status value_decode(const struct field *f, enum json_kind kind,
			       struct slice content, struct slice raw,
			       struct value *out, value_form *form);

/* Appends the JSON text of a value in a form other than FORM_RAW. */
void value_render(struct buf *out, const struct field *f, const struct value *v,
		  value_form form);
/* Appends the value for people and CSV: no quotes, canonical. */
void value_print(struct buf *out, const struct field *f, const struct value *v);

int64_t value_from_double(double d); /* order kept; -0.0 equals 0.0 */
double value_to_double(int64_t num);

/* Text forms; false if `s` is not one, exactly. */
bool value_parse_ip(struct slice s, uint8_t out[16]);
bool value_parse_uuid(struct slice s, uint8_t out[16]); /* any case */
enum { VALUE_IP_MAX = 46, VALUE_UUID_LEN = 36 };
size_t value_format_ip(const uint8_t ip[16], char out[VALUE_IP_MAX]);
void value_format_uuid(const uint8_t id[16], char out[VALUE_UUID_LEN]);
/* A JSON number's text as an exact int64 ("1.0", "1e3" too); false if it is
 * not integral or out of range. */
bool value_parse_int(struct slice text, int64_t *out);
bool value_parse_double(struct slice text, double *out); /* finite only */

#endif
