/*
 * qql/check_text.c - conditions on text, keyword and enum fields.
 */
#include "qql/check_int.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/near.h"
#include "qql/diag_int.h"
#include "qql/words_int.h"

#define SHOW(s) qql_diag_show(s).text

/* The alternatives of one condition: texts by kind, and nodes of their own. */
struct choice {
	struct slice *equal, *exact, *prefix;
	uint32_t nequal, nexact, nprefix;
	struct plan_node **nodes;
	uint32_t nnodes;
};

static int choice_init(struct qql_check *c, const struct qql_node *n,
		       struct choice *ch)
{
	size_t values = 0;

	memset(ch, 0, sizeof(*ch));
	for (const struct qql_value *v = n->value; v; v = v->next)
		values++;
	ch->equal = arena_calloc(c->arena, values, sizeof(struct slice));
	ch->exact = arena_calloc(c->arena, values, sizeof(struct slice));
	ch->prefix = arena_calloc(c->arena, values, sizeof(struct slice));
	ch->nodes =
		arena_calloc(c->arena, values + 3, sizeof(struct plan_node *));
	if (!ch->equal || !ch->exact || !ch->prefix || !ch->nodes)
		return err_nomem(c->err);
	return 0;
}

static int cmp_slices(const void *a, const void *b)
{
	return slice_cmp(*(const struct slice *)a, *(const struct slice *)b);
}

static int add_texts(struct qql_check *c, const struct qql_test *t,
		     struct choice *ch, enum plan_op op, struct slice *texts,
		     uint32_t n)
{
	struct plan_node *node;
	uint32_t kept = 0;
	int ret;

	if (!n)
		return 0;
	ret = qql_node_leaf(c, op, t, &node);
	if (ret < 0)
		return ret;
	qsort(texts, n, sizeof(*texts), cmp_slices);
	for (uint32_t i = 0; i < n; i++) {
		if (!i || !slice_eq(texts[i], texts[kept - 1]))
			texts[kept++] = texts[i];
	}
	node->text.texts = texts;
	node->text.n = kept;
	ch->nodes[ch->nnodes++] = node;
	return 0;
}

static int choice_finish(struct qql_check *c, const struct qql_test *t,
			 struct choice *ch, struct plan_node **out)
{
	int ret = add_texts(c, t, ch, PLAN_EQUAL, ch->equal, ch->nequal);

	if (ret == 0)
		ret = add_texts(c, t, ch, PLAN_EXACT, ch->exact, ch->nexact);
	if (ret == 0)
		ret = add_texts(c, t, ch, PLAN_PREFIX, ch->prefix, ch->nprefix);
	if (ret < 0)
		return ret;
	if (ch->nnodes != 1)
		return qql_node_over(c, PLAN_OR, t->node->span, ch->nodes,
				     ch->nnodes, out);
	*out = ch->nodes[0];
	return 0;
}

static int add_folded(struct qql_check *c, const struct qql_value *v,
		      struct slice *texts, uint32_t *n)
{
	struct slice text = qql_value_text(c->arena, v);

	if (!text.p)
		return err_nomem(c->err);
	text = qql_words_fold(c, text);
	if (!text.p)
		return err_nomem(c->err);
	texts[(*n)++] = text;
	return 0;
}

static int unknown_value(struct qql_check *c, const struct qql_test *t,
			 const struct qql_value *v, struct slice text)
{
	const struct field *f = t->field;
	char list[ERR_HINT_MAX] = "";
	size_t len = 0;
	struct near near;
	int ret = qql_check_fail(c, v->span,
				 "unknown value \"%s\" of token \"%.*s\"",
				 SHOW(text), SLICE_ARG(f->name));

	near_init(&near, text);
	for (uint32_t i = 0; i < f->nvalues; i++) {
		if (text.len <= LIMIT_NAME)
			near_offer(&near, f->values[i]);
		if (len < sizeof(list))
			len += (size_t)snprintf(list + len, sizeof(list) - len,
						"%s%.*s", i ? ", " : "",
						SLICE_ARG(f->values[i]));
	}
	if (near.best.p)
		err_hint(c->err, "did you mean \"%.*s\"?",
			 SLICE_ARG(near.best));
	else
		err_hint(c->err, "its values are %s", list);
	return ret;
}

