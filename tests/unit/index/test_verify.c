#include "index/verify.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/index/helper_segment.h"
#include "tests/unit/index/helper_store.h"
#include "index/descriptor_int.h"
#include "index/meta_int.h"
#include "index/pend_int.h"
#include "index/segment_int.h"
#include "index/snapshot_int.h"
#include "index/store_int.h"
#include "tests/test.h"

enum { SEGMENTS = 3, ROWS = 60 };

static char dir[HELPER_PATH];
static struct helper_segment segments[SEGMENTS];

/* Another SEGMENTS of them, in one batch each. */
static void commit_all(struct index_store *s)
{
	struct err err = ERR_INIT;
	struct index_txn *t;

	for (int i = 0; i < SEGMENTS; i++) {
		assert_int_equal(index_store_register(s, segments[i].ds, &err),
				 0);
		assert_int_equal(index_txn_begin(&t, s, &err), 0);
		assert_int_equal(index_txn_add(t, segments[i].sealed, &err), 0);
		assert_int_equal(index_txn_put_position(t, SLICE_LIT("topic"),
							SLICE_LIT("12"), &err),
				 0);
		assert_int_equal(index_txn_commit(t, 1000, &err), 0);
	}
}

static struct index_store *open_store(enum index_mode mode)
{
	struct err err = ERR_INIT;
	struct index_store *s = NULL;

	if (index_store_open(&s, dir, mode, &err) < 0)
		fail_msg("%s", err.message);
	return s;
}

static int make(void **state)
{
	uint64_t random = 11;
	struct index_store *s;
	struct buf message;

	(void)state;
	helper_dir_make(dir);
	buf_init(&message, 1 << 20);
	for (int i = 0; i < SEGMENTS; i++) {
		helper_segment_init(&segments[i], helper_segment_schema);
		for (int k = 0; k < ROWS; k++) {
			buf_reset(&message);
			helper_segment_message(&message, &random, i & 1);
			helper_segment_add(&segments[i], buf_slice(&message));
		}
		helper_segment_seal(&segments[i]);
	}
	buf_release(&message);
	s = open_store(INDEX_WRITE);
	commit_all(s);
	index_store_close(s);
	return 0;
}

static int clear(void **state)
{
	(void)state;
	for (int i = 0; i < SEGMENTS; i++)
		helper_segment_release(&segments[i]);
	helper_dir_remove(dir);
	return 0;
}

struct report {
	struct index_verify_result result;
	char lines[8192];
	uint64_t done, total;
	unsigned progress;
};

static void add_line(void *ctx, struct slice line)
{
	struct report *r = ctx;
	size_t n = strlen(r->lines);

	assert_null(memchr(line.p, '\n', line.len));
	snprintf(r->lines + n, sizeof(r->lines) - n, "%.*s\n", SLICE_ARG(line));
}

static void see_progress(void *ctx, uint64_t done, uint64_t total)
{
	struct report *r = ctx;

	assert_true(done >= r->done && done <= total);
	r->done = done;
	r->total = total;
	r->progress++;
}

static int verify(struct report *r, struct err *err)
{
	memset(r, 0, sizeof(*r));
	return index_verify(dir, &r->result, add_line, see_progress, r, err);
}

static void expect_sound(void)
{
	struct err err = ERR_INIT;
	struct report r;

	if (verify(&r, &err) < 0)
		fail_msg("%s", err.message);
	if (r.result.damaged)
		fail_msg("%s", r.lines);
}

static void expect_finding(const char *part)
{
	struct err err = ERR_INIT;
	struct report r;

	if (verify(&r, &err) < 0)
		fail_msg("%s", err.message);
	if (!r.result.damaged || !strstr(r.lines, part))
		fail_msg("\"%s\" is not in \"%s\"", part, r.lines);
}

