/*
 * index/commit.c - one batch, one transaction.
 *
 * (I1) A batch is one LMDB transaction: the packs and descriptors of all its
 *      segments, the counters of their datasets and the source positions.  A
 *      reader, and the process that opens the store after a crash, sees all of
 *      it or nothing.
 * (I2) When index_txn_commit() returns 0 the batch is on the disk: LMDB syncs
 *      the data pages before it writes the meta page that makes them count,
 *      and that one is written synchronously.
 * (I3) Sequence numbers are counted per dataset, from 0, in the order of
 *      commits, without gaps; a number never comes back, also not after the
 *      rows are gone.
 * (I4) Segment numbers only grow, so a pack's key is written once.
 * (I5) The time received never goes back from one commit to the next, whatever
 *      the clock does: retention and `_received` rely on it.
 * (I6) The schema version a descriptor names is stored already.
 * (I7) A dataset's record counts the segments and rows its descriptors have.
 * (I8) Counters live in the store only and are read in each transaction, so a
 *      failed one leaves nothing to be undone in memory.
 * (I9) Every transaction that writes notes its own number in `meta`/"state":
 *      a meta page that names another one is damaged.
 *
 * After ERR_IO the disk knows whether the batch is there, this code does not:
 * the caller reads the positions again before it goes on.
 */
#include "index/commit.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "base/mem.h"
#include "index/descriptor_int.h"
#include "index/meta_int.h"
#include "index/positions_int.h"
#include "index/seal_int.h"
#include "index/store_int.h"

struct index_txn {
	struct index_store *store;
	struct index_env *env;
	MDB_txn *txn;
	struct index_state state;
	struct index_dataset_record *datasets; /* LIMIT_DATASETS of them */
	uint32_t ndatasets;
	bool touched[LIMIT_DATASETS];
	/* Descriptors wait for the time of the commit. */
	struct index_descriptor *descriptors;
	uint32_t ndescriptors, room;
	int failed; /* the first error; such a transaction is not committed */
};

int index_txn_begin(struct index_txn **out, struct index_store *s,
		    struct err *err)
{
	struct index_txn *t = mem_calloc(1, sizeof(*t));
	int ret;

	if (!t)
		return err_nomem(err);
	t->datasets = mem_calloc(LIMIT_DATASETS, sizeof(*t->datasets));
	if (!t->datasets) {
		ret = err_nomem(err);
		goto out;
	}
	ret = index_store_begin(s, true, &t->env, &t->txn, err);
	if (ret < 0)
		goto out;
	t->store = s;
	ret = index_meta_state(t->env, t->txn, true, &t->state, err);
	if (ret == 0)
		ret = index_meta_datasets(t->env, t->txn, t->datasets,
					  &t->ndatasets, err);
	if (ret < 0)
		goto out;
	*out = t;
	t = NULL;
out:
	index_txn_abort(t);
	return ret;
}

static int keep(struct index_txn *t, const struct index_descriptor *d,
		struct err *err)
{
	if (t->ndescriptors == t->room) {
		uint32_t room = t->room ? 2 * t->room : 8;
		void *p = mem_realloc_array(t->descriptors, room, sizeof(*d));

		if (!p)
			return err_nomem(err);
		t->descriptors = p;
		t->room = room;
	}
	t->descriptors[t->ndescriptors++] = *d;
	return 0;
}

static int put_packs(struct index_txn *t, const struct index_sealed *sealed,
		     struct index_descriptor *d, struct err *err)
{
	char key[INDEX_PACK_KEY];
	int ret = 0;

	for (uint32_t i = 0; ret == 0 && i < sealed->npacks; i++) {
		index_pack_key(key, d->segment, i);
		d->bytes += sealed->packs[i].len;
		ret = index_env_put(t->env, t->txn, INDEX_DB_DATA,
				    slice_of(key, sizeof(key)),
				    sealed->packs[i], true, err); /* (I4) */
	}
	return ret;
}

