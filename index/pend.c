/*
 * index/pend.c - segments whose packs are there without a descriptor.
 *
 * (P1) A pack in `data` belongs to a segment with a descriptor or to one with
 *      a record in `pend`, never to neither.
 * (P2) The record goes in the transaction that takes the last pack, or that
 *      writes the descriptor.
 */
#include "index/pend_int.h"

#include <inttypes.h>
#include <string.h>

#include "index/descriptor_int.h"
#include "index/guard_int.h"
#include "index/meta_int.h"
#include "index/record_int.h"
#include "index/store_int.h"

enum { PEND_SIZE = INDEX_RECORD_CRC + 4 };

int index_pend_put(struct index_env *e, MDB_txn *txn, uint64_t segment,
		   enum index_pend_kind kind, struct err *err)
{
	char key[INDEX_PEND_KEY], record[PEND_SIZE] = { 0 };

	index_set64be(key, segment);
	record[INDEX_RECORD_CRC] = (char)kind;
	index_record_seal(INDEX_RECORD_PEND, slice_of(key, sizeof(key)), record,
			  sizeof(record) - INDEX_RECORD_CRC);
	return index_env_put(e, txn, INDEX_DB_PEND, slice_of(key, sizeof(key)),
			     slice_of(record, sizeof(record)), false, err);
}

static int damaged(const char *what, struct err *err)
{
	return err_set(err, ERR_CORRUPT,
		       "the list of unfinished segments is "
		       "damaged: %s",
		       what);
}

/* Ends the walk at the first record. */
static int first_pending(void *ctx, struct slice key, struct slice value,
			 struct err *err)
{
	uint64_t *segment = ctx;
	struct slice payload;
	int ret;

	ret = index_record_check(INDEX_RECORD_PEND, key, value,
				 "the list of unfinished segments", &payload,
				 err);
	if (ret < 0)
		return ret;
	if (key.len != INDEX_PEND_KEY ||
	    payload.len != PEND_SIZE - INDEX_RECORD_CRC)
		return damaged("a record of another size", err);
	*segment = index_get64be(key.p);
	return 1;
}

/* Is a segment that should go a live one after all? */
static int refuse_live(void *ctx, struct slice key, struct slice value,
		       struct err *err)
{
	const uint64_t *segment = ctx;
	struct index_descriptor d;
	int ret = index_descriptor_decode(&d, key, value, err);

	if (ret < 0)
		return ret;
	return d.segment == *segment ?
		       damaged("it names a segment in use", err) :
		       0;
}

/* Deletes up to a transaction's worth; 1 if packs are left. */
static int delete_some(struct index_env *e, MDB_txn *txn, uint64_t segment,
		       struct err *err)
{
	char from[INDEX_PACK_KEY];
	MDB_cursor *cursor = NULL;
	size_t bytes = 0;
	int deletes = 0;
	MDB_val k, v;
	int rc;

	index_pack_key(from, segment, 0);
	index_guard_enter(e->guard);
	rc = mdb_cursor_open(txn, e->dbi[INDEX_DB_DATA], &cursor);
	while (!rc && deletes < INDEX_PEND_DELETES &&
	       bytes < INDEX_PEND_BYTES) {
		k = (MDB_val){ .mv_size = sizeof(from), .mv_data = from };
		rc = mdb_cursor_get(cursor, &k, &v, MDB_SET_RANGE);
		if (rc || k.mv_size != INDEX_PACK_KEY ||
		    index_get64be(k.mv_data) != segment)
			break;
		bytes += v.mv_size;
		deletes++;
		rc = mdb_cursor_del(cursor, 0);
	}
	mdb_cursor_close(cursor);
	index_guard_leave();
	if (rc && rc != MDB_NOTFOUND)
		return index_env_error(
			rc, err, "could not delete segment %" PRIu64, segment);
	return deletes == INDEX_PEND_DELETES || bytes >= INDEX_PEND_BYTES;
}

/* One transaction; 1 if there may be more to do. */
static int sweep_some(struct index_store *s, struct err *err)
{
	struct index_state state;
	struct index_env *e;
	char key[INDEX_PEND_KEY];
	uint64_t segment;
	MDB_txn *txn;
	int ret;

	ret = index_store_begin(s, true, &e, &txn, err);
	if (ret < 0)
		return ret;
	ret = index_env_walk(e, txn, e->dbi[INDEX_DB_PEND], first_pending,
			     &segment, err);
	if (ret <= 0)
		goto out;
	ret = index_env_walk(e, txn, e->dbi[INDEX_DB_SEGS], refuse_live,
			     &segment, err);
	if (ret < 0)
		goto out;
	ret = index_meta_state(e, txn, true, &state, err);
	if (ret < 0)
		goto out;
	ret = delete_some(e, txn, segment, err);
	if (ret == 0) { /* (P2) */
		index_set64be(key, segment);
		ret = index_env_del(e, txn, INDEX_DB_PEND,
				    slice_of(key, sizeof(key)), err);
	}
	if (ret < 0)
		goto out;
	ret = index_meta_commit(e, txn, &state, err);
	txn = NULL;
	if (ret == 0)
		ret = 1;
out:
	mdb_txn_abort(txn);
	index_store_end(s);
	return ret;
}

int index_pend_sweep(struct index_store *s, struct err *err)
{
	int ret;

	while ((ret = sweep_some(s, err)) == 1)
		;
	return ret;
}
