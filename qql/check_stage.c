/*
 * qql/check_stage.c - pipe stages to plan.
 *
 * Before the aggregate names are fields, behind it they are its columns.
 */
#include "qql/check_int.h"

#include "base/limits.h"
#include "base/near.h"
#include "qql/diag_int.h"
#include "qql/stage_int.h"

#define SHOW(s) qql_diag_show(s).text

struct stages {
	struct qql_check *c;
	struct plan *plan;
	const struct qql_stage *ast; /* the present one */
	struct plan_stage *out;
	struct plan_column *columns; /* of the aggregate */
	uint32_t ncolumns;
};

static int read_number(struct stages *s, const struct qql_term *t,
		       uint64_t *out)
{
	enum { DIGITS = 18 };
	uint64_t n = 0;

	for (size_t i = 0; i < t->text.len && i < DIGITS; i++)
		n = n * 10 + (uint64_t)(t->text.p[i] - '0');
	if (t->text.len > DIGITS)
		return qql_check_fail(s->c, t->span,
				      "the number \"%s\" is too large",
				      SHOW(t->text));
	if (n == 0)
		return qql_check_fail(s->c, t->span,
				      "\"%s\" takes a number from 1 on",
				      qql_stage_form(s->ast->kind)->name);
	*out = n;
	return 0;
}

static bool is_shown(const struct plan *plan, uint32_t column)
{
	for (uint32_t i = 0; i < plan->nshown; i++) {
		if (plan->shown[i] == column)
			return true;
	}
	return !plan->nshown;
}

static int unknown_column(struct stages *s, const struct qql_term *t)
{
	const struct plan *plan = s->plan;
	struct near near;
	struct buf list;
	int ret = qql_check_fail(s->c, t->span, "unknown column \"%s\"",
				 SHOW(qql_check_span(s->c, t->span)));

	near_init(&near, qql_check_span(s->c, t->span));
	buf_init(&list, ERR_HINT_MAX);
	for (uint32_t i = 0; i < plan->ncolumns; i++) {
		struct slice name = plan->columns[i].name;

		if (!is_shown(plan, i))
			continue;
		near_offer(&near, name);
		if (list.len)
			buf_puts(&list, ", ");
		buf_put_slice(&list, name);
	}
	if (near.best.p)
		err_hint(s->c->err, "did you mean \"%.*s\"?",
			 SLICE_ARG(near.best));
	else if (!list.error)
		err_hint(s->c->err, "the columns are %s", buf_cstr(&list));
	buf_release(&list);
	return ret;
}

static int find_column(struct stages *s, const struct qql_term *t,
		       uint32_t *out)
{
	struct slice name = qql_check_term_name(s->c, t);
	field_id id = FIELD_NONE;
	int ret;

	if (!name.p)
		return err_nomem(s->c->err);
	if (!s->plan->aggregate) {
		ret = qql_check_field(s->c, t, &id);
		*out = id;
		return ret;
	}
	for (uint32_t i = 0; i < s->plan->ncolumns; i++) {
		struct slice known = s->plan->columns[i].name;

		if (!is_shown(s->plan, i) ||
		    !(slice_eq_ascii_case(known, name) ||
		      (!t->call && slice_eq_ascii_case(known, t->text))))
			continue;
		*out = i;
		return 0;
	}
	return unknown_column(s, t);
}

static int check_sort(struct stages *s)
{
	struct plan_order *orders;
	const struct field *f;
	uint32_t n = 0;
	int ret;

	orders = arena_calloc(s->c->arena, s->ast->items.n, sizeof(*orders));
	if (!orders)
		return err_nomem(s->c->err);
	for (const struct qql_term *t = s->ast->items.first; t; t = t->next) {
		struct plan_order *o = &orders[n++];

		ret = find_column(s, t, &o->column);
		if (ret < 0)
			return ret;
		o->descending = t->descending;
		f = s->plan->aggregate ? NULL : &s->c->ds->fields[o->column];
		if (f && field_multi(f))
			return qql_check_fail(
				s->c, t->span,
				"rows cannot be sorted by the list \"%.*s\"",
				SLICE_ARG(f->name));
	}
	s->out->orders = orders;
	s->out->norders = n;
	return 0;
}

