/*
 * schemas/value.c - values of all types: decoding, writing, printing.
 */
#include "schemas/value.h"

#include <string.h>

#include "base/time.h"
#include "schemas/value_int.h"

static enum value_status decode(const struct field *f, const struct scalar *s,
				struct value *out, value_form *form,
				bool *proven)
{
	switch (f->type) {
	case FIELD_KEYWORD:
	case FIELD_TEXT:
	case FIELD_ENUM:
		return value_text_decode(f, s, out, form, proven);
	case FIELD_INT:
		return value_int_decode(s, out, form, proven);
	case FIELD_DOUBLE:
		return value_double_decode(s, out, form, proven);
	case FIELD_BOOL:
		return value_bool_decode(s, out, form, proven);
	case FIELD_DATE:
		return value_date_decode(f, s, out, form, proven);
	case FIELD_IP:
		return value_ip_decode(s, out, form, proven);
	case FIELD_UUID:
		return value_uuid_decode(s, out, form, proven);
	}
	return VALUE_INVALID;
}

/* The JSON text of everything but texts. */
static size_t format(const struct field *f, const struct value *v,
		     value_form form, char out[VALUE_TEXT_MAX])
{
	switch (f->type) {
	case FIELD_INT:
		return value_int_format(v->num, form, out);
	case FIELD_DOUBLE:
		return value_double_format(v->num, form, out);
	case FIELD_BOOL:
		return value_bool_format(v->num, form, out);
	case FIELD_DATE:
		return value_date_format(v->num, form, out);
	case FIELD_IP:
		return value_ip_format(v->b16, form, out);
	case FIELD_UUID:
		return value_uuid_format(v->b16, form, out);
	case FIELD_KEYWORD:
	case FIELD_TEXT:
	case FIELD_ENUM:
		break;
	}
	return 0;
}

static bool renders_as(const struct field *f, const struct value *v,
		       value_form form, struct slice raw)
{
	char text[VALUE_TEXT_MAX];
	size_t len;

	if (field_class(f->type) == CLASS_TEXT)
		return value_text_renders_as(v->text, form, raw);
	len = format(f, v, form, text);
	return len == raw.len && memcmp(text, raw.p, len) == 0;
}

enum value_status value_decode(const struct field *f, enum json_kind kind,
			       struct slice content, struct slice raw,
			       struct value *out, value_form *form)
{
	struct scalar s = { .kind = kind, .content = content, .raw = raw };
	bool proven = false;
	enum value_status status;

	*form = FORM_RAW;
	status = decode(f, &s, out, form, &proven);
	if (status != VALUE_OK)
		*form = FORM_RAW;
	else if (!proven && *form != FORM_RAW &&
		 !renders_as(f, out, *form, raw))
		*form = FORM_RAW;
	return status;
}

value_form value_form_join(const struct field *f, value_form a, value_form b)
{
	if (a == b || b == FORM_CANONICAL)
		return a;
	if (a == FORM_CANONICAL)
		return b;
	/* Flags add up; FORM_FIRST alone is a text without quotes. */
	if (field_class(f->type) == CLASS_TEXT && a > FORM_FIRST &&
	    b > FORM_FIRST)
		return (value_form)(FORM_FIRST +
				    ((a - FORM_FIRST) | (b - FORM_FIRST)));
	return FORM_RAW;
}

void value_render(struct buf *out, const struct field *f, const struct value *v,
		  value_form form)
{
	char text[VALUE_TEXT_MAX];

	if (field_class(f->type) == CLASS_TEXT)
		value_text_render(out, v->text, form);
	else
		buf_put(out, text, format(f, v, form, text));
}

void value_print(struct buf *out, const struct field *f, const struct value *v)
{
	char text[VALUE_TEXT_MAX];
	size_t len;

	if (field_class(f->type) == CLASS_TEXT) {
		buf_put_slice(out, v->text);
		return;
	}
	len = format(f, v, FORM_CANONICAL, text);
	/* Types that are JSON strings lose their quotes. */
	if (text[0] == '"')
		buf_put(out, text + 1, len - 2);
	else
		buf_put(out, text, len);
}
