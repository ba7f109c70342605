/*
 * tests/unit/ingest/helper_ingest.c - a store in a directory of its own.
 */
#include "tests/unit/ingest/helper_ingest.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"
#include "index/commit.h"
#include "ingest/position.h"
#include "tests/test.h"

enum { HEARD_MAX = 4 << 20 };

void fixture_init(struct fixture *f)
{
	struct err err = ERR_INIT;

	memset(f, 0, sizeof(*f));
	strncpy(f->dir, "/tmp/crs-test-XXXXXX", sizeof(f->dir) - 1);
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->store_dir, sizeof(f->store_dir), "%s/store", f->dir);
	if (index_store_open(&f->store, f->store_dir, INDEX_WRITE, &err) < 0)
		fail_msg("%s", err.message);
	assert_int_equal(catalog_new(&f->catalog, &err), 0);
	f->events = catalog_find(f->catalog, SLICE_LIT("events"));
	assert_non_null(f->events);
	buf_init(&f->heard, HEARD_MAX);
}

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void fixture_release(struct fixture *f)
{
	index_store_close(f->store);
	catalog_free(f->catalog);
	buf_release(&f->heard);
	assert_int_equal(nftw(f->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

const char *fixture_path(struct fixture *f, const char *name)
{
	snprintf(f->path, sizeof(f->path), "%s/%s", f->dir, name);
	return f->path;
}

void fixture_write(struct fixture *f, const char *name, const char *text)
{
	int fd = open(fixture_path(f, name), O_WRONLY | O_CREAT | O_APPEND, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	assert_int_equal(close(fd), 0);
}

static void put_message(struct buf *out, const struct ingest_message *m)
{
	buf_printf(out, "%lld", (long long)m->offset);
	if (m->refused != REFUSED_NOT)
		buf_printf(out, "!%s ", refusal_name(m->refused));
	else
		buf_printf(out, ":%.*s ", SLICE_ARG(m->payload));
}

const char *fixture_hear(struct fixture *f, struct ingest_source *s, int max)
{
	static const char *const said[] = {
		[INGEST_IDLE] = "idle", [INGEST_MOVED] = "moved", [INGEST_END] = "end",
	};
	struct err err = ERR_INIT;
	struct ingest_message m;
	int ret = INGEST_MESSAGE;

	buf_reset(&f->heard);
	while (max-- > 0 && ret == INGEST_MESSAGE) {
		ret = s->ops->next(s, 0, &m, &err);
		if (ret == INGEST_MESSAGE)
			put_message(&f->heard, &m);
		else if (ret < 0)
			buf_printf(&f->heard, "error: %s", err.message);
		else
			buf_puts(&f->heard, said[ret]);
	}
	return buf_cstr(&f->heard);
}

static int put(void *ctx, struct slice key, struct slice value, struct err *err)
{
	return value.p ? index_txn_put_position(ctx, key, value, err) :
			 index_txn_delete_position(ctx, key, err);
}

void fixture_store(struct fixture *f, struct ingest_source *s)
{
	struct err err = ERR_INIT;
	struct index_txn *t;

	assert_int_equal(index_txn_begin(&t, f->store, &err), 0);
	if (s->ops->positions(s, put, t, &err) < 0 ||
	    index_txn_commit(t, time_now(), &err) < 0)
		fail_msg("%s", err.message);
}

void fixture_commit(struct fixture *f, struct ingest_source *s)
{
	struct err err = ERR_INIT;

	fixture_store(f, s);
	if (s->ops->committed(s, &err) < 0)
		fail_msg("%s", err.message);
}

static int show(void *ctx, struct slice key, struct slice value)
{
	ingest_position_print(ctx, key, value);
	buf_putc(ctx, '\n');
	return 0;
}

const char *fixture_positions(struct fixture *f)
{
	struct err err = ERR_INIT;

	buf_reset(&f->heard);
	assert_int_equal(index_store_positions(f->store, slice_of("", 0), show,
					       &f->heard, &err), 0);
	return buf_cstr(&f->heard);
}
