/*
 * index/positions.c - how far each source has been read.
 *
 * The bytes are the ingester's, but a wrong position loses or repeats events,
 * so each has a checksum like every other small record.
 */
#include "index/positions_int.h"

#include <string.h>

#include "index/commit.h"
#include "index/record_int.h"
#include "index/store_int.h"

static int check_key(struct slice key, struct err *err)
{
	if (key.len > 0 && key.len <= INDEX_POSITION_KEY_MAX)
		return 0;
	return err_set(err, ERR_LIMIT,
		       "the key of a source position has %zu bytes, "
		       "not 1 to %d",
		       key.len, INDEX_POSITION_KEY_MAX);
}

int index_positions_delete(struct index_env *e, MDB_txn *txn, struct slice key,
			   struct err *err)
{
	int ret = check_key(key, err);

	return ret < 0 ? ret : index_env_del(e, txn, INDEX_DB_OFFS, key, err);
}

int index_positions_put(struct index_env *e, MDB_txn *txn, struct slice key,
			struct slice value, struct err *err)
{
	char record[INDEX_RECORD_CRC + INDEX_POSITION_VALUE_MAX];
	int ret = check_key(key, err);

	if (ret < 0)
		return ret;
	if (value.len > INDEX_POSITION_VALUE_MAX)
		return err_set(err, ERR_LIMIT,
			       "a source position has %zu bytes, "
			       "not at most %d",
			       value.len, INDEX_POSITION_VALUE_MAX);
	if (value.len)
		memcpy(record + INDEX_RECORD_CRC, value.p, value.len);
	index_record_seal(INDEX_RECORD_OFFS, key, record, value.len);
	return index_env_put(e, txn, INDEX_DB_OFFS, key,
			     slice_of(record, INDEX_RECORD_CRC + value.len),
			     false, err);
}

struct walk {
	struct slice prefix;
	index_position_fn *fn;
	void *ctx;
	int result; /* the callback's, when it ended the walk */
};

static int give(void *ctx, struct slice key, struct slice value,
		struct err *err)
{
	struct walk *w = ctx;
	struct slice payload;
	int ret;

	if (key.len < w->prefix.len ||
	    !slice_eq(slice_of(key.p, w->prefix.len), w->prefix))
		return 0;
	ret = index_record_check(INDEX_RECORD_OFFS, key, value,
				 "a source position", &payload, err);
	if (ret < 0)
		return ret;
	w->result = w->fn(w->ctx, key, payload);
	return w->result ? 1 : 0;
}

int index_store_positions(struct index_store *s, struct slice prefix,
			  index_position_fn *fn, void *ctx, struct err *err)
{
	struct walk w = { .prefix = prefix, .fn = fn, .ctx = ctx };
	struct index_env *e;
	MDB_txn *txn;
	int ret;

	ret = index_store_begin(s, false, &e, &txn, err);
	if (ret < 0)
		return ret;
	/* All of them, a few hundred at most: only a whole walk can tell that
	 * none is missing. */
	ret = index_env_walk(e, txn, e->dbi[INDEX_DB_OFFS], give, &w, err);
	mdb_txn_abort(txn);
	index_store_end(s);
	return ret == 1 ? w.result : ret;
}
