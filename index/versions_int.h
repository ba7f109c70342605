/*
 * index/versions_int.h - the schema versions a store knows, read when needed.
 *
 * Datasets, once read, live as long as the store, so that snapshots and
 * segments may point at them.  Threads: any.
 */
#ifndef INDEX_VERSIONS_INT_H
#define INDEX_VERSIONS_INT_H

#include <lmdb.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/err.h"
#include "schemas/dataset.h"

struct index_env;
struct index_versions;

MUST_CHECK int index_versions_new(struct index_versions **out, struct err *err);
void index_versions_free(struct index_versions *v);

/* Version `version` of dataset `number`, read with `txn` if it is new here. */
MUST_CHECK int index_versions_get(struct index_versions *v, struct index_env *e,
				  MDB_txn *txn, uint16_t number,
				  uint32_t version, const struct dataset **out,
				  struct err *err);
/* `ds`, the caller's, is that version: what the builder's segments name. */
MUST_CHECK int index_versions_adopt(struct index_versions *v,
				    const struct dataset *ds, uint16_t number,
				    uint32_t version, struct err *err);
/* False if `ds` was not adopted. */
bool index_versions_find(struct index_versions *v, const struct dataset *ds,
			 uint16_t *number, uint32_t *version);

/* Translates ids of one version of a dataset into those of another. */
struct index_field_map {
	const struct dataset *to;
	const field_id *fields; /* FIELD_NONE: not there */
	uint32_t nfields;
	const object_id *objects;
	uint32_t nobjects;
};
/* Both versions must have been got. */
MUST_CHECK int index_versions_map(struct index_versions *v, uint16_t number,
				  const struct dataset *from, uint32_t to,
				  struct index_field_map *out, struct err *err);

#endif
