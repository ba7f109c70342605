/*
 * ingest/batch_int.h - what one transaction stores, on its way there.
 *
 * The thread of the sources fills a batch with messages and positions, an
 * ingest_build makes segments of the messages, and storing makes both durable
 * at once.  A batch is passed on by ingest_crew; one thread has it at a time.
 *
 * Ownership: messages borrow from their source until its ops->committed();
 * positions are copied; the segments are the batch's.
 */
#ifndef INGEST_BATCH_INT_H
#define INGEST_BATCH_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/err.h"
#include "base/limits.h"
#include "index/builder.h"
#include "index/store.h"
#include "ingest/source.h"
#include "ingest/stats.h"

struct ingest_item {
	struct ingest_message message;
	const char *source; /* its kind */
};

struct ingest_batch {
	struct ingest_item *items;
	uint32_t n, cap;
	size_t bytes;         /* of payloads */
	uint64_t length;      /* of payloads at the source */
	struct buf positions; /* entries of batch.c */
	/* What has been built: */
	struct index_sealed *sealed[LIMIT_DATASETS];
	size_t nsealed;
	uint64_t events;
	uint64_t refused[INGEST_REFUSALS];
	int64_t seal_ns;
};

void ingest_batch_init(struct ingest_batch *b);
void ingest_batch_release(struct ingest_batch *b);

/* ERR_NO_MEMORY, after which the batch is as it was. */
MUST_CHECK int ingest_batch_add(struct ingest_batch *b, const char *source,
				const struct ingest_message *m, struct err *err);
/* An ingest_position_fn; `ctx` is the batch. */
MUST_CHECK int ingest_batch_position(void *ctx, struct slice key,
				     struct slice value, struct err *err);

/* One transaction for all of it, which is then counted and forgotten; the
 * batch is empty and keeps its memory.  After an error nothing was stored. */
MUST_CHECK int ingest_batch_store(struct ingest_batch *b,
				  struct index_store *store,
				  struct ingest_stats *stats, struct err *err);

#endif
