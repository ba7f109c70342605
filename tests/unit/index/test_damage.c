/*
 * A small store whose files are damaged at random, read and written by a child
 * each time.  What may come out: the right data, a clean error, or the guard's
 * one line and exit status 3; never another signal, never a hang, never wrong
 * records.  Bytes of packs may differ: those are for verify to find.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/index/helper_store.h"
#include "index/descriptor_int.h"
#include "index/snapshot_int.h"
#include "index/verify.h"
#include "tests/test.h"

enum { SEGMENTS = 40, BATCHES = 4, POSITIONS = 30 };

enum outcome {
	RIGHT = 0,
	GUARD = 3,
	CLEAN_ERROR = 10,
	PACK_BYTES = 11, /* which only verify looks at */
	WRONG = 12,
};

/* CRS_DAMAGE_ROUNDS: more than the short form has. */
static int rounds(int part)
{
	const char *text = getenv("CRS_DAMAGE_ROUNDS");
	long n = text ? strtol(text, NULL, 10) : 120;

	return (int)n / part;
}

static char dir[HELPER_PATH];
static struct dataset *events;
static char *original;
static size_t original_size;
static uint64_t *tree_pages;
static size_t ntree_pages;

static int say(enum outcome o, const struct err *err)
{
	dprintf(STDERR_FILENO, "%s\n", err->message);
	return o;
}

static int count_position(void *ctx, struct slice key, struct slice value)
{
	uint64_t *n = ctx;
	char expected[16];

	if (slice_eq(key, SLICE_LIT("position")))
		return 0;
	snprintf(expected, sizeof(expected), "topic %" PRIu64, *n);
	++*n;
	return !slice_eq(key, slice_str(expected)) ||
	       !slice_eq(value, slice_str(expected));
}

static int read_positions(struct index_store *s, struct err *err)
{
	uint64_t n = 10;
	int ret = index_store_positions(s, SLICE_LIT(""), count_position, &n,
					err);

	if (ret < 0)
		return say(CLEAN_ERROR, err);
	return ret == 1 || n != 10 + POSITIONS ? WRONG : RIGHT;
}

static int read_packs(struct index_snapshot *snap,
		      const struct index_descriptor *d, struct err *err)
{
	struct helper_sealed h;
	int out = RIGHT;

	helper_sealed_make(&h, events, d->rows, (uint64_t)d->time_min);
	for (uint32_t k = 0; out == RIGHT && k < d->packs; k++) {
		char key[INDEX_PACK_KEY];
		struct slice pack;
		int ret;

		index_pack_key(key, d->segment, k);
		ret = index_env_get(index_snapshot_env(snap),
				    index_snapshot_txn(snap), INDEX_DB_DATA,
				    slice_of(key, sizeof(key)), &pack, err);
		if (ret < 0)
			out = ret == ERR_NOT_FOUND ? CLEAN_ERROR :
						     say(CLEAN_ERROR, err);
		else if (!slice_eq(pack, h.packs[k]))
			out = PACK_BYTES;
	}
	helper_sealed_release(&h);
	return out;
}

static int read_segments(struct index_store *s, uint32_t segments,
			 struct err *err)
{
	struct index_snapshot *snap = NULL;
	const struct index_dataset *ds;
	int out = RIGHT;

	if (index_snapshot_open(&snap, s, err) < 0)
		return say(CLEAN_ERROR, err);
	ds = index_snapshot_find(snap, SLICE_LIT("events"));
	if (!ds || ds->nsegments != segments || ds->rows != 3u * segments)
		out = WRONG;
	for (uint32_t i = 0; out == RIGHT && i < segments; i++) {
		const struct index_descriptor *d = &ds->segments[i];

		if (d->segment != i + 1 || d->time_min != (int64_t)i + 1 ||
		    d->sequence != 3 * i || d->packs != HELPER_PACKS)
			out = WRONG;
		else
			out = read_packs(snap, d, err);
	}
	index_snapshot_close(snap);
	return out;
}

static int read_store(uint32_t segments)
{
	struct index_store *s = NULL;
	struct index_space space;
	struct err err = ERR_INIT;
	int out;

	if (index_store_open(&s, dir, INDEX_READ, &err) < 0)
		return say(CLEAN_ERROR, &err);
	out = read_positions(s, &err);
	if (out == RIGHT)
		out = read_segments(s, segments, &err);
	if (out == RIGHT && index_store_space(s, &space, &err) < 0)
		out = say(CLEAN_ERROR, &err);
	index_store_close(s);
	return out;
}

