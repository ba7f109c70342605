#include "index/snapshot.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "tests/unit/index/helper_store.h"
#include "index/descriptor_int.h"
#include "index/meta_int.h"
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

static void commit(uint32_t rows, uint64_t seed)
{
	struct err err = ERR_INIT;

	if (helper_commit(store, events, rows, seed, (int64_t)seed, &err) < 0)
		fail_msg("%s", err.message);
}

static struct index_snapshot *snapshot(void)
{
	struct index_snapshot *snap = NULL;
	struct err err = ERR_INIT;

	if (index_snapshot_open(&snap, store, &err) < 0)
		fail_msg("%s", err.message);
	return snap;
}

/* The packs of every segment are those of its seed, which is its time_min. */
static void check_packs(struct index_snapshot *snap)
{
	const struct index_dataset *ds = index_snapshot_dataset(snap, 0);

	for (uint32_t i = 0; i < ds->nsegments; i++) {
		const struct index_descriptor *d = &ds->segments[i];
		struct helper_sealed h;
		uint64_t bytes = 0;

		helper_sealed_make(&h, events, d->rows, (uint64_t)d->time_min);
		for (uint32_t k = 0; k < d->packs; k++) {
			char key[INDEX_PACK_KEY];
			struct slice pack;

			index_pack_key(key, d->segment, k);
			assert_int_equal(
				index_env_get(index_snapshot_env(snap),
					      index_snapshot_txn(snap),
					      INDEX_DB_DATA,
					      slice_of(key, sizeof(key)), &pack,
					      NULL),
				0);
			assert_true(slice_eq(pack, h.packs[k]));
			bytes += pack.len;
		}
		assert_int_equal(d->bytes, bytes);
		helper_sealed_release(&h);
	}
}

static void test_snapshot__of_an_empty_store_is_empty(void **state)
{
	struct index_snapshot *snap = snapshot();
	const struct index_dataset *ds;

	(void)state;
	assert_int_equal(index_snapshot_datasets(snap), 1);
	ds = index_snapshot_find(snap, SLICE_LIT("Events"));
	assert_non_null(ds);
	assert_int_equal(ds->nsegments, 0);
	assert_int_equal(ds->next_sequence, 0);
	assert_null(index_snapshot_find(snap, SLICE_LIT("event")));
	index_snapshot_close(snap);
}

static void test_snapshot__ignores_later_commits_until_renewed(void **state)
{
	struct index_snapshot *snap;
	struct err err = ERR_INIT;

	(void)state;
	commit(10, 1);
	commit(20, 2);
	snap = snapshot();
	for (uint64_t i = 3; i < 30; i++)
		commit(5, i);
	assert_int_equal(index_snapshot_dataset(snap, 0)->rows, 30);
	check_packs(snap);
	assert_int_equal(index_snapshot_renew(snap, &err), 0);
	assert_int_equal(index_snapshot_dataset(snap, 0)->rows, 30 + 27 * 5);
	assert_int_equal(index_snapshot_dataset(snap, 0)->next_sequence,
			 30 + 27 * 5);
	check_packs(snap);
	/* Nothing new: what was handed out stays. */
	assert_int_equal(index_snapshot_renew(snap, &err), 0);
	assert_int_equal(index_snapshot_dataset(snap, 0)->nsegments, 29);
	index_snapshot_close(snap);
}

static void test_snapshot__sums_up_its_segments(void **state)
{
	struct index_snapshot *snap;
	const struct index_dataset *ds;
	uint64_t bytes = 0, source_bytes = 0;

	(void)state;
	for (uint64_t i = 1; i < 200; i++)
		commit(2, i);
	snap = snapshot();
	ds = index_snapshot_dataset(snap, 0);
	for (uint32_t i = 0; i < ds->nsegments; i++) {
		bytes += ds->segments[i].bytes;
		source_bytes += ds->segments[i].source_bytes;
		assert_int_equal(ds->segments[i].sequence, 2 * i);
	}
	assert_int_equal(ds->nsegments, 199);
	assert_int_equal(ds->bytes, bytes);
	assert_int_equal(ds->source_bytes, source_bytes);
	assert_int_equal(ds->exceptions, 199);
	index_snapshot_close(snap);
}

