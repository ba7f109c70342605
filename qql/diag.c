/*
 * qql/diag.c - syntax errors: which of the known mistakes it is.
 *
 * Looked for in this order: the end after an operator, the end inside a
 * bracket, a place for a value, a place for an operator.
 */
#include "qql/diag_int.h"

#include "qql/look_int.h"
#include "qql/parse.h"

#define SHOW(s) qql_diag_show(s).text

static bool is_operator(int kind)
{
	return kind == TOK_AND || kind == TOK_OR || kind == TOK_NOT;
}

static bool is_value(int kind)
{
	return kind == TOK_WORD || kind == TOK_STRING || kind == TOK_EXACT;
}

static const struct qql_bracket *innermost(const struct qql_scan *s)
{
	return s->depth ? &s->brackets[s->depth - 1] : NULL;
}

static struct slice shown(const struct qql_scan *s, const struct qql_token *t)
{
	return qql_scan_text(s, t->span);
}

static void fail_at_token(struct qql_scan *s, const char *what)
{
	qql_scan_fail(s, ERR_SYNTAX, s->last.span, "%s \"%s\"", what,
		      SHOW(shown(s, &s->before)));
}

int qql_diag_open_bracket(struct qql_scan *s, uint32_t at)
{
	const struct qql_bracket *b = innermost(s);
	bool square = b->kind == TOK_SQUARE;
	struct slice body;

	while (at > b->span.end && qql_look_space(s->text, at - 1) >= at)
		at--;
	body = qql_scan_text(s, (struct span){ b->span.start, at });
	qql_scan_fail(s, ERR_SYNTAX, b->span,
		      square ? "missing closing bracket" :
			       "missing closing parenthesis");
	if (body.len > 1 && body.len < QQL_SHOWN_MAX)
		qql_scan_hint(s, "close it: %.*s%c", SLICE_ARG(body),
			      square ? ']' : ')');
	return TOK_FAILED;
}

static void missing_value(struct qql_scan *s)
{
	qql_scan_fail(s, ERR_SYNTAX, s->last.span,
		      "the value of \"%s\" is missing",
		      SHOW(qql_scan_text(s, s->name)));
	if (s->last.kind == TOK_AND || s->last.kind == TOK_OR)
		qql_scan_hint(s, "to search for the word itself write \"%s\"",
			      SHOW(shown(s, &s->last)));
}

/* `name > [..]`: one value only. */
static void comparison_of_many(struct qql_scan *s)
{
	struct span rest = { s->last.span.start,
			     qql_look_value(s->text, s->last.span.start) };

	qql_scan_fail(s, ERR_SYNTAX, s->last.span, "\"%s\" takes one value",
		      SHOW(shown(s, &s->before)));
	qql_scan_hint(s, "write %s:%s", SHOW(qql_scan_text(s, s->name)),
		      SHOW(qql_scan_text(s, rest)));
}

/* After an operator, or where a condition starts. */
static void condition_expected(struct qql_scan *s)
{
	struct slice token = shown(s, &s->last);

	switch (s->last.kind) {
	case TOK_AND:
	case TOK_OR:
		if (is_operator(s->before.kind)) {
			qql_scan_fail(
				s, ERR_SYNTAX, s->last.span,
				"nothing stands between \"%s\" and \"%s\"",
				SHOW(shown(s, &s->before)), SHOW(token));
			return;
		}
		qql_scan_fail(s, ERR_SYNTAX, s->last.span,
			      "nothing stands before \"%s\"", SHOW(token));
		qql_scan_hint(s, "to search for the word itself write \"%s\"",
			      SHOW(token));
		return;
	case TOK_SQUARE:
		qql_scan_fail(s, ERR_SYNTAX, s->last.span,
			      "a range or list needs a token of its own");
		qql_scan_hint(
			s, "write name:%s",
			SHOW(qql_scan_text(
				s,
				(struct span){
					s->last.span.start,
					qql_look_value(s->text,
						       s->last.span.start) })));
		return;
	case TOK_PAREN_END:
		if (!is_operator(s->before.kind)) {
			qql_scan_fail(s, ERR_SYNTAX, s->last.span,
				      "nothing stands between \"(\" and \")\"");
			return;
		}
		break;
	default:
		break;
	}
	if (is_operator(s->before.kind))
		fail_at_token(s, "nothing follows");
	else
		qql_scan_fail(s, ERR_SYNTAX, s->last.span,
			      "nothing stands before \"%s\"", SHOW(token));
}

/* Inside a range or list. */
static void member_expected(struct qql_scan *s)
{
	struct slice token = shown(s, &s->last);

	if (s->last.kind == TOK_AND || s->last.kind == TOK_OR) {
		qql_scan_fail(s, ERR_SYNTAX, s->last.span,
			      "\"%s\" inside a range", SHOW(token));
		qql_scan_hint(
			s,
			"\"..\" makes this a range: quote a value that holds dots");
	} else if (s->before.kind == TOK_COMMA) {
		qql_scan_fail(s, ERR_SYNTAX, s->last.span,
			      "a value is missing after \",\"");
	} else if (s->before.kind == TOK_DOTS) {
		qql_scan_fail(s, ERR_SYNTAX, s->last.span,
			      "a range needs one end at least");
		qql_scan_hint(s, "write %s:* for any value",
			      SHOW(qql_scan_text(s, s->name)));
	} else if (s->last.kind == TOK_COMMA) {
		qql_scan_fail(s, ERR_SYNTAX, s->last.span,
			      "a value is missing before \",\"");
	} else {
		qql_scan_fail(s, ERR_SYNTAX, s->last.span,
			      "the list holds no value");
	}
}

