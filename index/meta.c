/*
 * index/meta.c - the records of `meta`: format, counters, datasets, schemas.
 *
 * The bytes are drawn in docs/store-format.md.
 */
#include "index/meta_int.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "index/env_int.h"
#include "index/record_int.h"

enum {
	FORMAT_SIZE = INDEX_RECORD_CRC + 4 + 4 + 8,
	STATE_SIZE = INDEX_RECORD_CRC + 4 + 8 + 8 + 8,
	DATASET_SIZE = INDEX_RECORD_CRC + 4 + 4 + 4 + 8 + 8, /* then the name */
	DATASET_KEY = 7 + 2,
	SCHEMA_KEY = 6 + 2 + 4,
};

static const struct slice format_key = { "format", 6 };
static const struct slice state_key = { "state", 5 };
static const struct slice dataset_prefix = { "dataset", 7 };
static const struct slice schema_prefix = { "schema", 6 };

static struct slice dataset_key(char out[DATASET_KEY], uint16_t number)
{
	memcpy(out, dataset_prefix.p, dataset_prefix.len);
	index_set16be(out + 7, number);
	return slice_of(out, DATASET_KEY);
}

static struct slice schema_key(char out[SCHEMA_KEY], uint16_t dataset,
			       uint32_t version)
{
	memcpy(out, schema_prefix.p, schema_prefix.len);
	index_set16be(out + 6, dataset);
	index_set32be(out + 8, version);
	return slice_of(out, SCHEMA_KEY);
}

static int get_record(struct index_env *e, MDB_txn *txn, struct slice key,
		      const char *what, struct slice *payload, struct err *err)
{
	struct slice value;
	int ret = index_env_get(e, txn, INDEX_DB_META, key, &value, err);

	if (ret == ERR_NOT_FOUND)
		return err_set(err, ERR_CORRUPT,
			       "the store \"%s\" is damaged: %s is "
			       "missing",
			       e->dir, what);
	if (ret == 0)
		ret = index_record_check(INDEX_RECORD_META, key, value, what,
					 payload, err);
	if (ret < 0)
		err_prefix(err, "the store \"%s\" is damaged", e->dir);
	return ret;
}

int index_meta_check_format(struct index_env *e, MDB_txn *txn, struct err *err)
{
	struct slice payload;
	uint32_t version;
	int ret;

	ret = get_record(e, txn, format_key, "the format record", &payload,
			 err);
	if (ret < 0)
		return ret;
	version = payload.len >= 4 ? index_get32(payload.p) : 0;
	if (version == INDEX_FORMAT_VERSION)
		return 0;
	err_set(err, ERR_VERSION,
		"the store \"%s\" has format version %" PRIu32
		", this program reads and writes version %d",
		e->dir, version, INDEX_FORMAT_VERSION);
	err_hint(err, "use the programs of the version that wrote it, or name "
		      "another directory with --store");
	return ERR_VERSION;
}

static int put_state(struct index_env *e, MDB_txn *txn,
		     const struct index_state *state, struct err *err)
{
	char record[STATE_SIZE] = { 0 };
	char *p = record + INDEX_RECORD_CRC + 4;

	index_set64(p, mdb_txn_id(txn));
	index_set64(p + 8, state->next_segment);
	index_set64(p + 16, (uint64_t)state->received);
	index_record_seal(INDEX_RECORD_META, state_key, record,
			  sizeof(record) - INDEX_RECORD_CRC);
	return index_env_put(e, txn, INDEX_DB_META, state_key,
			     slice_of(record, sizeof(record)), false, err);
}

int index_meta_commit(struct index_env *e, MDB_txn *txn,
		      const struct index_state *state, struct err *err)
{
	int ret = put_state(e, txn, state, err);

	if (ret < 0) {
		mdb_txn_abort(txn);
		return ret;
	}
	return index_env_commit(e, txn, err);
}

int index_meta_init(struct index_env *e, struct err *err)
{
	const struct index_state state = { .next_segment = 1 };
	char record[FORMAT_SIZE] = { 0 };
	MDB_txn *txn = NULL;
	int ret;

	ret = index_env_begin(e, true, &txn, err);
	if (ret < 0)
		return ret;
	index_set32(record + INDEX_RECORD_CRC, INDEX_FORMAT_VERSION);
	index_set64(record + INDEX_RECORD_CRC + 8, (uint64_t)time_now());
	index_record_seal(INDEX_RECORD_META, format_key, record,
			  sizeof(record) - INDEX_RECORD_CRC);
	ret = index_env_put(e, txn, INDEX_DB_META, format_key,
			    slice_of(record, sizeof(record)), true, err);
	if (ret < 0) {
		mdb_txn_abort(txn);
		return ret;
	}
	return index_meta_commit(e, txn, &state, err);
}

int index_meta_state(struct index_env *e, MDB_txn *txn, bool writing,
		     struct index_state *out, struct err *err)
{
	struct slice payload;
	uint64_t txnid;
	const char *p;
	int ret;

