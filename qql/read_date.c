/*
 * qql/read_date.c - literals of date fields, and what was meant by bad ones.
 */
#include "qql/check_int.h"

#include "qql/date_int.h"
#include "qql/look_int.h"

static struct slice trim(struct slice s)
{
	while (s.len && s.p[0] == ' ')
		s = slice_of(s.p + 1, s.len - 1);
	while (s.len && s.p[s.len - 1] == ' ')
		s.len--;
	return s;
}

/* Digits only, but neither a year nor milliseconds. */
static void hint_digits(struct qql_check *c, struct slice s)
{
	int n = (int)s.len;

	if (n == 8)
		err_hint(c->err, "did you mean %.4s-%.2s-%.2s?", s.p, s.p + 4,
			 s.p + 6);
	else if (n == 10)
		err_hint(c->err, "numbers are milliseconds: %.*s000", n, s.p);
	else if (n == 16 || n == 19)
		err_hint(c->err, "numbers are milliseconds: %.*s", 13, s.p);
	else
		err_hint(c->err,
			 "a year has 4 digits, "
			 "milliseconds since 1970 have 11 to 14, or a sign");
}

static void hint_form(struct qql_check *c, const struct qql_test *t,
		      struct slice text)
{
	static const struct {
		const char *wrong, *right;
	} habits[] = {
		{ "today", "now/d" },
		{ "yesterday", "now-1d/d" },
		{ "tomorrow", "now+1d/d" },
	};
	uint32_t dots = qql_look_dots(text);

	for (size_t i = 0; i < ARRAY_SIZE(habits); i++) {
		if (slice_eq_ascii_case(text, slice_str(habits[i].wrong))) {
			err_hint(c->err, "did you mean %s?", habits[i].right);
			return;
		}
	}
	if (slice_eq_ascii_case(text, SLICE_LIT("null")))
		err_hint(c->err, "write %.*s is null",
			 SLICE_ARG(t->node->name));
	else if (dots && dots < text.len)
		err_hint(c->err, "a range is written %.*s:[a .. b]",
			 SLICE_ARG(t->node->name));
	else if (text.len > 2 && text.p[0] == '-' &&
		 strchr("yqMwdhms", text.p[text.len - 1]))
		err_hint(c->err, "did you mean now%.*s?", SLICE_ARG(text));
	else
		err_hint(
			c->err,
			"forms are 2018-01-22, 2018-01-22T05:33:34Z, now-7d, now/d");
}

int qql_read_date(struct qql_check *c, const struct qql_test *t,
		  const struct qql_literal *l, struct qql_interval *out)
{
	struct slice text = trim(l->text);
	struct qql_instants instants = { 0 };
	enum qql_date_status status =
		qql_date_read(text, c->now, c->zone, &instants);

	if (status == QQL_DATE_OK) {
		out->start = qql_key_num(instants.start);
		out->end = qql_key_num(instants.end);
		out->between = false;
		return 0;
	}
	(void)qql_check_wrong(c, t, l->span, text,
			      status == QQL_DATE_IMPOSSIBLE ?
				      "a date that exists" :
				      "a date");
	if (status == QQL_DATE_UNIT)
		err_hint(c->err,
			 "units are y q M w d h m s; M is a month, m a minute");
	else if (status == QQL_DATE_DIGITS)
		hint_digits(c, text);
	else if (status == QQL_DATE_BAD)
		hint_form(c, t, text);
	return ERR_MEANING;
}