static void test_snapshot__survives_failing_allocations(void **state)
{
	struct index_snapshot *snap = NULL;
	struct err err = ERR_INIT;
	uint64_t n = 0;
	int ret;

	(void)state;
	for (uint64_t i = 1; i < 70; i++) /* more than one growth */
		commit(1, i);
	do {
		mem_fail_after(++n);
		ret = index_snapshot_open(&snap, store, &err);
		mem_fail_after(0);
		if (ret < 0)
			assert_int_equal(ret, ERR_NO_MEMORY);
		assert_true(n < 100);
	} while (ret < 0);
	assert_true(n > 4);
	n = 0;
	do {
		commit(1, 100 + n);
		mem_fail_after(++n);
		ret = index_snapshot_renew(snap, &err);
		mem_fail_after(0);
		if (ret < 0)
			assert_int_equal(index_snapshot_datasets(snap), 0);
		assert_true(n < 100);
	} while (ret < 0);
	check_packs(snap);
	index_snapshot_close(snap);
}

/* Puts `value` at `key` of `segs`, or deletes it, behind the store's back. */
static void forge(struct slice key, struct slice value)
{
	struct err err = ERR_INIT;
	struct index_state state;
	struct index_env *e;
	MDB_txn *txn;

	assert_int_equal(index_store_begin(store, true, &e, &txn, &err), 0);
	assert_int_equal(index_meta_state(e, txn, true, &state, &err), 0);
	if (value.p)
		assert_int_equal(index_env_put(e, txn, INDEX_DB_SEGS, key,
					       value, false, &err),
				 0);
	else
		assert_int_equal(
			index_env_del(e, txn, INDEX_DB_SEGS, key, &err), 0);
	assert_int_equal(index_meta_commit(e, txn, &state, &err), 0);
	index_store_end(store);
}

static void expect_damage(const char *part)
{
	struct index_snapshot *snap = NULL;
	struct err err = ERR_INIT;

	assert_int_equal(index_snapshot_open(&snap, store, &err), ERR_CORRUPT);
	if (!strstr(err.message, part))
		fail_msg("\"%s\" is not in \"%s\"", part, err.message);
	assert_null(snap);
}

static void test_snapshot__damaged_descriptors_are_named(void **state)
{
	char key[INDEX_DESCRIPTOR_KEY], value[INDEX_DESCRIPTOR_SIZE];
	struct slice k = slice_of(key, sizeof(key));
	struct slice v = slice_of(value, sizeof(value));
	struct index_snapshot *snap;
	struct index_descriptor d;

	(void)state;
	commit(4, 1);
	commit(4, 2);
	commit(4, 3);
	snap = snapshot();
	d = index_snapshot_dataset(snap, 0)->segments[1];
	index_snapshot_close(snap);

	index_descriptor_encode(&d, key, value);
	value[50] ^= 4;
	forge(k, v);
	expect_damage("dataset 1, segment at sequence 4: the descriptor is "
		      "damaged");
	forge(k, slice_of(NULL, 0));
	expect_damage("dataset events has 2 segments with 8 rows, it should be "
		      "3 with 12");
	d.schema = 2;
	index_descriptor_encode(&d, key, value);
	forge(k, v);
	expect_damage("segment 2 does not fit its neighbours");
	d.schema = 1;
	d.segment = 77;
	index_descriptor_encode(&d, key, value);
	forge(k, v);
	expect_damage("segment 77 does not fit its neighbours");
	d.segment = 2;
	d.sequence_end++;
	index_descriptor_encode(&d, key, value);
	forge(k, v);
	expect_damage("segment 3 does not fit its neighbours");
	d.sequence_end--;
	index_descriptor_encode(&d, key, value);
	forge(k, v);
	snap = snapshot();
	check_packs(snap);
	index_snapshot_close(snap);
	d.dataset = 9;
	d.segment = 3;
	index_descriptor_encode(&d, key, value);
	forge(k, v);
	expect_damage("1 segments belong to no dataset");
}

