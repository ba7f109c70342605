#include "index/commit.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "tests/unit/index/helper_store.h"
#include "tests/test.h"

static char dir[HELPER_PATH];
static struct dataset *events;

static int make(void **state)
{
	(void)state;
	helper_dir_make(dir);
	events = helper_dataset(helper_schema);
	return 0;
}

static int clear(void **state)
{
	(void)state;
	dataset_free(events);
	helper_dir_remove(dir);
	return 0;
}

static struct index_store *open_store(enum index_mode mode)
{
	struct err err = ERR_INIT;
	struct index_store *s = NULL;

	if (index_store_open(&s, dir, mode, &err) < 0 ||
	    (mode == INDEX_WRITE && index_store_register(s, events, &err) < 0))
		fail_msg("%s", err.message);
	return s;
}

static struct index_snapshot *snapshot(struct index_store *s)
{
	struct index_snapshot *snap = NULL;
	struct err err = ERR_INIT;

	if (index_snapshot_open(&snap, s, &err) < 0)
		fail_msg("%s", err.message);
	return snap;
}

static void commit(struct index_store *s, uint32_t rows, uint64_t seed,
		   int64_t received)
{
	struct err err = ERR_INIT;

	if (helper_commit(s, events, rows, seed, received, &err) < 0)
		fail_msg("%s", err.message);
}

/* (I1): positions and segments come together, also for who opens anew. */
static void test_commit__is_there_after_opening_again(void **state)
{
	struct index_store *s = open_store(INDEX_WRITE);
	const struct index_dataset *ds;
	struct index_snapshot *snap;

	(void)state;
	commit(s, 10, 41, 1000);
	commit(s, 20, 42, 2000);
	index_store_close(s);
	s = open_store(INDEX_READ);
	assert_int_equal(helper_position(s), 42);
	snap = snapshot(s);
	ds = index_snapshot_find(snap, SLICE_LIT("events"));
	assert_non_null(ds);
	assert_int_equal(ds->rows, 30);
	assert_int_equal(ds->nsegments, 2);
	assert_int_equal(ds->next_sequence, 30);
	assert_int_equal(ds->segments[1].rows, 20);
	assert_int_equal(ds->segments[1].packs, HELPER_PACKS);
	assert_int_equal(ds->segments[1].time_min, 42);
	assert_int_equal(ds->segments[1].received_min, 2000);
	assert_int_equal(ds->segments[1].exceptions, 1);
	index_snapshot_close(snap);
	index_store_close(s);
}

/* (I1) */
static void test_commit__what_is_aborted_leaves_nothing(void **state)
{
	struct index_store *s = open_store(INDEX_WRITE);
	struct err err = ERR_INIT;
	struct index_snapshot *snap;
	struct helper_sealed h;
	struct index_txn *t;

	(void)state;
	commit(s, 10, 1, 1);
	helper_sealed_make(&h, events, 5, 9);
	assert_int_equal(index_txn_begin(&t, s, &err), 0);
	assert_int_equal(index_txn_add(t, &h.sealed, &err), 0);
	assert_int_equal(index_txn_put_position(t, SLICE_LIT("position"),
						SLICE_LIT("9"), &err),
			 0);
	index_txn_abort(t);
	helper_sealed_release(&h);
	assert_int_equal(helper_position(s), 1);
	commit(s, 3, 2, 2);
	snap = snapshot(s);
	assert_int_equal(index_snapshot_dataset(snap, 0)->rows, 13);
	assert_int_equal(index_snapshot_dataset(snap, 0)->segments[1].segment,
			 2);
	index_snapshot_close(snap);
	index_store_close(s);
}

