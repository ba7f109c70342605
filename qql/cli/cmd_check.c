/*
 * qql/cli/cmd_check.c - is a query valid?
 */
#include "qql/cli/cli.h"

static int check(struct cli *c, struct err *err)
{
	struct qql_query *q;
	int ret = cli_compile(c, 0, true, &q, err);

	if (ret < 0)
		return ret;
	if (cli_json(c))
		buf_puts(&c->out.text, "{\"error\":null}\n");
	ret = cli_flush(c, err);
	return ret < 0 ? ret : CLI_FOUND;
}

static const struct opt options[] = {
	CLI_OUTPUT_OPTION("plain or json"),
	CLI_QUERY_OPTIONS,
	CLI_STORE_OPTIONS,
	CLI_END_OPTIONS,
};

const struct cli_command cmd_check = {
	.name = "check",
	.summary = "is a query valid? messages only, nothing is run",
	.usage = "[OPTION]... QUERY",
	.options = options,
	.forms = cli_plain_or_json,
	.needs = CLI_SCHEMAS | CLI_DATASET,
	.run = check,
};