static int write_store(void)
{
	struct index_store *s = NULL;
	struct err err = ERR_INIT;

	if (index_store_open(&s, dir, INDEX_WRITE, &err) < 0)
		return say(CLEAN_ERROR, &err);
	for (uint64_t i = SEGMENTS + 1; i <= SEGMENTS + BATCHES; i++) {
		int ret = index_store_register(s, events, &err);

		if (ret == 0)
			ret = helper_commit(s, events, 3, i, 1, &err);
		if (ret < 0) {
			index_store_close(s);
			return say(CLEAN_ERROR, &err);
		}
	}
	index_store_close(s);
	return read_store(SEGMENTS + BATCHES);
}

static void reader(void *ctx)
{
	struct err err = ERR_INIT;

	(void)ctx;
	if (index_guard_install("reader", &err) < 0)
		_exit(1);
	_exit(read_store(SEGMENTS));
}

static void writer(void *ctx)
{
	struct err err = ERR_INIT;

	(void)ctx;
	if (index_guard_install("writer", &err) < 0)
		_exit(1);
	_exit(write_store());
}

static void put_file(const char *bytes, size_t n)
{
	int fd = open(helper_file(dir, "data.mdb"),
		      O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, n), n);
	close(fd);
}

static void commit_positions(struct index_store *s)
{
	struct err err = ERR_INIT;
	struct index_txn *t;
	char text[16];

	assert_int_equal(index_txn_begin(&t, s, &err), 0);
	for (int i = 10; i < 10 + POSITIONS; i++) {
		snprintf(text, sizeof(text), "topic %d", i);
		assert_int_equal(index_txn_put_position(t, slice_str(text),
							slice_str(text), &err),
				 0);
	}
	assert_int_equal(index_txn_commit(t, 1, &err), 0);
}

static void remember_original(void)
{
	struct stat st;
	int fd = open(helper_file(dir, "data.mdb"), O_RDONLY);

	assert_true(fd >= 0 && fstat(fd, &st) == 0);
	original_size = (size_t)st.st_size;
	original = malloc(original_size);
	tree_pages = malloc(original_size / 4096 * sizeof(*tree_pages));
	assert_true(original && tree_pages);
	assert_int_equal(read(fd, original, original_size), st.st_size);
	close(fd);
	for (uint64_t p = 0; p < original_size / 4096; p++) {
		uint64_t number;
		uint16_t flags;

		memcpy(&number, original + p * 4096, sizeof(number));
		memcpy(&flags, original + p * 4096 + 10, sizeof(flags));
		if (number == p && (flags == 1 || flags == 2 || flags == 8))
			tree_pages[ntree_pages++] = p;
	}
	assert_true(ntree_pages > 10);
}

static int make(void **state)
{
	struct index_store *s = NULL;
	struct err err = ERR_INIT;

	(void)state;
	ntree_pages = 0;
	helper_dir_make(dir);
	events = helper_dataset(helper_schema);
	if (index_store_open(&s, dir, INDEX_WRITE, &err) < 0 ||
	    index_store_register(s, events, &err) < 0)
		fail_msg("%s", err.message);
	for (uint64_t i = 1; i <= SEGMENTS; i++)
		assert_int_equal(helper_commit(s, events, 3, i, 1, &err), 0);
	commit_positions(s);
	index_store_close(s);
	remember_original();
	return 0;
}

static int clear(void **state)
{
	(void)state;
	free(original);
	free(tree_pages);
	dataset_free(events);
	helper_dir_remove(dir);
	return 0;
}

struct tally {
	unsigned right, clean, guard, packs;
};

static void run(void (*fn)(void *), struct tally *t)
{
	char words[4096];
	int status = helper_in_child(fn, NULL, words, sizeof(words));

	if (!WIFEXITED(status))
		fail_msg("signal %d: %s", WTERMSIG(status), words);
	switch (WEXITSTATUS(status)) {
	case RIGHT:
		t->right++;
		break;
	case CLEAN_ERROR:
		t->clean++;
		break;
	case PACK_BYTES:
		t->packs++;
		break;
	case GUARD:
		/* One line, and only one. */
		assert_non_null(strstr(words, "the store \""));
		assert_ptr_equal(strchr(words, '\n'),
				 words + strlen(words) - 1);
		t->guard++;
		break;
	default:
		fail_msg("exit status %d: %s", WEXITSTATUS(status), words);
	}
}

