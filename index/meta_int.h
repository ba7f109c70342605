/*
 * index/meta_int.h - the records of `meta`: format, counters, datasets, schemas.
 */
#ifndef INDEX_META_INT_H
#define INDEX_META_INT_H

#include <lmdb.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/slice.h"

struct index_env;

/* Counters of the whole store, renewed by every transaction that writes. */
struct index_state {
	uint64_t next_segment;
	int64_t received; /* of the last commit */
};

struct index_dataset_record {
	uint16_t number;
	uint32_t versions; /* of its schema, numbered from 1 */
	uint32_t segments;
	uint64_t next_sequence;
	uint64_t rows;
	char name[LIMIT_NAME];
	uint32_t name_len;
};

/* ERR_VERSION with both numbers. */
MUST_CHECK int index_meta_check_format(struct index_env *e, MDB_txn *txn,
				       struct err *err);
/* Format and counters of a new store; commits. */
MUST_CHECK int index_meta_init(struct index_env *e, struct err *err);

/* ERR_CORRUPT also when the record is not of the transaction that the meta
 * page names: an older state has come back. */
MUST_CHECK int index_meta_state(struct index_env *e, MDB_txn *txn, bool writing,
				struct index_state *out, struct err *err);
/* Stamps the counters and commits; the transaction is gone in any case. */
MUST_CHECK int index_meta_commit(struct index_env *e, MDB_txn *txn,
				 const struct index_state *state,
				 struct err *err);

MUST_CHECK int index_meta_put_dataset(struct index_env *e, MDB_txn *txn,
				      const struct index_dataset_record *r,
				      struct err *err);
/* *n records into out[LIMIT_DATASETS], by number. */
MUST_CHECK int index_meta_datasets(struct index_env *e, MDB_txn *txn,
				   struct index_dataset_record *out,
				   uint32_t *n, struct err *err);

/* `json` is lent by the transaction. */
MUST_CHECK int index_meta_schema(struct index_env *e, MDB_txn *txn,
				 uint16_t dataset, uint32_t version,
				 struct slice *json, struct err *err);
MUST_CHECK int index_meta_put_schema(struct index_env *e, MDB_txn *txn,
				     uint16_t dataset, uint32_t version,
				     struct slice json, struct err *err);

#endif
