/*
 * base/conf.c - reading crs.conf.
 */
#include <string.h>

#include "base/buf.h"
#include "base/conf_int.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/utf8.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct slice trim(struct slice s)
{
	while (s.len > 0 && is_blank(s.p[0]))
		s = slice_of(s.p + 1, s.len - 1);
	while (s.len > 0 && is_blank(s.p[s.len - 1]))
		s.len--;
	return s;
}

/* Without what follows a `#` that begins a word. */
static struct slice strip_comment(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '#' && (i == 0 || is_blank(s.p[i - 1])))
			return trim(slice_of(s.p, i));
	}
	return s;
}

static int unquote(struct slice *value, struct err *err)
{
	const char *close;
	struct slice rest;

	if (value->len == 0 || value->p[0] != '"') {
		*value = strip_comment(*value);
		return 0;
	}
	close = memchr(value->p + 1, '"', value->len - 1);
	if (!close)
		return err_set(err, ERR_USAGE, "the closing quote is missing");
	rest = slice_of(close + 1, (size_t)(value->p + value->len - close) - 1);
	rest = strip_comment(trim(rest));
	if (rest.len > 0)
		return err_set(
			err, ERR_USAGE,
			"unexpected text \"%.*s\" after the closing quote",
			SLICE_ARG(rest));
	*value = slice_of(value->p + 1, (size_t)(close - value->p) - 1);
	return 0;
}

static int parse_line(struct slice line, struct arena *arena, conf_line_fn *fn,
		      void *ctx, struct err *err)
{
	struct slice key, value, copy;
	const char *equals;
	int ret;

	line = trim(line);
	if (line.len == 0 || line.p[0] == '#')
		return 0;
	if (memchr(line.p, '\0', line.len) || !utf8_valid(line))
		return err_set(err, ERR_USAGE, "not a line of UTF-8 text");
	equals = memchr(line.p, '=', line.len);
	if (!equals || equals == line.p) {
		ret = err_set(err, ERR_USAGE,
			      "expected \"key = value\", not \"%.*s\"",
			      SLICE_ARG(line));
		return ret;
	}
	key = trim(slice_of(line.p, (size_t)(equals - line.p)));
	value = trim(
		slice_of(equals + 1, line.len - (size_t)(equals - line.p) - 1));
	ret = unquote(&value, err);
	if (ret < 0)
		return ret;
	copy = arena_dup(arena, value);
	if (!copy.p)
		return err_nomem(err);
	return fn(ctx, key, copy.p, err);
}

int conf_parse(const char *path, struct slice text, struct arena *arena,
	       conf_line_fn *fn, void *ctx, struct err *err)
{
	unsigned number = 0;

	while (text.len > 0) {
		const char *newline = memchr(text.p, '\n', text.len);
		size_t len = newline ? (size_t)(newline - text.p) : text.len;
		int ret;

		number++;
		ret = parse_line(slice_of(text.p, len), arena, fn, ctx, err);
		if (ret < 0) {
			if (ret != ERR_NO_MEMORY)
				err_prefix(err, "%s:%u", path, number);
			return ret;
		}
		len += newline != NULL;
		text = slice_of(text.p + len, text.len - len);
	}
	return 0;
}

int conf_read(const char *path, struct arena *arena, conf_line_fn *fn,
	      void *ctx, struct err *err)
{
	struct buf text;
	int ret;

	buf_init(&text, LIMIT_CONFIG);
	ret = file_read(path, &text, err);
	if (ret == 0)
		ret = conf_parse(path, buf_slice(&text), arena, fn, ctx, err);
	buf_release(&text);
	return ret;
}
