/*
 * index/space.c - what a store takes on the disk, who reads it, how it syncs.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/time.h"
#include "index/store_int.h"
#include "index/verify.h"

enum {
	SYNC_TRIES = 9, /* odd: there is a middle one */
	SYNC_BYTES = 4096,
};

/* A record of LMDB's free list: a count, then that many page numbers. */
static int add_free(void *ctx, struct slice key, struct slice value,
		    struct err *err)
{
	uint64_t *pages = ctx;
	uint64_t n = 0;

	(void)key;
	if (value.len >= sizeof(n))
		memcpy(&n, value.p, sizeof(n));
	if (value.len < sizeof(n) || n > value.len / sizeof(n) - 1)
		return err_set(err, ERR_CORRUPT,
			       "the list of free pages is damaged");
	*pages += n;
	return 0;
}

struct reader_walk {
	struct index_space *space;
	uint64_t last_txn;
};

/* One line of LMDB's table of readers: pid, thread (hexadecimal) and
 * transaction, or "-" for a slot that is not reading; a heading before. */
static int add_reader(const char *line, void *ctx)
{
	struct reader_walk *w = ctx;
	uint64_t txn;
	int64_t pid;
	int n = sscanf(line, "%" SCNd64 " %*x %" SCNu64, &pid, &txn);

	if (n < 2)
		return 0;
	w->space->readers++;
	if (txn < w->last_txn &&
	    w->last_txn - txn > w->space->oldest_reader_lag) {
		w->space->oldest_reader_lag = w->last_txn - txn;
		w->space->oldest_reader_pid = pid;
	}
	return 0;
}

int index_store_space(struct index_store *s, struct index_space *out,
		      struct err *err)
{
	struct index_space space = { 0 };
	struct reader_walk readers = { .space = &space };
	uint64_t free_pages = 0;
	struct index_env *e;
	MDB_envinfo info;
	MDB_txn *txn;
	int ret, dead;

	ret = index_store_begin(s, false, &e, &txn, err);
	if (ret < 0)
		return ret;
	mdb_reader_check(e->mdb, &dead);
	mdb_env_info(e->mdb, &info);
	/* Database 0 of LMDB is its list of free pages. */
	ret = index_env_walk(e, txn, 0, add_free, &free_pages, err);
	mdb_txn_abort(txn);
	if (ret == 0) {
		space.map_size = info.me_mapsize;
		space.file_bytes = (info.me_last_pgno + 1) * e->page_size;
		space.free_bytes = free_pages * e->page_size;
		space.readers_max = info.me_maxreaders;
		readers.last_txn = info.me_last_txnid;
		mdb_reader_list(e->mdb, add_reader, &readers);
		*out = space;
	}
	index_store_end(s);
	return ret;
}

static int by_size(const void *a, const void *b)
{
	int64_t x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return (x > y) - (x < y);
}

int index_store_measure_sync(struct index_store *s, int64_t *ns,
			     struct err *err)
{
	char block[SYNC_BYTES] = { 0 };
	int64_t took[SYNC_TRIES];
	char *path = NULL;
	char name[40];
	int fd = -1;
	int ret;

	snprintf(name, sizeof(name), ".sync-%lld", (long long)getpid());
	ret = index_env_file(&path, s->directory, name, err);
	if (ret < 0)
		goto out;
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0) {
		ret = index_env_errno(errno, err, "could not create \"%s\"",
				      path);
		goto out;
	}
	unlink(path);
	for (int i = 0; i < SYNC_TRIES; i++) {
		int64_t start = time_monotonic();

		/* A growing file, as a store is one. */
		if (pwrite(fd, block, sizeof(block), (off_t)i * SYNC_BYTES) <
			    0 ||
		    fdatasync(fd) < 0) {
			ret = index_env_errno(errno, err,
					      "could not sync \"%s\"",
					      s->directory);
			goto out;
		}
		took[i] = time_monotonic() - start;
	}
	qsort(took, SYNC_TRIES, sizeof(took[0]), by_size);
	*ns = took[SYNC_TRIES / 2];
out:
	if (fd >= 0)
		close(fd);
	mem_free(path);
	return ret;
}
