/*
 * index/snapshot.c - the store as it was at one moment.
 *
 * A snapshot is a reading transaction of LMDB and a copy of all descriptors.
 * The copy is checked against the datasets' records (I7 of commit.c), so that
 * a segment that a damaged page has made vanish is noticed.
 */
#include "index/snapshot.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "index/descriptor_int.h"
#include "index/meta_int.h"
#include "index/seal_int.h"
#include "index/snapshot_int.h"
#include "index/store_int.h"

struct packs {
	struct index_snapshot *snap;
	const struct index_descriptor *desc;
};

struct index_snapshot {
	struct index_store *store;
	struct index_env *env;
	MDB_txn *txn;
	size_t txnid;
	struct index_state state;
	struct index_dataset *datasets;
	uint32_t ndatasets;
	struct index_descriptor *descriptors; /* of all datasets, in key order */
	struct packs *packs; /* of each descriptor: where its segment reads */
	uint32_t n, room;
	index_snapshot_bad_fn *bad; /* NULL: damage is an error */
	void *ctx;
};

/* Damage is told, and passed over, or it is the caller's error. */
static int damaged(struct index_snapshot *snap, struct err *err)
{
	char line[ERR_MESSAGE_MAX + 80];

	if (!snap->bad) {
		err_prefix(err, "the store \"%s\" is damaged",
			   snap->store->path);
		err_hint(err,
			 "\"qql verify\" names everything that is damaged");
		return ERR_CORRUPT;
	}
	snprintf(line, sizeof(line), "%s", err->message);
	snap->bad(snap->ctx, line);
	return 0;
}

static int add_descriptor(void *ctx, struct slice key, struct slice value,
			  struct err *err)
{
	struct index_snapshot *snap = ctx;
	struct err why = ERR_INIT;
	struct index_descriptor d;

	if (index_descriptor_decode(&d, key, value, err ? err : &why) < 0)
		return damaged(snap, err ? err : &why);
	if (snap->n == snap->room) {
		uint32_t room = snap->room ? 2 * snap->room : 64;
		void *p = mem_realloc_array(snap->descriptors, room, sizeof(d));

		if (!p)
			return err_nomem(err);
		snap->descriptors = p;
		snap->room = room;
	}
	snap->descriptors[snap->n++] = d;
	return 0;
}

static int check_order(struct index_snapshot *snap,
		       const struct index_dataset *ds, struct err *err)
{
	struct err why = ERR_INIT;
	uint64_t end = 0;

	for (uint32_t i = 0; i < ds->nsegments; i++) {
		const struct index_descriptor *d = &ds->segments[i];

		if (d->sequence < end || d->sequence_end > ds->next_sequence ||
		    d->segment >= snap->state.next_segment || d->schema < 1 ||
		    d->schema > ds->versions) {
			err_set(err ? err : &why, ERR_CORRUPT,
				"dataset %.*s: segment "
				"%" PRIu64 " does not fit its neighbours",
				SLICE_ARG(ds->ds->name), d->segment);
			return damaged(snap, err ? err : &why);
		}
		end = d->sequence_end;
	}
	return 0;
}

/* The descriptors of one dataset, which stand together. */
static int fill_dataset(struct index_snapshot *snap, struct index_dataset *ds,
			const struct index_dataset_record *r, struct err *err)
{
	struct err why = ERR_INIT;
	uint32_t i = 0;
	int ret;

	ds->number = r->number;
	ds->versions = r->versions;
	ds->next_sequence = r->next_sequence;
	ret = index_versions_get(snap->store->versions, snap->env, snap->txn,
				 r->number, r->versions, &ds->ds, err);
	if (ret < 0)
		return ret;
	while (i < snap->n && snap->descriptors[i].dataset < r->number)
		i++;
	ds->segments = snap->descriptors + i;
	for (; i < snap->n && snap->descriptors[i].dataset == r->number; i++) {
		const struct index_descriptor *d = &snap->descriptors[i];

		ds->nsegments++;
		ds->rows += d->rows;
		ds->bytes += d->bytes;
		ds->source_bytes += d->source_bytes;
		ds->exceptions += d->exceptions;
	}
	if (ds->nsegments != r->segments || ds->rows != r->rows) {
		err_set(err ? err : &why, ERR_CORRUPT,
			"dataset %.*s has %" PRIu32 " segments with %" PRIu64
			" rows, it should be %" PRIu32 " with %" PRIu64,
			SLICE_ARG(ds->ds->name), ds->nsegments, ds->rows,
			r->segments, r->rows);
		ret = damaged(snap, err ? err : &why);
	}
	return ret < 0 ? ret : check_order(snap, ds, err);
}

static void forget(struct index_snapshot *snap)
{
	mem_free(snap->packs);
	mem_free(snap->descriptors);
	mem_free(snap->datasets);
	snap->packs = NULL;
	snap->descriptors = NULL;
	snap->datasets = NULL;
	snap->ndatasets = snap->n = snap->room = 0;
}

/* Descriptors without a dataset are lost rows too. */
static int check_all_owned(struct index_snapshot *snap, struct err *err)
{
	struct err why = ERR_INIT;
	uint32_t owned = 0;

	for (uint32_t i = 0; i < snap->ndatasets; i++)
		owned += snap->datasets[i].nsegments;
	if (owned == snap->n)
		return 0;
	err_set(err ? err : &why, ERR_CORRUPT,
		"%" PRIu32 " segments belong to no "
		"dataset",
		snap->n - owned);
	return damaged(snap, err ? err : &why);
}

