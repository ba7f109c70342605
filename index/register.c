/*
 * index/register.c - datasets and the versions of their schemas in a store.
 *
 * A dataset gets a number when it is first registered and keeps it; schema
 * versions count from 1.  The same bytes are the same version.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "index/meta_int.h"
#include "index/store_int.h"

static int load_records(struct index_env *e, MDB_txn *txn,
			struct index_dataset_record **out, uint32_t *n,
			struct err *err)
{
	struct index_dataset_record *r = mem_calloc(LIMIT_DATASETS, sizeof(*r));
	int ret;

	if (!r)
		return err_nomem(err);
	ret = index_meta_datasets(e, txn, r, n, err);
	if (ret < 0)
		mem_free(r);
	else
		*out = r;
	return ret;
}

static struct index_dataset_record *find(struct index_dataset_record *r,
					 uint32_t n, struct slice name)
{
	for (uint32_t i = 0; i < n; i++) {
		if (slice_eq(slice_of(r[i].name, r[i].name_len), name))
			return &r[i];
	}
	return NULL;
}

/* The record of `ds` after its registration; *changed: it has to be stored. */
static int next_version(struct index_store *s, struct index_env *e,
			MDB_txn *txn, const struct dataset *ds,
			struct index_dataset_record *r, bool *changed,
			struct err *err)
{
	struct index_dataset_record *all = NULL, *known;
	const struct dataset *stored;
	uint32_t n = 0;
	int ret;

	*changed = true;
	ret = load_records(e, txn, &all, &n, err);
	if (ret < 0)
		return ret;
	known = find(all, n, ds->name);
	if (!known) {
		*r = (struct index_dataset_record){
			.number = n ? (uint16_t)(all[n - 1].number + 1) : 1,
			.versions = 1,
			.name_len = (uint32_t)ds->name.len,
		};
		memcpy(r->name, ds->name.p, ds->name.len);
		if (n == LIMIT_DATASETS)
			ret = err_set(err, ERR_LIMIT,
				      "a store cannot hold more "
				      "than %d datasets",
				      LIMIT_DATASETS);
		goto out;
	}
	*r = *known;
	ret = index_versions_get(s->versions, e, txn, r->number, r->versions,
				 &stored, err);
	if (ret < 0)
		goto out;
	if (slice_eq(stored->source, ds->source)) {
		*changed = false;
		goto out;
	}
	ret = dataset_check_successor(stored, ds, err);
	if (ret < 0) {
		err_prefix(err, "the store \"%s\" holds another schema",
			   s->path);
		goto out;
	}
	r->versions++;
out:
	mem_free(all);
	return ret;
}

int index_store_register(struct index_store *s, const struct dataset *ds,
			 struct err *err)
{
	struct index_dataset_record r;
	struct index_state state;
	struct index_env *e;
	bool changed = false;
	MDB_txn *txn;
	int ret;

	ret = index_store_begin(s, true, &e, &txn, err);
	if (ret < 0)
		return ret;
	ret = index_meta_state(e, txn, true, &state, err);
	if (ret < 0)
		goto out;
	ret = next_version(s, e, txn, ds, &r, &changed, err);
	if (ret < 0)
		goto out;
	if (changed) {
		ret = index_meta_put_schema(e, txn, r.number, r.versions,
					    ds->source, err);
		if (ret == 0)
			ret = index_meta_put_dataset(e, txn, &r, err);
		if (ret < 0)
			goto out;
		ret = index_meta_commit(e, txn, &state, err);
		txn = NULL;
		if (ret < 0)
			goto out;
	}
	ret = index_versions_adopt(s->versions, ds, r.number, r.versions, err);
out:
	mdb_txn_abort(txn);
	index_store_end(s);
	return ret;
}

int index_store_schemas(struct index_store *s, struct catalog *c,
			struct err *err)
{
	struct index_dataset_record *r = NULL;
	struct slice json;
	struct index_env *e;
	MDB_txn *txn;
	uint32_t n = 0;
	int ret;

	ret = index_store_begin(s, false, &e, &txn, err);
	if (ret < 0)
		return ret;
	ret = load_records(e, txn, &r, &n, err);
	for (uint32_t i = 0; ret == 0 && i < n; i++) {
		ret = index_meta_schema(e, txn, r[i].number, r[i].versions,
					&json, err);
		if (ret == 0)
			ret = catalog_add_json(c, json, s->path, err);
	}
	mem_free(r);
	mdb_txn_abort(txn);
	index_store_end(s);
	return ret;
}
