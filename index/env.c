/*
 * index/env.c - the LMDB environment of a store, and its six databases.
 */
#include "index/env_int.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/mem.h"
#include "index/create_int.h"
#include "index/guard_int.h"
#include "index/meta_int.h"
#include "index/pages_int.h"

/* Address space, not memory: halved as long as the process may not have it. */
static const size_t map_most = (size_t)1 << 40;
static const size_t map_least = (size_t)64 << 20;

static const char *const db_names[INDEX_DB_COUNT] = {
	[INDEX_DB_META] = "meta", [INDEX_DB_OFFS] = "offs",
	[INDEX_DB_SEGS] = "segs", [INDEX_DB_DATA] = "data",
	[INDEX_DB_PEND] = "pend", [INDEX_DB_KEYS] = "keys",
};

static int errno_code(int errnum)
{
	switch (errnum) {
	case ENOENT:
		return ERR_NOT_FOUND;
	case EACCES:
	case EPERM:
	case EROFS:
		return ERR_DENIED;
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return ERR_FULL;
	case ENOMEM:
		return ERR_NO_MEMORY;
	default:
		return ERR_IO;
	}
}

/* Our code and words for LMDB's own codes. */
static int mdb_code(int rc, const char **why)
{
	switch (rc) {
	case MDB_NOTFOUND:
		*why = "a record is missing";
		return ERR_CORRUPT;
	case MDB_MAP_FULL:
		*why = "the store has reached the size of its memory map";
		return ERR_FULL;
	case MDB_TXN_FULL:
		*why = "too much for one transaction";
		return ERR_LIMIT;
	case MDB_READERS_FULL:
		*why = "too many programs read the store at this moment";
		return ERR_LIMIT;
	case MDB_VERSION_MISMATCH:
		*why = "another version of LMDB uses it";
		return ERR_VERSION;
	case MDB_PANIC:
		*why = "an earlier write failed";
		return ERR_IO;
	case MDB_MAP_RESIZED:
		*why = "it has grown beyond the memory map of this process";
		return ERR_IO;
	default:
		*why = "the page structure of the store is damaged";
		return ERR_CORRUPT;
	}
}

static int fail(int rc, struct err *err, const char *fmt, va_list ap)
	__attribute__((format(printf, 3, 0)));

static int fail(int rc, struct err *err, const char *fmt, va_list ap)
{
	const char *why = "";
	char text[500];
	int code;

	if (vsnprintf(text, sizeof(text), fmt, ap) < 0)
		text[0] = '\0';
	if (rc > 0) {
		code = err_errno(err, errno_code(rc), rc, "%s", text);
	} else {
		code = mdb_code(rc, &why);
		err_set(err, code, "%s: %s", text, why);
	}
	if (code == ERR_FULL)
		err_hint(err, "make room on the file system of the store; "
			      "nothing of what was stored is lost");
	if (err &&
	    (code == ERR_FULL || code == ERR_IO || rc == MDB_READERS_FULL))
		err->flags |= ERR_RETRIABLE;
	return code;
}

int index_env_error(int rc, struct err *err, const char *fmt, ...)
{
	va_list ap;
	int code;

	va_start(ap, fmt);
	code = fail(rc, err, fmt, ap);
	va_end(ap);
	return code;
}

int index_env_errno(int errnum, struct err *err, const char *fmt, ...)
{
	va_list ap;
	int code;

	va_start(ap, fmt);
	code = fail(errnum, err, fmt, ap);
	va_end(ap);
	return code;
}

int index_env_file(char **out, const char *dir, const char *name,
		   struct err *err)
{
	size_t size = strlen(dir) + strlen(name) + 2;
	char *path = mem_alloc(size);

	if (!path)
		return err_nomem(err);
	snprintf(path, size, "%s/%s", dir, name);
	*out = path;
	return 0;
}

/* LMDB's assertions watch the page structure: damage, not our bug. */
static void on_assert(MDB_env *mdb, const char *message)
{
	struct index_env *e = mdb_env_get_userctx(mdb);

	(void)message;
	index_guard_die(e->guard);
}

static int try_map(struct index_env *e, size_t size, unsigned flags)
{
	int rc = mdb_env_create(&e->mdb);

	if (rc)
		return rc;
	mdb_env_set_userctx(e->mdb, e);
	mdb_env_set_assert(e->mdb, on_assert);
	rc = mdb_env_set_mapsize(e->mdb, size);
	if (!rc)
		rc = mdb_env_set_maxreaders(e->mdb, LIMIT_READERS);
	if (!rc)
		rc = mdb_env_set_maxdbs(e->mdb, INDEX_DB_COUNT);
	if (!rc)
		rc = mdb_env_open(e->mdb, e->dir, flags, 0660);
	if (rc) {
		mdb_env_close(e->mdb);
		e->mdb = NULL;
	}
	return rc;
}

