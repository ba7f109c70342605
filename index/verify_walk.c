/*
 * index/verify_walk.c - full check of a store: the walk itself.
 *
 * From the outside in: page structure, descriptors, small records, parts,
 * packs nobody owns; each in a reading transaction, so that a writer at work
 * causes no false alarm.
 *
 * When the pages are damaged the walk goes on as long as it lives: what it
 * finds then says which data the pages held.
 */
#include "index/verify_int.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/mem.h"
#include "index/descriptor_int.h"
#include "index/meta_int.h"
#include "index/pages_int.h"
#include "index/pend_int.h"
#include "index/record_int.h"
#include "index/seal_int.h"
#include "index/snapshot_int.h"
#include "index/store_int.h"

enum { META_TRIES = 100 };

/* A segment whose packs are accounted for. */
struct owner {
	uint64_t segment;
	uint32_t packs; /* 0: pending, any number */
	uint32_t met;
	uint64_t bytes, met_bytes;
};

struct walk {
	int fd;
	struct index_verify_result result;
	uint64_t done, total; /* bytes */
	struct index_snapshot *snap;
	struct index_env *env;
	MDB_txn *txn;
	uint64_t segment; /* being checked, for its findings */
	struct owner *owners;
	size_t nowners, room;
	uint64_t orphans;
};

static void post(struct walk *w, enum index_verify_kind kind, const void *body,
		 size_t n)
{
	char message[3 + sizeof(struct err) + INDEX_VERIFY_LINE_MAX];
	uint16_t len = (uint16_t)n;
	size_t size = 3 + n;

	message[0] = (char)kind;
	memcpy(message + 1, &len, sizeof(len));
	memcpy(message + 3, body, n);
	for (size_t at = 0; at < size;) {
		ssize_t put = write(w->fd, message + at, size - at);

		if (put < 0 && errno != EINTR)
			_exit(3); /* the parent has gone */
		at += put > 0 ? (size_t)put : 0;
	}
}

static void send_counts(struct walk *w, enum index_verify_kind kind)
{
	char body[16 + sizeof(w->result)];

	memcpy(body, &w->done, 8);
	memcpy(body + 8, &w->total, 8);
	memcpy(body + 16, &w->result, sizeof(w->result));
	post(w, kind, body, sizeof(body));
}

static void finding(void *ctx, const char *line)
{
	size_t n = strlen(line);

	post(ctx, INDEX_VERIFY_FINDING, line,
	     n < INDEX_VERIFY_LINE_MAX ? n : INDEX_VERIFY_LINE_MAX);
}

/* An error of a step that is a finding; any other ends the walk. */
static int as_finding(struct walk *w, int ret, const struct err *err)
{
	if (ret != ERR_CORRUPT)
		return ret;
	finding(w, err->message);
	return 0;
}

/* First of all, and with a transaction of its own: what follows reads through
 * LMDB, which may not survive damaged pages. */
static int check_pages(struct walk *w, struct index_store *s, struct err *err)
{
	struct index_env *e;
	struct index_head head;
	struct stat st;
	bool met = false;
	MDB_txn *txn;
	int ret = 0;
	int fd;

	/* A writer may write the meta page anew while it is read. */
	for (int i = 0; ret == 0 && !met && i < META_TRIES; i++) {
		ret = index_store_begin(s, false, &e, &txn, err);
		if (ret < 0)
			return ret;
		met = !e->map || index_pages_head(&head, e->map, e->page_size,
						  mdb_txn_id(txn));
		if (e->map && met) {
			if (mdb_env_get_fd(e->mdb, &fd) != 0 ||
			    fstat(fd, &st) < 0)
				ret = err_errno(err, ERR_IO, errno,
						"cannot read the "
						"store \"%s\"",
						e->dir);
			else
				ret = index_pages_check(e->map,
							(uint64_t)st.st_size,
							&head, true, finding, w,
							err);
		}
		mdb_txn_abort(txn);
		index_store_end(s);
	}
	if (!met)
		finding(w, "the meta page of the last transaction is damaged");
	return ret;
}

