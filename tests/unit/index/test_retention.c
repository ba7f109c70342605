#include <string.h>

#include "base/time.h"
#include "index/retention.h"
#include "index/verify.h"
#include "tests/test.h"
#include "tests/unit/index/helper_store.h"

#define DAY NS_PER_DAY

static const char schema[] =
	"{\"dataset\":\"short\",\"title\":\"Short\",\"kind\":\"log\","
	"\"time\":\"at\",\"retention\":{\"days\":2},\"fields\":["
	"{\"name\":\"at\",\"type\":\"date\",\"unit\":\"s\"}]}";

struct fixture {
	char dir[HELPER_PATH];
	struct dataset *ds;
	struct index_store *store;
};

/* Ten segments of ten rows, one a day. */
static void set_up(struct fixture *f)
{
	struct err err = ERR_INIT;

	helper_dir_make(f->dir);
	f->ds = helper_dataset(schema);
	assert_int_equal(index_store_open(&f->store, f->dir, INDEX_WRITE, &err),
			 0);
	assert_int_equal(index_store_register(f->store, f->ds, &err), 0);
	for (unsigned day = 1; day <= 10; day++)
		assert_int_equal(helper_commit(f->store, f->ds, 10, day,
					       day * DAY, &err),
				 0);
}

static void tear_down(struct fixture *f)
{
	index_store_close(f->store);
	dataset_free(f->ds);
	helper_dir_remove(f->dir);
}

/* What is left, and that it is the end of what there was. */
static uint32_t left(struct fixture *f, uint64_t *bytes)
{
	struct index_snapshot *snap = NULL;
	const struct index_dataset *ds;
	struct err err = ERR_INIT;
	uint32_t n;

	assert_int_equal(index_snapshot_open(&snap, f->store, &err), 0);
	ds = index_snapshot_find(snap, f->ds->name);
	n = ds->nsegments;
	*bytes = ds->bytes;
	assert_int_equal(ds->next_sequence, 100);
	assert_int_equal(ds->rows, n * 10);
	for (uint32_t i = 0; i < n; i++)
		assert_int_equal(ds->segments[i].sequence, (10 - n + i) * 10);
	index_snapshot_close(snap);
	return n;
}

static uint32_t drop_all(struct fixture *f, int64_t now, uint64_t max_bytes)
{
	struct index_retention_done done;
	struct err err = ERR_INIT;
	uint32_t n = 0;
	int ret;

	while ((ret = index_retention_step(f->store, now, max_bytes, &done,
					   &err)) == 1) {
		assert_int_equal(done.rows, done.segments * 10);
		n += done.segments;
	}
	assert_int_equal(ret, 0);
	return n;
}

static void test_retention__goes_by_the_time_received(void **state)
{
	static const struct {
		int64_t now;
		uint32_t dropped, left;
	} cases[] = {
		{ 2 * DAY, 0, 10 },    { 3 * DAY, 0, 10 },
		{ 3 * DAY + 1, 1, 9 }, { 8 * DAY + 1, 5, 4 },
		{ 8 * DAY + 1, 0, 4 }, { INT64_MAX, 4, 0 },
	};
	struct fixture f;
	uint64_t bytes;

	(void)state;
	set_up(&f);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(drop_all(&f, cases[i].now, 0),
				 cases[i].dropped);
		assert_int_equal(left(&f, &bytes), cases[i].left);
	}
	tear_down(&f);
}

static void test_retention__goes_by_bytes(void **state)
{
	struct fixture f;
	uint64_t bytes, now_left;

	(void)state;
	set_up(&f);
	assert_int_equal(left(&f, &bytes), 10);
	assert_int_equal(drop_all(&f, DAY, bytes), 0);
	assert_int_equal(drop_all(&f, DAY, bytes - 1), 1);
	assert_true(drop_all(&f, DAY, bytes / 2) > 0);
	left(&f, &now_left);
	assert_true(now_left <= bytes / 2);
	tear_down(&f);
}

TEST_MAIN(TEST(test_retention__goes_by_the_time_received),
	  TEST(test_retention__goes_by_bytes))