	ret = get_record(e, txn, state_key,
			 "the record of the last transaction", &payload, err);
	if (ret < 0)
		return ret;
	if (payload.len != STATE_SIZE - INDEX_RECORD_CRC)
		return err_set(
			err, ERR_CORRUPT,
			"the store \"%s\" is damaged: the "
			"record of the last transaction has another size",
			e->dir);
	p = payload.p + 4;
	txnid = index_get64(p) + (writing ? 1 : 0);
	/* Without the map a newer state cannot be told from a reader that was
	 * overtaken (index/env_data.c). */
	if (txnid < mdb_txn_id(txn) || (e->map && txnid != mdb_txn_id(txn)))
		return err_set(err, ERR_CORRUPT,
			       "the store \"%s\" is damaged: it "
			       "holds transaction %" PRIu64 " where %" PRIu64
			       " was written",
			       e->dir, (uint64_t)mdb_txn_id(txn),
			       index_get64(p));
	out->next_segment = index_get64(p + 8);
	out->received = (int64_t)index_get64(p + 16);
	return 0;
}

int index_meta_put_dataset(struct index_env *e, MDB_txn *txn,
			   const struct index_dataset_record *r,
			   struct err *err)
{
	char record[DATASET_SIZE + LIMIT_NAME] = { 0 };
	char *p = record + INDEX_RECORD_CRC;
	char key_bytes[DATASET_KEY];
	struct slice key = dataset_key(key_bytes, r->number);

	index_set32(p + 4, r->versions);
	index_set32(p + 8, r->segments);
	index_set64(p + 12, r->next_sequence);
	index_set64(p + 20, r->rows);
	memcpy(record + DATASET_SIZE, r->name, r->name_len);
	index_record_seal(INDEX_RECORD_META, key, record,
			  DATASET_SIZE - INDEX_RECORD_CRC + r->name_len);
	return index_env_put(e, txn, INDEX_DB_META, key,
			     slice_of(record, DATASET_SIZE + r->name_len),
			     false, err);
}

struct dataset_list {
	struct index_dataset_record *out;
	uint32_t n;
};

static int add_dataset(void *ctx, struct slice key, struct slice value,
		       struct err *err)
{
	struct dataset_list *list = ctx;
	struct index_dataset_record *r;
	struct slice payload;
	size_t fixed = DATASET_SIZE - INDEX_RECORD_CRC;
	int ret;

	if (key.len != DATASET_KEY ||
	    memcmp(key.p, dataset_prefix.p, dataset_prefix.len) != 0)
		return 0;
	ret = index_record_check(INDEX_RECORD_META, key, value,
				 "the record of a dataset", &payload, err);
	if (ret < 0)
		return ret;
	if (payload.len <= fixed || payload.len > fixed + LIMIT_NAME ||
	    list->n == LIMIT_DATASETS)
		return err_set(err, ERR_CORRUPT,
			       "the record of a dataset has an "
			       "impossible size");
	r = &list->out[list->n++];
	r->number = index_get16be(key.p + 7);
	r->versions = index_get32(payload.p + 4);
	r->segments = index_get32(payload.p + 8);
	r->next_sequence = index_get64(payload.p + 12);
	r->rows = index_get64(payload.p + 20);
	r->name_len = (uint32_t)(payload.len - fixed);
	memcpy(r->name, payload.p + fixed, r->name_len);
	return 0;
}

int index_meta_datasets(struct index_env *e, MDB_txn *txn,
			struct index_dataset_record *out, uint32_t *n,
			struct err *err)
{
	struct dataset_list list = { .out = out };
	int ret = index_env_walk(e, txn, e->dbi[INDEX_DB_META], add_dataset,
				 &list, err);

	if (ret == 0)
		*n = list.n;
	return ret;
}

int index_meta_schema(struct index_env *e, MDB_txn *txn, uint16_t dataset,
		      uint32_t version, struct slice *json, struct err *err)
{
	char key_bytes[SCHEMA_KEY];

	return get_record(e, txn, schema_key(key_bytes, dataset, version),
			  "a schema", json, err);
}

int index_meta_put_schema(struct index_env *e, MDB_txn *txn, uint16_t dataset,
			  uint32_t version, struct slice json, struct err *err)
{
	size_t size = INDEX_RECORD_CRC + json.len;
	char *record = mem_alloc(size);
	char key_bytes[SCHEMA_KEY];
	struct slice key = schema_key(key_bytes, dataset, version);
	int ret;

	if (!record)
		return err_nomem(err);
	memcpy(record + INDEX_RECORD_CRC, json.p, json.len);
	index_record_seal(INDEX_RECORD_META, key, record, json.len);
	ret = index_env_put(e, txn, INDEX_DB_META, key, slice_of(record, size),
			    true, err);
	mem_free(record);
	return ret;
}
