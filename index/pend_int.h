/*
 * index/pend_int.h - segments whose packs are there without a descriptor.
 *
 * A merge writes its packs in several transactions, and a deletion takes them
 * away in several; a record in `pend` names the segment meanwhile.  What a
 * killed writer has left is deleted by the next one.
 */
#ifndef INDEX_PEND_INT_H
#define INDEX_PEND_INT_H

#include <lmdb.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/err.h"

struct index_env;
struct index_store;

enum index_pend_kind {
	INDEX_PEND_WRITING = 1,
	INDEX_PEND_DELETING = 2,
};

enum {
	/* What one transaction of background work may change, so that a batch
	 * never waits long for the write lock. */
	INDEX_PEND_DELETES = 64,
	INDEX_PEND_BYTES = 4 << 20,
	INDEX_PEND_KEY = 8,
};

MUST_CHECK int index_pend_put(struct index_env *e, MDB_txn *txn,
			      uint64_t segment, enum index_pend_kind kind,
			      struct err *err);
/* Deletes the packs of every segment in `pend`, in small transactions. */
MUST_CHECK int index_pend_sweep(struct index_store *s, struct err *err);

#endif
