/*
 * qql/run_answer.c - running a plan that aggregates.
 *
 * Without a limit before the aggregate segments go into the groups column by
 * column, else rows come through the pipe one by one.
 */
#include "base/mem.h"
#include "base/time.h"
#include "qql/answer_int.h"
#include "qql/run_pipe_int.h"
#include "qql/walk_int.h"

enum { GROUPINGS = 2 };

/* What rows are put into in one pass. */
struct feed {
	struct qql_agg *list[GROUPINGS];
	struct qql_agg_reader *readers[GROUPINGS];
	uint32_t n;
	uint64_t matched;
};

static int take_part(void *ctx, const struct qql_part *part, struct err *err)
{
	struct feed *f = ctx;
	int ret = 0;

	f->matched += part->matched;
	for (uint32_t i = 0; i < f->n && ret == 0; i++)
		ret = qql_agg_part(f->readers[i], part, err);
	return ret;
}

static int take_row(void *ctx, const struct qql_row *row, struct err *err)
{
	struct feed *f = ctx;
	const struct qql_cell *cells = row ? row->cells : NULL;
	int ret = 0;

	for (uint32_t i = 0; row && i < f->n && ret == 0; i++) {
		ret = qql_agg_row(f->list[i], cells, err);
		cells += f->list[i]->nfields;
	}
	f->matched += row != NULL;
	return ret;
}

static int feed_segments(struct feed *f, const struct plan *plan,
			 struct index_store *store,
			 const struct qql_run_options *opt,
			 struct qql_run_stats *stats, struct err *err)
{
	struct qql_walk w = { .filter = NULL };
	struct qql_exec x;
	int ret = qql_exec_open(&x, plan, store, opt, stats, err);

	if (ret < 0)
		return ret;
	for (uint32_t i = 0; i < f->n && ret == 0; i++)
		ret = qql_agg_reader_new(&f->readers[i], f->list[i], err);
	if (ret == 0)
		ret = qql_walk_init(&w, &x, err);
	w.open_all = true;
	if (ret == 0)
		ret = qql_walk_run(&w, take_part, f, err);
	qql_walk_release(&w);
	for (uint32_t i = 0; i < f->n; i++)
		qql_agg_reader_free(f->readers[i]);
	qql_exec_close(&x);
	return ret;
}

static int feed_rows(struct feed *f, const struct plan *plan,
		     struct index_store *store,
		     const struct qql_run_options *opt,
		     struct qql_run_stats *stats, struct err *err)
{
	field_id fields[GROUPINGS * LIMIT_FIELDS];
	struct qql_run_options run = { .limit = UINT64_MAX, .fields = fields };

	run.timeout = opt->timeout;
	run.stop = opt->stop;
	for (uint32_t i = 0; i < f->n; i++) {
		for (uint32_t k = 0; k < f->list[i]->nfields; k++)
			fields[run.nfields++] = f->list[i]->fields[k];
	}
	return qql_run_pipe(plan, store, &run, take_row, f, stats, err);
}

static int feed(struct feed *f, const struct plan *plan,
		struct index_store *store, const struct qql_run_options *opt,
		struct qql_run_stats *stats, struct err *err)
{
	int ret = qql_pipe_cuts(plan) ?
			  feed_rows(f, plan, store, opt, stats, err) :
			  feed_segments(f, plan, store, opt, stats, err);

	stats->matched = f->matched;
	return ret;
}

struct answer_run {
	struct qql_answer *a;
	const struct plan *plan;
	struct index_store *store;
	const struct qql_run_options *opt;
	struct qql_run_stats *stats;
};

static int run_stats(struct answer_run *r, struct err *err)
{
	const struct plan_stage *s = r->plan->aggregate;
	struct feed f = { .list = { &r->a->agg }, .n = 1 };
	int ret;

	ret = qql_agg_init(&r->a->agg, r->plan, s->keys, s->nkeys,
			   s->aggregates, s->naggregates, &r->a->memory, err);
	if (ret == 0)
		ret = feed(&f, r->plan, r->store, r->opt, r->stats, err);
	return ret < 0 ? ret : qql_answer_stats(r->a, err);
}

static int run_top(struct answer_run *r, struct err *err)
{
	const struct plan_stage *s = r->plan->aggregate;
	struct plan_aggregate present = {
		.function = PLAN_COUNT_OF,
		.field = s->keys[s->nkeys - 1].field,
	};
	struct qql_agg totals = { .nkeys = 0 };
	struct feed f = { .list = { &r->a->agg, &totals }, .n = 2 };
	int ret;

	ret = qql_agg_init(&r->a->agg, r->plan, s->keys, s->nkeys,
			   s->aggregates, s->naggregates, &r->a->memory, err);
	if (ret == 0)
		ret = qql_agg_init(&totals, r->plan, s->keys, s->nkeys - 1,
				   &present, 1, &r->a->memory, err);
	if (ret == 0)
		ret = feed(&f, r->plan, r->store, r->opt, r->stats, err);
	if (ret == 0)
		ret = qql_answer_top(r->a, &totals, err);
	qql_agg_release(&totals);
	return ret;
}

