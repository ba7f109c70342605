/*
 * qql/run_rows.c - rows, newest first, in batches.
 *
 * A batch is filled while the store is pinned and handed out while it is not.
 */
#include "qql/rows_int.h"
#include "qql/run.h"
#include "qql/select_int.h"
#include "qql/sort_int.h"

#include "base/time.h"

struct rows_run {
	struct qql_exec x;
	struct qql_select *sel;
	struct qql_rows batch;
	uint64_t left; /* rows until the limit */
	bool end;      /* nothing is behind the batch */
};

/* Fills the batch up to the limit and looks whether more would follow. */
static int fill(struct rows_run *r, struct err *err)
{
	struct qql_hit hit;
	int ret;

	for (;;) {
		if (qql_rows_full(&r->batch))
			return 0;
		ret = qql_select_next(r->sel, &hit, err);
		if (ret <= 0) {
			r->end = true;
			return ret;
		}
		if (!r->left) {
			r->x.stats->more = true;
			r->end = true;
			return 0;
		}
		ret = qql_rows_add(&r->batch, &hit, r->x.plan->ds, err);
		if (ret == 0)
			ret = qql_exec_check(&r->x, err);
		if (ret < 0)
			return ret;
		r->left--;
	}
}

static int run(struct rows_run *r, qql_row_fn *fn, void *ctx, struct err *err)
{
	int ret, filled;

	for (;;) {
		int64_t start = time_monotonic();
		uint32_t taken;

		ret = qql_select_pin(r->sel, err);
		if (ret < 0)
			return ret;
		/* What was read before an error is good, and is handed out. */
		filled = fill(r, err);
		qql_select_unpin(r->sel);
		r->x.stats->rows_ns += time_monotonic() - start;
		ret = qql_rows_hand_out(&r->batch, fn, ctx, &taken, err);
		r->x.stats->matched += taken;
		if (ret)
			return ret;
		if (filled < 0 || r->end)
			return filled;
	}
}

int qql_run_rows(const struct plan *plan, struct index_store *store,
		 const struct qql_run_options *opt, qql_row_fn *fn, void *ctx,
		 struct qql_run_stats *stats, struct err *err)
{
	struct rows_run r = { .left = opt->limit };
	int ret;

	if (opt->nsort)
		return qql_run_sorted(plan, store, opt, fn, ctx, stats, err);
	ret = qql_exec_open(&r.x, plan, store, opt, stats, err);
	if (ret < 0)
		return ret;
	ret = qql_rows_init(&r.batch, opt, err);
	if (ret == 0)
		ret = qql_select_new(&r.sel, &r.x, err);
	if (ret == 0)
		ret = run(&r, fn, ctx, err);
	qql_select_free(r.sel);
	qql_rows_release(&r.batch);
	qql_exec_close(&r.x);
	return ret;
}
