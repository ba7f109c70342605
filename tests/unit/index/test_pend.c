#include "index/pend_int.h"

#include <stdlib.h>

#include "tests/unit/index/helper_store.h"
#include "index/descriptor_int.h"
#include "index/meta_int.h"
#include "index/record_int.h"
#include "index/store_int.h"
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

static struct index_store *open_store(void)
{
	struct err err = ERR_INIT;
	struct index_store *s = NULL;

	if (index_store_open(&s, dir, INDEX_WRITE, &err) < 0 ||
	    index_store_register(s, events, &err) < 0)
		fail_msg("%s", err.message);
	return s;
}

/* What a killed merge leaves: `packs` packs of `size` bytes, and a record. */
static void leave_behind(struct index_store *s, uint64_t segment,
			 uint32_t packs, size_t size)
{
	static const char zeros[200 << 10];
	struct err err = ERR_INIT;
	struct index_state state;
	char key[INDEX_PACK_KEY];
	struct index_env *e;
	MDB_txn *txn;

	assert_int_equal(index_store_begin(s, true, &e, &txn, &err), 0);
	assert_int_equal(index_meta_state(e, txn, true, &state, &err), 0);
	for (uint32_t i = 0; i < packs; i++) {
		index_pack_key(key, segment, i);
		assert_int_equal(index_env_put(e, txn, INDEX_DB_DATA,
					       slice_of(key, sizeof(key)),
					       slice_of(zeros, size), true,
					       &err),
				 0);
	}
	assert_int_equal(
		index_pend_put(e, txn, segment, INDEX_PEND_WRITING, &err), 0);
	assert_int_equal(index_meta_commit(e, txn, &state, &err), 0);
	index_store_end(s);
}

static uint64_t entries(struct index_store *s, enum index_db db, size_t *txnid)
{
	struct err err = ERR_INIT;
	struct index_env *e;
	MDB_txn *txn;
	MDB_stat stat;

	assert_int_equal(index_store_begin(s, false, &e, &txn, &err), 0);
	assert_int_equal(mdb_stat(txn, e->dbi[db], &stat), 0);
	if (txnid)
		*txnid = mdb_txn_id(txn);
	mdb_txn_abort(txn);
	index_store_end(s);
	return stat.ms_entries;
}

static void test_pend__is_swept_when_a_writer_opens(void **state)
{
	struct index_store *s = open_store();
	struct err err = ERR_INIT;
	size_t before, after;

	(void)state;
	assert_int_equal(helper_commit(s, events, 3, 1, 1, &err), 0);
	leave_behind(s, 50, 3, 5000);
	leave_behind(s, 60, 1000, 100);
	leave_behind(s, 70, 60, 200 << 10);
	leave_behind(s, 80, 0, 0);
	entries(s, INDEX_DB_DATA, &before);
	index_store_close(s);
	s = open_store();
	assert_int_equal(entries(s, INDEX_DB_PEND, &after), 0);
	assert_int_equal(entries(s, INDEX_DB_DATA, NULL), HELPER_PACKS);
	/* 64 deletes or 4 MiB a transaction: 1 + 16 + 3 + 1 */
	assert_int_equal(after - before, 1 + 16 + 3 + 1);
	index_store_close(s);
}

static void test_pend__a_sweep_that_was_killed_goes_on(void **state)
{
	struct index_store *s = open_store();
	struct err err = ERR_INIT;
	struct index_state state_;
	char key[INDEX_PACK_KEY];
	struct index_env *e;
	MDB_txn *txn;

	(void)state;
	leave_behind(s, 50, 200, 5000);
	/* The first half has gone already. */
	assert_int_equal(index_store_begin(s, true, &e, &txn, &err), 0);
	assert_int_equal(index_meta_state(e, txn, true, &state_, &err), 0);
	for (uint32_t i = 0; i < 100; i++) {
		index_pack_key(key, 50, i);
		assert_int_equal(index_env_del(e, txn, INDEX_DB_DATA,
					       slice_of(key, sizeof(key)),
					       &err),
				 0);
	}
	assert_int_equal(index_meta_commit(e, txn, &state_, &err), 0);
	index_store_end(s);
	index_store_close(s);
	s = open_store();
	assert_int_equal(entries(s, INDEX_DB_DATA, NULL), 0);
	assert_int_equal(entries(s, INDEX_DB_PEND, NULL), 0);
	index_store_close(s);
}

static void test_pend__a_reader_sweeps_nothing(void **state)
{
	struct index_store *s = open_store();
	struct err err = ERR_INIT;

	(void)state;
	leave_behind(s, 50, 3, 5000);
	index_store_close(s);
	assert_int_equal(index_store_open(&s, dir, INDEX_READ, &err), 0);
	assert_int_equal(entries(s, INDEX_DB_DATA, NULL), 3);
	index_store_close(s);
}

/* A wrong record must not cost live rows. */
static void test_pend__never_deletes_a_live_segment(void **state)
{
	struct index_store *s = open_store();
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(helper_commit(s, events, 3, 1, 1, &err), 0);
	leave_behind(s, 1, 0, 0);
	index_store_close(s);
	assert_int_equal(index_store_open(&s, dir, INDEX_WRITE, &err),
			 ERR_CORRUPT);
	assert_string_equal(err.message,
			    "the list of unfinished segments is damaged: it "
			    "names a segment in use");
	assert_int_equal(index_store_open(&s, dir, INDEX_READ, &err), 0);
	assert_int_equal(entries(s, INDEX_DB_DATA, NULL), HELPER_PACKS);
	index_store_close(s);
}

#define PEND_TEST(name) cmocka_unit_test_setup_teardown(name, make, clear)

TEST_MAIN(PEND_TEST(test_pend__is_swept_when_a_writer_opens),
	  PEND_TEST(test_pend__a_sweep_that_was_killed_goes_on),
	  PEND_TEST(test_pend__a_reader_sweeps_nothing),
	  PEND_TEST(test_pend__never_deletes_a_live_segment))
