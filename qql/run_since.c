/*
 * qql/run_since.c - rows in the order they were committed: what `tail` shows.
 *
 * Sequence numbers are given at commit without gaps, so whoever has read up to
 * one of them misses nothing that comes later, whatever its event time is.
 */
#include "qql/rows_int.h"
#include "qql/run.h"
#include "qql/walk_int.h"

#include <stdlib.h>

#include "base/mem.h"

struct qql_tail {
	struct index_snapshot *snap;
	const struct dataset *ds;
};

int qql_tail_open(struct qql_tail **out, struct index_store *store,
		  const struct dataset *ds, struct err *err)
{
	struct qql_tail *t = mem_calloc(1, sizeof(*t));
	int ret;

	if (!t)
		return err_nomem(err);
	t->ds = ds;
	ret = index_snapshot_open(&t->snap, store, err);
	if (ret < 0) {
		mem_free(t);
		return ret;
	}
	index_snapshot_reset(t->snap);
	*out = t;
	return 0;
}

void qql_tail_close(struct qql_tail *t)
{
	if (!t)
		return;
	index_snapshot_close(t->snap);
	mem_free(t);
}

int qql_tail_next(struct qql_tail *t, uint64_t from, uint64_t *until,
		  int64_t *received, struct err *err)
{
	const struct index_descriptor *d = NULL;
	const struct index_dataset *data;
	uint64_t end = 0;
	int ret = index_snapshot_renew(t->snap, err);

	if (ret < 0)
		return ret;
	data = index_snapshot_find(t->snap, t->ds->name);
	if (data)
		end = data->next_sequence;
	for (uint32_t i = data ? data->nsegments : 0; i-- > 0;) {
		if (data->segments[i].sequence_end <= from)
			break;
		d = &data->segments[i];
	}
	if (d) {
		end = d->sequence_end;
		*received = d->received_max;
	}
	*until = end;
	index_snapshot_reset(t->snap);
	return d != NULL;
}

struct since_run {
	struct qql_exec x;
	struct qql_walk walk;
	struct qql_rows batch;
	bool full;
};

struct numbered {
	uint64_t sequence;
	uint32_t row;
};

static int by_sequence(const void *a, const void *b)
{
	const struct numbered *x = a, *y = b;

	return (x->sequence > y->sequence) - (x->sequence < y->sequence);
}

static int add_row(struct since_run *r, const struct qql_part *part,
		   uint32_t row, uint64_t sequence, struct err *err)
{
	struct qql_hit hit = { .seg = part->seg,
			       .row = row,
			       .sequence = sequence };
	int ret = 0;

	if (qql_rows_full(&r->batch)) {
		r->full = true;
		r->walk.next = sequence;
		return 1;
	}
	if (r->x.plan->ds->kind == DATASET_LOG)
		ret = index_segment_time(part->seg, row, &hit.time, err);
	if (ret == 0)
		ret = qql_rows_add(&r->batch, &hit, r->x.plan->ds, err);
	return ret;
}

/* Merged segments are sorted by time: their rows are put into sequence first. */
static int add_part(void *ctx, const struct qql_part *part, struct err *err)
{
	struct since_run *r = ctx;
	struct qql_part_rows it = { .part = part };
	struct numbered *rows;
	uint64_t n = 0;
	uint32_t row;
	bool rising = true;
	int ret = 0;

	rows = mem_realloc_array(NULL, part->matched, sizeof(*rows));
	if (!rows)
		return err_nomem(err);
	while (qql_part_next(&it, &row)) {
		rows[n] = (struct numbered){
			index_segment_sequence(part->seg, row), row
		};
		if (n && rows[n].sequence < rows[n - 1].sequence)
			rising = false;
		n++;
	}
	if (!rising)
		qsort(rows, n, sizeof(*rows), by_sequence);
	for (uint64_t i = 0; i < n && ret == 0; i++)
		ret = add_row(r, part, rows[i].row, rows[i].sequence, err);
	mem_free(rows);
	return ret;
}

/* One batch: read while pinned, handed out while not. */
static int step(struct since_run *r, uint64_t *next, qql_row_fn *fn, void *ctx,
		struct err *err)
{
	uint32_t taken;
	int ret;

	ret = qql_exec_pin(&r->x, err);
	if (ret < 0)
		return ret;
	r->full = false;
	r->walk.next = *next;
	ret = qql_walk_run(&r->walk, add_part, r, err);
	qql_exec_unpin(&r->x);
	if (ret < 0)
		return ret;
	uint64_t behind = r->full ? r->walk.next : r->walk.until;

	ret = qql_rows_hand_out(&r->batch, fn, ctx, &taken, err);
	r->x.stats->matched += taken;
	if (ret == 0)
		*next = behind;
	else if (taken)
		*next = r->batch.rows[taken - 1].sequence + 1;
	return ret;
}

int qql_run_since(const struct plan *plan, struct index_store *store,
		  uint64_t *next, uint64_t until,
		  const struct qql_run_options *opt, qql_row_fn *fn, void *ctx,
		  struct qql_run_stats *stats, struct err *err)
{
	struct since_run r = { .full = false };
	int ret;

	ret = qql_exec_open(&r.x, plan, store, opt, stats, err);
	if (ret < 0)
		return ret;
	ret = qql_rows_init(&r.batch, opt, err);
	if (ret == 0)
		ret = qql_walk_init(&r.walk, &r.x, err);
	if (ret == 0) {
		r.walk.open_all = true;
		if (until < r.walk.until)
			r.walk.until = until;
	}
	while (ret == 0 && *next < r.walk.until)
		ret = step(&r, next, fn, ctx, err);
	qql_walk_release(&r.walk);
	qql_rows_release(&r.batch);
	qql_exec_close(&r.x);
	return ret;
}