/* The series with the largest totals, in that order: their values get the
 * codes 0, 1, ... of the chart's second key. */
static int choose_series(struct answer_run *r, struct qql_answer *totals,
			 uint32_t **out, uint32_t *n, struct err *err)
{
	const struct plan_stage *s = r->plan->aggregate;
	struct plan_order orders[] = { { 2, true }, { 1, false } };
	struct qql_agg_key *key = &r->a->agg.keys[1];
	uint32_t *series;
	int ret = qql_answer_sort(totals, orders, ARRAY_SIZE(orders), err);

	if (ret < 0)
		return ret;
	series = mem_calloc((size_t)totals->n + 1, sizeof(*series));
	if (!series)
		return err_nomem(err);
	*out = series;
	key->null_code = QQL_CODE_OTHER;
	for (*n = 0; *n < totals->n && *n < s->limit; ++*n) {
		const struct qql_answer_cell *c = &totals->rows[*n][1];

		series[*n] = QQL_CODE_NULL;
		if (c->kind == QQL_ANSWER_NULL) {
			key->null_code = QQL_CODE_NULL;
			continue;
		}
		ret = qql_intern_add(&key->values, &c->value, &series[*n], err);
		if (ret < 0)
			return ret;
	}
	key->values.frozen = true;
	if (*n < totals->n)
		series[(*n)++] = QQL_CODE_OTHER;
	return 0;
}

/* All series with what their rows come to, whatever the bucket; the columns
 * are those of the chart, the value of a key as it is grouped by. */
static int sum_series(struct answer_run *r, struct qql_answer *totals,
		      struct err *err)
{
	const struct plan_stage *s = r->plan->aggregate;
	struct feed f = { .list = { &totals->agg }, .n = 1 };
	struct qql_answer_cell *cells;
	int ret;

	totals->plan = r->plan;
	ret = qql_agg_init(&totals->agg, r->plan, &s->keys[1], 1, s->aggregates,
			   s->naggregates, &totals->memory, err);
	if (ret == 0)
		ret = feed(&f, r->plan, r->store, r->opt, r->stats, err);
	for (uint32_t g = 0; g < totals->agg.ngroups && ret == 0; g++) {
		uint32_t code = totals->agg.codes[g];

		ret = qql_answer_add(totals, &cells, err);
		if (ret < 0)
			break;
		cells[1].kind = code == QQL_CODE_NULL ? QQL_ANSWER_NULL :
							QQL_ANSWER_IS;
		if (code != QQL_CODE_NULL)
			cells[1].value =
				totals->agg.keys[0].values.values[code];
		ret = qql_agg_cell(&totals->agg, g, s->aggregates, 0, &cells[2],
				   err);
	}
	return ret;
}

static struct qql_answer *new_answer(const struct plan *plan)
{
	struct qql_answer *a = mem_calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->plan = plan;
	a->memory.max = QQL_MEMORY_MAX;
	arena_init(&a->cells, QQL_MEMORY_MAX);
	return a;
}

static int run_chart(struct answer_run *r, struct err *err)
{
	const struct plan_stage *s = r->plan->aggregate;
	struct feed f = { .list = { &r->a->agg }, .n = 1 };
	struct qql_answer *totals = NULL;
	uint32_t alone = 0, *series = NULL, nseries = 1;
	int ret = qql_answer_check_time(r->plan, err);

	if (ret == 0)
		ret = qql_agg_init(&r->a->agg, r->plan, s->keys, s->nkeys,
				   s->aggregates, s->naggregates, &r->a->memory,
				   err);
	if (ret == 0 && s->nkeys > 1) {
		totals = new_answer(r->plan);
		ret = totals ? sum_series(r, totals, err) : err_nomem(err);
		if (ret == 0)
			ret = choose_series(r, totals, &series, &nseries, err);
		qql_answer_free(totals);
	}
	if (ret == 0)
		ret = feed(&f, r->plan, r->store, r->opt, r->stats, err);
	if (ret == 0)
		ret = qql_answer_chart(r->a, series ? series : &alone, nseries,
				       err);
	mem_free(series);
	return ret;
}

int qql_run_answer(struct qql_answer **out, const struct plan *plan,
		   struct index_store *store, const struct qql_run_options *opt,
		   struct qql_run_stats *stats, struct err *err)
{
	struct qql_run_stats ignored;
	struct answer_run r = { .plan = plan, .store = store, .opt = opt };
	int ret;

	r.stats = stats ? stats : &ignored;
	r.a = new_answer(plan);
	if (!r.a)
		return err_nomem(err);
	if (plan->aggregate->op == PLAN_STATS)
		ret = run_stats(&r, err);
	else if (plan->aggregate->op == PLAN_TIMECHART)
		ret = run_chart(&r, err);
	else
		ret = run_top(&r, err);
	if (ret == 0)
		ret = qql_answer_finish(r.a, opt->limit, err);
	if (ret < 0) {
		qql_answer_free(r.a);
		return ret;
	}
	*out = r.a;
	return 0;
}