/* Another process reads while this one writes. */
static void read_on(void)
{
	struct index_snapshot *snap = NULL;
	struct err err = ERR_INIT;
	struct index_store *s;
	uint64_t before = 0;

	if (index_store_open(&s, dir, INDEX_READ, &err) < 0 ||
	    index_snapshot_open(&snap, s, &err) < 0) {
		dprintf(STDERR_FILENO, "%s\n", err.message);
		_exit(2);
	}
	while (before < 100) {
		const struct index_dataset *ds;

		if (index_snapshot_renew(snap, &err) < 0) {
			dprintf(STDERR_FILENO, "%s\n", err.message);
			_exit(3);
		}
		ds = index_snapshot_dataset(snap, 0);
		if (ds->rows < before || ds->next_sequence != ds->rows)
			_exit(4);
		before = ds->rows;
		if (before >= 100)
			check_packs(snap);
	}
	index_snapshot_close(snap);
	index_store_close(s);
}

static void test_snapshot__is_read_while_another_process_writes(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	commit(1, 1);
	fflush(stdout);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		alarm(20);
		read_on();
		_exit(0);
	}
	for (uint64_t i = 2; i <= 100; i++)
		commit(1, i);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* A store is shared: each thread has snapshots of its own, one commits. */
struct thread {
	pthread_t id;
	atomic_bool *stop;
	struct err err; /* what went wrong */
};

static void *look_on(void *ctx)
{
	struct thread *t = ctx;
	uint64_t before = 0;

	do {
		struct index_snapshot *snap = NULL;
		const struct index_dataset *ds;

		if (index_snapshot_open(&snap, store, &t->err) < 0)
			break;
		ds = index_snapshot_find(snap, SLICE_LIT("events"));
		if (!ds || ds->rows < before || ds->rows != ds->next_sequence)
			err_set(&t->err, ERR_CORRUPT, "rows are missing");
		before = ds ? ds->rows : 0;
		index_snapshot_close(snap);
	} while (!atomic_load(t->stop));
	return NULL;
}

static void test_snapshot__threads_share_a_store(void **state)
{
	atomic_bool stop = false;
	struct thread threads[3] = { 0 };

	(void)state;
	for (int i = 0; i < 3; i++) {
		threads[i].stop = &stop;
		assert_int_equal(pthread_create(&threads[i].id, NULL, look_on,
						&threads[i]),
				 0);
	}
	for (uint64_t i = 1; i <= 60; i++)
		commit(1, i);
	atomic_store(&stop, true);
	for (int i = 0; i < 3; i++) {
		pthread_join(threads[i].id, NULL);
		if (threads[i].err.code)
			fail_msg("%s", threads[i].err.message);
	}
}

#define SNAPSHOT_TEST(name) cmocka_unit_test_setup_teardown(name, make, clear)

TEST_MAIN(SNAPSHOT_TEST(test_snapshot__of_an_empty_store_is_empty),
	  SNAPSHOT_TEST(test_snapshot__ignores_later_commits_until_renewed),
	  SNAPSHOT_TEST(test_snapshot__sums_up_its_segments),
	  SNAPSHOT_TEST(test_snapshot__survives_failing_allocations),
	  SNAPSHOT_TEST(test_snapshot__damaged_descriptors_are_named),
	  SNAPSHOT_TEST(test_snapshot__threads_share_a_store),
	  SNAPSHOT_TEST(test_snapshot__is_read_while_another_process_writes))
