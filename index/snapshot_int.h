/*
 * index/snapshot_int.h - a snapshot that shows what is damaged, for verify.
 */
#ifndef INDEX_SNAPSHOT_INT_H
#define INDEX_SNAPSHOT_INT_H

#include <lmdb.h>

#include "index/env_int.h"
#include "index/snapshot.h"

/* Each record found bad is one line; what hangs on it is left out. */
typedef void index_snapshot_bad_fn(void *ctx, const char *line);

MUST_CHECK int index_snapshot_open_damaged(struct index_snapshot **out,
					   struct index_store *s,
					   index_snapshot_bad_fn *bad,
					   void *ctx, struct err *err);
struct index_env *index_snapshot_env(const struct index_snapshot *snap);
MDB_txn *index_snapshot_txn(const struct index_snapshot *snap);

#endif