static int add_enum_pattern(struct qql_check *c, const struct qql_test *t,
			    const struct qql_value *v, struct choice *ch)
{
	const struct field *f = t->field;
	struct plan_node *pattern, *equal;
	struct slice *texts;
	uint32_t n = 0;
	int ret = qql_words_pattern(c, t, v, &pattern);

	if (ret < 0)
		return ret;
	texts = arena_calloc(c->arena, f->nvalues, sizeof(*texts));
	if (!texts)
		return err_nomem(c->err);
	for (uint32_t i = 0; i < f->nvalues; i++) {
		struct slice folded = qql_words_fold(c, f->values[i]);

		if (!folded.p)
			return err_nomem(c->err);
		if (qql_words_like(pattern, folded))
			texts[n++] = folded;
	}
	if (!n)
		return unknown_value(c, t, v, v->raw);
	ret = qql_node_leaf(c, PLAN_EQUAL, t, &equal);
	if (ret < 0)
		return ret;
	qsort(texts, n, sizeof(*texts), cmp_slices);
	equal->text.texts = texts;
	equal->text.n = n;
	ch->nodes[ch->nnodes++] = equal;
	return 0;
}

static int add_enum(struct qql_check *c, const struct qql_test *t,
		    const struct qql_value *v, bool pattern, struct choice *ch)
{
	struct slice text;

	if (pattern)
		return add_enum_pattern(c, t, v, ch);
	text = qql_value_text(c->arena, v);
	if (!text.p)
		return err_nomem(c->err);
	for (uint32_t i = 0; i < t->field->nvalues; i++) {
		if (slice_eq_ascii_case(text, t->field->values[i]))
			return add_folded(c, v, ch->equal, &ch->nequal);
	}
	return unknown_value(c, t, v, text);
}

/* Stars that do nothing, or not what they seem to. */
static void hint_stars(struct qql_check *c, const struct qql_test *t,
		       const struct qql_value *v, bool pattern)
{
	struct slice raw = v->raw, name = t->field->name;
	const char *star = memchr(raw.p, '*', raw.len);
	bool one_word = !memchr(raw.p, ' ', raw.len) &&
			!memchr(raw.p, '?', raw.len);

	if (!star)
		return;
	if (v->quote != QQL_BARE && one_word)
		qql_check_hint_if_empty(
			c,
			"a star inside quotes is an ordinary character; write %.*s:%s",
			SLICE_ARG(name), SHOW(raw));
	else if (v->quote != QQL_BARE)
		qql_check_hint_if_empty(
			c, "a star inside quotes is an ordinary character");
	else if (pattern && t->field->type == FIELD_TEXT && one_word &&
		 raw.len > 1 && star == raw.p + raw.len - 1)
		qql_check_hint_if_empty(
			c,
			"%.*s:%s is matched with the whole value; "
			"for a word that begins so write %.*s:%s",
			SLICE_ARG(name), SHOW(raw), SLICE_ARG(name),
			SHOW(slice_of(raw.p, raw.len - 1)));
}

static int add_value(struct qql_check *c, const struct qql_test *t,
		     const struct qql_value *v, struct choice *ch)
{
	bool matching = t->node->op != QQL_COMPARE;
	bool pattern = matching && qql_value_is_pattern(v);
	struct plan_node **node = &ch->nodes[ch->nnodes];
	struct slice text;

	if (t->field->type == FIELD_ENUM)
		return add_enum(c, t, v, pattern, ch);
	hint_stars(c, t, v, pattern);
	if (v->quote == QQL_EXACT) {
		text = qql_value_text(c->arena, v);
		if (!text.p)
			return err_nomem(c->err);
		ch->exact[ch->nexact++] = text;
		return 0;
	}
	if (pattern || t->field->type == FIELD_TEXT) {
		ch->nnodes++;
		return pattern ? qql_words_pattern(c, t, v, node) :
				 qql_words_phrases(c, t, v, node);
	}
	if (matching && t->field->prefix && v->raw.len)
		return add_folded(c, v, ch->prefix, &ch->nprefix);
	return add_folded(c, v, ch->equal, &ch->nequal);
}

