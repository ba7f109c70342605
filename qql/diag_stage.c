/*
 * qql/diag_stage.c - mistakes in the form of pipe stages.
 */
#include "qql/diag_int.h"

#include "base/near.h"
#include "qql/look_int.h"
#include "qql/parse.h"

#define SHOW(s) qql_diag_show(s).text

static void hint_stages(struct qql_scan *s)
{
	qql_scan_hint(
		s,
		"stages are stats, top, rare, timechart, sort, limit and fields");
}

/* What other pipe languages call it. */
static bool hint_habit(struct qql_scan *s, struct slice w)
{
	static const struct {
		const char *wrong, *hint;
	} habits[] = {
		{ "where", "conditions stand before the first \"|\"" },
		{ "search", "conditions stand before the first \"|\"" },
		{ "filter", "conditions stand before the first \"|\"" },
		{ "count", "write stats count" },
		{ "distinct", "write stats distinct(...)" },
		{ "sum", "write stats sum(...)" },
		{ "avg", "write stats avg(...)" },
		{ "min", "write stats min(...)" },
		{ "max", "write stats max(...)" },
		{ "summarize", "write stats AGGREGATE by KEY" },
		{ "head", "write limit N" },
		{ "take", "write limit N" },
		{ "order", "write sort COLUMN, or sort -COLUMN" },
		{ "table", "write fields COLUMN, ..." },
		{ "project", "write fields COLUMN, ..." },
	};

	for (size_t i = 0; i < ARRAY_SIZE(habits); i++) {
		if (!slice_eq_ascii_case(w, slice_str(habits[i].wrong)))
			continue;
		qql_scan_hint(s, "%s", habits[i].hint);
		return true;
	}
	return false;
}

int qql_diag_stage(struct qql_scan *s, struct slice w)
{
	struct near near;

	near_init(&near, w);
	for (int i = 0; i <= QQL_FIELDS; i++)
		near_offer(&near, slice_str(qql_stage_form(i)->name));
	qql_scan_fail(s, ERR_SYNTAX, s->at, "unknown stage \"%s\"", SHOW(w));
	if (hint_habit(s, w))
		return TOK_FAILED;
	if (near.best.p)
		qql_scan_hint(s, "did you mean \"%.*s\"?",
			      SLICE_ARG(near.best));
	else
		hint_stages(s);
	return TOK_FAILED;
}

int qql_diag_not_a_name(struct qql_scan *s, struct slice w)
{
	qql_scan_fail(s, ERR_SYNTAX, s->at, "\"%s\" is not a name", SHOW(w));
	if (memchr(w.p, ':', w.len))
		qql_scan_hint(s, "conditions stand before the first \"|\"");
	else
		qql_scan_hint(s, "the form is %s", s->form->form);
	return TOK_FAILED;
}

static const char *wanted(unsigned wants)
{
	if (wants & QQL_WANTS_NAME)
		return "a name";
	return wants & QQL_WANTS_NUMBER ? "a number" : "a time span such as 1h";
}

/* `sort bytes desc`: a word of order behind a column. */
static bool hint_order(struct qql_scan *s, struct slice token)
{
	struct slice column = qql_scan_text(s, s->before.span);

	if (s->form->kind != QQL_SORT || s->before.kind != TOK_IDENT)
		return false;
	if (slice_eq_ascii_case(token, SLICE_LIT("desc")))
		qql_scan_hint(s, "write -%s", SHOW(column));
	else if (slice_eq_ascii_case(token, SLICE_LIT("asc")))
		qql_scan_hint(s, "\"%s\" alone means that", SHOW(column));
	else
		return false;
	return true;
}

void qql_diag_in_stage(struct qql_scan *s, unsigned wants)
{
	unsigned value = QQL_WANTS_NAME | QQL_WANTS_NUMBER | QQL_WANTS_PERIOD;
	struct slice token = qql_scan_text(s, s->last.span);
	struct slice before = qql_scan_text(s, s->before.span);
	int kind = s->last.kind;
	bool end = kind == TOK_END || kind == TOK_PIPE;

	if (end && s->depth && !(wants & value)) {
		qql_diag_open_bracket(s, s->last.span.start);
		return;
	}
	if (!(wants & value))
		qql_scan_fail(s, ERR_SYNTAX, s->last.span,
			      "\"%s\" cannot follow \"%s\"", SHOW(token),
			      SHOW(before));
	else if (end || kind == TOK_COMMA || kind == TOK_PAREN_END ||
		 kind == TOK_PAREN)
		qql_scan_fail(s, ERR_SYNTAX, s->last.span,
			      "%s is missing after \"%s\"", wanted(wants),
			      SHOW(before));
	else
		qql_scan_fail(s, ERR_SYNTAX, s->last.span, "\"%s\" is not %s",
			      SHOW(token), wanted(wants));
	if (!hint_order(s, token))
		qql_scan_hint(s, "the form is %s", s->form->form);
}
