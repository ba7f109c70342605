/*
 * index/env_data.c - transactions and records of an environment.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/statvfs.h>

#include "index/env_int.h"
#include "index/guard_int.h"
#include "index/pages_int.h"

enum {
	KEY_MAX = 511,
	SETTLE_TRIES = 1000,
};

/* Between reading the number of the last transaction and copying its meta page
 * a reader of LMDB may be overtaken by two commits: the copy is then of a newer
 * state, or in the worst case of two.  A page that still names the transaction
 * has been that one all the time. */
static int settle(struct index_env *e, MDB_txn *txn)
{
	struct index_head head;
	int rc = 0;

	for (int i = 0; !rc && e->map && i < SETTLE_TRIES; i++) {
		if (index_pages_head(&head, e->map, e->page_size,
				     mdb_txn_id(txn)))
			return 0;
		mdb_txn_reset(txn);
		rc = mdb_txn_renew(txn);
	}
	return rc;
}

int index_env_try_begin(struct index_env *e, bool write, MDB_txn **out)
{
	int rc;

	index_guard_enter(e->guard);
	rc = mdb_txn_begin(e->mdb, NULL, write ? 0 : MDB_RDONLY, out);
	if (!rc && !write) {
		rc = settle(e, *out);
		if (rc)
			mdb_txn_abort(*out);
	}
	index_guard_leave();
	return rc;
}

int index_env_begin(struct index_env *e, bool write, MDB_txn **out,
		    struct err *err)
{
	int rc = index_env_try_begin(e, write, out);

	return rc ? index_env_error(rc, err, "could not %s the store \"%s\"",
				    write ? "write to" : "read", e->dir) :
		    0;
}

/* LMDB calls a write that was cut short EIO; mostly the disk is full. */
static int what_failed(const struct index_env *e, int rc)
{
	struct statvfs fs;

	if (rc == EIO && statvfs(e->dir, &fs) == 0 && fs.f_bavail == 0)
		return ENOSPC;
	return rc;
}

int index_env_commit(struct index_env *e, MDB_txn *txn, struct err *err)
{
	int rc;

	index_guard_enter(e->guard);
	rc = mdb_txn_commit(txn);
	index_guard_leave();
	return rc ? index_env_error(what_failed(e, rc), err,
				    "could not write to the store \"%s\"",
				    e->dir) :
		    0;
}

int index_env_renew(struct index_env *e, MDB_txn *txn, struct err *err)
{
	int rc;

	index_guard_enter(e->guard);
	mdb_txn_reset(txn);
	rc = mdb_txn_renew(txn);
	if (!rc)
		rc = settle(e, txn);
	index_guard_leave();
	return rc ? index_env_error(rc, err, "could not read the store \"%s\"",
				    e->dir) :
		    0;
}

/* Is a value where values can be?  In a writing transaction it may also be in
 * a page on the heap. */
static bool inside(const struct index_env *e, const MDB_val *v)
{
	uintptr_t at = (uintptr_t)v->mv_data, map = (uintptr_t)e->map;
	MDB_envinfo info;
	size_t used;

	if (!map)
		return true;
	if (at < map || at - map >= e->map_size)
		return e->write;
	mdb_env_info(e->mdb, &info);
	/* A writing transaction may have pages behind the last one. */
	used = e->write ? e->map_size : (info.me_last_pgno + 1) * e->page_size;
	return at - map <= used && v->mv_size <= used - (at - map);
}

static int lend(struct index_env *e, const MDB_val *v, struct slice *out,
		struct err *err)
{
	if (!inside(e, v))
		return index_env_error(MDB_CORRUPTED, err,
				       "cannot read the store \"%s\"", e->dir);
	*out = slice_of(v->mv_data, v->mv_size);
	return 0;
}

static MDB_val val(struct slice s)
{
	MDB_val v = { .mv_size = s.len };

	/* LMDB's one type for what is read and written is not const. */
	memcpy(&v.mv_data, &s.p, sizeof(v.mv_data));
	return v;
}

