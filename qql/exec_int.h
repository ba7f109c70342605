/*
 * qql/exec_int.h - what every run on a store shares: a view of it that is
 * pinned only while the run reads, the clock, and a reason to stop.
 *
 * A run sees the rows with sequence < end_sequence, read when it starts.  It
 * pins the store to read, and lets go of it before it hands rows out, since
 * whoever takes them may block.  What it keeps in between is its own memory:
 * bitmaps, and the descriptors of segments, which never change under their
 * ids.  After pinning again segments may be gone (merged, expired).
 */
#ifndef QQL_EXEC_INT_H
#define QQL_EXEC_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/err.h"
#include "index/segment.h"
#include "index/snapshot.h"
#include "index/store.h"
#include "qql/plan.h"
#include "qql/run.h"

struct qql_exec {
	const struct plan *plan;
	struct index_store *store;
	const struct qql_run_options *opt; /* never NULL */
	struct qql_run_stats *stats;	   /* never NULL */
	struct index_snapshot *snap;
	struct index_dataset data; /* as pinned, with the plan's dataset */
	bool pinned;
	uint64_t end_sequence;
	int64_t deadline;  /* monotonic; INT64_MAX: none */
	int64_t pinned_at; /* monotonic */
	struct qql_run_options no_options;
	struct qql_run_stats no_stats;
};

/* `opt` and `stats` may be NULL.  The store is pinned afterwards. */
MUST_CHECK int qql_exec_open(struct qql_exec *x, const struct plan *plan,
			     struct index_store *store,
			     const struct qql_run_options *opt,
			     struct qql_run_stats *stats, struct err *err);
void qql_exec_close(struct qql_exec *x);

/* All segments must be closed before either. */
void qql_exec_unpin(struct qql_exec *x);
MUST_CHECK int qql_exec_pin(struct qql_exec *x, struct err *err);
/* Has the view been held so long that it is time to let go for a moment? */
bool qql_exec_is_stale(const struct qql_exec *x);

/* ERR_TIMEOUT, ERR_INTERRUPTED.  A qql_pause_fn with the run as its context. */
MUST_CHECK int qql_exec_check(void *exec, struct err *err);

/* Index of the first segment that ends behind `sequence`. */
uint32_t qql_exec_segment_at(const struct qql_exec *x, uint64_t sequence);

/* A permanent answer by what the store says of the segment alone. */
enum qql_verdict { QQL_NONE, QQL_ALL, QQL_SOME };
enum qql_verdict qql_prune(const struct plan *plan,
			   const struct index_descriptor *desc);

#endif