/* Where the data file is mapped: LMDB does not tell.  Without /proc the map
 * stays unknown, and faults in it are plain crashes. */
static void find_map(struct index_env *e, const struct stat *st)
{
	FILE *f = fopen("/proc/self/maps", "re");
	bool at_start = true;
	char line[512];

	while (f && fgets(line, sizeof(line), f)) {
		void *from, *to;
		uint64_t ino;

		if (at_start &&
		    sscanf(line, "%p-%p %*s %*s %*s %" SCNu64, &from, &to,
			   &ino) == 3 &&
		    ino == (uint64_t)st->st_ino &&
		    (size_t)((char *)to - (char *)from) == e->map_size)
			e->map = from;
		at_start = line[strlen(line) - 1] == '\n';
	}
	if (f)
		fclose(f);
}

static int open_mdb(struct index_env *e, struct err *err)
{
	unsigned flags = MDB_NOTLS | (e->write ? 0 : MDB_RDONLY);
	size_t size = map_most;
	MDB_envinfo info;
	struct stat st;
	MDB_stat stat;
	int rc, fd;

	while ((rc = try_map(e, size, flags)) == ENOMEM &&
	       size / 2 >= map_least)
		size /= 2;
	if (rc)
		return index_env_error(rc, err, "cannot open the store \"%s\"",
				       e->dir);
	mdb_env_info(e->mdb, &info);
	mdb_env_stat(e->mdb, &stat);
	e->map_size = info.me_mapsize;
	e->page_size = stat.ms_psize;
	if (mdb_env_get_fd(e->mdb, &fd) != 0 || fstat(fd, &st) < 0)
		return err_set(err, ERR_IO, "cannot open the store \"%s\"",
			       e->dir);
	if (e->guard < 0) { /* a new one */
		int ret = index_guard_take(&e->guard, &st, e->dir, err);

		if (ret < 0)
			return ret;
	}
	find_map(e, &st);
	if (e->map) {
		index_guard_arm(e->guard, e->map, e->map_size);
		/* A child must not use this environment, and could not tell
		 * this map from one of its own. */
		madvise(e->map, e->map_size, MADV_DONTFORK);
	}
	return 0;
}

static void first_finding(void *ctx, const char *line)
{
	char *first = ctx;

	if (!first[0])
		snprintf(first, 160, "%s", line);
}

/* A writer changes pages, so it has to know that they are sound. */
static int check_pages(struct index_env *e, struct err *err)
{
	char first[160] = "";
	struct index_head head;
	MDB_txn *txn = NULL;
	struct stat st;
	int ret, fd;

	if (!e->map)
		return 0;
	ret = index_env_begin(e, false, &txn, err);
	if (ret < 0)
		return ret;
	if (!index_pages_head(&head, e->map, e->page_size, mdb_txn_id(txn)) ||
	    mdb_env_get_fd(e->mdb, &fd) != 0 || fstat(fd, &st) < 0) {
		ret = err_set(err, ERR_IO,
			      "cannot read the pages of the store "
			      "\"%s\"",
			      e->dir);
		goto out;
	}
	ret = index_pages_check(e->map, (uint64_t)st.st_size, &head, false,
				first_finding, first, err);
	if (ret == 0 && first[0]) {
		ret = err_set(err, ERR_CORRUPT,
			      "the store \"%s\" is damaged: %s", e->dir, first);
		err_hint(err,
			 "\"qql verify\" names everything that is damaged; "
			 "no program writes to the store meanwhile");
	}
out:
	mdb_txn_abort(txn);
	return ret;
}

static int open_db(struct index_env *e, MDB_txn *txn, enum index_db db,
		   struct err *err)
{
	unsigned flags;
	int rc;

	index_guard_enter(e->guard);
	rc = mdb_dbi_open(txn, db_names[db], 0, &e->dbi[db]);
	index_guard_leave();

	if (rc == MDB_NOTFOUND && db == INDEX_DB_META) {
		err_set(err, ERR_USAGE,
			"\"%s\" holds a database of another program, "
			"not a store",
			e->dir);
		return ERR_USAGE;
	}
	if (rc || mdb_dbi_flags(txn, e->dbi[db], &flags) != 0 || flags != 0)
		return index_env_error(rc ? rc : MDB_CORRUPTED, err,
				       "cannot open \"%s\" of the store \"%s\"",
				       db_names[db], e->dir);
	return 0;
}

