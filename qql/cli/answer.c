/*
 * qql/cli/answer.c - queries with stages, as `search` shows them.
 */
#include "qql/cli/answer.h"

#include <stdio.h>

#include "base/term.h"
#include "qql/answer.h"
#include "qql/print_answer.h"

int cli_check_stages(const struct cli *c, const struct plan *plan,
		     struct err *err)
{
	const char *option = c->opt.sort.n ? "--sort" :
			     c->opt.after  ? "--after" :
			     c->opt.fields ? "--fields" :
					     NULL;

	if (!plan->nstages || !option)
		return 0;
	err_set(err, ERR_USAGE, "%s cannot go with a query that has stages",
		option);
	if (c->opt.sort.n || c->opt.fields)
		err_hint(err, "write it as a stage: | %s ...", option + 2);
	return ERR_USAGE;
}

/* All rows, unless a number was given. */
static int print(struct cli *c, const struct qql_query *q,
		 const struct qql_answer *a, struct err *err)
{
	struct qql_print_answer_options opt = { .plan = &q->plan,
						.zone = c->zone };
	const char *form = c->opt.output;
	int ret;

	if (!form)
		form = c->terminal ? "table" : "ndjson";
	opt.columns = c->terminal ? term_columns(stdout) : 0;
	ret = qql_print_answer(a, slice_str(form), &opt, &c->out, err);
	return ret == QQL_OUT_GONE ? 0 : ret;
}

int cli_answer(struct cli *c, const struct qql_query *q,
	       struct qql_run_options *run, struct err *err)
{
	struct qql_run_stats stats;
	struct qql_answer *a;
	bool found;
	int ret;

	if (!c->opt.limit)
		run->limit = UINT64_MAX;
	ret = qql_run_answer(&a, &q->plan, c->store, run, &stats, err);
	if (ret < 0)
		return ret;
	ret = print(c, q, a, err);
	found = stats.matched > 0;
	qql_answer_free(a);
	if (ret < 0)
		return ret;
	if (!found)
		cli_say_nothing(c, q);
	return found ? CLI_FOUND : CLI_NOTHING;
}
