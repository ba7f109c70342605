#include "index/store.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "tests/unit/index/helper_store.h"
#include "index/env_int.h"
#include "index/record_int.h"
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

static struct index_store *open_store(enum index_mode mode)
{
	struct err err = ERR_INIT;
	struct index_store *s = NULL;

	if (index_store_open(&s, dir, mode, &err) < 0)
		fail_msg("%s", err.message);
	return s;
}

static void refused(const char *path, enum index_mode mode, int code,
		    const char *part)
{
	struct err err = ERR_INIT;
	struct index_store *s = NULL;

	assert_int_equal(index_store_open(&s, path, mode, &err), code);
	assert_null(s);
	if (!strstr(err.message, part))
		fail_msg("\"%s\" is not in \"%s\"", part, err.message);
}

static void write_file(const char *name, const char *bytes, size_t n)
{
	FILE *f = fopen(helper_file(dir, name), "w");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static unsigned mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

static void test_store__a_reader_creates_nothing(void **state)
{
	(void)state;
	refused(dir, INDEX_READ, ERR_NOT_FOUND, "there is no store in");
	assert_int_equal(rmdir(dir), 0); /* so it is empty still */
	refused(dir, INDEX_READ, ERR_NOT_FOUND, "there is no store in");
	assert_int_equal(access(dir, F_OK), -1);
}

static void test_store__a_writer_creates_it_with_its_modes(void **state)
{
	mode_t before = umask(077);

	(void)state;
	assert_int_equal(rmdir(dir), 0);
	index_store_close(open_store(INDEX_WRITE));
	umask(before);
	assert_int_equal(mode_of(dir), 02750);
	assert_int_equal(mode_of(helper_file(dir, "data.mdb")), 0640);
	assert_int_equal(mode_of(helper_file(dir, "lock.mdb")), 0660);
	assert_int_equal(access(helper_file(dir, ".new"), F_OK), -1);
	if (getgrnam("crs")) {
		struct stat st;

		assert_int_equal(stat(dir, &st), 0);
		assert_int_equal(st.st_gid, getgrnam("crs")->gr_gid);
	}
	index_store_close(open_store(INDEX_READ));
	index_store_close(open_store(INDEX_WRITE));
}

static void test_store__a_killed_creation_is_begun_anew(void **state)
{
	(void)state;
	assert_int_equal(mkdir(helper_file(dir, ".new"), 0700), 0);
	write_file(".new/data.mdb", "half", 4);
	write_file("writer.lock", "1\n", 2);
	index_store_close(open_store(INDEX_WRITE));
	index_store_close(open_store(INDEX_READ));
}

static void test_store__strange_directories_are_refused(void **state)
{
	(void)state;
	write_file("notes.txt", "mine", 4);
	refused(dir, INDEX_WRITE, ERR_USAGE,
		"holds other files (\"notes.txt\")");
	assert_int_equal(access(helper_file(dir, "data.mdb"), F_OK), -1);
	assert_int_equal(access(helper_file(dir, "writer.lock"), F_OK), -1);
	refused(helper_file(dir, "notes.txt"), INDEX_WRITE, ERR_USAGE,
		"is not a directory");
	refused(helper_file(dir, "notes.txt"), INDEX_READ, ERR_NOT_FOUND,
		"there is no store in");
	refused(helper_file(dir, "a/b"), INDEX_WRITE, ERR_USAGE,
		"cannot create the directory");
}

static void test_store__a_database_of_another_program_is_refused(void **state)
{
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi dbi;

	(void)state;
	assert_int_equal(mdb_env_create(&env), 0);
	assert_int_equal(mdb_env_set_maxdbs(env, 2), 0);
	assert_int_equal(mdb_env_open(env, dir, 0, 0600), 0);
	assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
	assert_int_equal(mdb_dbi_open(txn, "mails", MDB_CREATE, &dbi), 0);
	assert_int_equal(mdb_txn_commit(txn), 0);
	mdb_env_close(env);
	refused(dir, INDEX_READ, ERR_USAGE, "database of another program");
	refused(dir, INDEX_WRITE, ERR_USAGE, "database of another program");
}

/* Writes a right record of format version `version` over the store's own. */
static void set_format(uint32_t version)
{
	struct slice key = SLICE_LIT("format");
	char record[20] = { 0 };
	char name[] = "format";
	MDB_val k = { 6, name }, v = { sizeof(record), record };
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi dbi;

	index_set32(record + 4, version);
	index_record_seal(INDEX_RECORD_META, key, record, sizeof(record) - 4);
	assert_int_equal(mdb_env_create(&env), 0);
	assert_int_equal(mdb_env_set_maxdbs(env, 2), 0);
	assert_int_equal(mdb_env_open(env, dir, 0, 0600), 0);
	assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
	assert_int_equal(mdb_dbi_open(txn, "meta", 0, &dbi), 0);
	assert_int_equal(mdb_put(txn, dbi, &k, &v, 0), 0);
	assert_int_equal(mdb_txn_commit(txn), 0);
	mdb_env_close(env);
}

static void test_store__another_format_version_is_named(void **state)
{
	(void)state;
	index_store_close(open_store(INDEX_WRITE));
	set_format(7);
	refused(dir, INDEX_READ, ERR_VERSION,
		"has format version 7, this program reads and writes version 1");
	refused(dir, INDEX_WRITE, ERR_VERSION, "version 7");
}

static void test_store__is_open_once_in_a_process(void **state)
{
	struct index_store *s = open_store(INDEX_WRITE);
	char other[HELPER_PATH + 8];

	(void)state;
	refused(dir, INDEX_READ, ERR_LOCKED, "is open in this process already");
	snprintf(other, sizeof(other), "%s/./", dir);
	refused(other, INDEX_READ, ERR_LOCKED,
		"is open in this process already");
	index_store_close(s);
	index_store_close(open_store(INDEX_READ));
}

static void test_store__files_that_cannot_be_are_named(void **state)
{
	static const struct {
		const char *name;
		size_t size; /* of what is put in its place; 0: empty */
		bool directory;
		int code;
		const char *part;
	} rows[] = {
		{ "data.mdb", 0, false, ERR_CORRUPT, "it is empty" },
		{ "data.mdb", 100, false, ERR_CORRUPT, "it is cut short" },
		{ "data.mdb", 20000, false, ERR_CORRUPT, "no meta page" },
		{ "data.mdb", 0, true, ERR_CORRUPT, "is not a regular file" },
		{ "lock.mdb", 0, true, ERR_IO, "readers of a store sign in" },
	};
	static const char garbage[20000] = "garbage";

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char path[200];

		test_row("%s of %zu bytes", rows[i].name, rows[i].size);
		index_store_close(open_store(INDEX_WRITE));
		snprintf(path, sizeof(path), "%s",
			 helper_file(dir, rows[i].name));
		assert_int_equal(unlink(path), 0);
		if (rows[i].directory)
			assert_int_equal(mkdir(path, 0700), 0);
		else
			write_file(rows[i].name, garbage, rows[i].size);
		refused(dir, INDEX_READ, rows[i].code, rows[i].part);
		refused(dir, INDEX_WRITE, rows[i].code, rows[i].part);
		helper_dir_remove(dir);
		assert_int_equal(mkdir(dir, 0700), 0);
	}
}