struct record_check {
	struct walk *walk;
	const char *db; /* its first letter is in the checksum */
};

static int check_record(void *ctx, struct slice key, struct slice value,
			struct err *err)
{
	const struct record_check *c = ctx;
	struct slice payload;
	char what[160];
	size_t n = 0;
	int ret;

	for (size_t i = 0; i < key.len && i < 24; i++) {
		unsigned char b = (unsigned char)key.p[i];

		n += (size_t)snprintf(what + n, sizeof(what) - n,
				      b > ' ' && b < 0x7f ? "%c" : "\\x%02x",
				      b);
	}
	snprintf(what + n, sizeof(what) - n, " in %s", c->db);
	ret = index_record_check((enum index_record_db)c->db[0], key, value,
				 what, &payload, err);
	return ret < 0 ? as_finding(c->walk, ret, err) : 0;
}

/* Every small record; descriptors were read by the snapshot. */
static int check_records(struct walk *w, struct err *err)
{
	static const struct {
		enum index_db db;
		const char *name;
	} dbs[] = {
		{ INDEX_DB_META, "meta" },
		{ INDEX_DB_OFFS, "offs" },
		{ INDEX_DB_PEND, "pend" },
	};
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < ARRAY_SIZE(dbs); i++) {
		struct record_check c = { w, dbs[i].name };

		ret = index_env_walk(w->env, w->txn, w->env->dbi[dbs[i].db],
				     check_record, &c, err);
		if (ret < 0)
			ret = as_finding(w, ret, err);
	}
	return ret;
}

static void bad_part(void *ctx, const char *line)
{
	struct walk *w = ctx;
	char full[INDEX_VERIFY_LINE_MAX];

	snprintf(full, sizeof(full), "segment %" PRIu64 ": %s", w->segment,
		 line);
	finding(w, full);
}

static int check_segment(struct walk *w, const struct index_dataset *ds,
			 const struct index_descriptor *d, struct err *err)
{
	struct index_segment *seg = NULL;
	uint64_t parts = 0;
	int ret;

	w->segment = d->segment;
	ret = index_segment_open(&seg, w->snap, ds, d, err);
	if (ret == 0)
		ret = index_segment_check(seg, &parts, bad_part, w, err);
	index_segment_close(seg);
	w->result.segments++;
	w->result.parts += parts;
	w->result.rows += d->rows;
	w->result.bytes += d->bytes;
	w->done += d->bytes;
	send_counts(w, INDEX_VERIFY_PROGRESS);
	if (ret == ERR_CORRUPT) {
		bad_part(w, err->message);
		ret = 0;
	}
	return ret;
}

static int check_segments(struct walk *w, struct err *err)
{
	int ret = 0;

	for (uint32_t i = 0; ret == 0 && i < index_snapshot_datasets(w->snap);
	     i++) {
		const struct index_dataset *ds =
			index_snapshot_dataset(w->snap, i);

		for (uint32_t k = 0; ret == 0 && k < ds->nsegments; k++)
			ret = check_segment(w, ds, &ds->segments[k], err);
	}
	return ret;
}

static int by_segment(const void *a, const void *b)
{
	const struct owner *x = a, *y = b;

	return (x->segment > y->segment) - (x->segment < y->segment);
}

static int add_owner(struct walk *w, const struct owner *o, struct err *err)
{
	if (w->nowners == w->room) {
		size_t room = w->room ? 2 * w->room : 64;
		void *p = mem_realloc_array(w->owners, room, sizeof(*o));

		if (!p)
			return err_nomem(err);
		w->owners = p;
		w->room = room;
	}
	w->owners[w->nowners++] = *o;
	return 0;
}

static int add_pending(void *ctx, struct slice key, struct slice value,
		       struct err *err)
{
	struct owner o = { 0 };

	(void)value;
	if (key.len != INDEX_PEND_KEY)
		return 0; /* named as a bad record already */
	o.segment = index_get64be(key.p);
	return add_owner(ctx, &o, err);
}