static int open_databases(struct index_env *e, struct err *err)
{
	MDB_txn *txn = NULL;
	int ret, rc;

	ret = index_env_begin(e, false, &txn, err);
	if (ret < 0)
		goto out;
	ret = open_db(e, txn, INDEX_DB_META, err);
	if (ret < 0)
		goto out;
	/* Before the others: another version may have other databases. */
	ret = index_meta_check_format(e, txn, err);
	for (int i = INDEX_DB_META + 1; ret == 0 && i < INDEX_DB_COUNT; i++)
		ret = open_db(e, txn, (enum index_db)i, err);
	if (ret < 0)
		goto out;
	rc = mdb_txn_commit(txn); /* the handles are the environment's now */
	txn = NULL;
	if (rc)
		ret = index_env_error(rc, err, "cannot open the store \"%s\"",
				      e->dir);
out:
	mdb_txn_abort(txn);
	return ret;
}

static int new_env(struct index_env **out, const char *dir, bool write,
		   struct err *err)
{
	struct index_env *e = mem_calloc(1, sizeof(*e));

	if (!e)
		return err_nomem(err);
	e->guard = -1;
	e->write = write;
	e->dir = mem_strdup(dir);
	if (!e->dir) {
		mem_free(e);
		return err_nomem(err);
	}
	*out = e;
	return 0;
}

/* What LMDB would take without a word: no file, an empty or a cut one, a
 * second opening by this process, a readers' table nobody can write. */
static int look_first(struct index_env *e, struct err *err)
{
	struct index_head head;
	char *path = NULL;
	struct stat st;
	int fd = -1;
	int ret;

	ret = index_env_file(&path, e->dir, INDEX_DATA_NAME, err);
	if (ret < 0)
		goto out;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) {
		ret = err_set(err, ERR_NOT_FOUND, "there is no store in \"%s\"",
			      e->dir);
		err_hint(err, "crs-ingest creates one; --store or CRS_STORE "
			      "names the directory");
		goto out;
	}
	if (fd < 0 || fstat(fd, &st) < 0) {
		ret = index_env_errno(errno, err, "cannot read \"%s\"", path);
		if (ret == ERR_DENIED)
			err_hint(err,
				 "readers of a store belong to the group of "
				 "its directory, usually \"crs\"");
		goto out;
	}
	if (!S_ISREG(st.st_mode)) {
		ret = err_set(err, ERR_CORRUPT, "\"%s\" is not a regular file",
			      path);
		goto out;
	}
	ret = index_guard_take(&e->guard, &st, e->dir, err);
	if (ret < 0)
		goto out;
	ret = index_pages_probe(&head, fd, e->dir, err);
	if (ret < 0)
		goto out;
	ret = index_create_readers_file(e->dir, err);
out:
	if (fd >= 0)
		close(fd);
	mem_free(path);
	return ret;
}

int index_env_open(struct index_env **out, const char *dir,
		   enum index_mode mode, struct err *err)
{
	struct index_env *e = NULL;
	int ret, dead;

	ret = new_env(&e, dir, mode == INDEX_WRITE, err);
	if (ret < 0)
		return ret;
	ret = look_first(e, err);
	if (ret < 0)
		goto out;
	ret = open_mdb(e, err);
	if (ret < 0)
		goto out;
	/* Readers that died keep pages from being used again. */
	mdb_reader_check(e->mdb, &dead);
	if (e->write) {
		ret = check_pages(e, err);
		if (ret < 0)
			goto out;
	}
	ret = open_databases(e, err);
	if (ret < 0)
		goto out;
	*out = e;
	e = NULL;
out:
	index_env_close(e);
	return ret;
}

int index_env_create(struct index_env **out, const char *dir, struct err *err)
{
	struct index_env *e = NULL;
	MDB_txn *txn = NULL;
	int ret, rc = 0;

	ret = new_env(&e, dir, true, err);
	if (ret < 0)
		return ret;
	ret = open_mdb(e, err);
	if (ret < 0)
		goto out;
	ret = index_env_begin(e, true, &txn, err);
	if (ret < 0)
		goto out;
	for (int i = 0; !rc && i < INDEX_DB_COUNT; i++)
		rc = mdb_dbi_open(txn, db_names[i], MDB_CREATE, &e->dbi[i]);
	if (!rc) {
		rc = mdb_txn_commit(txn);
		txn = NULL;
	}
	if (rc) {
		ret = index_env_error(
			rc, err, "could not create a store in \"%s\"", dir);
		goto out;
	}
	*out = e;
	e = NULL;
out:
	mdb_txn_abort(txn);
	index_env_close(e);
	return ret;
}

void index_env_close(struct index_env *e)
{
	if (!e)
		return;
	if (e->guard >= 0)
		index_guard_disarm(e->guard);
	if (e->mdb)
		mdb_env_close(e->mdb);
	index_guard_release(e->guard);
	mem_free(e->dir);
	mem_free(e);
}
