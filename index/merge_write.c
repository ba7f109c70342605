/*
 * index/merge_write.c - a merged segment to the store, old ones out of it.
 */
#include <inttypes.h>
#include <string.h>

#include "base/mem.h"
#include "index/descriptor_int.h"
#include "index/merge_int.h"
#include "index/meta_int.h"
#include "index/pend_int.h"
#include "index/store_int.h"

/* One transaction. */
struct step {
	struct index_store *store;
	struct index_env *env;
	MDB_txn *txn;
	struct index_state state;
};

static void end(struct step *t)
{
	if (!t->env)
		return;
	mdb_txn_abort(t->txn);
	index_store_end(t->store);
	t->env = NULL;
	t->txn = NULL;
}

static int begin(struct step *t, struct index_store *s, struct err *err)
{
	int ret;

	*t = (struct step){ .store = s };
	ret = index_store_begin(s, true, &t->env, &t->txn, err);
	if (ret < 0) {
		t->env = NULL;
		return ret;
	}
	ret = index_meta_state(t->env, t->txn, true, &t->state, err);
	if (ret < 0)
		end(t);
	return ret;
}

static int commit(struct step *t, struct err *err)
{
	int ret = index_meta_commit(t->env, t->txn, &t->state, err);

	t->txn = NULL;
	end(t);
	return ret;
}

/* Packs from *next on, as many as a transaction may have. */
static int put_packs(struct step *t, const struct index_packs *packs,
		     uint64_t segment, uint32_t *next, struct err *err)
{
	char key[INDEX_PACK_KEY];
	size_t bytes = 0;
	int ret = 0;

	while (ret == 0 && *next < packs->n &&
	       (bytes == 0 ||
		bytes + packs->packs[*next].len <= INDEX_PEND_BYTES)) {
		index_pack_key(key, segment, *next);
		bytes += packs->packs[*next].len;
		ret = index_env_put(t->env, t->txn, INDEX_DB_DATA,
				    slice_of(key, sizeof(key)),
				    packs->packs[*next], true, err);
		(*next)++;
	}
	return ret;
}

/* (M2) */
static int write_ahead(struct index_store *s, const struct index_packs *packs,
		       uint64_t *segment, uint32_t *next, struct err *err)
{
	struct step t;
	int ret;

	do {
		ret = begin(&t, s, err);
		if (ret < 0)
			return ret;
		if (*next == 0) {
			*segment = t.state.next_segment++;
			ret = index_pend_put(t.env, t.txn, *segment,
					     INDEX_PEND_WRITING, err);
		}
		if (ret == 0)
			ret = put_packs(&t, packs, *segment, next, err);
		if (ret == 0)
			ret = commit(&t, err);
		end(&t);
	} while (ret == 0 && *next < packs->n);
	return ret;
}

/* The old segments are still what was merged? (M4) */
static int check_old(struct step *t, const struct index_descriptor *old,
		     uint32_t n, struct err *err)
{
	char key[INDEX_DESCRIPTOR_KEY], value[INDEX_DESCRIPTOR_SIZE];
	struct slice have;
	int ret;

	for (uint32_t i = 0; i < n; i++) {
		index_descriptor_encode(&old[i], key, value);
		ret = index_env_get(t->env, t->txn, INDEX_DB_SEGS,
				    slice_of(key, sizeof(key)), &have, err);
		if (ret == ERR_NOT_FOUND ||
		    (ret == 0 &&
		     !slice_eq(have, slice_of(value, sizeof(value)))))
			return err_set(err, ERR_NOT_FOUND,
				       "segment %" PRIu64
				       " went while it was merged",
				       old[i].segment);
		if (ret < 0)
			return ret;
	}
	return 0;
}

/* `rows` are gone, and `segments`. */
static int count_dataset(struct step *t, uint16_t dataset, uint32_t segments,
			 uint64_t rows, struct err *err)
{
	struct index_dataset_record *r;
	uint32_t n = 0, i;
	int ret;

	r = mem_calloc(LIMIT_DATASETS, sizeof(*r));
	if (!r)
		return err_nomem(err);
	ret = index_meta_datasets(t->env, t->txn, r, &n, err);
	for (i = 0; ret == 0 && i < n; i++) {
		if (r[i].number != dataset)
			continue;
		r[i].segments -= segments;
		r[i].rows -= rows;
		ret = index_meta_put_dataset(t->env, t->txn, &r[i], err);
	}
	mem_free(r);
	return ret;
}