static int check_fields(struct stages *s)
{
	uint32_t *columns, n = 0;
	int ret;

	columns = arena_calloc(s->c->arena, s->ast->items.n, sizeof(*columns));
	if (!columns)
		return err_nomem(s->c->err);
	for (const struct qql_term *t = s->ast->items.first; t; t = t->next) {
		ret = find_column(s, t, &columns[n]);
		if (ret < 0)
			return ret;
		for (uint32_t i = 0; i < n; i++) {
			if (columns[i] == columns[n])
				return qql_check_fail(
					s->c, t->span,
					"the column \"%s\" stands twice",
					SHOW(qql_check_span(s->c, t->span)));
		}
		n++;
	}
	s->out->columns = columns;
	s->out->ncolumns = n;
	s->plan->shown = columns;
	s->plan->nshown = n;
	if (!s->plan->aggregate)
		s->c->narrowed = s->out;
	return 0;
}

/* A column of the aggregate; no two have one name. */
static int add_column(struct stages *s, struct plan_column column,
		      struct span place)
{
	int ret;

	for (uint32_t i = 0; i < s->ncolumns; i++) {
		if (!slice_eq_ascii_case(s->columns[i].name, column.name))
			continue;
		ret = qql_check_fail(s->c, place,
				     "two columns are called \"%s\"",
				     SHOW(column.name));
		err_hint(s->c->err, "name one of them: ... as NAME");
		return ret;
	}
	s->columns[s->ncolumns++] = column;
	return 0;
}

static int add_key(struct stages *s, struct plan_key *keys,
		   const struct qql_term *t)
{
	struct plan_column column;
	int ret;

	if (s->out->nkeys == LIMIT_GROUP_KEYS)
		return qql_check_fail(s->c, t->span,
				      "rows are grouped by at most %d keys",
				      LIMIT_GROUP_KEYS);
	ret = qql_check_key(s->c, t, &keys[s->out->nkeys], &column);
	if (ret < 0)
		return ret;
	s->out->nkeys++;
	return add_column(s, column, t->span);
}

static int add_time_key(struct stages *s, struct plan_key *key)
{
	const struct dataset *ds = s->c->ds;
	struct plan_column column = { .type = PLAN_COLUMN_VALUE, .key = key };
	int ret;

	if (ds->time == FIELD_NONE) {
		ret = qql_check_fail(s->c, s->ast->span,
				     "dataset %.*s is a table without a time",
				     SLICE_ARG(ds->name));
		err_hint(s->c->err, "write stats count by bucket(DATE, 1d)");
		return ret;
	}
	*key = (struct plan_key){ .op = PLAN_KEY_BUCKET, .field = ds->time };
	ret = qql_check_period(s->c, s->ast->number, &key->span);
	if (ret < 0)
		return ret;
	s->out->nkeys++;
	column.field = &ds->fields[ds->time];
	column.name = column.field->name;
	return add_column(s, column, s->ast->number->span);
}

static int add_aggregates(struct stages *s)
{
	struct plan_aggregate *list;
	struct plan_column column;
	int ret = 0;

	list = arena_calloc(s->c->arena, s->ast->items.n, sizeof(*list));
	if (!list)
		return err_nomem(s->c->err);
	s->out->aggregates = list;
	for (const struct qql_term *t = s->ast->items.first; t && ret == 0;
	     t = t->next) {
		ret = qql_check_aggregate(s->c, t, &list[s->out->naggregates++],
					  &column);
		if (ret == 0)
			ret = add_column(s, column,
					 t->alias.len ? t->alias_span :
							t->span);
	}
	return ret;
}

