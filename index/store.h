/*
 * index/store.h - a store: one directory, one LMDB environment of segments.
 *
 * One process writes (a flock on DIR/writer.lock says who), any number read.
 * Readers never block the writer, nor the writer readers.  The on-disk form
 * is drawn in docs/store-format.md.
 *
 * Ownership: a store owns the datasets it hands out.  Threads: a store may be
 * shared; snapshots and transactions belong to one thread at a time.
 */
#ifndef INDEX_STORE_H
#define INDEX_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/err.h"
#include "schemas/catalog.h"
#include "schemas/dataset.h"

struct index_store;

enum index_mode {
	INDEX_READ,   /* the store must exist */
	INDEX_WRITE,  /* takes the writer lock; creates the store if need be */
};

enum { INDEX_FORMAT_VERSION = 1 };

/* ERR_NOT_FOUND (no store there), ERR_VERSION (both numbers named),
 * ERR_LOCKED (the holder's pid named), ERR_DENIED, ERR_CORRUPT, ERR_IO. */
MUST_CHECK int index_store_open(struct index_store **out, const char *dir,
				enum index_mode mode, struct err *err);
void index_store_close(struct index_store *s); /* NULL is fine */

const char *index_store_path(const struct index_store *s);

/* Writer: makes `ds` known, or checks that it may follow what is stored
 * (dataset_check_successor) and records the new version.  Must come before
 * segments of that dataset.  `ds` must outlive the store. */
MUST_CHECK int index_store_register(struct index_store *s,
				    const struct dataset *ds, struct err *err);

/* Adds the newest version of every stored schema to a catalog. */
MUST_CHECK int index_store_schemas(struct index_store *s, struct catalog *c,
				   struct err *err);

/* Median time of one small fdatasync in the store's directory, in ns. */
MUST_CHECK int index_store_measure_sync(struct index_store *s, int64_t *ns,
					struct err *err);

#endif
