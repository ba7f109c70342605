/*
 * ingest/datasets.h - which dataset a source's messages belong to.
 *
 * Known are the built-in datasets, those of --schema and the schemas
 * directory, and what the store already holds.
 */
#ifndef INGEST_DATASETS_H
#define INGEST_DATASETS_H

#include "base/compiler.h"
#include "base/err.h"
#include "base/slice.h"
#include "index/store.h"
#include "ingest/settings.h"
#include "schemas/catalog.h"

struct ingest_datasets {
	struct catalog *given;
	struct catalog *stored;
};

/* Reads and checks the schema files. */
MUST_CHECK int ingest_datasets_init(struct ingest_datasets *d,
				    const struct ingest_settings *s,
				    struct err *err);
/* Adds what the store holds; given ones go before. */
MUST_CHECK int ingest_datasets_add_stored(struct ingest_datasets *d,
					  struct index_store *store,
					  struct err *err);
void ingest_datasets_release(struct ingest_datasets *d);

MUST_CHECK int ingest_datasets_by_name(const struct ingest_datasets *d,
				       struct slice name,
				       const struct dataset **out,
				       struct err *err);
/* ERR_USAGE with a hint that names --dataset. */
MUST_CHECK int ingest_datasets_by_topic(const struct ingest_datasets *d,
					struct slice topic,
					const struct dataset **out,
					struct err *err);

#endif
