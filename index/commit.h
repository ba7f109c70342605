/*
 * index/commit.h - one batch, one transaction: segments, dead letters and
 * source positions become durable together or not at all.
 *
 * Position keys and values are the ingester's own bytes; the store keeps them
 * and gives them back.
 */
#ifndef INDEX_COMMIT_H
#define INDEX_COMMIT_H

#include <stdint.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/err.h"
#include "base/slice.h"
#include "index/builder.h"
#include "index/store.h"

struct index_txn;

enum {
	INDEX_POSITION_KEY_MAX = 256,
	INDEX_POSITION_VALUE_MAX = 512,
};

MUST_CHECK int index_txn_begin(struct index_txn **out, struct index_store *s,
			       struct err *err);
/* Assigns the rows their sequence numbers.  `sealed` stays the caller's. */
MUST_CHECK int index_txn_add(struct index_txn *t, const struct index_sealed *sealed,
			     struct err *err);
MUST_CHECK int index_txn_put_position(struct index_txn *t, struct slice key,
				      struct slice value, struct err *err);
MUST_CHECK int index_txn_delete_position(struct index_txn *t, struct slice key,
					 struct err *err);
/* Durable when this returns 0; `received` becomes _received of all rows.
 * ERR_FULL, ERR_IO.  The transaction is gone, whatever comes back. */
MUST_CHECK int index_txn_commit(struct index_txn *t, int64_t received,
				struct err *err);
void index_txn_abort(struct index_txn *t); /* NULL is fine */

/* Walks the stored positions whose key begins with `prefix`, in key order;
 * the callback returns 0 to go on, else its value ends the walk and is
 * returned. */
typedef int index_position_fn(void *ctx, struct slice key, struct slice value);
MUST_CHECK int index_store_positions(struct index_store *s, struct slice prefix,
				     index_position_fn *fn, void *ctx,
				     struct err *err);

#endif
