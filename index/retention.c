/*
 * index/retention.c - old segments leave the store.
 *
 * (T1) The segments that go are the first of their dataset: sequence numbers
 *      that are left have no gap behind them.
 * (T2) They go as after a merge (M3 to M6 of merge.c): descriptors in one small
 *      transaction, packs afterwards.
 */
#include "index/retention.h"

#include <string.h>

#include "base/time.h"
#include "index/merge_int.h"
#include "index/snapshot.h"

enum { DROPS = 64 }; /* segments at a time */

/* How many of a dataset's first segments are too old. */
static uint32_t too_old(const struct index_dataset *ds, int64_t now)
{
	int64_t keep = (int64_t)ds->ds->retention_days;
	uint32_t n = 0;

	if (keep == 0 || keep > now / NS_PER_DAY)
		return 0;
	while (n < ds->nsegments && n < DROPS &&
	       ds->segments[n].received_max < now - keep * NS_PER_DAY)
		n++;
	return n;
}

/* The dataset whose first segment came first; NULL if there is none. */
static const struct index_dataset *oldest(const struct index_snapshot *snap)
{
	const struct index_dataset *best = NULL;

	for (uint32_t i = 0; i < index_snapshot_datasets(snap); i++) {
		const struct index_dataset *ds =
			index_snapshot_dataset(snap, i);

		if (ds->ds->kind == DATASET_LOG && ds->nsegments &&
		    (!best || ds->segments[0].received_max <
				      best->segments[0].received_max))
			best = ds;
	}
	return best;
}

static const struct index_dataset *choose(const struct index_snapshot *snap,
					  int64_t now, uint64_t max_bytes,
					  uint32_t *n)
{
	uint64_t bytes = 0;

	for (uint32_t i = 0; i < index_snapshot_datasets(snap); i++) {
		const struct index_dataset *ds =
			index_snapshot_dataset(snap, i);

		bytes += ds->bytes;
		*n = ds->ds->kind == DATASET_LOG ? too_old(ds, now) : 0;
		if (*n)
			return ds;
	}
	*n = 1;
	return max_bytes && bytes > max_bytes ? oldest(snap) : NULL;
}

int index_retention_step(struct index_store *s, int64_t now, uint64_t max_bytes,
			 struct index_retention_done *done, struct err *err)
{
	struct index_descriptor old[DROPS];
	struct index_snapshot *snap = NULL;
	const struct index_dataset *ds;
	uint32_t n;
	int ret = index_snapshot_open(&snap, s, err);

	if (ret < 0)
		return ret;
	ds = choose(snap, now, max_bytes, &n);
	if (ds)
		memcpy(old, ds->segments, n * sizeof(*old)); /* (T1) */
	/* Its pages can be used again from now on. */
	index_snapshot_close(snap);
	if (!ds)
		return 0;
	ret = index_segments_drop(s, old, n, err); /* (T2) */
	if (ret < 0)
		return ret;
	*done = (struct index_retention_done){ .segments = n };
	for (uint32_t i = 0; i < n; i++) {
		done->rows += old[i].rows;
		done->bytes += old[i].bytes;
	}
	return 1;
}
