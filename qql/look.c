/*
 * qql/look.c - reading ahead in a query's text.
 */
#include "qql/look_int.h"

#include <string.h>

#include "base/compiler.h"
#include "base/limits.h"
#include "base/utf8.h"

static bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool starts_name(char c)
{
	return is_alpha(c) || c == '_' || c == '@';
}

static bool continues_name(char c)
{
	return starts_name(c) || (c >= '0' && c <= '9') || c == '-';
}

/* U+2018..U+201B (kind 1) and U+201C..U+201F (kind 2); 0: no curly quote. */
static int curly(struct slice text, uint32_t at)
{
	unsigned char c;

	if (text.len - at < 3 || memcmp(text.p + at, "\xe2\x80", 2) != 0)
		return 0;
	c = (unsigned char)text.p[at + 2];
	return c >= 0x98 && c <= 0x9b ? 1 : c >= 0x9c && c <= 0x9f ? 2 : 0;
}

uint32_t qql_look_char(struct slice text, uint32_t at)
{
	uint32_t cp;
	size_t n;

	if (at >= text.len)
		return 0;
	n = utf8_decode(text.p + at, text.p + text.len, &cp);
	return n ? (uint32_t)n : 1;
}

uint32_t qql_look_space(struct slice text, uint32_t at)
{
	while (at < text.len) {
		uint32_t cp = 0;
		size_t n = utf8_decode(text.p + at, text.p + text.len, &cp);

		if (n == 0 || !utf8_is_space(cp))
			break;
		at += (uint32_t)n;
	}
	return at;
}

bool qql_look_ends_word(struct slice text, uint32_t at)
{
	unsigned char c;

	if (at >= text.len)
		return true;
	c = (unsigned char)text.p[at];
	if (c < 0x80)
		return c <= ' ' || c == 0x7f || strchr("()[]|\"`,", c);
	return curly(text, at) == 2 || qql_look_space(text, at) > at;
}

uint32_t qql_look_word(struct slice text, uint32_t at)
{
	while (!qql_look_ends_word(text, at)) {
		if (text.p[at] == '\\' && at + 1 < text.len)
			at++;
		at += qql_look_char(text, at);
	}
	return at;
}

uint32_t qql_look_name(struct slice text, uint32_t at)
{
	uint32_t end = at, i = at;

	while (i < text.len && starts_name(text.p[i])) {
		while (i < text.len && continues_name(text.p[i]))
			i++;
		end = i;
		if (i == text.len || text.p[i] != '.')
			break;
		i++;
	}
	return end;
}

bool qql_look_keyword(struct slice text, uint32_t at, const char *word)
{
	size_t len = strlen(word);

	return text.len - at >= len &&
	       slice_eq_ascii_case(slice_of(text.p + at, len),
				   slice_of(word, len)) &&
	       qql_look_ends_word(text, at + (uint32_t)len);
}

/* `is [not] null` or `[not] in (` (or "[", a mistake to be explained). */
static bool word_operator(struct slice text, uint32_t at)
{
	if (qql_look_keyword(text, at, "is")) {
		at = qql_look_space(text, at + 2);
		if (qql_look_keyword(text, at, "not"))
			at = qql_look_space(text, at + 3);
		return qql_look_keyword(text, at, "null");
	}
	if (qql_look_keyword(text, at, "not"))
		at = qql_look_space(text, at + 3);
	if (!qql_look_keyword(text, at, "in"))
		return false;
	at = qql_look_space(text, at + 2);
	return at < text.len && (text.p[at] == '(' || text.p[at] == '[');
}

uint32_t qql_look_condition(struct slice text, uint32_t at,
			    enum qql_look operators)
{
	uint32_t name = qql_look_name(text, at);
	uint32_t next = qql_look_space(text, name);
	char c = next < text.len ? text.p[next] : '\0';

	if (name == at || c == '\0')
		return at;
	if (c == ':' || c == '<' || c == '>' || c == '=')
		return name;
	if (c == '!' && next + 1 < text.len && text.p[next + 1] == '=')
		return name;
	if (operators == QQL_LOOK_ALL && next > name &&
	    word_operator(text, next))
		return name;
	return at;
}

bool qql_look_not(struct slice text, uint32_t at)
{
	at = qql_look_space(text, at);
	return (at < text.len && text.p[at] == '(') ||
	       qql_look_condition(text, at, QQL_LOOK_COMPARE) > at;
}