static int load(struct index_snapshot *snap, struct err *err)
{
	struct index_dataset_record *r = NULL;
	uint32_t n = 0;
	int ret;

	forget(snap);
	snap->txnid = mdb_txn_id(snap->txn);
	r = mem_calloc(LIMIT_DATASETS, sizeof(*r));
	snap->datasets = mem_calloc(LIMIT_DATASETS, sizeof(*snap->datasets));
	if (!r || !snap->datasets) {
		ret = err_nomem(err);
		goto out;
	}
	ret = index_meta_state(snap->env, snap->txn, false, &snap->state, err);
	if (ret == 0)
		ret = index_meta_datasets(snap->env, snap->txn, r, &n, err);
	if (ret == 0)
		ret = index_env_walk(snap->env, snap->txn,
				     snap->env->dbi[INDEX_DB_SEGS],
				     add_descriptor, snap, err);
	if (ret < 0)
		goto out;
	snap->packs = mem_calloc(snap->n, sizeof(*snap->packs));
	if (!snap->packs) {
		ret = err_nomem(err);
		goto out;
	}
	for (uint32_t i = 0; i < snap->n; i++)
		snap->packs[i] = (struct packs){ snap, &snap->descriptors[i] };
	for (uint32_t i = 0; ret == 0 && i < n; i++)
		ret = fill_dataset(snap, &snap->datasets[snap->ndatasets++],
				   &r[i], err);
	if (ret == 0)
		ret = check_all_owned(snap, err);
out:
	if (ret < 0)
		forget(snap);
	mem_free(r);
	return ret;
}

int index_snapshot_open_damaged(struct index_snapshot **out,
				struct index_store *s,
				index_snapshot_bad_fn *bad, void *ctx,
				struct err *err)
{
	struct index_snapshot *snap = mem_calloc(1, sizeof(*snap));
	int ret;

	if (!snap)
		return err_nomem(err);
	snap->bad = bad;
	snap->ctx = ctx;
	ret = index_store_begin(s, false, &snap->env, &snap->txn, err);
	if (ret < 0)
		goto out;
	snap->store = s;
	ret = load(snap, err);
	if (ret < 0)
		goto out;
	*out = snap;
	snap = NULL;
out:
	index_snapshot_close(snap);
	return ret;
}

int index_snapshot_open(struct index_snapshot **out, struct index_store *s,
			struct err *err)
{
	return index_snapshot_open_damaged(out, s, NULL, NULL, err);
}

void index_snapshot_close(struct index_snapshot *snap)
{
	if (!snap)
		return;
	forget(snap);
	mdb_txn_abort(snap->txn);
	if (snap->store)
		index_store_end(snap->store);
	mem_free(snap);
}

void index_snapshot_reset(struct index_snapshot *snap)
{
	mdb_txn_reset(snap->txn);
}

int index_snapshot_renew(struct index_snapshot *snap, struct err *err)
{
	int ret = index_env_renew(snap->env, snap->txn, err);

	if (ret < 0)
		return ret;
	/* Descriptors are copies: without a commit there is nothing to do. */
	return mdb_txn_id(snap->txn) == snap->txnid ? 0 : load(snap, err);
}

uint32_t index_snapshot_datasets(const struct index_snapshot *snap)
{
	return snap->ndatasets;
}

const struct index_dataset *
index_snapshot_dataset(const struct index_snapshot *snap, uint32_t i)
{
	assert(i < snap->ndatasets);
	return &snap->datasets[i];
}

const struct index_dataset *
index_snapshot_find(const struct index_snapshot *snap, struct slice name)
{
	for (uint32_t i = 0; i < snap->ndatasets; i++) {
		if (slice_eq_ascii_case(snap->datasets[i].ds->name, name))
			return &snap->datasets[i];
	}
	return NULL;
}

struct index_env *index_snapshot_env(const struct index_snapshot *snap)
{
	return snap->env;
}

MDB_txn *index_snapshot_txn(const struct index_snapshot *snap)
{
	return snap->txn;
}

static int get_pack(void *ctx, uint32_t pack, struct slice *out,
		    struct err *err)
{
	const struct packs *p = ctx;
	char key[INDEX_PACK_KEY];
	int ret;

	index_pack_key(key, p->desc->segment, pack);
	ret = index_env_get(p->snap->env, p->snap->txn, INDEX_DB_DATA,
			    slice_of(key, sizeof(key)), out, err);
	if (ret == ERR_NOT_FOUND)
		return err_set(err, ERR_CORRUPT,
			       "segment %" PRIu64 " is damaged: "
			       "pack %" PRIu32 " is missing",
			       p->desc->segment, pack);
	return ret;
}

int index_segment_open(struct index_segment **out, struct index_snapshot *snap,
		       const struct index_dataset *ids,
		       const struct index_descriptor *desc, struct err *err)
{
	struct index_pack_source source = { .get = get_pack };
	struct index_field_map map;
	const struct dataset *ds;
	int ret;

	assert(desc >= snap->descriptors && desc < snap->descriptors + snap->n);
	source.ctx = &snap->packs[desc - snap->descriptors];
	ret = index_versions_get(snap->store->versions, snap->env, snap->txn,
				 desc->dataset, desc->schema, &ds, err);
	if (ret < 0)
		return ret;
	if (ds == ids->ds)
		return index_segment_open_packs(out, ds, NULL, 0, NULL, 0, desc,
						source, err);
	ret = index_versions_map(snap->store->versions, desc->dataset, ids->ds,
				 desc->schema, &map, err);
	if (ret < 0)
		return ret;
	return index_segment_open_packs(out, map.to, map.fields, map.nfields,
					map.objects, map.nobjects, desc, source,
					err);
}
