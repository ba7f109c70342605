/*
 * Merging changes no answer: every row is found again under its sequence
 * number, with its message, values and time received.
 */
#include <string.h>

#include "base/mem.h"
#include "index/merge_int.h"
#include "index/snapshot.h"
#include "index/verify.h"
#include "tests/test.h"
#include "tests/unit/index/helper_segment.h"
#include "tests/unit/index/helper_store.h"

struct fixture {
	char dir[HELPER_PATH];
	struct helper_segment h; /* dataset, decoder and builder */
	struct index_store *store;
	struct index_merger *merger;
	uint64_t random;
	int64_t received;
};

static void set_up(struct fixture *f, uint64_t seed)
{
	struct err err = ERR_INIT;

	memset(f, 0, sizeof(*f));
	f->random = seed;
	f->received = 1000;
	helper_dir_make(f->dir);
	helper_segment_init(&f->h, helper_segment_schema);
	assert_int_equal(index_store_open(&f->store, f->dir, INDEX_WRITE, &err),
			 0);
	assert_int_equal(index_store_register(f->store, f->h.ds, &err), 0);
	assert_int_equal(index_merger_new(&f->merger, f->store, &err), 0);
}

static void tear_down(struct fixture *f)
{
	index_merger_free(f->merger);
	index_store_close(f->store);
	helper_segment_release(&f->h);
	helper_dir_remove(f->dir);
}

static void add_message(struct fixture *f, struct slice message)
{
	struct decode_refusal refused;
	const struct record *rec;
	struct record copy;
	struct err err = ERR_INIT;

	assert_int_equal(
		decode_message(f->h.decoder, message, &rec, &refused, &err), 0);
	copy = *rec;
	if (!copy.has_time)
		copy.time = (int64_t)(helper_random(&f->random) % 1000000);
	assert_int_equal(index_builder_add(f->h.builder, &copy, &err), 0);
}

/* Some messages are of another form, or not to be rebuilt at all. */
static void add_random(struct fixture *f)
{
	static const char *const odd[] = {
		"{ \"odd\" : 1 }",
		"{\"x\":{\"y\":[1,2],\"z\":null},\"x2\":\"\\u0041\"}",
		"{}",
		"{\"new\":true,\"other\":false}",
		"{\"other\":false,\"new\":true}",
	};
	uint64_t pick = helper_random(&f->random) % 40;
	struct buf out;

	if (pick < sizeof(odd) / sizeof(odd[0])) {
		add_message(f, slice_str(odd[pick]));
		return;
	}
	buf_init(&out, LIMIT_MESSAGE);
	helper_segment_message(&out, &f->random, pick % 2);
	add_message(f, buf_slice(&out));
	buf_release(&out);
}

static void commit_batch(struct fixture *f, uint32_t rows)
{
	struct index_sealed *sealed = NULL;
	struct index_txn *t = NULL;
	struct err err = ERR_INIT;

	while (rows--)
		add_random(f);
	assert_int_equal(index_builder_seal(f->h.builder, &sealed, &err), 0);
	assert_int_equal(index_txn_begin(&t, f->store, &err), 0);
	assert_int_equal(index_txn_add(t, sealed, &err), 0);
	assert_int_equal(index_txn_commit(t, f->received, &err), 0);
	index_sealed_free(sealed);
	f->received += (int64_t)(helper_random(&f->random) % 3);
}

/* A line for each row, in the order of sequence numbers. */
static void dump_row(struct index_segment *seg, const struct dataset *ds,
		     uint32_t row, struct buf *out)
{
	struct err err = ERR_INIT;
	char head[64];
	int64_t time;

	assert_int_equal(index_segment_time(seg, row, &time, &err), 0);
	snprintf(head, sizeof(head), "%llu %lld %lld ",
		 (unsigned long long)index_segment_sequence(seg, row),
		 (long long)index_segment_received(seg, row), (long long)time);
	buf_put_slice(out, slice_str(head));
	assert_int_equal(index_segment_source(seg, row, out, &err), 0);
	buf_put(out, " ", 1);
	helper_segment_values(seg, ds, row, out);
	buf_put(out, "\n", 1);
}