static int meet_pack(void *ctx, struct slice key, struct slice value,
		     struct err *err)
{
	struct walk *w = ctx;
	struct owner wanted = { 0 }, *o;

	(void)err;
	if (key.len == INDEX_PACK_KEY)
		wanted.segment = index_get64be(key.p);
	o = w->nowners ? bsearch(&wanted, w->owners, w->nowners, sizeof(*o),
				 by_segment) :
			 NULL;
	if (!o || (o->packs && index_get32be(key.p + 8) >= o->packs)) {
		w->orphans++;
		return 0;
	}
	o->met++;
	o->met_bytes += value.len;
	return 0;
}

/* (P1) of pend.c: every pack is owned, every owner has its packs. */
static int check_packs(struct walk *w, struct err *err)
{
	int ret = 0;

	for (uint32_t i = 0; i < index_snapshot_datasets(w->snap); i++) {
		const struct index_dataset *ds =
			index_snapshot_dataset(w->snap, i);

		for (uint32_t k = 0; ret == 0 && k < ds->nsegments; k++) {
			const struct owner o = {
				.segment = ds->segments[k].segment,
				.packs = ds->segments[k].packs,
				.bytes = ds->segments[k].bytes,
			};

			ret = add_owner(w, &o, err);
		}
	}
	if (ret < 0)
		return ret;
	ret = index_env_walk(w->env, w->txn, w->env->dbi[INDEX_DB_PEND],
			     add_pending, w, err);
	if (ret < 0)
		return ret;
	if (w->nowners > 0)
		qsort(w->owners, w->nowners, sizeof(*w->owners), by_segment);
	return index_env_walk(w->env, w->txn, w->env->dbi[INDEX_DB_DATA],
			      meet_pack, w, err);
}

static int check_owners(struct walk *w, struct err *err)
{
	char line[160];
	int ret = check_packs(w, err);

	if (ret < 0)
		return as_finding(w, ret, err);
	for (size_t i = 0; i < w->nowners; i++) {
		const struct owner *o = &w->owners[i];

		if (!o->packs ||
		    (o->met == o->packs && o->met_bytes == o->bytes))
			continue;
		snprintf(line, sizeof(line),
			 "segment %" PRIu64 ": %" PRIu32 " packs "
			 "with %" PRIu64 " bytes, it should be %" PRIu32
			 " with %" PRIu64,
			 o->segment, o->met, o->met_bytes, o->packs, o->bytes);
		finding(w, line);
	}
	if (w->orphans) {
		snprintf(line, sizeof(line),
			 "%" PRIu64 " packs belong to no segment", w->orphans);
		finding(w, line);
	}
	return 0;
}

static int walk(struct walk *w, struct index_store *s, struct err *err)
{
	int ret;

	ret = check_pages(w, s, err);
	if (ret < 0)
		return ret;
	ret = index_snapshot_open_damaged(&w->snap, s, finding, w, err);
	if (ret < 0)
		return as_finding(w, ret, err);
	w->env = index_snapshot_env(w->snap);
	w->txn = index_snapshot_txn(w->snap);
	for (uint32_t i = 0; i < index_snapshot_datasets(w->snap); i++)
		w->total += index_snapshot_dataset(w->snap, i)->bytes;
	ret = check_records(w, err);
	if (ret == 0)
		ret = check_segments(w, err);
	if (ret == 0)
		ret = check_owners(w, err);
	return ret;
}

void index_verify_walk(const char *dir, int fd)
{
	struct walk w = { .fd = fd };
	struct index_store *s = NULL;
	struct err err = ERR_INIT;
	int ret;

	ret = index_guard_install("verify", &err);
	if (ret == 0)
		ret = index_store_open(&s, dir, INDEX_READ, &err);
	/* A store that opens for nobody: that is what was to be found. */
	if (ret == ERR_CORRUPT)
		ret = as_finding(&w, ret, &err);
	else if (ret == 0)
		ret = walk(&w, s, &err);
	if (ret < 0)
		post(&w, INDEX_VERIFY_ERROR, &err, sizeof(err));
	else
		send_counts(&w, INDEX_VERIFY_DONE);
}