int index_env_get(struct index_env *e, MDB_txn *txn, enum index_db db,
		  struct slice key, struct slice *value, struct err *err)
{
	MDB_val k = val(key), v;
	int rc;

	index_guard_enter(e->guard);
	rc = mdb_get(txn, e->dbi[db], &k, &v);
	index_guard_leave();

	if (rc == MDB_NOTFOUND)
		return ERR_NOT_FOUND;
	if (rc)
		return index_env_error(rc, err, "cannot read the store \"%s\"",
				       e->dir);
	return lend(e, &v, value, err);
}

int index_env_put(struct index_env *e, MDB_txn *txn, enum index_db db,
		  struct slice key, struct slice value, bool fresh,
		  struct err *err)
{
	MDB_val k = val(key), v = val(value);
	int rc;

	index_guard_enter(e->guard);
	rc = mdb_put(txn, e->dbi[db], &k, &v, fresh ? MDB_NOOVERWRITE : 0);
	index_guard_leave();

	if (rc == MDB_KEYEXIST)
		return err_set(err, ERR_CORRUPT,
			       "the store \"%s\" is damaged: a "
			       "number was given out twice",
			       e->dir);
	return rc ? index_env_error(rc, err,
				    "could not write to the store \"%s\"",
				    e->dir) :
		    0;
}

int index_env_del(struct index_env *e, MDB_txn *txn, enum index_db db,
		  struct slice key, struct err *err)
{
	MDB_val k = val(key);
	int rc;

	index_guard_enter(e->guard);
	rc = mdb_del(txn, e->dbi[db], &k, NULL);
	index_guard_leave();

	return rc && rc != MDB_NOTFOUND ?
		       index_env_error(rc, err,
				       "could not write to the store \"%s\"",
				       e->dir) :
		       0;
}

static int step(const struct index_env *e, MDB_cursor *cursor, bool first,
		MDB_val *k, MDB_val *v)
{
	int rc;

	index_guard_enter(e->guard);
	rc = mdb_cursor_get(cursor, k, v, first ? MDB_FIRST : MDB_NEXT);
	index_guard_leave();
	return rc;
}

int index_env_walk(struct index_env *e, MDB_txn *txn, MDB_dbi dbi,
		   index_env_fn *fn, void *ctx, struct err *err)
{
	MDB_cursor *cursor = NULL;
	struct slice key, value;
	char before[KEY_MAX];
	size_t before_len = 0;
	uint64_t met = 0;
	MDB_stat stat;
	MDB_val k, v;
	int ret = 0;
	int rc;

	index_guard_enter(e->guard);
	rc = mdb_stat(txn, dbi, &stat);
	if (!rc)
		rc = mdb_cursor_open(txn, dbi, &cursor);
	index_guard_leave();
	while (!rc && (rc = step(e, cursor, met == 0, &k, &v)) == 0) {
		ret = lend(e, &k, &key, err);
		if (ret == 0)
			ret = lend(e, &v, &value, err);
		if (ret < 0)
			goto out;
		/* The free list has numbers for keys, in the machine's order. */
		if (key.len == 0 || key.len > KEY_MAX ||
		    (dbi != 0 && met &&
		     slice_cmp(key, slice_of(before, before_len)) <= 0) ||
		    ++met > stat.ms_entries) {
			rc = MDB_CORRUPTED;
			break;
		}
		memcpy(before, key.p, key.len);
		before_len = key.len;
		ret = fn(ctx, key, value, err);
		if (ret != 0)
			goto out;
	}
	if (rc == MDB_NOTFOUND && met != stat.ms_entries)
		rc = MDB_CORRUPTED;
	if (rc && rc != MDB_NOTFOUND)
		ret = index_env_error(rc, err, "cannot read the store \"%s\"",
				      e->dir);
out:
	mdb_cursor_close(cursor);
	return ret;
}
