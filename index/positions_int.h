/*
 * index/positions_int.h - source positions, in the transaction of their batch.
 */
#ifndef INDEX_POSITIONS_INT_H
#define INDEX_POSITIONS_INT_H

#include <lmdb.h>

#include "base/compiler.h"
#include "base/err.h"
#include "base/slice.h"

struct index_env;

/* ERR_LIMIT if key or value is longer than index/commit.h says. */
MUST_CHECK int index_positions_put(struct index_env *e, MDB_txn *txn,
				   struct slice key, struct slice value,
				   struct err *err);
MUST_CHECK int index_positions_delete(struct index_env *e, MDB_txn *txn,
				      struct slice key, struct err *err);

#endif