static void test_verify__counts_what_it_has_checked(void **state)
{
	struct err err = ERR_INIT;
	uint64_t bytes = 0;
	struct report r;

	(void)state;
	for (int i = 0; i < SEGMENTS; i++)
		for (uint32_t k = 0; k < segments[i].sealed->npacks; k++)
			bytes += segments[i].sealed->packs[k].len;
	assert_int_equal(verify(&r, &err), 0);
	assert_string_equal(r.lines, "");
	assert_int_equal(r.result.damaged, 0);
	assert_int_equal(r.result.segments, SEGMENTS);
	assert_int_equal(r.result.rows, SEGMENTS * ROWS);
	assert_int_equal(r.result.bytes, bytes);
	assert_true(r.result.parts > SEGMENTS * 10);
	assert_int_equal(r.done, bytes);
	assert_int_equal(r.total, bytes);
	assert_int_equal(r.progress, SEGMENTS + 1);
	/* Nobody needs to listen. */
	assert_int_equal(index_verify(dir, &r.result, NULL, NULL, NULL, NULL),
			 0);
}

static void test_verify__what_cannot_be_walked_is_an_error(void **state)
{
	struct err err = ERR_INIT;
	struct report r;

	(void)state;
	assert_int_equal(index_verify("/nonexistent", &r.result, add_line, NULL,
				      &r, &err),
			 ERR_NOT_FOUND);
	assert_non_null(strstr(err.message, "\"/nonexistent\""));
	assert_non_null(strstr(err.hint, "--store"));
}

/* Where the bytes at `p` of the map stand in the data file. */
static uint64_t place(struct index_snapshot *snap, const char *p)
{
	return (uint64_t)(p - index_snapshot_env(snap)->map);
}

static void flip(uint64_t at, unsigned char mask)
{
	int fd = open(helper_file(dir, "data.mdb"), O_RDWR);
	unsigned char byte;

	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &byte, 1, (off_t)at), 1);
	byte ^= mask;
	assert_int_equal(pwrite(fd, &byte, 1, (off_t)at), 1);
	close(fd);
}

/* The bytes of the file that are in parts, as (place, length). */
struct extent {
	uint64_t at, len;
};

static size_t find_extents(struct extent *out, size_t room)
{
	struct index_store *s = open_store(INDEX_READ);
	struct index_snapshot *snap = NULL;
	struct err err = ERR_INIT;
	const struct index_dataset *ds;
	size_t n = 0;

	assert_int_equal(index_snapshot_open(&snap, s, &err), 0);
	ds = index_snapshot_dataset(snap, 0);
	for (uint32_t i = 0; i < ds->nsegments; i++) {
		const struct index_descriptor *d = &ds->segments[i];
		struct slice packs[256], record;
		char key[INDEX_DESCRIPTOR_KEY], value[INDEX_DESCRIPTOR_SIZE];
		char pack_key[INDEX_PACK_KEY];
		struct index_segment *seg;

		assert_true(d->packs <= 256);
		for (uint32_t k = 0; k < d->packs; k++) {
			index_pack_key(pack_key, d->segment, k);
			assert_int_equal(
				index_env_get(index_snapshot_env(snap),
					      index_snapshot_txn(snap),
					      INDEX_DB_DATA,
					      slice_of(pack_key,
						       sizeof(pack_key)),
					      &packs[k], &err),
				0);
		}
		index_descriptor_encode(d, key, value);
		assert_int_equal(index_env_get(index_snapshot_env(snap),
					       index_snapshot_txn(snap),
					       INDEX_DB_SEGS,
					       slice_of(key, sizeof(key)),
					       &record, &err),
				 0);
		assert_true(n + 2 < room);
		out[n++] = (struct extent){ place(snap, record.p), record.len };
		out[n++] = (struct extent){ place(snap, packs[0].p),
					    packs[0].len };
		assert_int_equal(index_segment_open(&seg, snap, ds, d, &err), 0);
		for (uint32_t k = 0; k < seg->nparts; k++) {
			struct index_part_entry e =
				index_segment_part_at(seg, k);

			assert_true(n < room);
			if (e.length)
				out[n++] = (struct extent){
					place(snap, packs[e.pack].p + e.offset),
					e.length
				};
		}
		index_segment_close(seg);
	}
	index_snapshot_close(snap);
	index_store_close(s);
	return n;
}

