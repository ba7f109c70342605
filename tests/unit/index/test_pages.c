#include "index/pages_int.h"

#include <fcntl.h>
#include <lmdb.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "tests/unit/index/helper_store.h"
#include "tests/test.h"

static char dir[HELPER_PATH];

static int make(void **state)
{
	(void)state;
	helper_dir_make(dir);
	return 0;
}

static int clear(void **state)
{
	(void)state;
	helper_dir_remove(dir);
	return 0;
}

struct findings {
	unsigned n;
	char first[160];
};

static void found(void *ctx, const char *line)
{
	struct findings *f = ctx;

	if (f->n++ == 0)
		snprintf(f->first, sizeof(f->first), "%s", line);
}

/* A copy of the data file in memory, so that it can be damaged. */
struct copy {
	char *bytes;
	uint64_t size;
	struct index_head head;
};

static void load(struct copy *c)
{
	struct err err = ERR_INIT;
	struct stat st;
	int fd = open(helper_file(dir, "data.mdb"), O_RDONLY);

	assert_true(fd >= 0);
	if (index_pages_probe(&c->head, fd, dir, &err) < 0)
		fail_msg("%s", err.message);
	assert_int_equal(fstat(fd, &st), 0);
	c->size = (uint64_t)st.st_size;
	c->bytes = malloc(c->size);
	assert_non_null(c->bytes);
	assert_int_equal(pread(fd, c->bytes, c->size, 0), st.st_size);
	close(fd);
}

static struct findings check(const struct copy *c, bool deep)
{
	struct findings f = { 0 };
	struct err err = ERR_INIT;

	assert_int_equal(index_pages_check(c->bytes, c->size, &c->head, deep,
					   found, &f, &err),
			 0);
	return f;
}

/* Puts, replaces and deletes at random, in transactions of random length. */
static void churn(MDB_env *env, uint64_t seed, unsigned steps)
{
	static char zeros[9000];
	MDB_txn *txn = NULL;
	MDB_dbi dbi[3];

	while (steps > 0) {
		unsigned n = (unsigned)(helper_random(&seed) % 200);

		assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
		assert_int_equal(mdb_dbi_open(txn, "a", MDB_CREATE, &dbi[0]),
				 0);
		assert_int_equal(mdb_dbi_open(txn, "b", MDB_CREATE, &dbi[1]),
				 0);
		assert_int_equal(mdb_dbi_open(txn, "c", MDB_CREATE, &dbi[2]),
				 0);
		for (; n > 0 && steps > 0; n--, steps--) {
			uint64_t r = helper_random(&seed);
			unsigned db = r % 3;
			char key[256] = { 0 };
			MDB_val k = { 1 + (r >> 8) % (db == 0 ? 8 : 255), key };
			MDB_val v = { 0, zeros };

			memcpy(key, &r, sizeof(r));
			key[0] = (char)((r >> 20) % (db == 2 ? 30 : 256));
			key[1] = (char)((r >> 28) % 8);
			v.mv_size = (r >> 32) % (db == 1 ? 9000 : 300);
			if ((r >> 60) < 6)
				mdb_del(txn, dbi[db], &k, NULL);
			else
				assert_int_equal(
					mdb_put(txn, dbi[db], &k, &v, 0), 0);
		}
		if (helper_random(&seed) % 10 == 0)
			mdb_txn_abort(txn);
		else
			assert_int_equal(mdb_txn_commit(txn), 0);
	}
}

static MDB_env *open_env(void)
{
	MDB_env *env;

	assert_int_equal(mdb_env_create(&env), 0);
	assert_int_equal(mdb_env_set_maxdbs(env, 4), 0);
	assert_int_equal(mdb_env_set_mapsize(env, 1 << 30), 0);
	assert_int_equal(mdb_env_open(env, dir, MDB_NOSYNC, 0600), 0);
	return env;
}

static void test_pages__sound_ones_raise_no_alarm(void **state)
{
	MDB_env *env = open_env();

	(void)state;
	for (uint64_t round = 0; round < 40; round++) {
		struct copy c;
		struct findings f;

		churn(env, 1000 + round, 300);
		load(&c);
		for (int deep = 0; deep < 2; deep++) {
			f = check(&c, deep);
			if (f.n)
				fail_msg("round %d: %u findings: %s",
					 (int)round, f.n, f.first);
		}
		free(c.bytes);
	}
	mdb_env_close(env);
}

static void test_pages__a_new_file_is_empty_and_sound(void **state)
{
	struct copy c;

	(void)state;
	mdb_env_close(open_env());
	load(&c);
	assert_int_equal(check(&c, true).n, 0);
	assert_int_equal(c.head.txnid, 0);
	free(c.bytes);
}

/* The same walk over pages damaged at random: findings or none, but neither
 * a fault nor a circle.  The copy ends where a page that must not be read
 * begins. */
