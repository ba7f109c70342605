#include "index/commit.h"

#include <stdlib.h>

#include "tests/unit/index/helper_store.h"
#include "index/env_int.h"
#include "index/store_int.h"
#include "tests/test.h"

static char dir[HELPER_PATH];
static struct index_store *store;

static int make(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	helper_dir_make(dir);
	return index_store_open(&store, dir, INDEX_WRITE, &err);
}

static int clear(void **state)
{
	(void)state;
	index_store_close(store);
	helper_dir_remove(dir);
	return 0;
}

/* Keys and values in key order, as "key=value ". */
struct seen {
	char text[512];
	int stop_after;
};

static int see(void *ctx, struct slice key, struct slice value)
{
	struct seen *seen = ctx;
	size_t n = strlen(seen->text);

	snprintf(seen->text + n, sizeof(seen->text) - n, "%.*s=%.*s ",
		 SLICE_ARG(key), SLICE_ARG(value));
	return seen->stop_after && --seen->stop_after == 0 ? 42 : 0;
}

static void put(const char *key, const char *value)
{
	struct err err = ERR_INIT;
	struct index_txn *t;

	assert_int_equal(index_txn_begin(&t, store, &err), 0);
	if (value)
		assert_int_equal(index_txn_put_position(t, slice_str(key),
							slice_str(value), &err),
				 0);
	else
		assert_int_equal(
			index_txn_delete_position(t, slice_str(key), &err), 0);
	assert_int_equal(index_txn_commit(t, 1, &err), 0);
}

static void expect(const char *prefix, const char *text)
{
	struct seen seen = { .text = "" };
	struct err err = ERR_INIT;

	assert_int_equal(index_store_positions(store, slice_str(prefix), see,
					       &seen, &err),
			 0);
	assert_string_equal(seen.text, text);
}

static void test_positions__are_walked_by_prefix_in_key_order(void **state)
{
	(void)state;
	expect("", "");
	put("kafka b", "2");
	put("file x", "9");
	put("kafka a", "1");
	put("kafka", "");
	expect("", "file x=9 kafka= kafka a=1 kafka b=2 ");
	expect("kafka", "kafka= kafka a=1 kafka b=2 ");
	expect("kafka ", "kafka a=1 kafka b=2 ");
	expect("kafka a", "kafka a=1 ");
	expect("kafka aa", "");
	expect("l", "");
}

static void test_positions__are_replaced_and_deleted(void **state)
{
	(void)state;
	put("a", "1");
	put("b", "1");
	put("a", "a longer one than before");
	put("b", NULL);
	put("nothing", NULL);
	expect("", "a=a longer one than before ");
}

static void test_positions__the_callback_ends_the_walk(void **state)
{
	struct seen seen = { .stop_after = 2 };
	struct err err = ERR_INIT;

	(void)state;
	put("a", "1");
	put("b", "2");
	put("c", "3");
	assert_int_equal(index_store_positions(store, SLICE_LIT(""), see, &seen,
					       &err),
			 42);
	assert_string_equal(seen.text, "a=1 b=2 ");
}

static void test_positions__limits_are_exact(void **state)
{
	static const struct {
		size_t key, value;
		int code;
	} rows[] = {
		{ 1, 0, 0 },
		{ INDEX_POSITION_KEY_MAX, INDEX_POSITION_VALUE_MAX, 0 },
		{ 0, 1, ERR_LIMIT },
		{ INDEX_POSITION_KEY_MAX + 1, 1, ERR_LIMIT },
		{ 1, INDEX_POSITION_VALUE_MAX + 1, ERR_LIMIT },
	};
	static const char zeros[1024];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct err err = ERR_INIT;
		struct index_txn *t;

		test_row("%zu, %zu", rows[i].key, rows[i].value);
		assert_int_equal(index_txn_begin(&t, store, &err), 0);
		assert_int_equal(index_txn_put_position(
					 t, slice_of(zeros, rows[i].key),
					 slice_of(zeros, rows[i].value), &err),
				 rows[i].code);
		if (rows[i].key != 1 && rows[i].code)
			assert_int_equal(
				index_txn_delete_position(
					t, slice_of(zeros, rows[i].key), &err),
				rows[i].code);
		index_txn_abort(t);
	}
}

/* A flipped bit of a position would lose or repeat events. */
static void test_positions__a_wrong_checksum_is_damage(void **state)
{
	struct seen seen = { .text = "" };
	struct err err = ERR_INIT;
	struct index_env *e;
	struct slice value;
	char copy[64];
	MDB_txn *txn;

	(void)state;
	put("topic", "12345");
	assert_int_equal(index_store_begin(store, true, &e, &txn, &err), 0);
	assert_int_equal(index_env_get(e, txn, INDEX_DB_OFFS,
				       SLICE_LIT("topic"), &value, &err),
			 0);
	assert_int_equal(value.len, 9);
	memcpy(copy, value.p, value.len);
	copy[8] ^= 1;
	assert_int_equal(index_env_put(e, txn, INDEX_DB_OFFS,
				       SLICE_LIT("topic"),
				       slice_of(copy, value.len), false, &err),
			 0);
	assert_int_equal(mdb_txn_commit(txn), 0);
	index_store_end(store);
	assert_int_equal(index_store_positions(store, SLICE_LIT(""), see, &seen,
					       &err),
			 ERR_CORRUPT);
	assert_string_equal(err.message, "a source position is damaged: its "
					 "checksum is wrong");
	assert_string_equal(seen.text, "");
}

#define POSITION_TEST(name) cmocka_unit_test_setup_teardown(name, make, clear)

TEST_MAIN(POSITION_TEST(test_positions__are_walked_by_prefix_in_key_order),
	  POSITION_TEST(test_positions__are_replaced_and_deleted),
	  POSITION_TEST(test_positions__the_callback_ends_the_walk),
	  POSITION_TEST(test_positions__limits_are_exact),
	  POSITION_TEST(test_positions__a_wrong_checksum_is_damage))
