/*
 * qql/cli/answer.h - queries with stages, as `search` shows them.
 */
#ifndef QQL_CLI_ANSWER_H
#define QQL_CLI_ANSWER_H

#include "qql/cli/cli.h"
#include "qql/run.h"

/* ERR_USAGE for an option that a stage stands for. */
MUST_CHECK int cli_check_stages(const struct cli *c, const struct plan *plan,
				struct err *err);
/* Runs a query that aggregates and prints what comes out. */
MUST_CHECK int cli_answer(struct cli *c, const struct qql_query *q,
			  struct qql_run_options *run, struct err *err);

#endif