/* (I3), (I4): across batches, datasets, processes. */
static void test_commit__counts_sequences_per_dataset(void **state)
{
	struct dataset *other = helper_dataset(
		"{\"dataset\":\"other\",\"kind\":\"log\",\"time\":\"t\","
		"\"fields\":[{\"name\":\"t\",\"type\":\"date\"}]}");
	struct err err = ERR_INIT;
	struct index_snapshot *snap;
	struct index_store *s;
	uint64_t segment = 0, end[2] = { 0 };

	(void)state;
	for (uint64_t round = 0; round < 4; round++) {
		struct helper_sealed a, b, c;
		struct index_txn *t;

		s = open_store(INDEX_WRITE);
		assert_int_equal(index_store_register(s, other, &err), 0);
		helper_sealed_make(&a, events, 3, 1);
		helper_sealed_make(&b, other, 7, 2);
		helper_sealed_make(&c, events, 5, 3);
		assert_int_equal(index_txn_begin(&t, s, &err), 0);
		assert_int_equal(index_txn_add(t, &a.sealed, &err), 0);
		assert_int_equal(index_txn_add(t, &b.sealed, &err), 0);
		assert_int_equal(index_txn_add(t, &c.sealed, &err), 0);
		assert_int_equal(index_txn_commit(t, 5, &err), 0);
		helper_sealed_release(&a);
		helper_sealed_release(&b);
		helper_sealed_release(&c);
		index_store_close(s);
	}
	s = open_store(INDEX_READ);
	snap = snapshot(s);
	assert_int_equal(index_snapshot_datasets(snap), 2);
	for (uint32_t i = 0; i < 2; i++) {
		const struct index_dataset *ds =
			index_snapshot_dataset(snap, i);

		for (uint32_t k = 0; k < ds->nsegments; k++) {
			assert_int_equal(ds->segments[k].sequence, end[i]);
			end[i] += ds->segments[k].rows;
			segment += ds->segments[k].segment;
		}
		assert_int_equal(ds->next_sequence, end[i]);
	}
	assert_int_equal(end[0], 4 * 8);
	assert_int_equal(end[1], 4 * 7);
	assert_int_equal(segment, 12 * 13 / 2); /* each of 1..12 once */
	index_snapshot_close(snap);
	index_store_close(s);
	dataset_free(other);
}

/* (I5) */
static void test_commit__received_never_goes_back(void **state)
{
	static const int64_t given[] = { 100, 50, 200, 199, -1, 201 };
	static const int64_t stored[] = { 100, 100, 200, 200, 200, 201 };
	struct index_store *s = NULL;
	struct index_snapshot *snap;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(given); i++) {
		s = open_store(INDEX_WRITE);
		commit(s, 1, i, given[i]);
		snap = snapshot(s);
		assert_int_equal(index_snapshot_dataset(snap, 0)
					 ->segments[i]
					 .received_max,
				 stored[i]);
		index_snapshot_close(snap);
		index_store_close(s);
	}
}

/* (I6) */
static void test_commit__a_dataset_must_be_registered(void **state)
{
	struct dataset *copy = helper_dataset(helper_schema);
	struct index_store *s = open_store(INDEX_WRITE);
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(helper_commit(s, copy, 1, 1, 1, &err), ERR_SCHEMA);
	assert_non_null(
		strstr(err.message, "dataset events is not registered"));
	commit(s, 1, 2, 2);
	index_store_close(s);
	dataset_free(copy);
}

static void test_commit__a_failed_step_fails_the_commit(void **state)
{
	static const char long_key[INDEX_POSITION_KEY_MAX + 1] = "k";
	struct index_store *s = open_store(INDEX_WRITE);
	struct err err = ERR_INIT;
	struct index_txn *t;

	(void)state;
	assert_int_equal(index_txn_begin(&t, s, &err), 0);
	assert_int_equal(index_txn_put_position(t, SLICE_LIT("a"),
						SLICE_LIT("1"), &err),
			 0);
	assert_int_equal(
		index_txn_put_position(t, slice_of(long_key, sizeof(long_key)),
				       SLICE_LIT("1"), &err),
		ERR_LIMIT);
	assert_int_equal(index_txn_commit(t, 1, &err), ERR_LIMIT);
	assert_non_null(strstr(err.message, "an earlier step"));
	assert_int_equal(helper_position(s), 0);
	index_store_close(s);
}

/* (I8): each allocation fails in turn; the store is as before. */
static void test_commit__survives_failing_allocations(void **state)
{
	struct index_store *s = open_store(INDEX_WRITE);
	struct err err = ERR_INIT;
	uint64_t n = 0;
	int ret;

	(void)state;
	commit(s, 1, 7, 1);
	do {
		mem_fail_after(++n);
		ret = helper_commit(s, events, 2, 8, 1, &err);
		mem_fail_after(0);
		if (ret < 0) {
			assert_int_equal(ret, ERR_NO_MEMORY);
			assert_int_equal(helper_position(s), 7);
		}
		assert_true(n < 100);
	} while (ret < 0);
	assert_true(n > 2);
	assert_int_equal(helper_position(s), 8);
	index_store_close(s);
}

#define COMMIT_TEST(name) cmocka_unit_test_setup_teardown(name, make, clear)

TEST_MAIN(COMMIT_TEST(test_commit__is_there_after_opening_again),
	  COMMIT_TEST(test_commit__what_is_aborted_leaves_nothing),
	  COMMIT_TEST(test_commit__counts_sequences_per_dataset),
	  COMMIT_TEST(test_commit__received_never_goes_back),
	  COMMIT_TEST(test_commit__a_dataset_must_be_registered),
	  COMMIT_TEST(test_commit__a_failed_step_fails_the_commit),
	  COMMIT_TEST(test_commit__survives_failing_allocations))
