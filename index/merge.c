/*
 * index/merge.c - neighbouring segments become one.
 *
 * (M1) A merge changes no answer: rows, the order of their sequence numbers
 *      and times, times received and messages are those of before.  Numbers
 *      and the store's time received are not touched.
 * (M2) A segment of more than 4 MiB is written in several transactions, the
 *      first of which names it in `pend` (P1 of pend.c); nobody sees it.
 * (M3) One small transaction puts the new descriptor, takes the old ones out,
 *      names their segments in `pend`, and takes the new one off it: whoever
 *      opens the store sees the old segments or the new one.
 * (M4) It does so only if every old descriptor is, byte for byte, the one that
 *      was merged; else the new packs are deleted.
 * (M5) Old packs are deleted afterwards, in small transactions.  A reader that
 *      began before keeps its pages as long as it lives.
 * (M6) No transaction changes more than 4 MiB or 64 packs, unless one pack is
 *      larger: the write lock is never held for long.
 * (M7) Segments of different schema versions are not merged: a descriptor
 *      names one.
 */
#include "index/merge.h"

#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "index/merge_int.h"
#include "index/snapshot.h"

enum { TRIED = 64 };

struct index_merger {
	struct index_store *store;
	/* Merges that failed, by their first segment. */
	uint64_t tried[TRIED];
	uint32_t ntried;
};

int index_merger_new(struct index_merger **out, struct index_store *s,
		     struct err *err)
{
	struct index_merger *m = mem_calloc(1, sizeof(*m));

	if (!m)
		return err_nomem(err);
	m->store = s;
	*out = m;
	return 0;
}

void index_merger_free(struct index_merger *m)
{
	mem_free(m);
}

static bool was_tried(const void *ctx, uint64_t segment)
{
	const struct index_merger *m = ctx;

	for (uint32_t i = 0; i < m->ntried && i < TRIED; i++)
		if (m->tried[i] == segment)
			return true;
	return false;
}

/* The dataset and its merge whose result is of the lowest class. */
static const struct index_dataset *choose(const struct index_merger *m,
					  const struct index_snapshot *snap,
					  struct index_merge_plan *plan)
{
	const struct index_dataset *best = NULL;
	uint32_t i, n = index_snapshot_datasets(snap);
	struct index_merge_plan p;

	for (i = 0; i < n; i++) {
		const struct index_dataset *ds =
			index_snapshot_dataset(snap, i);

		if (ds->ds->kind != DATASET_LOG ||
		    !index_merge_choose(ds->segments, ds->nsegments, was_tried,
					m, &p))
			continue;
		if (best && best->segments[plan->first].rows <=
				    ds->segments[p.first].rows)
			continue;
		best = ds;
		*plan = p;
	}
	return best;
}

static int open_inputs(struct index_merge *merge, struct index_snapshot *snap,
		       const struct index_dataset *ds,
		       const struct index_descriptor *old, uint32_t n,
		       struct err *err)
{
	int ret = 0;

	merge->in = mem_calloc(n, sizeof(*merge->in));
	if (!merge->in)
		return err_nomem(err);
	merge->sequence = old[0].sequence;
	for (uint32_t i = 0; ret == 0 && i < n; i++) {
		merge->in[i].base = merge->rows.n;
		ret = index_segment_open(&merge->in[i].seg, snap, ds, &old[i],
					 err);
		if (ret < 0)
			break;
		merge->nin++;
		merge->rows.n += old[i].rows;
	}
	if (ret == 0)
		merge->ds = merge->in[0].seg->ds;
	return ret;
}

static void describe(const struct index_merge *merge,
		     const struct index_descriptor *old, uint32_t n,
		     uint16_t level, struct index_descriptor *d)
{
	struct slice stats = buf_slice(&merge->packs.stats);

	*d = old[0];
	d->rows = merge->rows.n;
	d->sequence_end = old[n - 1].sequence_end;
	d->level = index_merge_class(d->rows);
	if (d->level < level)
		d->level = level;
	d->exceptions = merge->exceptions;
	d->stats_crc = crc32c(0, stats.p, stats.len);
	for (uint32_t i = 1; i < n; i++) {
		if (old[i].time_min < d->time_min)
			d->time_min = old[i].time_min;
		if (old[i].time_max > d->time_max)
			d->time_max = old[i].time_max;
		if (old[i].received_min < d->received_min)
			d->received_min = old[i].received_min;
		if (old[i].received_max > d->received_max)
			d->received_max = old[i].received_max;
		d->source_bytes += old[i].source_bytes;
	}
}

static void tell(const struct index_descriptor *old, uint32_t n,
		 const struct index_descriptor *d,
		 struct index_merge_done *done)
{
	*done = (struct index_merge_done){ .segments = n,
					   .rows = d->rows,
					   .bytes_after = d->bytes };
	for (uint32_t i = 0; i < n; i++)
		done->bytes_before += old[i].bytes;
}

static int make(struct index_merge *merge, struct index_snapshot *snap,
		const struct index_dataset *ds,
		const struct index_merge_plan *plan, struct err *err)
{
	int ret = open_inputs(merge, snap, ds, ds->segments + plan->first,
			      plan->n, err);

	if (ret == 0)
		ret = index_builder_new(&merge->b, merge->ds, err);
	return ret < 0 ? ret : index_merge_make(merge, err);
}

static void close_inputs(struct index_merge *merge)
{
	for (uint32_t i = 0; i < merge->nin; i++)
		index_segment_close(merge->in[i].seg);
	mem_free(merge->in);
	merge->in = NULL;
	merge->nin = 0;
}

int index_merger_step(struct index_merger *m, struct index_merge_done *done,
		      struct err *err)
{
	struct index_descriptor old[MERGE_INPUTS], d;
	struct index_merge merge = { .in = NULL };
	struct index_snapshot *snap = NULL;
	const struct index_dataset *ds;
	struct index_merge_plan plan;
	int ret = index_snapshot_open(&snap, m->store, err);

	index_packs_init(&merge.packs);
	if (ret < 0)
		goto out;
	ds = choose(m, snap, &plan);
	if (!ds)
		goto out;
	memcpy(old, ds->segments + plan.first, plan.n * sizeof(*old));
	ret = make(&merge, snap, ds, &plan, err);
	if (ret < 0) {
		err_prefix(err, "segment %llu and its neighbours",
			   (unsigned long long)old[0].segment);
		if (ret == ERR_CORRUPT || ret == ERR_LIMIT)
			m->tried[m->ntried++ % TRIED] = old[0].segment;
		goto out;
	}
	describe(&merge, old, plan.n, plan.level, &d);
	/* The pages of the old packs are ours no more. */
	close_inputs(&merge);
	index_snapshot_close(snap);
	snap = NULL;
	ret = index_merge_write(m->store, &merge.packs, &d, old, plan.n, err);
	if (ret == 0) {
		tell(old, plan.n, &d, done);
		ret = 1;
	}
out:
	close_inputs(&merge);
	index_snapshot_close(snap);
	index_packs_release(&merge.packs);
	index_builder_free(merge.b);
	return ret;
}
