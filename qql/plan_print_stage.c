/*
 * qql/plan_print_stage.c - the stages of a plan, behind its filter.
 *
 *   (all) | (stats count (distinct imageName) by (bucket eventTime 1h))
 */
#include "qql/plan.h"

static void print_field(struct buf *out, const struct plan *plan, field_id id)
{
	buf_put_slice(out, plan->ds->fields[id].name);
}

static void print_key(struct buf *out, const struct plan *plan,
		      const struct plan_key *k)
{
	buf_putc(out, ' ');
	if (k->op == PLAN_KEY_VALUE) {
		print_field(out, plan, k->field);
		return;
	}
	buf_puts(out, k->op == PLAN_KEY_BUCKET ? "(bucket " : "(cidr ");
	print_field(out, plan, k->field);
	if (k->op == PLAN_KEY_BUCKET)
		buf_printf(out, " %u%c)", k->span.n, k->span.unit);
	else
		buf_printf(out, " %u %u)", k->bits4, k->bits6);
}

static void print_aggregate(struct buf *out, const struct plan *plan,
			    const struct plan_aggregate *a)
{
	static const char *const names[] = {
		[PLAN_COUNT] = "count",       [PLAN_COUNT_OF] = "count",
		[PLAN_DISTINCT] = "distinct", [PLAN_SUM] = "sum",
		[PLAN_AVG] = "avg",           [PLAN_MIN] = "min",
		[PLAN_MAX] = "max",           [PLAN_PERCENTILE] = "p",
	};

	buf_puts(out, a->field == FIELD_NONE ? " " : " (");
	buf_puts(out, names[a->function]);
	if (a->function == PLAN_PERCENTILE)
		buf_put_u64(out, a->percent);
	if (a->field == FIELD_NONE)
		return;
	buf_putc(out, ' ');
	print_field(out, plan, a->field);
	buf_putc(out, ')');
}

static void print_column(struct buf *out, const struct plan *plan, bool after,
			 uint32_t column)
{
	buf_putc(out, ' ');
	if (after)
		buf_put_slice(out, plan->columns[column].name);
	else
		print_field(out, plan, (field_id)column);
}

static void print_grouping(struct buf *out, const struct plan *plan,
			   const struct plan_stage *s)
{
	for (uint32_t i = 0; i < s->naggregates; i++)
		print_aggregate(out, plan, &s->aggregates[i]);
	if (s->nkeys)
		buf_puts(out, " by");
	for (uint32_t i = 0; i < s->nkeys; i++)
		print_key(out, plan, &s->keys[i]);
}

static const char *op_name(enum plan_stage_op op)
{
	static const char *const names[] = {
		[PLAN_STATS] = "stats",   [PLAN_TOP] = "top",
		[PLAN_RARE] = "rare",     [PLAN_TIMECHART] = "timechart",
		[PLAN_SORT] = "sort",     [PLAN_LIMIT] = "limit",
		[PLAN_FIELDS] = "fields",
	};

	return names[op];
}

static void print_stage(struct buf *out, const struct plan *plan,
			const struct plan_stage *s)
{
	bool after = plan->aggregate && s > plan->aggregate;

	buf_puts(out, " | (");
	buf_puts(out, op_name(s->op));
	if (s->limit) {
		buf_putc(out, ' ');
		buf_put_u64(out, s->limit);
	}
	for (uint32_t i = 0; i < s->norders; i++) {
		buf_puts(out, s->orders[i].descending ? " (-" : "");
		print_column(out, plan, after, s->orders[i].column);
		buf_puts(out, s->orders[i].descending ? ")" : "");
	}
	for (uint32_t i = 0; i < s->ncolumns; i++)
		print_column(out, plan, after, s->columns[i]);
	print_grouping(out, plan, s);
	buf_putc(out, ')');
}

void qql_plan_print_stages(struct buf *out, const struct plan *plan)
{
	for (uint32_t i = 0; i < plan->nstages; i++)
		print_stage(out, plan, &plan->stages[i]);
}
