/*
 * qql/value.c - the text of a value.
 */
#include "qql/value_int.h"

#include "qql/look_int.h"

struct slice qql_value_unescape(struct arena *a, struct slice raw)
{
	char *out = arena_alloc(a, raw.len + 1);
	size_t n = 0;

	if (!out)
		return slice_of(NULL, 0);
	for (size_t i = 0; i < raw.len; i++) {
		if (raw.p[i] == '\\' && i + 1 < raw.len)
			i++;
		out[n++] = raw.p[i];
	}
	out[n] = '\0';
	return slice_of(out, n);
}

bool qql_value_piece(const struct qql_value *v, uint32_t *at,
		     struct slice *piece)
{
	uint32_t start, i = *at;

	if (v->quote != QQL_BARE) {
		*piece = v->raw;
		*at = 1;
		return i == 0;
	}
	start = i = qql_look_space(v->raw, i);
	while (i < v->raw.len && qql_look_space(v->raw, i) == i) {
		if (v->raw.p[i] == '\\' && i + 1 < v->raw.len)
			i++;
		i += qql_look_char(v->raw, i);
	}
	*piece = slice_of(v->raw.p + start, i - start);
	*at = i;
	return i > start;
}

struct slice qql_value_joined(struct arena *a, const struct qql_value *v)
{
	char *joined = arena_alloc(a, v->raw.len + 1);
	struct slice piece;
	uint32_t at = 0;
	size_t n = 0;

	if (!joined)
		return slice_of(NULL, 0);
	while (qql_value_piece(v, &at, &piece)) {
		if (n)
			joined[n++] = ' ';
		if (piece.len)
			memcpy(joined + n, piece.p, piece.len);
		n += piece.len;
	}
	return slice_of(joined, n);
}

struct slice qql_value_text(struct arena *a, const struct qql_value *v)
{
	struct slice raw = v->quote == QQL_BARE ? qql_value_joined(a, v) :
						  v->raw;

	return raw.p ? qql_value_unescape(a, raw) : raw;
}

bool qql_value_is_pattern(const struct qql_value *v)
{
	return v->quote == QQL_BARE &&
	       (qql_look_find(v->raw, '*') < v->raw.len ||
		qql_look_find(v->raw, '?') < v->raw.len);
}

bool qql_value_is_star(const struct qql_value *v)
{
	if (v->quote != QQL_BARE || v->raw.len == 0)
		return false;
	for (size_t i = 0; i < v->raw.len; i++) {
		if (v->raw.p[i] != '*')
			return false;
	}
	return true;
}

/* The text between quotes, with the closing quote and backslashes escaped.
 * What was escaped without need comes out bare, so equal texts print alike. */
static void print_between(struct buf *out, char quote, struct slice raw)
{
	buf_putc(out, quote);
	for (size_t i = 0; i < raw.len; i++) {
		if (raw.p[i] == '\\' && i + 1 < raw.len)
			i++;
		if (raw.p[i] == '\\' || raw.p[i] == quote)
			buf_putc(out, '\\');
		buf_putc(out, raw.p[i]);
	}
	buf_putc(out, quote);
}

void qql_value_print(struct buf *out, const struct qql_value *v)
{
	struct slice piece;
	uint32_t at = 0;

	if (v->quote != QQL_BARE) {
		print_between(out, v->quote == QQL_EXACT ? '`' : '"', v->raw);
		return;
	}
	for (bool first = true; qql_value_piece(v, &at, &piece);
	     first = false) {
		if (!first)
			buf_putc(out, ' ');
		buf_put_slice(out, piece);
	}
}
