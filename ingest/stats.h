/*
 * ingest/stats.h - what an ingester has done, for progress, log and metrics.
 *
 * The pipeline's threads write, any thread reads; each number is right by
 * itself, together they are a moment's picture.
 */
#ifndef INGEST_STATS_H
#define INGEST_STATS_H

#include <stdatomic.h>
#include <stdint.h>

#include "schemas/decode.h"

enum {
	INGEST_SOURCES_MAX = 32,
	INGEST_REFUSALS = REFUSED_GAP + 1,
};

struct ingest_stats {
	_Atomic uint64_t events;
	_Atomic uint64_t bytes;                     /* of messages taken */
	_Atomic uint64_t refused[INGEST_REFUSALS];  /* dead letters by reason */
	_Atomic uint64_t commits;
	_Atomic uint64_t commit_ns;                 /* sealing and committing */
	_Atomic uint64_t segment_bytes;             /* written */
	_Atomic uint64_t exceptions;                /* rows kept whole */
	_Atomic int64_t committed_at;               /* ns since the epoch; 0: never */
	_Atomic uint64_t lag[INGEST_SOURCES_MAX];   /* by source; UINT64_MAX: unknown */
	_Atomic uint64_t store_bytes, store_free;
	_Atomic uint64_t readers, reader_lag;
};

static inline void ingest_count(_Atomic uint64_t *counter, uint64_t n)
{
	atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

static inline uint64_t ingest_dead_letters(const struct ingest_stats *s)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < INGEST_REFUSALS; i++)
		n += s->refused[i];
	return n;
}

#endif