static void value_expected(struct qql_scan *s)
{
	if (s->before.kind == TOK_CMP &&
	    (s->last.kind == TOK_SQUARE || s->last.kind == TOK_PAREN))
		comparison_of_many(s);
	else if (s->before.kind == TOK_COLON || s->before.kind == TOK_CMP)
		missing_value(s);
	else if (s->before.kind == TOK_SQUARE ||
		 s->before.kind == TOK_INTERVAL ||
		 s->before.kind == TOK_MEMBERS || s->before.kind == TOK_COMMA ||
		 s->before.kind == TOK_DOTS)
		member_expected(s);
	else
		condition_expected(s);
}

/* Is `name` a token here, or under the group around? */
static bool known_name(const struct qql_scan *s, struct slice name)
{
	char full[2 * LIMIT_NAME + 1];
	const struct qql_bracket *b = innermost(s);
	struct slice prefix;

	if (!s->ds)
		return true;
	if (dataset_find(s->ds, name) != FIELD_NONE ||
	    dataset_is_prefix(s->ds, name))
		return true;
	if (!b || b->kind != TOK_GROUP)
		return false;
	prefix = qql_scan_text(s, b->name);
	if (prefix.len + 1 + name.len > sizeof(full))
		return false;
	memcpy(full, prefix.p, prefix.len);
	full[prefix.len] = '.';
	memcpy(full + prefix.len + 1, name.p, name.len);
	return dataset_find(s->ds, slice_of(full, prefix.len + 1 + name.len)) !=
	       FIELD_NONE;
}

static void missing_operator(struct qql_scan *s)
{
	struct slice token = shown(s, &s->last);
	uint32_t start = s->last.span.start;
	struct span value = { s->value_start, 0 };

	qql_scan_fail(s, ERR_SYNTAX, s->last.span,
		      "missing operator before \"%s\"", SHOW(token));
	if (s->last.kind == TOK_NAME && s->before.kind == TOK_WORD &&
	    !known_name(s, token)) {
		value.end = qql_look_value(s->text, value.start);
		token = qql_scan_text(s, value);
		if (!memchr(token.p, '"', token.len))
			qql_scan_hint(s, "quote the value: \"%s\"",
				      SHOW(token));
		return;
	}
	if (s->before.kind == TOK_WORD &&
	    (s->last.kind == TOK_PAREN || s->last.kind == TOK_SQUARE))
		qql_scan_hint(
			s,
			"insert and before it, or quote a value that holds brackets");
	else if (s->text.len < QQL_SHOWN_MAX)
		qql_scan_hint(s, "insert and: %.*sand %.*s", (int)start,
			      s->text.p, (int)(s->text.len - start),
			      s->text.p + start);
	else
		qql_scan_hint(s, "insert and before \"%s\"", SHOW(token));
}

static void operator_expected(struct qql_scan *s)
{
	bool beside = is_value(s->last.kind) && is_value(s->before.kind);

	if (beside) {
		qql_scan_fail(
			s, ERR_SYNTAX, s->last.span,
			"a quoted value cannot stand beside another value");
		qql_scan_hint(
			s,
			"quote the whole value, or join two conditions with and");
	} else {
		missing_operator(s);
	}
}

/* A wrong mark in a range or list. */
static void wrong_member(struct qql_scan *s)
{
	const struct qql_bracket *b = innermost(s);
	struct slice token = shown(s, &s->last);

	if (is_value(s->last.kind)) {
		operator_expected(s);
		return;
	}
	if (s->last.kind == TOK_PAREN_END || s->last.kind == TOK_SQUARE_END) {
		qql_scan_fail(s, ERR_SYNTAX, s->last.span,
			      "\"%s\" cannot close this list", SHOW(token));
		qql_scan_hint(s, "write \"%s\"",
			      s->last.kind == TOK_PAREN_END ? "]" : ")");
		return;
	}
	if (s->last.kind == TOK_AND || s->last.kind == TOK_OR) {
		member_expected(s);
		return;
	}
	qql_scan_fail(
		s, ERR_SYNTAX, s->last.span, "\"%s\" inside a %s", SHOW(token),
		b && b->dots && s->last.kind == TOK_COMMA ? "range" : "list");
	qql_scan_hint(s, "quote a value that holds it");
}

void qql_diag_syntax(struct qql_scan *s, unsigned wants)
{
	const struct qql_bracket *b = innermost(s);
	bool end = s->last.kind == TOK_END || s->last.kind == TOK_PIPE;
	int before = s->before.kind;

	if (s->code)
		return;
	if (s->form)
		qql_diag_in_stage(s, wants);
	else if (end && is_operator(before))
		fail_at_token(s, "nothing follows");
	else if (s->last.kind == TOK_END && before == TOK_PIPE)
		fail_at_token(s, "no stage follows");
	else if (end && (before == TOK_COLON || before == TOK_CMP))
		missing_value(s);
	else if (end && b)
		qql_diag_open_bracket(s, s->last.span.start);
	else if (wants & QQL_WANTS_VALUE)
		value_expected(s);
	else if (before == TOK_PIPE)
		qql_scan_fail(s, ERR_SYNTAX, s->last.span,
			      "the name of a stage must follow \"|\"");
	else if (wants & QQL_WANTS_OPERATOR)
		operator_expected(s);
	else
		wrong_member(s);
}
