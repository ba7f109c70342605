/*
 * qql/run_count.c - how many rows match.
 */
#include "qql/walk_int.h"

static int count_rows(void *ctx, const struct qql_part *part, struct err *err)
{
	uint64_t *count = ctx;

	(void)err;
	*count += part->matched;
	return 0;
}

int qql_run_count(const struct plan *plan, struct index_store *store,
		  const struct qql_run_options *opt, uint64_t *count,
		  struct qql_run_stats *stats, struct err *err)
{
	struct qql_walk w = { .filter = NULL };
	struct qql_exec x;
	uint64_t n = 0;
	int ret;

	ret = qql_exec_open(&x, plan, store, opt, stats, err);
	if (ret < 0)
		return ret;
	ret = qql_walk_init(&w, &x, err);
	if (ret == 0)
		ret = qql_walk_run(&w, count_rows, &n, err);
	if (ret == 0) {
		*count = n;
		x.stats->matched = n;
	}
	qql_walk_release(&w);
	qql_exec_close(&x);
	return ret;
}
