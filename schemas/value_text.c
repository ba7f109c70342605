/*
 * schemas/value_text.c - keywords, texts and enums.
 *
 * Canonical is the string with the shortest escapes (base/json.h).  Other
 * producers escape more.  Forms: FORM_FIRST is a number, true or false written
 * without quotes; FORM_FIRST + flags, a string in which more is escaped:
 *
 *     1  "/" as "\/"                     16  DEL
 *     2  everything above U+007F         32  \b and \f as \u0008 and \u000c
 *     4  hex digits in upper case        64  "\"" as \u0022
 *     8  < > & and U+2028, U+2029       128  ' as \u0027, + and ` as \u002b, \u0060
 */
#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "schemas/value_int.h"

enum {
	ESC_SLASH = 1,
	ESC_WIDE = 2,
	ESC_UPPER = 4,
	ESC_HTML = 8,
	ESC_DEL = 16,
	ESC_NUMERIC = 32,
	ESC_QUOTE = 64,
	ESC_APOSTROPHE = 128,
	ESC_ALL = 255,
	ESC_MAX = 12, /* bytes of one code point, escaped */
};

static size_t put_unicode(unsigned unit, unsigned flags, char *out)
{
	const char *hex = flags & ESC_UPPER ? "0123456789ABCDEF" :
					      "0123456789abcdef";

	out[0] = '\\';
	out[1] = 'u';
	for (int i = 0; i < 4; i++)
		out[2 + i] = hex[unit >> (12 - 4 * i) & 15];
	return 6;
}

/* Which flag makes this ASCII character an escape beyond the shortest. */
static unsigned flag_of(unsigned char c)
{
	switch (c) {
	case '/':
		return ESC_SLASH;
	case '<':
	case '>':
	case '&':
		return ESC_HTML;
	case 0x7f:
		return ESC_DEL;
	case '\b':
	case '\f':
		return ESC_NUMERIC;
	case '"':
		return ESC_QUOTE;
	case '\'':
	case '+':
	case '`':
		return ESC_APOSTROPHE;
	default:
		return 0;
	}
}

static size_t put_short(char c, char *out)
{
	out[0] = '\\';
	out[1] = c;
	return 2;
}

static size_t put_ascii(unsigned char c, unsigned flags, char *out)
{
	if (flag_of(c) & flags)
		return c == '/' ? put_short('/', out) :
				  put_unicode(c, flags, out);
	switch (c) {
	case '"':
	case '\\':
		return put_short((char)c, out);
	case '\b':
		return put_short('b', out);
	case '\f':
		return put_short('f', out);
	case '\n':
		return put_short('n', out);
	case '\r':
		return put_short('r', out);
	case '\t':
		return put_short('t', out);
	default:
		break;
	}
	if (c < 0x20)
		return put_unicode(c, flags, out);
	out[0] = (char)c;
	return 1;
}

/* Writes the code point at *at as the form has it; moves *at behind it. */
static size_t put_next(const char **at, const char *end, unsigned flags,
		       char out[ESC_MAX])
{
	uint32_t cp;
	size_t len;

	if ((unsigned char)**at < 0x80)
		return put_ascii((unsigned char)*(*at)++, flags, out);
	len = utf8_decode(*at, end, &cp);
	if (len && (flags & ESC_WIDE ||
		    (flags & ESC_HTML && (cp == 0x2028 || cp == 0x2029)))) {
		*at += len;
		if (cp < 0x10000)
			return put_unicode(cp, flags, out);
		cp -= 0x10000;
		put_unicode(0xd800 + (cp >> 10), flags, out);
		return 6 + put_unicode(0xdc00 + (cp & 0x3ff), flags, out + 6);
	}
	len = len ? len : 1;
	memcpy(out, *at, len);
	*at += len;
	return len;
}

static unsigned flags_of_form(value_form form)
{
	return form > FORM_FIRST ? (form - FORM_FIRST) & ESC_ALL : 0;
}

void value_text_render(struct buf *out, struct slice text, value_form form)
{
	const char *p = text.p, *end = text.p + text.len;
	unsigned flags = flags_of_form(form);
	char unit[ESC_MAX];

	if (form == FORM_FIRST) {
		buf_put_slice(out, text);
		return;
	}
	if (flags == 0) {
		json_quote(out, text);
		return;
	}
	buf_putc(out, '"');
	while (p < end) {
		size_t len = put_next(&p, end, flags, unit);

		buf_put(out, unit, len);
	}
	buf_putc(out, '"');
}

bool value_text_renders_as(struct slice text, value_form form, struct slice raw)
{
	const char *p = text.p, *end = text.p + text.len;
	const char *r = raw.p + 1, *rend = raw.p + raw.len - 1;
	unsigned flags = flags_of_form(form);
	char unit[ESC_MAX];

	if (form == FORM_FIRST)
		return slice_eq(text, raw);
	if (raw.len < 2 || raw.p[0] != '"' || *rend != '"')
		return false;
	while (p < end) {
		size_t len = put_next(&p, end, flags, unit);

		if (len > (size_t)(rend - r) || memcmp(unit, r, len) != 0)
			return false;
		r += len;
	}
	return r == rend;
}

static unsigned hex4(const char *p, unsigned *flags)
{
	unsigned v = 0;

	for (int i = 0; i < 4; i++) {
		char c = p[i];

		if (c >= 'A' && c <= 'F')
			*flags |= ESC_UPPER;
		v = v * 16 +
		    (unsigned)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	return v;
}

/* The flags that the escapes of a string ask for. */
static unsigned find_flags(struct slice raw)
{
	const char *p = raw.p, *end = raw.p + raw.len;
	unsigned flags = 0;

	while ((p = memchr(p, '\\', (size_t)(end - p)))) {
		unsigned cp;

		if (p[1] == '/')
			flags |= ESC_SLASH;
		if (p[1] != 'u') {
			p += 2;
			continue;
		}
		cp = hex4(p + 2, &flags);
		if (cp == 0x2028 || cp == 0x2029)
			flags |= flags & ESC_WIDE ? 0 : ESC_HTML;
		else
			flags |= cp < 0x80 ? flag_of((unsigned char)cp) :
					     ESC_WIDE;
		p += 6;
	}
	return flags;
}

static bool enum_has(const struct field *f, struct slice s)
{
	for (uint32_t i = 0; i < f->nvalues; i++)
		if (slice_eq(f->values[i], s))
			return true;
	for (uint32_t i = 0; i < f->nvalues; i++)
		if (slice_eq_ascii_case(f->values[i], s))
			return true;
	return false;
}

enum value_status value_text_decode(const struct field *f,
				    const struct scalar *s, struct value *out,
				    value_form *form, bool *proven)
{
	out->text = s->content;
	if (f->type == FIELD_ENUM && !enum_has(f, s->content))
		return VALUE_INVALID;
	if (s->content.len > LIMIT_VALUE) {
		out->text.len = utf8_cut(s->content, LIMIT_VALUE);
		return VALUE_TRUNCATED;
	}
	if (s->kind != JSON_STRING) {
		*form = FORM_FIRST;
		*proven = true;
	} else if (s->raw.len == s->content.len + 2) {
		/* Nothing is escaped, and nothing in it needs to be. */
		*form = FORM_CANONICAL;
		*proven = true;
	} else {
		unsigned flags = find_flags(s->raw);

		*form = (value_form)(flags ? FORM_FIRST + flags :
					     FORM_CANONICAL);
	}
	return VALUE_OK;
}
