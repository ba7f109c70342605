/*
 * qql/diag_word.c - mistakes in the words and marks of a query, among them the
 * habits of other languages, which must not become silent free text.
 */
#include "qql/diag_int.h"

#include "base/utf8.h"
#include "qql/look_int.h"
#include "qql/parse.h"

#define SHOW(s) qql_diag_show(s).text

struct qql_shown qql_diag_show(struct slice s)
{
	struct qql_shown out;
	size_t n = s.len;

	if (n > QQL_SHOWN_MAX)
		n = utf8_cut(s, QQL_SHOWN_MAX - 3);
	if (n)
		memcpy(out.text, s.p, n);
	memcpy(out.text + n, n < s.len ? "..." : "", n < s.len ? 4 : 1);
	return out;
}

static struct slice text_between(const struct qql_scan *s, uint32_t from,
				 uint32_t to)
{
	return qql_scan_text(s, (struct span){ from, to });
}

static bool fail_operator(struct qql_scan *s, struct span at,
			  const char *instead)
{
	qql_scan_fail(s, ERR_SYNTAX, at, "\"%s\" is not an operator",
		      SHOW(qql_scan_text(s, at)));
	qql_scan_hint(s, "write %s", instead);
	return true;
}

/* a:1&&b:2 without spaces */
static bool glued_ampersands(struct qql_scan *s, struct slice w)
{
	const char *p = memmem(w.p, w.len, "&&", 2);
	uint32_t at;

	if (!p)
		return false;
	at = (uint32_t)(p - s->text.p);
	if (w.len > 2 &&
	    qql_look_condition(s->text, at + 2, QQL_LOOK_ALL) == at + 2)
		return false;
	return fail_operator(s, (struct span){ at, at + 2 }, "and");
}

bool qql_diag_habit(struct qql_scan *s, struct slice w)
{
	uint32_t name, next = qql_look_space(s->text, s->at.end);

	if (glued_ampersands(s, w))
		return true;
	if (s->where == QQL_AT_VALUE) {
		if (s->last.kind != TOK_COLON || next >= s->text.len ||
		    s->text.p[next] != '(' ||
		    !slice_eq_ascii_case(w, SLICE_LIT("in")))
			return false;
		qql_scan_fail(s, ERR_SYNTAX, s->at,
			      "\"in\" cannot follow \":\"");
		qql_scan_hint(s, "write %s in (a, b)",
			      SHOW(qql_scan_text(s, s->name)));
		return true;
	}
	if (w.p[0] != '-' && w.p[0] != '+')
		return false;
	name = qql_look_condition(s->text, s->at.start + 1, QQL_LOOK_COMPARE);
	if (name == s->at.start + 1 || s->text.p[name] != ':')
		return false;
	qql_scan_fail(s, ERR_SYNTAX,
		      (struct span){ s->at.start, s->at.start + 1 },
		      "\"%c\" before a token is not an operator", w.p[0]);
	if (w.p[0] == '-')
		qql_scan_hint(s, "write not %s",
			      SHOW(slice_of(w.p + 1, w.len - 1)));
	else
		qql_scan_hint(s, "leave it out, and join conditions with and");
	return true;
}

bool qql_diag_dots(struct qql_scan *s, struct slice w)
{
	uint32_t at = 0;

	if (qql_look_dots(w) != 0)
		return false;
	while (at < w.len) {
		struct slice rest = slice_of(w.p + at, w.len - at);

		if (w.p[at] != '.' && qql_look_dots(rest) != 0)
			return false;
		at += qql_look_char(w, at);
	}
	qql_scan_fail(s, ERR_SYNTAX, s->at, "\"%s\" outside a range", SHOW(w));
	qql_scan_hint(s, "a range is written name:[a .. b]");
	return true;
}

bool qql_diag_colon(struct qql_scan *s, struct slice w)
{
	uint32_t at = qql_look_find(w, ':');

	if (at == w.len || (w.p[0] >= '0' && w.p[0] <= '9'))
		return false;
	if (at == 0) {
		s->at.end = s->at.start + 1;
		qql_scan_fail(s, ERR_SYNTAX, s->at,
			      "no token stands before \":\"");
	} else {
		qql_scan_fail(s, ERR_SYNTAX, s->at,
			      "\"%s\" holds a \":\" and is not quoted",
			      SHOW(w));
	}
	if (at == 0)
		qql_scan_hint(s, "a condition is written name:value");
	else if (!memchr(w.p, '"', w.len))
		qql_scan_hint(s, "to search for the text itself write \"%s\"",
			      SHOW(w));
	return true;
}

/* In [ ] `and` is a word; before `name:` it tells that the "]" was forgotten. */
bool qql_diag_runaway(struct qql_scan *s)
{
	struct slice word = qql_scan_text(s, s->last.span);

	if (s->last.kind != TOK_WORD ||
	    !(slice_eq_ascii_case(word, SLICE_LIT("and")) ||
	      slice_eq_ascii_case(word, SLICE_LIT("or"))) ||
	    qql_look_condition(s->text, s->at.start, QQL_LOOK_ALL) ==
		    s->at.start)
		return false;
	qql_diag_open_bracket(s, s->last.span.start);
	return true;
}

int qql_diag_bars(struct qql_scan *s)
{
	fail_operator(s, s->at, "or");
	return TOK_FAILED;
}

