/*
 * ingest/upkeep.h - what the store needs beside commits: merges
 * and retention.
 *
 * A thread of its own looks after the store while batches are committed.  It
 * never holds the store's write lock for long; what cannot be merged is
 * logged, and ingest goes on.
 */
#ifndef INGEST_UPKEEP_H
#define INGEST_UPKEEP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/err.h"
#include "index/store.h"

struct ingest_upkeep;

struct ingest_upkeep_options {
	bool no_merge;
	uint64_t max_bytes; /* that segments may take; 0: any number */
};

/* `store` must outlive it. */
MUST_CHECK int ingest_upkeep_start(struct ingest_upkeep **out,
				   struct index_store *store,
				   const struct ingest_upkeep_options *o,
				   struct err *err);
/* Waits until nothing is due any more. */
void ingest_upkeep_finish(struct ingest_upkeep *u);
/* Ends the thread after the merge at hand.  NULL is fine. */
void ingest_upkeep_stop(struct ingest_upkeep *u);

#endif
