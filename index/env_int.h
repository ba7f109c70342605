/*
 * index/env_int.h - the LMDB environment of a store, and its six databases.
 *
 * Opening looks at the meta pages first (index/pages.c), so that a file that
 * is cut short, empty or something else is an error and not a fault; a writer
 * has the whole page structure walked, because LMDB copies damaged pages into
 * heap memory when it changes them.
 *
 * Everything read is lent from the map until its transaction ends, and lies
 * inside the map: a damaged length is ERR_CORRUPT.
 *
 * Export cursors get an environment of their own (DIR/streams/, 256 MiB), so
 * that their commits never wait for a batch; it is opened by this code too.
 */
#ifndef INDEX_ENV_INT_H
#define INDEX_ENV_INT_H

#include <lmdb.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/err.h"
#include "base/slice.h"
#include "index/store.h"

#define INDEX_DATA_NAME "data.mdb"
#define INDEX_READERS_NAME "lock.mdb"

enum index_db {
	INDEX_DB_META, /* format, counters, datasets, schemas */
	INDEX_DB_OFFS, /* source positions */
	INDEX_DB_SEGS, /* descriptors of live segments */
	INDEX_DB_DATA, /* packs */
	INDEX_DB_PEND, /* segments being written or deleted */
	INDEX_DB_KEYS, /* keys of tables */
	INDEX_DB_COUNT
};

struct index_env {
	MDB_env *mdb;
	MDB_dbi dbi[INDEX_DB_COUNT];
	char *dir; /* as the user named it */
	int guard; /* slot in the guard's table, or -1 */
	char *map; /* NULL if it could not be found out */
	size_t map_size;
	size_t page_size;
	bool write;
};

/* The store must exist: ERR_NOT_FOUND, ERR_CORRUPT, ERR_DENIED, ERR_VERSION,
 * ERR_LOCKED (open in this process), ERR_IO. */
MUST_CHECK int index_env_open(struct index_env **out, const char *dir,
			      enum index_mode mode, struct err *err);
/* A new environment with empty databases in an existing directory. */
MUST_CHECK int index_env_create(struct index_env **out, const char *dir,
				struct err *err);
void index_env_close(struct index_env *e); /* NULL is fine */

/* "DIR/NAME" on the heap. */
MUST_CHECK int index_env_file(char **out, const char *dir, const char *name,
			      struct err *err);

/* Our code for what LMDB (or errno) said, with a message that begins with the
 * formatted text, and a hint where one helps. */
int index_env_error(int rc, struct err *err, const char *fmt, ...)
	PRINTF_LIKE(3, 4);
int index_env_errno(int errnum, struct err *err, const char *fmt, ...)
	PRINTF_LIKE(3, 4);

MUST_CHECK int index_env_begin(struct index_env *e, bool write, MDB_txn **out,
			       struct err *err);
/* The same, with what LMDB said. */
MUST_CHECK int index_env_try_begin(struct index_env *e, bool write,
				   MDB_txn **out);
/* Durable when this returns 0; the transaction is gone in any case. */
MUST_CHECK int index_env_commit(struct index_env *e, MDB_txn *txn,
				struct err *err);
MUST_CHECK int index_env_renew(struct index_env *e, MDB_txn *txn,
			       struct err *err);

/* ERR_NOT_FOUND (without a message) if the key is not there. */
MUST_CHECK int index_env_get(struct index_env *e, MDB_txn *txn,
			     enum index_db db, struct slice key,
			     struct slice *value, struct err *err);
MUST_CHECK int index_env_put(struct index_env *e, MDB_txn *txn,
			     enum index_db db, struct slice key,
			     struct slice value, bool fresh, struct err *err);
/* A key that is not there is no error. */
MUST_CHECK int index_env_del(struct index_env *e, MDB_txn *txn,
			     enum index_db db, struct slice key,
			     struct err *err);

/* All records of a database in key order; the callback returns 0 to go on.
 * ERR_CORRUPT when the keys do not ascend or their number is not the one LMDB
 * keeps: a damaged branch page loses or repeats leaves without a fault. */
typedef int index_env_fn(void *ctx, struct slice key, struct slice value,
			 struct err *err);
MUST_CHECK int index_env_walk(struct index_env *e, MDB_txn *txn, MDB_dbi dbi,
			      index_env_fn *fn, void *ctx, struct err *err);

#endif
