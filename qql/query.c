/*
 * qql/query.c - query text to plan: the stages in their order.
 */
#include "qql/query.h"

#include "base/time.h"
#include "qql/check_int.h"
#include "qql/scan_int.h"

/* Folding may lengthen a text by half. */
enum { SCRATCH_MAX = 2 * LIMIT_QUERY };

/* Narrows the plan's time to what a condition that must hold allows. */
static void narrow_to(struct plan *plan, const struct plan_node *n)
{
	int64_t lo, hi;

	if (n->op == PLAN_AND) {
		for (uint32_t i = 0; i < n->nkids; i++)
			narrow_to(plan, n->kids[i]);
		return;
	}
	if (n->op != PLAN_NUM || n->field != plan->ds->time)
		return;
	lo = n->num.ranges[0].lo;
	hi = n->num.ranges[n->num.n - 1].hi;
	if (lo > plan->time_min)
		plan->time_min = lo;
	if (hi < plan->time_max)
		plan->time_max = hi;
}

static int add_window(struct qql_check *c, const struct qql_options *opt,
		      struct plan *plan)
{
	struct plan_node *both[2] = { NULL, plan->filter };
	int ret;

	if (!opt->since.len && !opt->until.len)
		return 0;
	if (c->ds->time == FIELD_NONE)
		return err_set(
			c->err, ERR_USAGE,
			"dataset %.*s is a table: it takes no --since or --until",
			SLICE_ARG(c->ds->name));
	ret = qql_check_window(c, opt->since, opt->until, &both[0]);
	if (ret < 0 || plan->filter->op == PLAN_ALL) {
		plan->filter = ret < 0 ? plan->filter : both[0];
		return ret;
	}
	return qql_node_over(c, PLAN_AND, plan->filter->span, both, 2,
			     &plan->filter);
}

static int make_plan(struct qql_query *q, struct arena *a,
		     const struct qql_options *opt, struct err *err)
{
	struct plan *plan = &q->plan;
	struct qql_check c = {
		.arena = a,
		.ds = opt->ds,
		.zone = opt->zone,
		.now = opt->now ? opt->now : time_now(),
		.text = q->text,
		.err = err,
	};
	int ret;

	buf_init(&c.scratch, SCRATCH_MAX);
	plan->ds = opt->ds;
	plan->now = c.now;
	plan->zone = c.zone;
	plan->time_min = INT64_MIN;
	plan->time_max = INT64_MAX;
	ret = qql_check_tree(&c, q->ast, &plan->filter);
	if (ret == 0)
		ret = add_window(&c, opt, plan);
	if (ret == 0 && plan->ds->time != FIELD_NONE)
		narrow_to(plan, plan->filter);
	if (ret == 0)
		ret = qql_check_stages(&c, q->ast, plan);
	q->hint_if_empty = c.hint;
	buf_release(&c.scratch);
	return ret;
}

int qql_compile(struct qql_query **out, struct arena *a,
		const struct qql_options *opt, struct slice text,
		struct err *err)
{
	struct err ignored = ERR_INIT;
	struct qql_query *q = arena_calloc(a, 1, sizeof(*q));
	struct qql_scan *s = arena_alloc(a, sizeof(*s));
	int ret;

	if (!err)
		err = &ignored;
	if (!q || !s)
		return err_nomem(err);
	if (text.len <= LIMIT_QUERY)
		text = arena_dup(a, text);
	if (!text.p)
		return err_nomem(err);
	q->text = text;
	ret = qql_scan_init(s, a, text, opt->ds, err);
	if (ret == 0)
		ret = qql_scan_parse(s);
	if (ret < 0)
		return ret;
	q->ast = s->ast;
	ret = make_plan(q, a, opt, err);
	if (ret == 0)
		*out = q;
	return ret;
}
