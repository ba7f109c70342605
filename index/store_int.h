/*
 * index/store_int.h - what the files of the store half know of a store.
 */
#ifndef INDEX_STORE_INT_H
#define INDEX_STORE_INT_H

#include <lmdb.h>
#include <pthread.h>

#include "index/env_int.h"
#include "index/store.h"
#include "index/versions_int.h"

struct index_store {
	char *path;      /* as the caller named it */
	char *directory; /* absolute: the caller may change directory */
	enum index_mode mode;
	int lock_fd; /* writer.lock; -1: reader */
	struct index_versions *versions;

	pthread_mutex_t lock;  /* for what follows */
	struct index_env *env; /* NULL after a reopening that failed */
	unsigned transactions; /* that use env */
};

/* Begins a transaction.  When LMDB has shut itself off, because it could not
 * write a meta page, the environment is closed and opened again first; that
 * has to wait until no transaction of this process is left (ERR_IO,
 * retriable).  *env is good until index_store_end(). */
MUST_CHECK int index_store_begin(struct index_store *s, bool write,
				 struct index_env **env, MDB_txn **txn,
				 struct err *err);
/* After the transaction was committed or aborted. */
void index_store_end(struct index_store *s);

#endif
