/*
 * qql/cli/cmd_count.c - how many rows match.
 */
#include <inttypes.h>

#include "qql/answer.h"
#include "qql/cli/cli.h"
#include "qql/run.h"

static int count_row(void *ctx, const struct qql_row *row, struct err *err)
{
	uint64_t *n = ctx;

	(void)err;
	*n += row != NULL;
	return 0;
}

/* Rows that match, or with stages those that come out of the pipe. */
static int count_any(struct cli *c, const struct plan *plan,
		     struct qql_run_options *run, uint64_t *n,
		     struct qql_run_stats *stats, struct err *err)
{
	struct qql_answer *a;
	int ret;

	if (!plan->nstages)
		return qql_run_count(plan, c->store, run, n, stats, err);
	run->limit = UINT64_MAX;
	*n = 0;
	if (!plan->aggregate)
		return qql_run_pipe(plan, c->store, run, count_row, n, stats,
				    err);
	ret = qql_run_answer(&a, plan, c->store, run, stats, err);
	if (ret < 0)
		return ret;
	*n = qql_answer_rows(a);
	qql_answer_free(a);
	return 0;
}

static int count(struct cli *c, struct err *err)
{
	struct qql_run_options run = { .timeout = c->opt.timeout,
				       .stop = c->stop };
	struct qql_run_stats stats;
	struct qql_query *q;
	uint64_t n;
	int ret;

	ret = cli_compile(c, 0, true, &q, err);
	if (ret == 0)
		ret = count_any(c, &q->plan, &run, &n, &stats, err);
	if (ret < 0)
		return ret;
	buf_printf(&c->out.text,
		   cli_json(c) ? "{\"count\":%" PRIu64 "}\n" : "%" PRIu64 "\n",
		   n);
	if (stats.expired)
		cli_say("%" PRIu64 " rows expired while the query ran",
			stats.expired);
	if (!n)
		cli_say_nothing(c, q);
	ret = cli_flush(c, err);
	return ret < 0 ? ret : n ? CLI_FOUND : CLI_NOTHING;
}

static const struct opt options[] = {
	CLI_OUTPUT_OPTION("plain or json"),
	CLI_QUERY_OPTIONS,
	CLI_STORE_OPTIONS,
	CLI_END_OPTIONS,
};

const struct cli_command cmd_count = {
	.name = "count",
	.summary = "how many rows match",
	.usage = "[OPTION]... [QUERY]",
	.options = options,
	.forms = cli_plain_or_json,
	.needs = CLI_STORE | CLI_DATASET,
	.run = count,
};