static int add_share(struct stages *s)
{
	static const struct plan_aggregate count = { .function = PLAN_COUNT,
						     .field = FIELD_NONE };
	struct span place = s->ast->items.first->span;
	int ret;

	s->out->aggregates = &count;
	s->out->naggregates = 1;
	ret = add_column(s,
			 (struct plan_column){ .name = SLICE_LIT("count"),
					       .type = PLAN_COLUMN_WHOLE },
			 place);
	if (ret == 0)
		ret = add_column(
			s,
			(struct plan_column){ .name = SLICE_LIT("share"),
					      .type = PLAN_COLUMN_SHARE },
			place);
	return ret;
}

/* Keys and columns of the stage that aggregates. */
static int check_grouping(struct stages *s, struct plan_key *keys)
{
	enum { SERIES = 10 };
	const struct qql_stage *ast = s->ast;
	bool top = ast->kind == QQL_TOP || ast->kind == QQL_RARE;
	const struct qql_term *t = ast->keys.first;
	int ret = 0;

	if (top)
		ret = read_number(s, ast->number, &s->out->limit);
	if (ast->kind == QQL_TIMECHART) {
		ret = add_time_key(s, &keys[0]);
		s->out->limit = SERIES;
	}
	for (; t && ret == 0; t = t->next)
		ret = add_key(s, keys, t);
	if (ret == 0 && top)
		ret = add_key(s, keys, ast->items.first);
	if (ret == 0 && ast->most)
		ret = read_number(s, ast->most, &s->out->limit);
	if (ret < 0)
		return ret;
	return top ? add_share(s) : add_aggregates(s);
}

static int check_aggregation(struct stages *s)
{
	uint32_t max = s->ast->items.n + s->ast->keys.n + 3;
	struct plan_key *keys;
	int ret;

	if (s->plan->aggregate) {
		ret = qql_check_fail(s->c, s->ast->span,
				     "a query can aggregate only once");
		err_hint(s->c->err,
			 "sort, limit and fields may follow an aggregate");
		return ret;
	}
	s->columns = arena_calloc(s->c->arena, max, sizeof(*s->columns));
	keys = arena_calloc(s->c->arena, max, sizeof(*keys));
	if (!s->columns || !keys)
		return err_nomem(s->c->err);
	s->out->keys = keys;
	ret = check_grouping(s, keys);
	if (ret < 0)
		return ret;
	s->plan->aggregate = s->out;
	s->plan->columns = s->columns;
	s->plan->ncolumns = s->ncolumns;
	s->plan->shown = NULL;
	s->plan->nshown = 0;
	return 0;
}

static int check_stage(struct stages *s)
{
	static const enum plan_stage_op ops[] = {
		[QQL_STATS] = PLAN_STATS,   [QQL_TOP] = PLAN_TOP,
		[QQL_RARE] = PLAN_RARE,     [QQL_TIMECHART] = PLAN_TIMECHART,
		[QQL_SORT] = PLAN_SORT,     [QQL_LIMIT] = PLAN_LIMIT,
		[QQL_FIELDS] = PLAN_FIELDS,
	};

	s->out->op = ops[s->ast->kind];
	switch (s->ast->kind) {
	case QQL_SORT:
		return check_sort(s);
	case QQL_FIELDS:
		return check_fields(s);
	case QQL_LIMIT:
		return read_number(s, s->ast->number, &s->out->limit);
	case QQL_STATS:
	case QQL_TOP:
	case QQL_RARE:
	case QQL_TIMECHART:
		break;
	}
	return check_aggregation(s);
}

int qql_check_stages(struct qql_check *c, const struct qql_ast *ast,
		     struct plan *plan)
{
	struct stages s = { .c = c, .plan = plan };
	struct plan_stage *list;
	uint32_t n = 0;
	int ret = 0;

	for (const struct qql_stage *a = ast->stages; a; a = a->next)
		n++;
	if (!n)
		return 0;
	list = arena_calloc(c->arena, n, sizeof(*list));
	if (!list)
		return err_nomem(c->err);
	plan->stages = list;
	for (s.ast = ast->stages; s.ast && ret == 0; s.ast = s.ast->next) {
		s.out = &list[plan->nstages++];
		ret = check_stage(&s);
	}
	return ret;
}
