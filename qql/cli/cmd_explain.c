/*
 * qql/cli/cmd_explain.c - every stage of a query as text, then what running
 * it did to each segment.
 */
#include <inttypes.h>

#include "base/time.h"
#include "qql/answer.h"
#include "qql/cli/cli.h"
#include "qql/cli/table.h"
#include "qql/run.h"

enum { SHOWN_SEGMENTS = 30, ROWS = 50 };

static const char *const outcomes[] = {
	[QQL_PRUNED_DESCRIPTOR] = "pruned (time)",
	[QQL_PRUNED_BOUNDS] = "pruned (values)",
	[QQL_TAKEN_WHOLE] = "taken whole",
	[QQL_SCANNED] = "scanned",
};

struct explain {
	struct cli *c;
	struct cli_table table;
	uint64_t segments;
};

static void add_segment(void *ctx, const struct qql_segment_trace *t)
{
	struct explain *e = ctx;
	char text[TIME_TEXT_MAX];

	if (e->segments++ >= SHOWN_SEGMENTS && !e->c->opt.all)
		return;
	cli_table_addf(&e->table, "  %" PRIu64, t->desc->segment);
	cli_table_addf(&e->table, "%u", t->desc->rows);
	cli_table_add(&e->table,
		      slice_of(text, time_format_utc(t->desc->time_min, text)));
	cli_table_addf(&e->table, "%s", outcomes[t->outcome]);
	cli_table_addf(&e->table, "%" PRIu64, t->matched);
	cli_table_addf(&e->table, "%.1f", (double)t->open_ns / 1e3);
	cli_table_addf(&e->table, "%.1f", (double)t->filter_ns / 1e3);
}

static int put_stages(struct cli *c, const struct qql_query *q, struct err *err)
{
	struct buf *out = &c->out.text;
	int ret;

	buf_puts(out, "tokens\n");
	ret = qql_print_tokens(out, q->text, err);
	if (ret < 0)
		return ret;
	buf_puts(out, "\n\ntree\n");
	qql_print_ast(out, q->ast);
	buf_puts(out, "\n\nread as\n");
	qql_print_query(out, q->ast);
	buf_puts(out, "\n\nplan\n");
	qql_plan_print(out, &q->plan);
	buf_puts(out, "\n");
	return cli_flush(c, err);
}

static int no_row(void *ctx, const struct qql_row *row, struct err *err)
{
	(void)ctx;
	(void)row;
	(void)err;
	return 0;
}

static void put_times(struct buf *out, const char *what,
		      const struct qql_run_stats *s, int64_t ns)
{
	buf_printf(out,
		   "%s: %.3f ms (open %.3f, filter %.3f); %" PRIu64
		   " segments, %" PRIu64 " pruned, %" PRIu64
		   " scanned with %" PRIu64 " rows, %" PRIu64 " rows matched\n",
		   what, (double)ns / 1e6, (double)s->open_ns / 1e6,
		   (double)s->filter_ns / 1e6, s->segments, s->pruned,
		   s->scanned, s->rows, s->matched);
}

/* What the stages come to. */
static int run_stages(struct cli *c, const struct qql_query *q, struct err *err)
{
	struct qql_run_options run = { .limit = UINT64_MAX,
				       .timeout = c->opt.timeout,
				       .stop = c->stop };
	int64_t start = time_monotonic();
	struct qql_run_stats stats;
	struct qql_answer *a;
	int ret;

	if (!q->plan.aggregate)
		return 0;
	ret = qql_run_answer(&a, &q->plan, c->store, &run, &stats, err);
	if (ret < 0)
		return ret;
	buf_printf(
		&c->out.text, "%s: %.3f ms, %" PRIu64 " rows to %" PRIu64 "\n",
		q->plan.aggregate->op == PLAN_TIMECHART ? "chart" : "aggregate",
		(double)(time_monotonic() - start) / 1e6, stats.matched,
		qql_answer_rows(a));
	qql_answer_free(a);
	return 0;
}

static int run_it(struct cli *c, const struct qql_query *q, struct explain *e,
		  struct err *err)
{
	struct qql_run_options run = {
		.limit = ROWS,
		.want_source = true,
		.timeout = c->opt.timeout,
		.stop = c->stop,
		.trace = add_segment,
		.trace_ctx = e,
	};
	struct buf *out = &c->out.text;
	struct qql_run_stats counted, listed;
	int64_t start = time_monotonic(), middle, end;
	uint64_t n;
	int ret;

	ret = qql_run_count(&q->plan, c->store, &run, &n, &counted, err);
	middle = time_monotonic();
	if (ret == 0)
		ret = qql_run_rows(&q->plan, c->store, &run, no_row, NULL,
				   &listed, err);
	end = time_monotonic();
	if (ret < 0)
		return ret;
	buf_puts(out, "\nsegments\n");
	ret = cli_table_print(&e->table, out, err);
	if (e->segments > SHOWN_SEGMENTS && !c->opt.all)
		buf_printf(out, "  (%" PRIu64 " more: --all)\n",
			   e->segments - SHOWN_SEGMENTS);
	buf_putc(out, '\n');
	put_times(out, "count", &counted, middle - start);
	put_times(out, "newest 50", &listed, end - middle);
	return ret < 0 ? ret : run_stages(c, q, err);
}

static int explain(struct cli *c, struct err *err)
{
	static const char *const heads[] = { ">  SEGMENT", ">ROWS",
					     "FROM",       "OUTCOME",
					     ">MATCHED",   ">OPEN us",
					     ">FILTER us", NULL };
	struct explain e = { .c = c };
	struct qql_query *q;
	int ret;

	ret = cli_compile(c, 0, true, &q, err);
	if (ret == 0)
		ret = put_stages(c, q, err);
	if (ret < 0 || !c->store)
		return ret;
	cli_table_init(&e.table, heads);
	ret = run_it(c, q, &e, err);
	cli_table_release(&e.table);
	if (ret == 0)
		ret = cli_flush(c, err);
	return ret < 0 ? ret : CLI_FOUND;
}

static const struct opt options[] = {
	{ .type = OPT_FLAG,
	  .letter = 'a',
	  .name = "all",
	  .help = "every segment, not only the first",
	  CLI_AT(all) },
	CLI_QUERY_OPTIONS,
	CLI_STORE_OPTIONS,
	CLI_END_OPTIONS,
};

const struct cli_command cmd_explain = {
	.name = "explain",
	.summary = "how a query is understood and run",
	.usage = "[OPTION]... [QUERY]",
	.description =
		"Shows the query's tokens, its tree, the query as it was read, and "
		"the plan; then counts the rows of its filter, lists the newest 50, "
		"runs its stages, and says "
		"which segments were pruned, scanned and matched. Without a store "
		"it ends with the plan.",
	.options = options,
	.needs = CLI_SCHEMAS | CLI_DATASET,
	.run = explain,
};