static void check_order(struct index_segment *seg)
{
	const struct index_run *runs;
	struct err err = ERR_INIT;
	int64_t time, last = 0;
	uint32_t n, row;

	assert_int_equal(index_segment_runs(seg, &runs, &n, &err), 0);
	for (uint32_t i = 0; i < n; i++) {
		for (row = runs[i].first; row < runs[i].first + runs[i].rows;
		     row++) {
			assert_int_equal(
				index_segment_time(seg, row, &time, &err), 0);
			assert_true(time >= runs[i].time_min &&
				    time <= runs[i].time_max);
			assert_true(row == runs[i].first || last < time ||
				    (last == time &&
				     index_segment_sequence(seg, row - 1) <
					     index_segment_sequence(seg, row)));
			last = time;
		}
	}
}

static uint32_t dump(struct fixture *f, struct index_snapshot *given,
		     struct buf *out)
{
	struct index_snapshot *snap = given;
	const struct index_dataset *ds;
	struct err err = ERR_INIT;
	uint32_t row, n;

	buf_reset(out);
	if (!snap)
		assert_int_equal(index_snapshot_open(&snap, f->store, &err), 0);
	ds = index_snapshot_find(snap, f->h.ds->name);
	n = ds->nsegments;
	for (uint32_t i = 0; i < n; i++) {
		const struct index_descriptor *d = &ds->segments[i];
		struct index_segment *seg = NULL;

		assert_int_equal(index_segment_open(&seg, snap, ds, d, &err),
				 0);
		check_order(seg);
		for (uint64_t s = d->sequence; s < d->sequence_end; s++) {
			assert_true(index_segment_find_sequence(seg, s, &row));
			dump_row(seg, ds->ds, row, out);
		}
		assert_false(index_segment_find_sequence(seg, d->sequence_end,
							 &row));
		index_segment_close(seg);
	}
	assert_int_equal(out->error, 0);
	if (!given)
		index_snapshot_close(snap);
	return n;
}

static uint32_t merge_all(struct fixture *f)
{
	struct index_merge_done done;
	struct err err = ERR_INIT;
	uint32_t n = 0;
	int ret;

	while ((ret = index_merger_step(f->merger, &done, &err)) == 1) {
		assert_true(done.segments >= 2 && done.rows > 0);
		n++;
	}
	if (ret < 0)
		fail_msg("%s", err.message);
	return n;
}

static void show(void *ctx, struct slice line)
{
	(void)ctx;
	print_error("%.*s\n", SLICE_ARG(line));
}

static void check_whole(struct fixture *f)
{
	struct index_verify_result result;
	struct err err = ERR_INIT;

	index_merger_free(f->merger);
	index_store_close(f->store);
	f->merger = NULL;
	f->store = NULL;
	assert_int_equal(index_verify(f->dir, &result, show, NULL, NULL, &err),
			 0);
	assert_int_equal(result.damaged, 0);
}

static void test_merge__keeps_every_row(void **state)
{
	/* Batches of a round, their most rows. */
	static const uint32_t rounds[][2] = {
		{ 30, 1 }, { 40, 30 }, { 30, 400 }, { 6, 9000 }, { 20, 50 }
	};
	struct buf before, after;
	struct fixture f;

	(void)state;
	set_up(&f, 7);
	buf_init(&before, (size_t)256 << 20);
	buf_init(&after, (size_t)256 << 20);
	for (size_t r = 0; r < sizeof(rounds) / sizeof(rounds[0]); r++) {
		uint32_t merges, segments, left;

		for (uint32_t i = 0; i < rounds[r][0]; i++)
			commit_batch(&f,
				     1 + (uint32_t)(helper_random(&f.random) %
						    rounds[r][1]));
		segments = dump(&f, NULL, &before);
		merges = merge_all(&f);
		left = dump(&f, NULL, &after);
		assert_true(r == 0 || merges > 0);
		assert_true(merges == 0 || left < segments);
		assert_int_equal(before.len, after.len);
		assert_memory_equal(before.p, after.p, before.len);
	}
	check_whole(&f);
	buf_release(&before);
	buf_release(&after);
	tear_down(&f);
}

static void test_merge__does_not_disturb_a_reader(void **state)
{
	struct index_snapshot *snap = NULL;
	struct err err = ERR_INIT;
	struct buf before, after;
	struct fixture f;

	(void)state;
	set_up(&f, 11);
	buf_init(&before, (size_t)64 << 20);
	buf_init(&after, (size_t)64 << 20);
	for (int i = 0; i < 60; i++)
		commit_batch(&f, 20);
	assert_int_equal(index_snapshot_open(&snap, f.store, &err), 0);
	dump(&f, snap, &before);
	assert_true(merge_all(&f) > 0);
	assert_int_equal(dump(&f, snap, &after), 60);
	assert_memory_equal(before.p, after.p, before.len);
	index_snapshot_close(snap);
	buf_release(&before);
	buf_release(&after);
	tear_down(&f);
}

