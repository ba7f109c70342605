#include "index/verify.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "tests/unit/index/helper_store.h"
#include "index/snapshot_int.h"
#include "index/store_int.h"
#include "tests/test.h"

static char dir[HELPER_PATH];
static struct dataset *events;
static struct index_store *store;

static int make(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	helper_dir_make(dir);
	events = helper_dataset(helper_schema);
	return index_store_open(&store, dir, INDEX_WRITE, &err) < 0 ||
	       index_store_register(store, events, &err) < 0;
}

static int clear(void **state)
{
	(void)state;
	index_store_close(store);
	dataset_free(events);
	helper_dir_remove(dir);
	return 0;
}

static struct index_space space(void)
{
	struct index_space sp;
	struct err err = ERR_INIT;

	if (index_store_space(store, &sp, &err) < 0)
		fail_msg("%s", err.message);
	return sp;
}

static void test_space__is_that_of_the_file(void **state)
{
	struct index_space sp;
	struct err err = ERR_INIT;
	struct stat st;

	(void)state;
	for (uint64_t i = 1; i < 50; i++)
		assert_int_equal(helper_commit(store, events, 3, i, 1, &err),
				 0);
	sp = space();
	assert_int_equal(stat(helper_file(dir, "data.mdb"), &st), 0);
	assert_int_equal(sp.file_bytes, st.st_size);
	assert_true(sp.map_size >= (UINT64_C(1) << 40));
	assert_true(sp.file_bytes > 49 * 26000);
	assert_true(sp.free_bytes > 0 && sp.free_bytes < 64 * 4096);
	assert_int_equal(sp.readers_max, LIMIT_READERS);
}

/* Whoever makes the file grow is named. */
static void test_space__names_the_oldest_reader(void **state)
{
	struct index_snapshot *old = NULL, *young = NULL;
	struct err err = ERR_INIT;
	struct index_space sp;

	(void)state;
	assert_int_equal(space().oldest_reader_lag, 0);
	assert_int_equal(index_snapshot_open(&old, store, &err), 0);
	assert_int_equal(helper_commit(store, events, 3, 1, 1, &err), 0);
	assert_int_equal(helper_commit(store, events, 3, 2, 1, &err), 0);
	assert_int_equal(index_snapshot_open(&young, store, &err), 0);
	assert_int_equal(helper_commit(store, events, 3, 3, 1, &err), 0);
	sp = space();
	assert_int_equal(sp.readers, 2);
	assert_int_equal(sp.oldest_reader_lag, 3);
	assert_int_equal(sp.oldest_reader_pid, getpid());
	assert_int_equal(index_snapshot_renew(old, &err), 0);
	assert_int_equal(space().oldest_reader_lag, 1);
	index_snapshot_close(old);
	index_snapshot_close(young);
	sp = space();
	assert_int_equal(sp.readers, 0);
	assert_int_equal(sp.oldest_reader_lag, 0);
}

/* A process that was killed while it read does not hold pages for ever. */
static void die_reading(void *ctx)
{
	struct index_snapshot *snap = NULL;
	struct index_store *s = NULL;
	struct err err = ERR_INIT;

	(void)ctx;
	if (index_store_open(&s, dir, INDEX_READ, &err) == 0 &&
	    index_snapshot_open(&snap, s, &err) == 0)
		raise(SIGKILL);
	_exit(1);
}

static void test_space__dead_readers_are_cleared(void **state)
{
	struct err err = ERR_INIT;
	char words[100];

	(void)state;
	assert_int_equal(helper_in_child(die_reading, NULL, words,
					 sizeof(words)),
			 SIGKILL);
	assert_int_equal(helper_commit(store, events, 3, 1, 1, &err), 0);
	assert_int_equal(helper_commit(store, events, 3, 2, 1, &err), 0);
	assert_int_equal(space().readers, 0);
	assert_int_equal(space().oldest_reader_lag, 0);
}

static void test_space__readers_are_limited(void **state)
{
	static struct index_snapshot *snaps[LIMIT_READERS + 1];
	struct err err = ERR_INIT;
	int n = 0, ret;

	(void)state;
	while ((ret = index_snapshot_open(&snaps[n], store, &err)) == 0)
		n++;
	assert_int_equal(ret, ERR_LIMIT);
	assert_int_equal(n, LIMIT_READERS);
	assert_non_null(strstr(err.message, "too many programs read"));
	/* The writer does not mind. */
	assert_int_equal(helper_commit(store, events, 3, 1, 1, &err), 0);
	while (n > 0)
		index_snapshot_close(snaps[--n]);
}

static void test_space__a_sync_takes_time(void **state)
{
	struct err err = ERR_INIT;
	int64_t ns = 0;

	(void)state;
	assert_int_equal(index_store_measure_sync(store, &ns, &err), 0);
	assert_true(ns > 0);
}

#define SPACE_TEST(name) cmocka_unit_test_setup_teardown(name, make, clear)

TEST_MAIN(SPACE_TEST(test_space__is_that_of_the_file),
	  SPACE_TEST(test_space__names_the_oldest_reader),
	  SPACE_TEST(test_space__dead_readers_are_cleared),
	  SPACE_TEST(test_space__readers_are_limited),
	  SPACE_TEST(test_space__a_sync_takes_time))