static void tell(const char *what, const struct tally *t)
{
	printf("%s: %u right, %u clean errors, %u guarded, %u only in packs\n",
	       what, t->right, t->clean, t->guard, t->packs);
}

static void test_damage__flipped_bytes_are_never_wrong_data(void **state)
{
	struct tally reads = { 0 }, writes = { 0 };
	uint64_t seed = 20240501;
	char *copy = malloc(original_size);

	(void)state;
	assert_non_null(copy);
	put_file(original, original_size);
	run(reader, &reads);
	run(writer, &writes);
	assert_int_equal(reads.right, 1);
	assert_int_equal(writes.right, 1);
	for (int round = 0; round < rounds(1); round++) {
		unsigned flips = 1 + (unsigned)(helper_random(&seed) % 4);

		test_row("round %d, %u flips", round, flips);
		memcpy(copy, original, original_size);
		for (unsigned i = 0; i < flips; i++) {
			uint64_t r = helper_random(&seed);
			uint64_t at = (r >> 8) % original_size;

			/* Mostly in trees, and there mostly in the heads. */
			if (r & 3)
				at = tree_pages[(r >> 8) % ntree_pages] * 4096 +
				     (r & 4 ? r >> 40 & 63 : r >> 40 & 4095);
			copy[at] ^= (char)(1 + (r >> 55 & 254));
		}
		put_file(copy, original_size);
		run(reader, &reads);
		run(writer, &writes);
	}
	tell("reads", &reads);
	tell("writes", &writes);
	assert_true(reads.right > 0 && reads.clean > 0);
	assert_true(writes.right > 0 && writes.clean > 0);
	free(copy);
}

static void test_damage__cut_files_are_never_wrong_data(void **state)
{
	struct tally reads = { 0 }, writes = { 0 };
	uint64_t seed = 99;

	(void)state;
	for (int round = 0; round < rounds(4); round++) {
		size_t size = (size_t)(helper_random(&seed) % original_size);

		test_row("%zu of %zu bytes", size, original_size);
		put_file(original, size);
		run(reader, &reads);
		run(writer, &writes);
	}
	tell("reads", &reads);
	tell("writes", &writes);
	assert_true(reads.clean > 0);
}

/* Whole pages lost by a disk: zeros, or an older page in the place. */
static void test_damage__lost_pages_are_never_wrong_data(void **state)
{
	struct tally reads = { 0 }, writes = { 0 };
	char *copy = malloc(original_size);
	uint64_t seed = 7;

	(void)state;
	assert_non_null(copy);
	for (int round = 0; round < rounds(4); round++) {
		uint64_t r = helper_random(&seed);
		uint64_t to = tree_pages[(r >> 8) % ntree_pages];
		uint64_t from = tree_pages[(r >> 40) % ntree_pages];

		test_row("page %" PRIu64 " gets %" PRIu64, to, from);
		memcpy(copy, original, original_size);
		if (r & 1)
			memset(copy + to * 4096, 0, 4096);
		else
			memcpy(copy + to * 4096, original + from * 4096, 4096);
		put_file(copy, original_size);
		run(reader, &reads);
		run(writer, &writes);
	}
	tell("reads", &reads);
	tell("writes", &writes);
	assert_true(reads.clean > 0 && writes.clean > 0);
	free(copy);
}

/* The readers' table heals itself: whoever opens the store first begins it
 * anew. */
static void test_damage__of_the_readers_table_does_no_harm(void **state)
{
	struct tally reads = { 0 };
	uint64_t seed = 3;

	(void)state;
	put_file(original, original_size);
	for (int round = 0; round < 20; round++) {
		int fd = open(helper_file(dir, "lock.mdb"), O_RDWR);
		char junk[512];

		for (size_t i = 0; i < sizeof(junk); i++)
			junk[i] = (char)helper_random(&seed);
		assert_int_equal(pwrite(fd, junk, sizeof(junk), 0), 512);
		close(fd);
		run(reader, &reads);
	}
	assert_int_equal(reads.right, 20);
}

#define DAMAGE_TEST(name) cmocka_unit_test_setup_teardown(name, make, clear)

TEST_MAIN(DAMAGE_TEST(test_damage__flipped_bytes_are_never_wrong_data),
	  DAMAGE_TEST(test_damage__cut_files_are_never_wrong_data),
	  DAMAGE_TEST(test_damage__lost_pages_are_never_wrong_data),
	  DAMAGE_TEST(test_damage__of_the_readers_table_does_no_harm))