int qql_diag_comma(struct qql_scan *s)
{
	qql_scan_fail(s, ERR_SYNTAX, s->at, "\",\" outside a list");
	if (s->name.end)
		qql_scan_hint(s,
			      "for any of several values write %s:[a, b]; "
			      "quote a value that holds a comma",
			      SHOW(qql_scan_text(s, s->name)));
	else
		qql_scan_hint(s, "quote a value that holds a comma");
	return TOK_FAILED;
}

int qql_diag_in_square(struct qql_scan *s)
{
	struct slice name = qql_scan_text(s, s->name);

	qql_scan_fail(s, ERR_SYNTAX, s->at, "\"in\" takes parentheses");
	qql_scan_hint(s, "write %s in (a, b) or %s:[a, b]", SHOW(name),
		      SHOW(name));
	return TOK_FAILED;
}

int qql_diag_inner_bracket(struct qql_scan *s)
{
	qql_scan_fail(s, ERR_SYNTAX, s->at, "\"%s\" inside a range or list",
		      SHOW(qql_scan_text(s, s->at)));
	qql_scan_hint(s, "quote a value that holds brackets");
	return TOK_FAILED;
}

/* `name ==` and the like, where the name has announced a comparison. */
static int wrong_comparison(struct qql_scan *s, struct slice w)
{
	static const struct {
		const char *wrong, *right;
	} habits[] = {
		{ "==", "=" },  { "===", "=" }, { "<>", "!=" },  { "=>", ">=" },
		{ "=<", "<=" }, { "=!", "!=" }, { "!==", "!=" },
	};

	qql_scan_fail(s, ERR_SYNTAX, s->at, "\"%s\" is not a comparison",
		      SHOW(w));
	for (size_t i = 0; i < ARRAY_SIZE(habits); i++) {
		if (slice_eq(w, slice_str(habits[i].wrong))) {
			qql_scan_hint(s, "write %s", habits[i].right);
			return TOK_FAILED;
		}
	}
	qql_scan_hint(s, "the comparisons are = != < <= > >=");
	return TOK_FAILED;
}

int qql_diag_compare(struct qql_scan *s, struct slice w)
{
	uint32_t value = qql_look_space(s->text, s->at.end);

	if (s->form) {
		qql_scan_fail(s, ERR_SYNTAX, s->at, "\"%s\" in a stage",
			      SHOW(w));
		qql_scan_hint(s, "conditions stand before the first \"|\"");
		return TOK_FAILED;
	}
	if (s->where == QQL_AT_OPERATOR)
		return wrong_comparison(s, w);
	if (s->where == QQL_AT_VALUE) {
		struct slice before = qql_scan_text(s, s->last.span);

		qql_scan_fail(s, ERR_SYNTAX, s->at,
			      "\"%s\" cannot follow \"%s\"", SHOW(w),
			      SHOW(before));
		if (s->last.kind == TOK_COLON)
			qql_scan_hint(s, "write %s %s %s",
				      SHOW(qql_scan_text(s, s->name)), SHOW(w),
				      SHOW(text_between(s, value,
							qql_look_word(s->text,
								      value))));
		else
			qql_scan_hint(s, "the comparisons are = != < <= > >=");
		return TOK_FAILED;
	}
	if (w.p[0] == '!' && w.len == 1 && s->where != QQL_AT_INSIDE) {
		fail_operator(s, s->at, "not");
		return TOK_FAILED;
	}
	qql_scan_fail(s, ERR_SYNTAX, s->at, "no token stands before \"%s\"",
		      SHOW(w));
	qql_scan_hint(
		s,
		"a comparison is written name %s value; quote a value that begins with it",
		SHOW(w));
	return TOK_FAILED;
}

/* What closes a string: itself, or the other one of a curly pair. */
static const char *closing_quote(struct slice open)
{
	static const char *const pairs[][2] = {
		{ "\xe2\x80\x98", "\xe2\x80\x99" },
		{ "\xe2\x80\x9a", "\xe2\x80\x98" },
		{ "\xe2\x80\x9c", "\xe2\x80\x9d" },
		{ "\xe2\x80\x9e", "\xe2\x80\x9c" },
		{ "\"", "\"" },
		{ "'", "'" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		if (slice_eq(open, slice_str(pairs[i][0])))
			return pairs[i][1];
	}
	return open.len == 1 ? "`" : "\xe2\x80\x9d";
}

/* Does the text end in an escaped quote, so that a path took the last one? */
static bool ends_escaped(struct slice text, char quote)
{
	return text.len >= 2 && text.p[text.len - 1] == quote &&
	       text.p[text.len - 2] == '\\';
}

int qql_diag_unclosed(struct qql_scan *s)
{
	uint32_t quote = qql_look_char(s->text, s->string_start);
	uint32_t inside = s->string_start + quote;
	uint32_t end = qql_look_value(s->text, inside);
	struct slice open = slice_of(s->text.p + s->string_start, quote);
	struct slice shown = text_between(s, inside, end);

	qql_scan_fail(s, ERR_SYNTAX, (struct span){ s->string_start, inside },
		      "missing closing quote");
	if (ends_escaped(s->text, open.p[0]))
		qql_scan_hint(
			s,
			"a backslash makes the quote ordinary: write \\\\ before it");
	else if (!memchr(shown.p, '\\', shown.len))
		qql_scan_hint(s, "close it: %.*s%s%s", SLICE_ARG(open),
			      SHOW(shown), closing_quote(open));
	return TOK_FAILED;
}
