/*
 * qql/scan.c - what a chunk of text is, and what may come after it.
 */
#include "qql/scan_int.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/utf8.h"
#include "qql/diag_int.h"
#include "qql/look_int.h"
#include "qql/parse.h"

int qql_scan_fail(struct qql_scan *s, int code, struct span span,
		  const char *fmt, ...)
{
	char message[ERR_MESSAGE_MAX];
	va_list ap;

	if (s->code)
		return TOK_FAILED;
	va_start(ap, fmt);
	(void)vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	s->code = err_set(s->err, code, "%s", message);
	err_at(s->err, span);
	return TOK_FAILED;
}

void qql_scan_hint(struct qql_scan *s, const char *fmt, ...)
{
	char hint[ERR_HINT_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(hint, sizeof(hint), fmt, ap);
	va_end(ap);
	err_hint(s->err, "%s", hint);
}

int qql_scan_nomem(struct qql_scan *s)
{
	if (!s->code)
		s->code = err_nomem(s->err);
	return TOK_FAILED;
}

void *qql_scan_pool(struct qql_scan *s, size_t size)
{
	void *p = s->pool + s->pool_used;

	size = (size + 15) & ~(size_t)15;
	if (size > sizeof(s->pool) - s->pool_used)
		return NULL;
	s->pool_used += size;
	return p;
}

static int check_text(struct qql_scan *s)
{
	size_t valid, nul;
	struct span at;

	if (s->text.len > LIMIT_QUERY)
		return err_set(
			s->err, ERR_LIMIT,
			"the query has %zu bytes, more than the limit of %d",
			s->text.len, LIMIT_QUERY);
	valid = utf8_valid_prefix(s->text);
	for (nul = 0; nul < valid && s->text.p[nul]; nul++)
		;
	if (nul == s->text.len)
		return 0;
	at = (struct span){ (uint32_t)nul, (uint32_t)nul + 1 };
	if (nul < valid)
		qql_scan_fail(s, ERR_SYNTAX, at, "the query holds a NUL byte");
	else
		qql_scan_fail(s, ERR_SYNTAX, at,
			      "the query is not valid UTF-8: byte 0x%02x",
			      (unsigned char)s->text.p[nul]);
	return s->code;
}

int qql_scan_init(struct qql_scan *s, struct arena *a, struct slice text,
		  const struct dataset *ds, struct err *err)
{
	char *copy;
	int ret;

	memset(s, 0, sizeof(*s));
	s->arena = a;
	s->text = text;
	s->ds = ds;
	s->err = err;
	ret = check_text(s);
	if (ret < 0)
		return ret;
	copy = arena_alloc(a, text.len + 2);
	if (!copy)
		return err_nomem(err);
	if (text.len)
		memcpy(copy, text.p, text.len);
	copy[text.len] = copy[text.len + 1] = '\0';
	s->flex_text = copy;
	qql_flex_open(s, copy, text.len + 2);
	return 0;
}

int qql_scan_next(struct qql_scan *s, struct span *at)
{
	int token = s->code ? TOK_FAILED : qql_flexlex(s->flex);

	*at = s->at;
	if (token == TOK_NAME)
		s->name = s->at;
	if (token == TOK_STRING || token == TOK_EXACT ||
	    (token == TOK_WORD && s->last.kind != TOK_WORD))
		s->value_start = s->at.start;
	s->before = s->last;
	s->last = (struct qql_token){ token, s->at };
	return token;
}

static bool is_word(struct slice w, const char *word)
{
	return slice_eq_ascii_case(w, slice_str(word));
}

static int at_and(struct qql_scan *s, int token)
{
	s->where = QQL_AT_CONDITION;
	s->level = s->depth ? s->brackets[s->depth - 1].level : 0;
	return token;
}

static int deeper(struct qql_scan *s, int token)
{
	if (s->level == LIMIT_QUERY_DEPTH)
		return qql_scan_fail(
			s, ERR_LIMIT, s->at,
			"parentheses, groups and \"not\" nest deeper than "
			"the limit of %d",
			LIMIT_QUERY_DEPTH);
	s->level++;
	return token;
}

/* In a condition's place, or after a first word, where a name or operator ends
 * the value. */
static int scan_free(struct qql_scan *s, struct slice w)
{
	bool first = s->where == QQL_AT_CONDITION;
	uint32_t name;

	if (is_word(w, "and"))
		return at_and(s, TOK_AND);
	if (is_word(w, "or"))
		return at_and(s, TOK_OR);
	if (is_word(w, "not") && (first || qql_look_not(s->text, s->at.end))) {
		s->where = QQL_AT_CONDITION;
		return deeper(s, TOK_NOT);
	}
	name = qql_look_condition(s->text, s->at.start, QQL_LOOK_ALL);
	if (name > s->at.start) {
		s->at.end = name;
		s->where = QQL_AT_OPERATOR;
		return TOK_NAME;
	}
	if (qql_diag_habit(s, w) || qql_diag_dots(s, w) || qql_diag_colon(s, w))
		return TOK_FAILED;
	s->where = QQL_AT_MORE;
	return TOK_WORD;
}

/* After `name:` or a comparison: any word, colons included. */
static int scan_value(struct qql_scan *s, struct slice w)
{
	if (is_word(w, "and"))
		return at_and(s, TOK_AND);
	if (is_word(w, "or"))
		return at_and(s, TOK_OR);
	if (qql_diag_habit(s, w) || qql_diag_dots(s, w))
		return TOK_FAILED;
	s->where = QQL_AT_MORE;
	return TOK_WORD;
}

static int scan_dots(struct qql_scan *s, struct slice w)
{
	struct qql_bracket *b = &s->brackets[s->depth - 1];
	uint32_t n = 0;

	while (n < w.len && w.p[n] == '.')
		n++;
	s->at.end = s->at.start + (n ? n : 3);
	if (n > 3)
		return qql_scan_fail(
			s, ERR_SYNTAX, s->at,
			"a range is written with two or three dots, not %u", n);
	if (b->dots) {
		qql_scan_fail(s, ERR_SYNTAX, s->at,
			      "a second \"..\" in one range");
		qql_scan_hint(s, "quote a value that holds dots");
		return TOK_FAILED;
	}
	b->dots = true;
	s->first = true;
	return TOK_DOTS;
}

static int scan_inside(struct qql_scan *s, struct slice w)
{
	uint32_t dots = qql_look_dots(w);

	if (dots == 0)
		return scan_dots(s, w);
	w.len = dots;
	s->at.end = s->at.start + dots;
	if (s->brackets[s->depth - 1].kind == TOK_INTERVAL) {
		if (is_word(w, "and"))
			return TOK_AND;
		if (is_word(w, "or"))
			return TOK_OR;
	}
	if (!s->first && (qql_diag_runaway(s) || qql_diag_colon(s, w)))
		return TOK_FAILED;
	s->first = false;
	return TOK_WORD;
}

/* The look ahead at the name has seen the whole operator. */
static int scan_operator(struct qql_scan *s, struct slice w)
{
	if (w.p[0] == ':') {
		s->where = QQL_AT_VALUE;
		return TOK_COLON;
	}
	if (is_word(w, "is"))
		return TOK_IS;
	if (is_word(w, "not"))
		return TOK_NOT;
	if (is_word(w, "in"))
		return TOK_IN;
	s->where = QQL_AT_MORE;
	return TOK_NULL_WORD;
}

/* Right after "|": the only place where the names of stages are keywords. */
static int scan_stage(struct qql_scan *s, struct slice w)
{
	static const int tokens[] = {
		[QQL_STATS] = TOK_STATS,   [QQL_TOP] = TOK_TOP,
		[QQL_RARE] = TOK_RARE,     [QQL_TIMECHART] = TOK_TIMECHART,
		[QQL_SORT] = TOK_SORT,     [QQL_LIMIT] = TOK_LIMIT,
		[QQL_FIELDS] = TOK_FIELDS,
	};

	s->form = qql_stage_find(w);
	if (!s->form)
		return qql_diag_stage(s, w);
	s->where = QQL_AT_ARGUMENT;
	return tokens[s->form->kind];
}

static int scan_argument(struct qql_scan *s, struct slice w)
{
	size_t digits = 0;

	if (w.p[0] == '-') {
		s->at.end = s->at.start + 1;
		return TOK_MINUS;
	}
	while (digits < w.len && w.p[digits] >= '0' && w.p[digits] <= '9')
		digits++;
	if (digits)
		return digits == w.len ? TOK_NUMBER : TOK_PERIOD;
	if (is_word(w, "by"))
		return TOK_BY;
	if (is_word(w, "as"))
		return TOK_AS;
	if (is_word(w, "limit"))
		return TOK_LIMIT;
	if (qql_look_name(s->text, s->at.start) != s->at.end)
		return qql_diag_not_a_name(s, w);
	return TOK_IDENT;
}

int qql_scan_chunk(struct qql_scan *s)
{
	struct slice w = qql_scan_text(s, s->at);

	switch (s->where) {
	case QQL_AT_CONDITION:
	case QQL_AT_MORE:
		return scan_free(s, w);
	case QQL_AT_OPERATOR:
		return scan_operator(s, w);
	case QQL_AT_VALUE:
		return scan_value(s, w);
	case QQL_AT_INSIDE:
		return scan_inside(s, w);
	case QQL_AT_STAGE:
		return scan_stage(s, w);
	case QQL_AT_ARGUMENT:
		break;
	}
	return scan_argument(s, w);
}

static int open_bracket(struct qql_scan *s, int kind)
{
	struct qql_bracket *b;
	bool named = kind == TOK_GROUP || kind == TOK_INTERVAL ||
		     kind == TOK_MEMBERS ||
		     (kind == TOK_SQUARE && s->where == QQL_AT_VALUE);

	if (s->where == QQL_AT_INSIDE)
		return qql_diag_inner_bracket(s);
	if ((kind == TOK_PAREN || kind == TOK_GROUP) &&
	    deeper(s, kind) == TOK_FAILED)
		return TOK_FAILED;
	b = &s->brackets[s->depth++];
	b->kind = kind;
	b->span = s->at;
	b->name = named ? s->name : (struct span){ 0, 0 };
	b->level = s->level;
	b->dots = false;
	s->first = true;
	s->where = kind == TOK_PAREN || kind == TOK_GROUP ? QQL_AT_CONDITION :
							    QQL_AT_INSIDE;
	return kind;
}

/* Looks ahead once for a bracket and all inside it: nested ones would make it
 * many times otherwise. */
static int range_or_group(struct qql_scan *s)
{
	uint32_t at = s->at.start;

	if (!s->ranges)
		s->ranges = arena_calloc(s->arena, s->text.len / 8 + 1, 1);
	if (!s->ranges)
		return qql_scan_nomem(s);
	if (at >= s->looked_to)
		s->looked_to = qql_look_ranges(s->text, at + 1, s->ranges);
	return open_bracket(s, s->ranges[at / 8] >> at % 8 & 1 ? TOK_INTERVAL :
								 TOK_GROUP);
}

/* Arguments of a function: the grammar refuses a second level. */
static int open_call(struct qql_scan *s)
{
	if (!s->depth)
		s->brackets[s->depth++] = (struct qql_bracket){
			.kind = TOK_PAREN,
			.span = s->at,
		};
	return TOK_PAREN;
}

static int open_paren(struct qql_scan *s)
{
	if (s->where == QQL_AT_ARGUMENT)
		return open_call(s);
	if (s->where == QQL_AT_VALUE && s->last.kind == TOK_COLON)
		return range_or_group(s);
	if (s->where == QQL_AT_OPERATOR)
		return open_bracket(s, TOK_MEMBERS);
	return open_bracket(s, TOK_PAREN);
}

static int close_bracket(struct qql_scan *s, char c)
{
	struct qql_bracket *b = s->depth ? &s->brackets[s->depth - 1] : NULL;

	if (!b)
		return qql_scan_fail(s, ERR_SYNTAX, s->at,
				     "\"%c\" closes nothing", c);
	if (c == ']' && (b->kind == TOK_PAREN || b->kind == TOK_GROUP)) {
		qql_scan_fail(s, ERR_SYNTAX, s->at, "\"]\" cannot close \"(\"");
		qql_scan_hint(s, "write \")\"");
		return TOK_FAILED;
	}
	s->depth--;
	s->level = s->depth ? s->brackets[s->depth - 1].level : 0;
	s->where = s->form ? QQL_AT_ARGUMENT : QQL_AT_MORE;
	return c == ')' ? TOK_PAREN_END : TOK_SQUARE_END;
}

/* A bracket, comma or bar. */
int qql_scan_mark(struct qql_scan *s)
{
	char c = s->text.p[s->at.start];

	if (s->at.end - s->at.start == 2)
		return qql_diag_bars(s);
	switch (c) {
	case '(':
		return open_paren(s);
	case '[':
		if (s->where == QQL_AT_OPERATOR)
			return qql_diag_in_square(s);
		if (s->where == QQL_AT_ARGUMENT)
			return TOK_SQUARE;
		return open_bracket(s, TOK_SQUARE);
	case ')':
	case ']':
		return close_bracket(s, c);
	case ',':
		if (s->where == QQL_AT_ARGUMENT)
			return TOK_COMMA;
		if (s->where != QQL_AT_INSIDE)
			return qql_diag_comma(s);
		s->first = true;
		return TOK_COMMA;
	default:
		s->where = QQL_AT_STAGE;
		s->form = NULL;
		return TOK_PIPE;
	}
}

/* A run of < > = !: one of the six comparisons, right after a name. */
int qql_scan_compare(struct qql_scan *s)
{
	static const struct {
		const char *text;
		enum qql_cmp cmp;
	} comparisons[] = {
		{ "=", QQL_EQ },  { "!=", QQL_NE }, { "<", QQL_LT },
		{ "<=", QQL_LE }, { ">", QQL_GT },  { ">=", QQL_GE },
	};
	struct slice w = qql_scan_text(s, s->at);

	for (size_t i = 0; i < ARRAY_SIZE(comparisons); i++) {
		if (s->where != QQL_AT_OPERATOR ||
		    !slice_eq(w, slice_str(comparisons[i].text)))
			continue;
		s->cmp = comparisons[i].cmp;
		s->where = QQL_AT_VALUE;
		return TOK_CMP;
	}
	return qql_diag_compare(s, w);
}

void qql_scan_open(struct qql_scan *s)
{
	s->string_start = s->at.start;
}

int qql_scan_string(struct qql_scan *s, int token)
{
	s->at.start = s->string_start;
	s->first = false;
	if (s->where != QQL_AT_INSIDE && s->where != QQL_AT_ARGUMENT)
		s->where = QQL_AT_MORE;
	return token;
}

/* A control character, or a backslash with nothing to escape. */
int qql_scan_stray(struct qql_scan *s)
{
	if (s->text.p[s->at.start] == '\\') {
		qql_scan_fail(s, ERR_SYNTAX, s->at,
			      "nothing follows the \"\\\" at the end");
		qql_scan_hint(s, "write \\\\ for a backslash");
		return TOK_FAILED;
	}
	return qql_scan_fail(s, ERR_SYNTAX, s->at,
			     "a control character outside quotes");
}

int qql_scan_end(struct qql_scan *s)
{
	s->at.start = s->at.end = (uint32_t)s->text.len;
	return TOK_END;
}