/* One byte in every part, descriptor and statistics, at random places. */
static void test_verify__finds_flipped_bytes_of_every_part(void **state)
{
	static struct extent extents[4096];
	uint64_t seed = 4711;
	size_t n = find_extents(extents, ARRAY_SIZE(extents));

	(void)state;
	assert_true(n > SEGMENTS * 10);
	for (size_t i = 0; i < n; i++) {
		uint64_t r = helper_random(&seed);
		uint64_t at = extents[i].at + (r >> 16) % extents[i].len;
		unsigned char mask = (unsigned char)(1u << (r & 7));
		struct err err = ERR_INIT;
		struct report report;

		test_row("byte %" PRIu64 " of %" PRIu64 " at %" PRIu64,
			 at - extents[i].at, extents[i].len, at);
		flip(at, mask);
		assert_int_equal(verify(&report, &err), 0);
		assert_true(report.result.damaged > 0);
		assert_non_null(strstr(report.lines, "segment "));
		flip(at, mask);
	}
	expect_sound();
}

/* Every byte of a descriptor, whose record is small. */
static void test_verify__finds_every_flipped_byte_of_a_descriptor(void **state)
{
	static struct extent extents[4096];

	(void)state;
	find_extents(extents, ARRAY_SIZE(extents));
	for (uint64_t i = 0; i < extents[0].len; i++) {
		flip(extents[0].at + i, 0x10);
		expect_finding("segment at sequence 0: the descriptor is "
			       "damaged");
		flip(extents[0].at + i, 0x10);
	}
}

/* Does something in a writing transaction of its own. */
static void change(void (*fn)(struct index_env *e, MDB_txn *txn))
{
	struct index_store *s = open_store(INDEX_WRITE);
	struct err err = ERR_INIT;
	struct index_state state;
	struct index_env *e;
	MDB_txn *txn;

	assert_int_equal(index_store_begin(s, true, &e, &txn, &err), 0);
	assert_int_equal(index_meta_state(e, txn, true, &state, &err), 0);
	fn(e, txn);
	assert_int_equal(index_meta_commit(e, txn, &state, &err), 0);
	index_store_end(s);
	index_store_close(s);
}

static void lose_pack(struct index_env *e, MDB_txn *txn)
{
	char key[INDEX_PACK_KEY];

	index_pack_key(key, 2, 1);
	assert_int_equal(index_env_del(e, txn, INDEX_DB_DATA,
				       slice_of(key, sizeof(key)), NULL),
			 0);
}

static void test_verify__names_lost_packs(void **state)
{
	(void)state;
	change(lose_pack);
	expect_finding("segment 2: ");
	expect_finding("packs with");
}

static void leave_pack(struct index_env *e, MDB_txn *txn)
{
	char key[INDEX_PACK_KEY];

	index_pack_key(key, 99, 0);
	assert_int_equal(index_env_put(e, txn, INDEX_DB_DATA,
				       slice_of(key, sizeof(key)),
				       SLICE_LIT("bytes"), true, NULL),
			 0);
}

static void excuse_pack(struct index_env *e, MDB_txn *txn)
{
	assert_int_equal(index_pend_put(e, txn, 99, INDEX_PEND_DELETING, NULL),
			 0);
}

static void test_verify__names_packs_without_a_segment(void **state)
{
	(void)state;
	change(leave_pack);
	expect_finding("1 packs belong to no segment");
	change(excuse_pack);
	expect_sound(); /* a deletion at work */
}

static void break_position(struct index_env *e, MDB_txn *txn)
{
	assert_int_equal(index_env_put(e, txn, INDEX_DB_OFFS,
				       SLICE_LIT("topic\x01"),
				       SLICE_LIT("what is this"), false, NULL),
			 0);
}

