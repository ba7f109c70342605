/*
 * ingest/batch.h - the messages of one transaction.
 *
 * A batch decodes each message for its dataset and hands it to that dataset's
 * builder; one that is refused becomes a dead letter in the same batch.
 * Committing stores all of it and the positions of all sources at once.
 */
#ifndef INGEST_BATCH_H
#define INGEST_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/err.h"
#include "index/store.h"
#include "ingest/source.h"
#include "ingest/stats.h"
#include "schemas/dataset.h"

struct ingest_batch;

/* `store` must be open for writing; `deadletters` is the dataset of that name.
 * Both, and stats, must outlive the batch. */
MUST_CHECK int ingest_batch_new(struct ingest_batch **out,
				struct index_store *store,
				const struct dataset *deadletters,
				struct ingest_stats *stats, struct err *err);
void ingest_batch_free(struct ingest_batch *b);

/* Makes a dataset known to batch and store, before its first message.
 * ERR_SCHEMA, ERR_UNSUPPORTED (tables). */
MUST_CHECK int ingest_batch_register(struct ingest_batch *b,
				     const struct dataset *ds, struct err *err);

MUST_CHECK int ingest_batch_add(struct ingest_batch *b, const char *source,
				const struct ingest_message *m, struct err *err);
uint32_t ingest_batch_rows(const struct ingest_batch *b); /* dead letters too */
/* No message should be added before the next commit. */
bool ingest_batch_full(const struct ingest_batch *b);

/* One transaction for the batch and the positions of `sources`, which are then
 * told that it is durable.  After an error the batch is as it was or partly
 * sealed; nothing was stored, and only freeing it makes sense. */
MUST_CHECK int ingest_batch_commit(struct ingest_batch *b,
				   struct ingest_source *const *sources,
				   size_t nsources, struct err *err);

#endif
