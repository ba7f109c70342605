/*
 * index/store.c - opening, registering datasets, transactions of a store.
 */
#include "index/store.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "index/create_int.h"
#include "index/lock_int.h"
#include "index/meta_int.h"
#include "index/pend_int.h"
#include "index/store_int.h"

/* The counters fit the meta page: nothing older has come back. */
static int check_state(struct index_store *s, struct err *err)
{
	struct index_state state;
	struct index_env *e;
	MDB_txn *txn;
	int ret;

	ret = index_store_begin(s, false, &e, &txn, err);
	if (ret < 0)
		return ret;
	ret = index_meta_state(e, txn, false, &state, err);
	mdb_txn_abort(txn);
	index_store_end(s);
	return ret;
}

static int set_directory(struct index_store *s, struct err *err)
{
	char *real = realpath(s->path, NULL);

	if (!real && (errno == ENOENT || errno == ENOTDIR)) {
		err_set(err, ERR_NOT_FOUND, "there is no store in \"%s\"",
			s->path);
		err_hint(err, "crs-ingest creates one; --store or CRS_STORE "
			      "names the directory");
		return ERR_NOT_FOUND;
	}
	if (!real)
		return index_env_errno(errno, err,
				       "cannot open the directory \"%s\"",
				       s->path);
	s->directory = mem_strdup(real);
	free(real);
	return s->directory ? 0 : err_nomem(err);
}

static int open_for_writing(struct index_store *s, struct err *err)
{
	int ret = index_create_dir(s->path, err);

	if (ret == 0)
		ret = set_directory(s, err);
	if (ret == 0)
		ret = index_lock_take(&s->lock_fd, s->directory, err);
	if (ret == 0)
		ret = index_create_store(s->directory, err);
	return ret;
}

int index_store_open(struct index_store **out, const char *dir,
		     enum index_mode mode, struct err *err)
{
	struct index_store *s = mem_calloc(1, sizeof(*s));
	int ret;

	if (!s)
		return err_nomem(err);
	s->lock_fd = -1;
	s->mode = mode;
	pthread_mutex_init(&s->lock, NULL);
	s->path = mem_strdup(dir);
	if (!s->path) {
		ret = err_nomem(err);
		goto out;
	}
	ret = index_versions_new(&s->versions, err);
	if (ret < 0)
		goto out;
	ret = mode == INDEX_WRITE ? open_for_writing(s, err) :
				    set_directory(s, err);
	if (ret < 0)
		goto out;
	ret = index_env_open(&s->env, s->directory, mode, err);
	if (ret < 0)
		goto out;
	ret = check_state(s, err);
	if (ret == 0 && mode == INDEX_WRITE)
		ret = index_pend_sweep(s, err);
	if (ret < 0)
		goto out;
	*out = s;
	s = NULL;
out:
	index_store_close(s);
	return ret;
}

void index_store_close(struct index_store *s)
{
	if (!s)
		return;
	assert(s->transactions == 0);
	index_env_close(s->env);
	index_versions_free(s->versions);
	/* Last: whoever gets the lock next finds the environment closed. */
	index_lock_drop(s->lock_fd);
	pthread_mutex_destroy(&s->lock);
	mem_free(s->directory);
	mem_free(s->path);
	mem_free(s);
}

const char *index_store_path(const struct index_store *s)
{
	return s->path;
}

/* Called with the lock held. */
static int reopen(struct index_store *s, struct err *err)
{
	if (s->transactions > 0) {
		err_set(err, ERR_IO,
			"the store \"%s\" could not be opened again "
			"after a failed write: it is still being read",
			s->path);
		if (err)
			err->flags |= ERR_RETRIABLE;
		return ERR_IO;
	}
	index_env_close(s->env);
	s->env = NULL;
	return index_env_open(&s->env, s->directory, s->mode, err);
}

int index_store_begin(struct index_store *s, bool write, struct index_env **env,
		      MDB_txn **txn, struct err *err)
{
	int ret = 0, rc = 0;

	assert(!write || s->mode == INDEX_WRITE);
	for (int attempt = 0; attempt < 2; attempt++) {
		pthread_mutex_lock(&s->lock);
		if (!s->env || rc == MDB_PANIC)
			ret = reopen(s, err);
		if (ret == 0)
			s->transactions++;
		*env = s->env;
		pthread_mutex_unlock(&s->lock);
		if (ret < 0)
			return ret;
		/* May wait for another writing transaction of this process. */
		rc = index_env_try_begin(*env, write, txn);
		if (rc == 0)
			return 0;
		index_store_end(s);
		if (rc != MDB_PANIC)
			break;
	}
	return index_env_error(rc, err, "could not %s the store \"%s\"",
			       write ? "write to" : "read", s->path);
}

void index_store_end(struct index_store *s)
{
	pthread_mutex_lock(&s->lock);
	s->transactions--;
	pthread_mutex_unlock(&s->lock);
}