static void test_verify__names_damaged_records(void **state)
{
	(void)state;
	change(break_position);
	expect_finding("topic\\x01 in offs is damaged: its checksum is wrong");
}

/* The whole file is fair game; the walk comes to an end and tells. */
static void test_verify__survives_damaged_pages(void **state)
{
	uint64_t seed = 815;
	unsigned found = 0;
	struct stat st;

	(void)state;
	assert_int_equal(stat(helper_file(dir, "data.mdb"), &st), 0);
	for (int round = 0; round < 150; round++) {
		uint64_t r = helper_random(&seed);
		uint64_t at[3];
		struct err err = ERR_INIT;
		struct report report;
		int ret;

		for (int i = 0; i < 3; i++) {
			uint64_t page = helper_random(&seed) %
					((uint64_t)st.st_size / 4096);

			at[i] = page * 4096 + helper_random(&seed) % 64;
			flip(at[i], (unsigned char)(1 + r % 255));
		}
		test_row("round %d: %" PRIu64 " %" PRIu64 " %" PRIu64, round,
			 at[0], at[1], at[2]);
		ret = verify(&report, &err);
		if (ret < 0)
			assert_int_equal(ret, ERR_VERSION);
		found += ret < 0 || report.result.damaged > 0;
		for (int i = 0; i < 3; i++)
			flip(at[i], (unsigned char)(1 + r % 255));
	}
	assert_true(found > 50 && found < 150);
	expect_sound();
}

static void test_verify__a_file_cut_short_is_a_finding(void **state)
{
	(void)state;
	assert_int_equal(truncate(helper_file(dir, "data.mdb"), 4096 * 3), 0);
	expect_finding("damaged");
	assert_int_equal(truncate(helper_file(dir, "data.mdb"), 0), 0);
	expect_finding("is damaged: it is empty");
}

/* Commits for as long as it lives. */
static pid_t start_writer(void)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct index_store *s = open_store(INDEX_WRITE);

		alarm(30);
		for (;;)
			commit_all(s);
	}
	return pid;
}

static void test_verify__raises_no_alarm_while_events_come_in(void **state)
{
	pid_t pid = start_writer();
	struct err err = ERR_INIT;
	uint64_t before = 0;
	struct report r;

	(void)state;
	for (int i = 0; i < 25; i++) {
		if (verify(&r, &err) < 0)
			fail_msg("%s", err.message);
		assert_string_equal(r.lines, "");
		assert_true(r.result.segments >= before);
		before = r.result.segments;
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_true(before > SEGMENTS);
	expect_sound();
}

/* The walk has a process of its own, so a store that is open here is no
 * hindrance. */
static void test_verify__of_a_store_open_in_this_process(void **state)
{
	struct index_store *s = open_store(INDEX_WRITE);

	(void)state;
	expect_sound();
	commit_all(s);
	expect_sound();
	index_store_close(s);
}

#define VERIFY_TEST(name) cmocka_unit_test_setup_teardown(name, make, clear)

TEST_MAIN(VERIFY_TEST(test_verify__counts_what_it_has_checked),
	  VERIFY_TEST(test_verify__what_cannot_be_walked_is_an_error),
	  VERIFY_TEST(test_verify__finds_flipped_bytes_of_every_part),
	  VERIFY_TEST(test_verify__finds_every_flipped_byte_of_a_descriptor),
	  VERIFY_TEST(test_verify__names_lost_packs),
	  VERIFY_TEST(test_verify__names_packs_without_a_segment),
	  VERIFY_TEST(test_verify__names_damaged_records),
	  VERIFY_TEST(test_verify__survives_damaged_pages),
	  VERIFY_TEST(test_verify__a_file_cut_short_is_a_finding),
	  VERIFY_TEST(test_verify__raises_no_alarm_while_events_come_in),
	  VERIFY_TEST(test_verify__of_a_store_open_in_this_process))
