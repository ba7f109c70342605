/*
 * qql/exec.c - the view of the store that a run holds.
 */
#include "qql/exec_int.h"

#include "base/time.h"

enum {
	/* A view older than this lets go once, so that the writer may reuse
	 * what was deleted meanwhile. */
	PIN_MAX_MS = 1000,
};

/* The dataset as pinned; one that is not stored yet has no segments. */
static void take_dataset(struct qql_exec *x)
{
	const struct index_dataset *d =
		index_snapshot_find(x->snap, x->plan->ds->name);

	x->data = d ? *d : (struct index_dataset){ .nsegments = 0 };
	x->data.ds = x->plan->ds;
}

int qql_exec_open(struct qql_exec *x, const struct plan *plan,
		  struct index_store *store, const struct qql_run_options *opt,
		  struct qql_run_stats *stats, struct err *err)
{
	int64_t now = time_monotonic();
	int ret;

	*x = (struct qql_exec){ .plan = plan, .store = store };
	x->opt = opt ? opt : &x->no_options;
	x->stats = stats ? stats : &x->no_stats;
	*x->stats = (struct qql_run_stats){ .segments = 0 };
	x->deadline = INT64_MAX;
	if (x->opt->timeout > 0 && x->opt->timeout < INT64_MAX - now)
		x->deadline = now + x->opt->timeout;
	ret = index_snapshot_open(&x->snap, store, err);
	if (ret < 0)
		return ret;
	take_dataset(x);
	x->pinned = true;
	x->pinned_at = now;
	x->end_sequence = x->data.next_sequence;
	x->stats->open_ns += time_monotonic() - now;
	return 0;
}

void qql_exec_close(struct qql_exec *x)
{
	index_snapshot_close(x->snap);
	x->snap = NULL;
}

void qql_exec_unpin(struct qql_exec *x)
{
	if (!x->pinned)
		return;
	index_snapshot_reset(x->snap);
	x->pinned = false;
}

int qql_exec_pin(struct qql_exec *x, struct err *err)
{
	int ret;

	if (x->pinned)
		return 0;
	ret = index_snapshot_renew(x->snap, err);
	if (ret < 0)
		return ret;
	take_dataset(x);
	x->pinned = true;
	x->pinned_at = time_monotonic();
	return 0;
}

bool qql_exec_is_stale(const struct qql_exec *x)
{
	return time_monotonic() - x->pinned_at > PIN_MAX_MS * NS_PER_MS &&
	       x->plan->ds->kind == DATASET_LOG;
}

int qql_exec_check(void *exec, struct err *err)
{
	const struct qql_exec *x = exec;

	if (x->opt->stop && *x->opt->stop)
		return err_set(err, ERR_INTERRUPTED, "interrupted");
	if (x->deadline == INT64_MAX || time_monotonic() < x->deadline)
		return 0;
	err_set(err, ERR_TIMEOUT, "the query took longer than %.3g s",
		(double)x->opt->timeout / (double)NS_PER_S);
	err_hint(err, "narrow it down with --since, or raise --timeout");
	return ERR_TIMEOUT;
}

uint32_t qql_exec_segment_at(const struct qql_exec *x, uint64_t sequence)
{
	uint32_t lo = 0, hi = x->data.nsegments;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		const struct index_descriptor *d = &x->data.segments[mid];

		if (d->sequence_end <= sequence)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}