static void test_store__a_file_cut_short_is_named(void **state)
{
	struct dataset *ds = helper_dataset(helper_schema);
	struct index_store *s = open_store(INDEX_WRITE);
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(index_store_register(s, ds, &err), 0);
	for (uint64_t i = 1; i <= 20; i++)
		assert_int_equal(helper_commit(s, ds, 10, i, 1, &err), 0);
	index_store_close(s);
	assert_int_equal(truncate(helper_file(dir, "data.mdb"), 64 << 10), 0);
	refused(dir, INDEX_READ, ERR_CORRUPT, "it is cut short");
	refused(dir, INDEX_WRITE, ERR_CORRUPT, "it is cut short");
	dataset_free(ds);
}

static void test_store__a_missing_readers_file_is_made_again(void **state)
{
	(void)state;
	index_store_close(open_store(INDEX_WRITE));
	assert_int_equal(unlink(helper_file(dir, "lock.mdb")), 0);
	index_store_close(open_store(INDEX_READ));
	assert_int_equal(mode_of(helper_file(dir, "lock.mdb")), 0660);
}

struct stranger {
	const char *path;
};

/* Without root's rights. */
static void read_as_nobody(void *ctx)
{
	const struct stranger *who = ctx;
	struct err err = ERR_INIT;
	struct index_store *s;

	if (setgid(65534) < 0 || setuid(65534) < 0)
		_exit(9);
	if (index_store_open(&s, who->path, INDEX_READ, &err) != ERR_DENIED)
		_exit(8);
	dprintf(STDERR_FILENO, "%s; %s", err.message, err.hint);
}