/* Past the string whose opening quote (of `n` bytes) stands at `at`. */
static uint32_t skip_string(struct slice text, uint32_t at, uint32_t n)
{
	int kind = curly(text, at);
	char quote = text.p[at];

	for (at += n; at < text.len; at += qql_look_char(text, at)) {
		char c = text.p[at];

		if (c == '\\' && at + 1 < text.len) {
			at++;
			continue;
		}
		if (kind == 0 ? c == quote :
				c == (kind == 1 ? '\'' : '"') ||
					curly(text, at) == kind)
			return at + qql_look_char(text, at);
	}
	return at;
}

/* Length of the quote that opens a string at `at`; 0: none does. */
static uint32_t opens_string(struct slice text, uint32_t at, bool at_start)
{
	char c = text.p[at];
	int kind = curly(text, at);

	if (c == '"' || c == '`' || (c == '\'' && at_start))
		return 1;
	return kind == 2 || (kind == 1 && at_start) ? 3 : 0;
}

/* One step of a walk that skips strings and escapes: past what stands at `at`.
 * *at_start: would a word start here? */
static uint32_t step(struct slice text, uint32_t at, bool *at_start)
{
	uint32_t quote = opens_string(text, at, *at_start);
	char c = text.p[at];

	if (quote) {
		*at_start = true;
		return skip_string(text, at, quote);
	}
	if (c == '\\' && at + 1 < text.len) {
		*at_start = false;
		return at + 1 + qql_look_char(text, at + 1);
	}
	*at_start = strchr("()[]|,:<>=", c) ||
		    (c == '.' && at > 0 && text.p[at - 1] == '.') ||
		    qql_look_space(text, at) > at;
	return at + qql_look_char(text, at);
}

static bool is_dots(struct slice text, uint32_t at)
{
	return (text.len - at >= 2 && memcmp(text.p + at, "..", 2) == 0) ||
	       (text.len - at >= 3 &&
		memcmp(text.p + at, "\xe2\x80\xa6", 3) == 0);
}

uint32_t qql_look_ranges(struct slice text, uint32_t at, uint8_t *bits)
{
	uint32_t open[LIMIT_QUERY_DEPTH + 1];
	unsigned depth = 1;
	bool at_start = true;

	open[0] = at - 1;
	while (at < text.len && depth > 0) {
		char c = text.p[at];

		if (c == '(' || c == '[') {
			if (depth < ARRAY_SIZE(open))
				open[depth] = at;
			depth++;
		} else if (c == ')' || c == ']') {
			depth--;
		} else if (depth <= ARRAY_SIZE(open) && is_dots(text, at)) {
			uint32_t bracket = open[depth - 1];

			bits[bracket / 8] |= (uint8_t)(1 << bracket % 8);
		}
		at = step(text, at, &at_start);
	}
	return at;
}

uint32_t qql_look_value(struct slice text, uint32_t at)
{
	const uint32_t start = at;
	uint32_t end = at;
	unsigned depth = 0;
	bool at_start = true;

	while (at < text.len) {
		char c = text.p[at];

		if (c == '|')
			break;
		if (c == '(' || c == '[')
			depth++;
		else if ((c == ')' || c == ']') && depth-- == 0)
			break;
		if (depth == 0 && at_start && at > start &&
		    (qql_look_keyword(text, at, "and") ||
		     qql_look_keyword(text, at, "or")))
			break;
		if (qql_look_space(text, at) > at) {
			at = qql_look_space(text, at);
			at_start = true;
			continue;
		}
		at = step(text, at, &at_start);
		end = at;
	}
	return end;
}

uint32_t qql_look_find(struct slice s, char c)
{
	uint32_t at = 0;

	while (at < s.len && s.p[at] != c) {
		if (s.p[at] == '\\' && at + 1 < s.len)
			at++;
		at += qql_look_char(s, at);
	}
	return at < s.len ? at : (uint32_t)s.len;
}

uint32_t qql_look_dots(struct slice s)
{
	uint32_t at = 0;

	while (at < s.len && !is_dots(s, at)) {
		if (s.p[at] == '\\' && at + 1 < s.len)
			at++;
		at += qql_look_char(s, at);
	}
	return at < s.len ? at : (uint32_t)s.len;
}