static int not_ordered(struct qql_check *c, const struct qql_test *t)
{
	const struct qql_node *n = t->node;
	bool text = t->field->type == FIELD_TEXT;
	int ret = qql_check_fail(
		c, n->span, "token \"%.*s\" is %s and %s",
		SLICE_ARG(t->field->name), text ? "text" : "an enum",
		n->op == QQL_RANGE ? "takes no range" : "cannot be compared");

	if (n->op == QQL_COMPARE)
		err_hint(c->err, "write %s%.*s:%s",
			 n->cmp == QQL_NE ? "not " : "", SLICE_ARG(n->name),
			 SHOW(qql_check_span(c, n->value->span)));
	else
		err_hint(c->err,
			 "for any of several values write %.*s:[a, b]; "
			 "quote a value that holds \"..\"",
			 SLICE_ARG(n->name));
	return ret;
}

/* One end of a range; an open one is .p NULL. */
static int range_end(struct qql_check *c, const struct qql_test *t,
		     const struct qql_value *v, struct slice *out)
{
	uint32_t n = 0;
	int ret;

	*out = slice_of(NULL, 0);
	if (!v)
		return 0;
	if (qql_value_is_pattern(v)) {
		ret = qql_check_fail(c, v->span,
				     "\"%s\" cannot be the end of a range",
				     SHOW(v->raw));
		err_hint(c->err, "leave an open end out: %.*s:[a ..]",
			 SLICE_ARG(t->node->name));
		return ret;
	}
	return add_folded(c, v, out, &n);
}

static int check_range(struct qql_check *c, const struct qql_test *t,
		       const struct plan_text_range *range,
		       struct plan_node **out)
{
	bool both = range->lo.p && range->hi.p;
	int order = both ? slice_cmp(range->lo, range->hi) : -1;
	int ret;

	if (order > 0)
		return qql_check_reversed(c, t, t->node->lo->span,
					  t->node->hi->span);
	if (order == 0 && (range->lo_open || range->hi_open))
		return qql_node_new(c, PLAN_NONE, t->node->span, out);
	ret = qql_node_leaf(c, PLAN_TEXT_RANGE, t, out);
	if (ret == 0)
		(*out)->text_range = *range;
	return ret;
}

static int check_ordered(struct qql_check *c, const struct qql_test *t,
			 struct plan_node **out)
{
	const struct qql_node *n = t->node;
	struct plan_text_range range = { .lo_open = n->lo_open,
					 .hi_open = n->hi_open };
	const struct qql_value *lo = n->lo, *hi = n->hi;
	int ret;

	if (t->field->type != FIELD_KEYWORD)
		return not_ordered(c, t);
	if (n->op == QQL_COMPARE) {
		bool less = n->cmp == QQL_LT || n->cmp == QQL_LE;

		lo = less ? NULL : n->value;
		hi = less ? n->value : NULL;
		range.lo_open = n->cmp == QQL_GT;
		range.hi_open = n->cmp == QQL_LT;
	}
	ret = range_end(c, t, lo, &range.lo);
	if (ret == 0)
		ret = range_end(c, t, hi, &range.hi);
	if (!range.lo.p)
		range.lo_open = false;
	if (!range.hi.p)
		range.hi_open = false;
	return ret < 0 ? ret : check_range(c, t, &range, out);
}

int qql_check_text(struct qql_check *c, const struct qql_test *t,
		   struct plan_node **out)
{
	const struct qql_node *n = t->node;
	bool equal = n->op != QQL_COMPARE || n->cmp <= QQL_NE;
	struct choice ch;
	int ret;

	if (n->op == QQL_RANGE || !equal ||
	    (n->op == QQL_COMPARE && t->field->type == FIELD_TEXT))
		return check_ordered(c, t, out);
	ret = choice_init(c, n, &ch);
	for (const struct qql_value *v = n->value; v && ret == 0; v = v->next)
		ret = add_value(c, t, v, &ch);
	return ret < 0 ? ret : choice_finish(c, t, &ch, out);
}
