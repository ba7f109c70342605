/*
 * base/json.c - writing JSON text.
 */
#include "base/json.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

/* For each byte: 0 copied, 'u' as \u00xx, else the letter after the backslash. */
static const char escapes[256] = {
	'u', 'u', 'u', 'u', 'u', 'u',         'u',           'u', 'b',
	't', 'n', 'u', 'f', 'r', 'u',         'u',           'u', 'u',
	'u', 'u', 'u', 'u', 'u', 'u',         'u',           'u', 'u',
	'u', 'u', 'u', 'u', 'u', ['"'] = '"', ['\\'] = '\\',
};

#define EACH_BYTE(x) (UINT64_C(0x0101010101010101) * (x))
#define HIGH_BITS EACH_BYTE(0x80)

/* Not 0 if one of the eight bytes is a control, a quote or a backslash; bytes
 * of 0x80 and more are none of these. */
static inline uint64_t must_escape(uint64_t v)
{
	uint64_t quote = v ^ EACH_BYTE('"');
	uint64_t backslash = v ^ EACH_BYTE('\\');

	return ((v - EACH_BYTE(0x20)) | (quote - EACH_BYTE(1)) |
		(backslash - EACH_BYTE(1))) &
	       ~v & HIGH_BITS;
}

/* Bytes at the start of p[n] that can be copied. */
static inline size_t plain_prefix(const char *p, size_t n)
{
	size_t i = 0;
	uint64_t v;

	while (n - i >= 8) {
		memcpy(&v, p + i, 8);
		if (must_escape(v))
			break;
		i += 8;
	}
	while (i < n && !escapes[(unsigned char)p[i]])
		i++;
	return i;
}

static void put_escape(struct buf *out, char byte)
{
	static const char hex[] = "0123456789abcdef";
	unsigned char c = (unsigned char)byte;
	char text[6] = { '\\', escapes[c], '0', '0', hex[c >> 4], hex[c & 15] };

	buf_put(out, text, escapes[c] == 'u' ? 6 : 2);
}

static void put_escaped(struct buf *out, struct slice s)
{
	while (s.len > 0) {
		size_t n = plain_prefix(s.p, s.len);

		buf_put(out, s.p, n);
		if (n == s.len)
			return;
		put_escape(out, s.p[n]);
		s = slice_of(s.p + n + 1, s.len - n - 1);
	}
}

void json_quote(struct buf *out, struct slice s)
{
	size_t n = s.len ? plain_prefix(s.p, s.len) : 0;
	char *to;

	if (n < s.len) {
		buf_putc(out, '"');
		put_escaped(out, s);
		buf_putc(out, '"');
		return;
	}
	to = buf_grow(out, n + 2);
	if (!to)
		return;
	to[0] = '"';
	if (n)
		memcpy(to + 1, s.p, n);
	to[n + 1] = '"';
	out->len += n + 2;
}

void json_init(struct json_writer *w, struct buf *out)
{
	*w = (struct json_writer){ .out = out };
}

static inline void separate(struct json_writer *w)
{
	if (w->comma)
		buf_putc(w->out, ',');
	w->comma = true;
}

static void begin(struct json_writer *w, char c)
{
	assert(w->depth < JSON_WRITER_DEPTH);
	separate(w);
	buf_putc(w->out, c);
	w->depth++;
	w->comma = false;
}

static void end(struct json_writer *w, char c)
{
	assert(w->depth > 0);
	buf_putc(w->out, c);
	w->depth--;
	w->comma = true;
}

void json_object_begin(struct json_writer *w)
{
	begin(w, '{');
}

void json_object_end(struct json_writer *w)
{
	end(w, '}');
}

void json_array_begin(struct json_writer *w)
{
	begin(w, '[');
}

void json_array_end(struct json_writer *w)
{
	end(w, ']');
}

void json_key_slice(struct json_writer *w, struct slice key)
{
	separate(w);
	json_quote(w->out, key);
	buf_putc(w->out, ':');
	w->comma = false;
}

void json_key(struct json_writer *w, const char *key)
{
	json_key_slice(w, slice_str(key));
}

void json_string(struct json_writer *w, struct slice s)
{
	separate(w);
	json_quote(w->out, s);
}

void json_str(struct json_writer *w, const char *s)
{
	json_string(w, slice_str(s));
}

bool json_string_lossy(struct json_writer *w, struct slice s)
{
	size_t good = utf8_valid_prefix(s);

	if (good == s.len) {
		json_string(w, s);
		return true;
	}
	separate(w);
	buf_putc(w->out, '"');
	while (s.len > 0) {
		good = utf8_valid_prefix(s);
		put_escaped(w->out, slice_of(s.p, good));
		if (good == s.len)
			break;
		buf_puts(w->out, "\xef\xbf\xbd");
		s = slice_of(s.p + good + 1, s.len - good - 1);
	}
	buf_putc(w->out, '"');
	return false;
}

void json_i64(struct json_writer *w, int64_t v)
{
	separate(w);
	buf_put_i64(w->out, v);
}

void json_u64(struct json_writer *w, uint64_t v)
{
	separate(w);
	buf_put_u64(w->out, v);
}

/* The fewest digits that read back as the same number. */
static void put_double(struct buf *out, double v)
{
	char text[32];

	for (int precision = 15; precision <= 17; precision++) {
		snprintf(text, sizeof(text), "%.*g", precision, v);
		if (strtod(text, NULL) == v)
			break;
	}
	/* A locale may have its own decimal point; JSON has not. */
	for (char *p = text; *p; p++) {
		if (!strchr("0123456789+-e", *p))
			*p = '.';
	}
	buf_puts(out, text);
}

void json_double(struct json_writer *w, double v)
{
	separate(w);
	if (!isfinite(v))
		buf_puts(w->out, "null");
	else if (fabs(v) < 1e15 && v == (double)(int64_t)v && !signbit(v))
		buf_put_i64(w->out, (int64_t)v);
	else
		put_double(w->out, v);
}

void json_bool(struct json_writer *w, bool v)
{
	separate(w);
	buf_puts(w->out, v ? "true" : "false");
}

void json_null(struct json_writer *w)
{
	separate(w);
	buf_puts(w->out, "null");
}

void json_raw(struct json_writer *w, struct slice text)
{
	separate(w);
	buf_put_slice(w->out, text);
}
