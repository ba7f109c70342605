/*
 * qql/cli/cmd_count.c - how many rows match.
 */
#include <inttypes.h>

#include "qql/cli/cli.h"
#include "qql/run.h"

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
		ret = cli_no_stages(q, "count", err);
	if (ret == 0)
		ret = qql_run_count(&q->plan, c->store, &run, &n, &stats, err);
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
