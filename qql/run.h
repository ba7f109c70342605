/*
 * qql/run.h - running a plan on a store.
 *
 * Rows come newest first by event time, then by descending sequence number
 * (tables: newest sequence first).  A run sees the rows with sequence < S, S
 * read when it starts, and copies each row out, so that nothing is pinned
 * while the caller writes.
 */
#ifndef QQL_RUN_H
#define QQL_RUN_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/compiler.h"
#include "base/err.h"
#include "index/snapshot.h"
#include "qql/plan.h"
#include "schemas/value.h"

/* A column of the answer: all values of one field, in stored order. */
struct qql_cell {
	const struct value *values;
	uint32_t n; /* 0: null */
};

struct qql_row {
	int64_t time;
	uint64_t sequence;
	struct slice source;          /* the stored message */
	const struct qql_cell *cells; /* one per asked field */
};

struct qql_sort {
	field_id field; /* FIELD_NONE: by time */
	bool ascending;
};

/* What became of one segment. */
enum qql_outcome {
	QQL_PRUNED_DESCRIPTOR, /* by time or sequence, without opening it */
	QQL_PRUNED_BOUNDS, /* by bounds or constants its dictionaries lack */
	QQL_TAKEN_WHOLE,   /* every row matches: no column was read */
	QQL_SCANNED,
};
struct qql_segment_trace {
	const struct index_descriptor *desc;
	enum qql_outcome outcome;
	uint64_t matched;
	int64_t open_ns, filter_ns;
};
typedef void qql_trace_fn(void *ctx, const struct qql_segment_trace *trace);

struct qql_run_options {
	uint64_t limit;         /* rows; UINT64_MAX: all */
	const field_id *fields; /* cells wanted; may be NULL */
	uint32_t nfields;
	bool want_source;
	const struct qql_sort *sort; /* NULL: newest first */
	uint32_t nsort;
	/* Start after this row (exclusive), as printed cursors say. */
	bool after;
	int64_t after_time;
	uint64_t after_sequence;
	int64_t timeout; /* ns; 0: none.  ERR_TIMEOUT */
	/* When it becomes non-zero the run ends: ERR_INTERRUPTED.  May be NULL. */
	const volatile sig_atomic_t *stop;
	qql_trace_fn *trace; /* qql_run_count() only; may be NULL */
	void *trace_ctx;
};

/* 0 to go on, else the run ends and returns that value.  A row of NULL says
 * that no more are at hand and the run reads on: a moment to flush. */
typedef int qql_row_fn(void *ctx, const struct qql_row *row, struct err *err);

/* Per segment and in all: what `explain` shows. */
struct qql_run_stats {
	uint64_t segments;
	uint64_t pruned; /* by time, bounds or absent constants */
	uint64_t scanned;
	uint64_t rows; /* of scanned segments */
	uint64_t matched;
	uint64_t expired; /* taken by retention meanwhile */
	int64_t open_ns, filter_ns, rows_ns;
	bool more; /* rows: the limit ended the run, there are others */
};

MUST_CHECK int qql_run_rows(const struct plan *plan, struct index_store *store,
			    const struct qql_run_options *opt, qql_row_fn *fn,
			    void *ctx, struct qql_run_stats *stats,
			    struct err *err);
/* As qql_run_rows(), but through the stages `sort` and `limit` of the plan, up
 * to its aggregate; opt->limit counts what comes out.  For a plan with stages
 * opt->sort and opt->after are not set. */
MUST_CHECK int qql_run_pipe(const struct plan *plan, struct index_store *store,
			    const struct qql_run_options *opt, qql_row_fn *fn,
			    void *ctx, struct qql_run_stats *stats,
			    struct err *err);
/* Of `opt` (may be NULL) only timeout, stop and trace count. */
MUST_CHECK int qql_run_count(const struct plan *plan, struct index_store *store,
			     const struct qql_run_options *opt, uint64_t *count,
			     struct qql_run_stats *stats, struct err *err);

/*
 * Following a dataset, as `qql tail` does, step by step.  Between two steps
 * nothing of the store is held.
 */
struct qql_tail;

MUST_CHECK int qql_tail_open(struct qql_tail **out, struct index_store *store,
			     const struct dataset *ds, struct err *err);
void qql_tail_close(struct qql_tail *t); /* NULL is fine */
/* 1: rows with sequence >= from are there; the next step ends at *until, and
 * its rows were committed at *received (what `now` means for them).  0: none
 * yet; *until is the sequence number the next row will get. */
MUST_CHECK int qql_tail_next(struct qql_tail *t, uint64_t from, uint64_t *until,
			     int64_t *received, struct err *err);
/* Matching rows with *next <= sequence < until in sequence order; moves *next
 * on behind each row that was handed out, and to `until` at the end. */
MUST_CHECK int qql_run_since(const struct plan *plan, struct index_store *store,
			     uint64_t *next, uint64_t until,
			     const struct qql_run_options *opt, qql_row_fn *fn,
			     void *ctx, struct qql_run_stats *stats,
			     struct err *err);

/*
 * Cursors: where a page ended, and the instant `now` meant for its query, as
 * the text that `--after` takes.
 */
struct qql_cursor {
	int64_t time;
	uint64_t sequence;
	int64_t now;
};
enum { QQL_CURSOR_MAX = 64 };
size_t qql_cursor_format(const struct qql_cursor *c, char out[QQL_CURSOR_MAX]);
/* ERR_USAGE quoting the text. */
MUST_CHECK int qql_cursor_parse(struct slice text, struct qql_cursor *out,
				struct err *err);

#endif