static int add(struct index_txn *t, const struct index_sealed *sealed,
	       struct err *err)
{
	struct index_descriptor d = {
		.segment = t->state.next_segment,
		.rows = sealed->rows,
		.packs = sealed->npacks,
		.time_min = sealed->time_min,
		.time_max = sealed->time_max,
		.source_bytes = sealed->source_bytes,
		.exceptions = sealed->exceptions,
		.stats_crc = sealed->stats_crc,
	};
	struct index_dataset_record *r = NULL;
	int ret;

	assert(sealed->rows > 0 && sealed->npacks > 0);
	if (!index_versions_find(t->store->versions, sealed->ds, &d.dataset,
				 &d.schema)) /* (I6) */
		return err_set(err, ERR_SCHEMA,
			       "dataset %.*s is not registered with "
			       "the store \"%s\"",
			       SLICE_ARG(sealed->ds->name), t->store->path);
	for (uint32_t i = 0; i < t->ndatasets; i++) {
		if (t->datasets[i].number == d.dataset) {
			r = &t->datasets[i];
			t->touched[i] = true;
		}
	}
	if (!r)
		return err_set(err, ERR_CORRUPT,
			       "the store \"%s\" has lost its "
			       "dataset %.*s",
			       t->store->path, SLICE_ARG(sealed->ds->name));
	ret = put_packs(t, sealed, &d, err);
	if (ret < 0)
		return ret;
	d.sequence = r->next_sequence; /* (I3) */
	d.sequence_end = d.sequence + d.rows;
	ret = keep(t, &d, err);
	if (ret < 0)
		return ret;
	t->state.next_segment++;
	r->next_sequence = d.sequence_end;
	r->rows += d.rows; /* (I7) */
	r->segments++;
	return 0;
}

/* A transaction in which a step failed holds half a batch (I1). */
static int note(struct index_txn *t, int ret)
{
	if (ret < 0 && !t->failed)
		t->failed = ret;
	return ret;
}

int index_txn_add(struct index_txn *t, const struct index_sealed *sealed,
		  struct err *err)
{
	return note(t, add(t, sealed, err));
}

int index_txn_put_position(struct index_txn *t, struct slice key,
			   struct slice value, struct err *err)
{
	return note(t, index_positions_put(t->env, t->txn, key, value, err));
}

int index_txn_delete_position(struct index_txn *t, struct slice key,
			      struct err *err)
{
	return note(t, index_positions_delete(t->env, t->txn, key, err));
}

static int put_records(struct index_txn *t, int64_t received, struct err *err)
{
	char key[INDEX_DESCRIPTOR_KEY], value[INDEX_DESCRIPTOR_SIZE];
	int ret = 0;

	if (received > t->state.received)
		t->state.received = received; /* (I5) */
	for (uint32_t i = 0; ret == 0 && i < t->ndescriptors; i++) {
		struct index_descriptor *d = &t->descriptors[i];

		d->received_min = d->received_max = t->state.received;
		index_descriptor_encode(d, key, value);
		ret = index_env_put(t->env, t->txn, INDEX_DB_SEGS,
				    slice_of(key, sizeof(key)),
				    slice_of(value, sizeof(value)), true, err);
	}
	for (uint32_t i = 0; ret == 0 && i < t->ndatasets; i++) {
		if (t->touched[i])
			ret = index_meta_put_dataset(t->env, t->txn,
						     &t->datasets[i], err);
	}
	return ret;
}

int index_txn_commit(struct index_txn *t, int64_t received, struct err *err)
{
	int ret = t->failed;

	if (ret < 0) {
		err_set(err, ret,
			"could not write to the store \"%s\": an earlier "
			"step of the transaction failed",
			t->store->path);
		goto out;
	}
	ret = put_records(t, received, err);
	if (ret < 0)
		goto out;
	ret = index_meta_commit(t->env, t->txn, &t->state, err); /* (I2) (I9) */
	t->txn = NULL;
out:
	index_txn_abort(t);
	return ret;
}

void index_txn_abort(struct index_txn *t)
{
	if (!t)
		return;
	mdb_txn_abort(t->txn);
	if (t->store)
		index_store_end(t->store);
	mem_free(t->descriptors);
	mem_free(t->datasets);
	mem_free(t);
}