/* Whichever allocation fails, the store stays as it was. */
static void test_merge__survives_a_failing_allocation(void **state)
{
	struct index_merge_done done;
	struct err err = ERR_INIT;
	struct buf before, after;
	uint32_t segments;
	struct fixture f;
	int ret = ERR_NO_MEMORY;

	(void)state;
	set_up(&f, 13);
	buf_init(&before, (size_t)64 << 20);
	buf_init(&after, (size_t)64 << 20);
	for (int i = 0; i < 70; i++)
		commit_batch(&f, 15);
	segments = dump(&f, NULL, &before);
	for (uint64_t nth = 1; ret == ERR_NO_MEMORY; nth += 1 + nth / 16) {
		mem_fail_after(nth);
		ret = index_merger_step(f.merger, &done, &err);
		mem_fail_after(0);
		assert_true(ret == ERR_NO_MEMORY || ret == 1);
		if (ret != 1)
			assert_int_equal(dump(&f, NULL, &after), segments);
	}
	assert_true(dump(&f, NULL, &after) < segments);
	assert_int_equal(before.len, after.len);
	assert_memory_equal(before.p, after.p, before.len);
	check_whole(&f);
	buf_release(&before);
	buf_release(&after);
	tear_down(&f);
}

static bool never(const void *ctx, uint64_t segment)
{
	(void)ctx;
	(void)segment;
	return false;
}

/* Small batches for a long time: nothing is written more often than it rises,
 * and there are never many segments. */
static void test_merge__rewrites_a_row_once_per_class(void **state)
{
	enum { BATCHES = 20000, ROWS = 100 };
	static struct index_descriptor d[BATCHES];
	static uint8_t rewrites[BATCHES];
	struct index_merge_plan plan;
	uint32_t n = 0, most = 0;

	(void)state;
	memset(rewrites, 0, sizeof(rewrites));
	for (uint32_t i = 0; i < BATCHES; i++) {
		d[n++] = (struct index_descriptor){ .rows = ROWS,
						    .schema = 1,
						    .segment = i,
						    .sequence = i * ROWS };
		while (index_merge_choose(d, n, never, NULL, &plan)) {
			uint32_t rows = 0, from = plan.first;

			for (uint32_t k = from; k < from + plan.n; k++)
				rows += d[k].rows;
			assert_true(rows <= LIMIT_SEGMENT_ROWS &&
				    rows <= (i + 1) * ROWS / 8);
			for (uint32_t k = 0; k < rows / ROWS; k++)
				rewrites[d[from].sequence / ROWS + k]++;
			d[from].rows = rows;
			d[from].level = plan.level;
			if (index_merge_class(rows) > plan.level)
				d[from].level = index_merge_class(rows);
			memmove(d + from + 1, d + from + plan.n,
				(n - from - plan.n) * sizeof(*d));
			n -= plan.n - 1;
		}
		most = n > most ? n : most;
	}
	for (uint32_t i = 0; i < BATCHES; i++)
		assert_true(rewrites[i] <= 5);
	assert_true(most < 250);
}

static void test_merge__keeps_versions_apart(void **state)
{
	struct index_descriptor d[64];
	struct index_merge_plan plan;

	(void)state;
	memset(d, 0, sizeof(d));
	for (uint32_t i = 0; i < 64; i++) {
		d[i].rows = 50;
		d[i].schema = 1 + i % 2;
	}
	assert_false(index_merge_choose(d, 64, never, NULL, &plan));
	for (uint32_t i = 0; i < 64; i++)
		d[i].schema = 1 + (i >= 32);
	assert_true(index_merge_choose(d, 64, never, NULL, &plan));
	assert_true(plan.first + plan.n <= 32);
}

TEST_MAIN(TEST(test_merge__keeps_every_row),
	  TEST(test_merge__does_not_disturb_a_reader),
	  TEST(test_merge__survives_a_failing_allocation),
	  TEST(test_merge__rewrites_a_row_once_per_class),
	  TEST(test_merge__keeps_versions_apart))