static void test_pages__damaged_ones_are_survived(void **state)
{
	MDB_env *env = open_env();
	uint64_t seed = 42, missed = 0;
	struct copy c, guarded;

	(void)state;
	churn(env, 7, 1500);
	mdb_env_close(env);
	load(&c);
	guarded = c;
	guarded.bytes = mmap(NULL, c.size + 4096, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(guarded.bytes != MAP_FAILED);
	assert_int_equal(mprotect(guarded.bytes + c.size, 4096, PROT_NONE), 0);
	for (int round = 0; round < 1500; round++) {
		unsigned flips = 1 + (unsigned)(helper_random(&seed) % 3);

		memcpy(guarded.bytes, c.bytes, c.size);
		for (unsigned i = 0; i < flips; i++) {
			uint64_t r = helper_random(&seed);
			uint64_t page = 2 + (r >> 32) % (c.size / 4096 - 2);
			/* Mostly where the structure is. */
			uint64_t at = page * 4096 +
				      (r & 1 ? r >> 8 & 31 : r >> 8 & 4095);

			guarded.bytes[at] ^= (char)(1u << (r >> 5 & 7));
		}
		missed += check(&guarded, true).n == 0;
	}
	assert_true(missed > 0 && missed < 1500); /* free pages, values */
	munmap(guarded.bytes, c.size + 4096);
	free(c.bytes);
}

/* Each bit of a page's head and nodes matters, but for LMDB's padding. */
static void test_pages__every_bit_of_a_page_head_counts(void **state)
{
	MDB_env *env = open_env();
	struct copy c;
	uint64_t root;

	(void)state;
	churn(env, 7, 3000);
	mdb_env_close(env);
	load(&c);
	root = c.head.main.root;
	for (unsigned bit = 0; bit < 16 * 8; bit++) {
		char *at = c.bytes + root * 4096 + bit / 8;

		if (bit / 8 == 8 || bit / 8 == 9)
			continue; /* mp_pad */
		*at ^= (char)(1 << (bit & 7));
		test_row("bit %u", bit);
		assert_true(check(&c, true).n > 0);
		*at ^= (char)(1 << (bit & 7));
	}
	assert_int_equal(check(&c, true).n, 0);
	free(c.bytes);
}

static void test_pages__survives_failing_allocations(void **state)
{
	struct err err = ERR_INIT;
	struct copy c;

	(void)state;
	mdb_env_close(open_env());
	load(&c);
	for (uint64_t n = 1; n <= 2; n++) {
		struct findings f = { 0 };

		mem_fail_after(n);
		assert_int_equal(index_pages_check(c.bytes, c.size, &c.head,
						   true, found, &f, &err),
				 ERR_NO_MEMORY);
		mem_fail_after(0);
	}
	free(c.bytes);
}

static void test_pages__damaged_meta_pages_are_named(void **state)
{
	static const struct {
		unsigned at; /* byte of the file that is flipped */
		const char *part;
	} rows[] = {
		{ 0, "no meta page" },
		{ 10, "no meta page" },
		{ 16, "not an LMDB file" },
		{ 20, "another version of LMDB's own format" },
		{ 40, "an impossible page size" },
		{ 128 + 16, "transaction numbers" },
		{ 4096, "no meta page" },
		{ 4096 + 16, "not an LMDB file" },
		{ 4096 + 40, "page size" },
		{ 4096 + 128 + 16, "transaction numbers" },
	};
	struct index_head head;
	MDB_env *env = open_env();
	int fd;

	(void)state;
	churn(env, 7, 100);
	mdb_env_close(env);
	fd = open(helper_file(dir, "data.mdb"), O_RDWR);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct err err = ERR_INIT;
		char byte;

		test_row("byte %u", rows[i].at);
		assert_int_equal(pread(fd, &byte, 1, rows[i].at), 1);
		byte ^= 0x20;
		assert_int_equal(pwrite(fd, &byte, 1, rows[i].at), 1);
		assert_int_not_equal(index_pages_probe(&head, fd, dir, &err),
				     0);
		if (!strstr(err.message, rows[i].part))
			fail_msg("%s", err.message);
		byte ^= 0x20;
		assert_int_equal(pwrite(fd, &byte, 1, rows[i].at), 1);
	}
	assert_int_equal(index_pages_probe(&head, fd, dir, NULL), 0);
	close(fd);
}

#define PAGES_TEST(name) cmocka_unit_test_setup_teardown(name, make, clear)

TEST_MAIN(PAGES_TEST(test_pages__sound_ones_raise_no_alarm),
	  PAGES_TEST(test_pages__a_new_file_is_empty_and_sound),
	  PAGES_TEST(test_pages__damaged_ones_are_survived),
	  PAGES_TEST(test_pages__every_bit_of_a_page_head_counts),
	  PAGES_TEST(test_pages__survives_failing_allocations),
	  PAGES_TEST(test_pages__damaged_meta_pages_are_named))
