/*
 * ingest/build_int.h - messages to segments: the tools of one thread.
 *
 * Each message is decoded for its dataset and handed to that dataset's
 * builder; one that is refused becomes a dead letter of the same batch.
 *
 * Threads: one at a time; several of them are independent of each other.
 */
#ifndef INGEST_BUILD_INT_H
#define INGEST_BUILD_INT_H

#include <stdbool.h>

#include "base/compiler.h"
#include "base/err.h"
#include "ingest/batch_int.h"
#include "schemas/dataset.h"

struct ingest_build;

/* `deadletters` is the dataset of that name.  `yajl`: no fast scanner. */
MUST_CHECK int ingest_build_new(struct ingest_build **out,
				const struct dataset *deadletters, bool yajl,
				struct err *err);
void ingest_build_free(struct ingest_build *b); /* NULL is fine */

/* Makes a dataset known before its first message; again is fine.  ERR_LIMIT. */
MUST_CHECK int ingest_build_register(struct ingest_build *b,
				     const struct dataset *ds, struct err *err);

/* Fills batch->sealed and its counters from its messages.  After an error only
 * freeing both makes sense. */
MUST_CHECK int ingest_build_run(struct ingest_build *b,
				struct ingest_batch *batch, struct err *err);

#endif
