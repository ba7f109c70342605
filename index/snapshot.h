/*
 * index/snapshot.h - the store as it was at one moment.
 *
 * A snapshot lists the segments of its datasets.  Open one per query and
 * close it soon: as long as it lives, the pages it can see cannot be reused
 * and the file grows.  A long query renews it between rows.
 *
 * Ownership: what a snapshot and its segments hand out points into the memory
 * map and ends with index_snapshot_close() or _renew().
 * Threads: one thread opens and closes it and its segments; columns that are
 * open may be read by others.
 */
#ifndef INDEX_SNAPSHOT_H
#define INDEX_SNAPSHOT_H

#include <stdint.h>

#include "base/compiler.h"
#include "base/err.h"
#include "index/store.h"
#include "schemas/dataset.h"

struct index_snapshot;
struct index_segment;

/* What the store keeps of a segment without opening it. */
struct index_descriptor {
	uint64_t segment;      /* id, ever growing */
	uint16_t dataset;      /* number in this store */
	uint16_t level;        /* 0: as committed */
	uint32_t rows;
	uint32_t schema;       /* version it was decoded with */
	uint32_t packs;        /* values in `data` */
	uint64_t sequence;     /* of the first row */
	uint64_t sequence_end; /* one past the last row's */
	int64_t time_min, time_max;
	int64_t received_min, received_max;
	uint64_t bytes;        /* of its values in `data` */
	uint64_t source_bytes; /* of the messages it was made from */
	uint32_t exceptions;   /* rows kept whole */
	uint32_t stats_crc;    /* CRC32C of the statistics part */
};

struct index_dataset {
	const struct dataset *ds; /* newest stored version */
	uint16_t number;
	uint32_t versions;
	uint64_t next_sequence; /* S: rows with sequence < S are in the snapshot */
	uint64_t rows;
	uint64_t bytes;
	uint64_t source_bytes;
	uint64_t exceptions;
	const struct index_descriptor *segments; /* by sequence */
	uint32_t nsegments;
};

MUST_CHECK int index_snapshot_open(struct index_snapshot **out,
				   struct index_store *s, struct err *err);
void index_snapshot_close(struct index_snapshot *snap);
/* Lets go of the pages before a write that may block; every segment must be
 * closed, and only _renew or _close may follow. */
void index_snapshot_reset(struct index_snapshot *snap);
/* Sees the present state from now on, cheaply if nothing was committed since;
 * every segment must be closed. */
MUST_CHECK int index_snapshot_renew(struct index_snapshot *snap, struct err *err);

uint32_t index_snapshot_datasets(const struct index_snapshot *snap);
const struct index_dataset *index_snapshot_dataset(const struct index_snapshot *snap,
						   uint32_t i);
/* NULL if nothing of that name is stored. */
const struct index_dataset *index_snapshot_find(const struct index_snapshot *snap,
						struct slice name);

/* Fields are named by their ids in `ids->ds`, whatever version the segment
 * was written with. */
MUST_CHECK int index_segment_open(struct index_segment **out,
				  struct index_snapshot *snap,
				  const struct index_dataset *ids,
				  const struct index_descriptor *desc,
				  struct err *err);
void index_segment_close(struct index_segment *seg);

#endif