static void test_store__who_may_not_read_is_told_what_to_do(void **state)
{
	struct stranger who = { dir };
	char words[1024];

	(void)state;
	if (geteuid() != 0)
		skip(); /* needs another user to try it as */
	index_store_close(open_store(INDEX_WRITE));
	assert_int_equal(chmod(dir, 0755), 0);
	assert_int_equal(
		helper_in_child(read_as_nobody, &who, words, sizeof(words)), 0);
	assert_non_null(strstr(words, "data.mdb\": Permission denied"));
	assert_non_null(strstr(words, "belong to the group"));
	assert_int_equal(chmod(helper_file(dir, "data.mdb"), 0644), 0);
	assert_int_equal(
		helper_in_child(read_as_nobody, &who, words, sizeof(words)), 0);
	assert_non_null(
		strstr(words, "lock.mdb\", where readers of a store sign in"));
	assert_int_equal(unlink(helper_file(dir, "lock.mdb")), 0);
	assert_int_equal(
		helper_in_child(read_as_nobody, &who, words, sizeof(words)), 0);
	assert_non_null(
		strstr(words, "lock.mdb\", where readers of a store sign in"));
}

static void test_store__opening_survives_failing_allocations(void **state)
{
	struct err err = ERR_INIT;
	struct index_store *s;
	uint64_t n = 0;
	int ret;

	(void)state;
	for (int mode = INDEX_WRITE; mode >= INDEX_READ; mode--) {
		do {
			s = NULL;
			mem_fail_after(++n);
			ret = index_store_open(&s, dir, (enum index_mode)mode,
					       &err);
			mem_fail_after(0);
			if (ret < 0 && ret != ERR_NO_MEMORY)
				fail_msg("allocation %d: %s", (int)n,
					 err.message);
			index_store_close(s);
			assert_true(n < 1000);
		} while (ret < 0);
		assert_true(n > 5);
		n = 0;
	}
}

#define STORE_TEST(name) cmocka_unit_test_setup_teardown(name, make, clear)

TEST_MAIN(STORE_TEST(test_store__a_reader_creates_nothing),
	  STORE_TEST(test_store__a_writer_creates_it_with_its_modes),
	  STORE_TEST(test_store__a_killed_creation_is_begun_anew),
	  STORE_TEST(test_store__strange_directories_are_refused),
	  STORE_TEST(test_store__a_database_of_another_program_is_refused),
	  STORE_TEST(test_store__another_format_version_is_named),
	  STORE_TEST(test_store__is_open_once_in_a_process),
	  STORE_TEST(test_store__files_that_cannot_be_are_named),
	  STORE_TEST(test_store__a_file_cut_short_is_named),
	  STORE_TEST(test_store__a_missing_readers_file_is_made_again),
	  STORE_TEST(test_store__who_may_not_read_is_told_what_to_do),
	  STORE_TEST(test_store__opening_survives_failing_allocations))
