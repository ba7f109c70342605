/*
 * qql/check_free.c - free text: a value without a token.
 */
#include "qql/check_int.h"

#include <stdio.h>

#include "qql/diag_int.h"
#include "qql/words_int.h"

#define SHOW(s) qql_diag_show(s).text

/* Which enum field has this value; NULL: none. */
static const struct field *enum_with(const struct dataset *ds,
				     struct slice text)
{
	for (uint32_t i = 0; i < ds->nfields; i++) {
		const struct field *f = &ds->fields[i];

		for (uint32_t k = 0; k < f->nvalues; k++) {
			if (slice_eq_ascii_case(f->values[k], text))
				return f;
		}
	}
	return NULL;
}

/* A condition `name:x` or `name:[x]` whose token could take any word. */
static bool takes_words(const struct dataset *ds, const struct qql_node *n)
{
	field_id id = n->name.len ? dataset_find(ds, n->name) : FIELD_NONE;

	return id != FIELD_NONE &&
	       field_class(ds->fields[id].type) == CLASS_TEXT &&
	       (n->op == QQL_MATCH || (n->op == QQL_LIST && !n->negated));
}

/* "action:[ALLOW, DENY]" where `action:ALLOW or DENY` was written, or the
 * token whose value it is; false: nothing better is known. */
static bool better(struct qql_check *c, const struct qql_node *n,
		   char out[ERR_HINT_MAX])
{
	const struct qql_node *before = c->or_before;
	struct slice value = qql_check_span(c, n->span);
	struct slice text = qql_value_text(c->arena, n->value);
	const struct field *f;

	if (before && takes_words(c->ds, before)) {
		const struct qql_value *last = before->value;
		struct span values = last->span;

		while (last->next)
			last = last->next;
		values.end = last->span.end;
		(void)snprintf(out, ERR_HINT_MAX, "write %.*s:[%s, %s]",
			       SLICE_ARG(before->name),
			       SHOW(qql_check_span(c, values)), SHOW(value));
		return true;
	}
	f = text.p ? enum_with(c->ds, text) : NULL;
	if (!f)
		return false;
	(void)snprintf(out, ERR_HINT_MAX, "write %.*s:%s", SLICE_ARG(f->name),
		       SHOW(value));
	return true;
}

static int no_free_text(struct qql_check *c, const struct qql_node *n)
{
	char hint[ERR_HINT_MAX];
	int ret = qql_check_fail(c, n->span,
				 "dataset %.*s has no token for free text",
				 SLICE_ARG(c->ds->name));

	if (better(c, n, hint))
		err_hint(c->err, "%s", hint);
	else
		err_hint(c->err, "write name:%s",
			 SHOW(qql_check_span(c, n->span)));
	return ret;
}

static int no_pattern(struct qql_check *c, const struct qql_node *n)
{
	struct slice raw = n->value->raw;
	int ret = qql_check_fail(c, n->span, "free text takes no pattern");

	if (raw.len > 1 && memchr(raw.p, '*', raw.len) == raw.p + raw.len - 1 &&
	    !memchr(raw.p, '?', raw.len))
		err_hint(c->err, "words match from their start: write %s",
			 SHOW(slice_of(raw.p, raw.len - 1)));
	else
		err_hint(c->err, "write name:%s, or quote the value",
			 SHOW(raw));
	return ret;
}

/* The condition on one field: as text, whatever its type. */
static int one_field(struct qql_check *c, const struct qql_test *t,
		     struct plan_node **out)
{
	const struct qql_value *v = t->node->value;
	struct slice *text;
	int ret;

	if (v->quote != QQL_EXACT)
		return qql_words_phrases(c, t, v, out);
	text = arena_calloc(c->arena, 1, sizeof(*text));
	if (!text)
		return err_nomem(c->err);
	*text = qql_value_text(c->arena, v);
	if (!text->p)
		return err_nomem(c->err);
	ret = qql_node_leaf(c, PLAN_EXACT, t, out);
	if (ret == 0) {
		(*out)->text.texts = text;
		(*out)->text.n = 1;
	}
	return ret;
}

int qql_check_free(struct qql_check *c, const struct qql_node *n,
		   struct plan_node **out)
{
	struct plan_node **kids = arena_calloc(c->arena, c->ds->nfields + 1u,
					       sizeof(struct plan_node *));
	char hint[ERR_HINT_MAX];
	uint32_t count = 0;
	int ret;

	if (!kids)
		return err_nomem(c->err);
	if (qql_value_is_pattern(n->value))
		return no_pattern(c, n);
	for (field_id id = 0; id < c->ds->nfields; id++) {
		struct qql_test t = { n, &c->ds->fields[id], id };

		if (!t.field->free_text)
			continue;
		/* The words are the same for all fields. */
		if (count == 0) {
			ret = one_field(c, &t, &kids[0]);
		} else {
			ret = qql_node_leaf(c, kids[0]->op, &t, &kids[count]);
			if (ret == 0 && kids[0]->op == PLAN_WORDS)
				kids[count]->words = kids[0]->words;
			else if (ret == 0)
				kids[count]->text = kids[0]->text;
		}
		if (ret < 0)
			return ret;
		count++;
	}
	if (!count)
		return no_free_text(c, n);
	if (better(c, n, hint))
		qql_check_hint_if_empty(c, "%s", hint);
	if (n->value->quote != QQL_BARE &&
	    memchr(n->value->raw.p, '*', n->value->raw.len))
		qql_check_hint_if_empty(
			c, "a star inside quotes is an ordinary character");
	if (count == 1) {
		*out = kids[0];
		return 0;
	}
	return qql_node_over(c, PLAN_OR, n->span, kids, count, out);
}