/* Descriptors only; the packs stay until they are swept. */
static int take_out(struct step *t, const struct index_descriptor *old,
		    uint32_t n, struct err *err)
{
	char key[INDEX_DESCRIPTOR_KEY], value[INDEX_DESCRIPTOR_SIZE];
	int ret = check_old(t, old, n, err);

	for (uint32_t i = 0; ret == 0 && i < n; i++) {
		index_descriptor_encode(&old[i], key, value);
		ret = index_env_del(t->env, t->txn, INDEX_DB_SEGS,
				    slice_of(key, sizeof(key)), err);
		if (ret == 0)
			ret = index_pend_put(t->env, t->txn, old[i].segment,
					     INDEX_PEND_DELETING, err);
	}
	return ret;
}

/* (M3) */
static int swap(struct step *t, const struct index_descriptor *d,
		const struct index_descriptor *old, uint32_t nold,
		struct err *err)
{
	char key[INDEX_DESCRIPTOR_KEY], value[INDEX_DESCRIPTOR_SIZE];
	int ret = take_out(t, old, nold, err);

	if (ret < 0)
		return ret;
	index_descriptor_encode(d, key, value);
	ret = index_env_put(t->env, t->txn, INDEX_DB_SEGS,
			    slice_of(key, sizeof(key)),
			    slice_of(value, sizeof(value)), true, err);
	return ret < 0 ? ret : count_dataset(t, d->dataset, nold - 1, 0, err);
}

static int replace(struct index_store *s, const struct index_packs *packs,
		   struct index_descriptor *d,
		   const struct index_descriptor *old, uint32_t nold,
		   bool ahead, struct err *err)
{
	char key[INDEX_PEND_KEY];
	uint32_t next = 0;
	struct step t;
	int ret = begin(&t, s, err);

	if (ret < 0)
		return ret;
	if (ahead) {
		index_set64be(key, d->segment);
		ret = index_env_del(t.env, t.txn, INDEX_DB_PEND,
				    slice_of(key, sizeof(key)), err);
	} else {
		d->segment = t.state.next_segment++;
		ret = put_packs(&t, packs, d->segment, &next, err);
	}
	if (ret == 0)
		ret = swap(&t, d, old, nold, err);
	if (ret == 0)
		ret = commit(&t, err);
	end(&t);
	return ret;
}

int index_merge_write(struct index_store *s, const struct index_packs *packs,
		      struct index_descriptor *d,
		      const struct index_descriptor *old, uint32_t nold,
		      struct err *err)
{
	bool ahead = index_packs_bytes(packs) > INDEX_PEND_BYTES;
	uint32_t next = 0;
	int ret = 0, swept;

	d->packs = packs->n;
	d->bytes = index_packs_bytes(packs);
	if (ahead)
		ret = write_ahead(s, packs, &d->segment, &next, err);
	if (ret == 0)
		ret = replace(s, packs, d, old, nold, ahead, err);
	/* What is in the way now: the old packs, or after an error ours. */
	swept = index_pend_sweep(s, ret < 0 ? NULL : err);
	return ret < 0 ? ret : swept;
}

int index_segments_drop(struct index_store *s,
			const struct index_descriptor *old, uint32_t n,
			struct err *err)
{
	uint64_t rows = 0;
	struct step t;
	int ret = begin(&t, s, err);

	if (ret < 0)
		return ret;
	for (uint32_t i = 0; i < n; i++)
		rows += old[i].rows;
	ret = take_out(&t, old, n, err);
	if (ret == 0)
		ret = count_dataset(&t, old[0].dataset, n, rows, err);
	if (ret == 0)
		ret = commit(&t, err);
	end(&t);
	return ret < 0 ? ret : index_pend_sweep(s, err);
}
