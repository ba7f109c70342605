/*
 * qql/ast_stage.c - building the tree of the pipe stages.
 */
#include "qql/stage_int.h"

#include "qql/scan_int.h"

static const struct qql_stage_form forms[] = {
	{ QQL_STATS, "stats", "stats AGGREGATE, ... [by KEY, ...]" },
	{ QQL_TOP, "top", "top N FIELD [by FIELD]" },
	{ QQL_RARE, "rare", "rare N FIELD [by FIELD]" },
	{ QQL_TIMECHART, "timechart",
	  "timechart SPAN AGGREGATE [by FIELD [limit N]]" },
	{ QQL_SORT, "sort", "sort [-]COLUMN, ..." },
	{ QQL_LIMIT, "limit", "limit N" },
	{ QQL_FIELDS, "fields", "fields COLUMN, ..." },
};

const struct qql_stage_form *qql_stage_find(struct slice name)
{
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		if (slice_eq_ascii_case(name, slice_str(forms[i].name)))
			return &forms[i];
	}
	return NULL;
}

const struct qql_stage_form *qql_stage_form(enum qql_stage_kind kind)
{
	return &forms[kind];
}

static void *new_zeroed(struct qql_scan *s, size_t size)
{
	void *p = s->code ? NULL : arena_calloc(s->arena, 1, size);

	if (!p && !s->code)
		qql_scan_nomem(s);
	return p;
}

struct qql_term *qql_ast_term(struct qql_scan *s, enum qql_term_kind kind,
			      struct span span)
{
	struct qql_term *t = new_zeroed(s, sizeof(*t));

	if (!t)
		return NULL;
	t->kind = kind;
	t->span = t->name_span = span;
	t->text = qql_scan_text(s, span);
	return t;
}

struct qql_term *qql_ast_call(struct qql_term *t, struct span span,
			      struct qql_terms arguments)
{
	if (!t)
		return NULL;
	t->call = true;
	t->span = span;
	t->arguments = arguments;
	return t;
}

struct qql_term *qql_ast_alias(struct qql_term *t, const struct qql_term *name)
{
	if (!t || !name)
		return NULL;
	t->alias = name->text;
	t->alias_span = name->span;
	return t;
}

struct qql_term *qql_ast_descending(struct qql_term *t)
{
	if (t)
		t->descending = true;
	return t;
}

struct qql_terms qql_ast_one(struct qql_term *t)
{
	return (struct qql_terms){ t, t, t ? 1 : 0 };
}

struct qql_terms qql_ast_terms(struct qql_scan *s, struct qql_terms list,
			       struct qql_term *t)
{
	if (s->code || !t || !list.last)
		return list;
	if (list.n == LIMIT_STAGE_TERMS) {
		qql_scan_fail(s, ERR_LIMIT, t->span,
			      "the stage lists more than the limit of %d",
			      LIMIT_STAGE_TERMS);
		return list;
	}
	list.last->next = t;
	list.last = t;
	list.n++;
	return list;
}

struct qql_stage *qql_ast_stage(struct qql_scan *s, enum qql_stage_kind kind,
				struct span span, struct qql_term *number,
				struct qql_terms items, struct qql_terms keys,
				struct qql_term *most)
{
	struct qql_stage *stage = new_zeroed(s, sizeof(*stage));

	if (!stage)
		return NULL;
	stage->kind = kind;
	stage->span = span;
	stage->number = number;
	stage->items = items;
	stage->keys = keys;
	stage->most = most;
	return stage;
}

void qql_ast_append(struct qql_scan *s, struct qql_stage *stage)
{
	if (!stage)
		return;
	if (++s->nstages > LIMIT_STAGES) {
		qql_scan_fail(s, ERR_LIMIT, stage->span,
			      "the query has more stages than the limit of %d",
			      LIMIT_STAGES);
		return;
	}
	if (s->last_stage)
		s->last_stage->next = stage;
	else
		s->stages = stage;
	s->last_stage = stage;
}
