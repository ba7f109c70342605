/*
 * Commits on a disk that fails.  The write calls below stand in front of the
 * C library's, also for liblmdb.
 */
#include "index/commit.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/unit/index/helper_store.h"
#include "tests/test.h"

static char dir[HELPER_PATH];
static struct dataset *events;

/* The `after`th call from now fails, and `times` - 1 more. */
static struct {
	unsigned after, times;
	int errnum; /* 0: the write is cut short */
	unsigned calls;
} fault;

static void set_fault(unsigned after, unsigned times, int errnum)
{
	fault.after = after;
	fault.times = times;
	fault.errnum = errnum;
	fault.calls = 0;
}

static bool fails(void)
{
	fault.calls++;
	return fault.after && fault.calls >= fault.after &&
	       fault.calls < fault.after + fault.times;
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t at)
{
	if (fails()) {
		if (!fault.errnum)
			return syscall(SYS_pwrite64, fd, p, n / 2, at);
		errno = fault.errnum;
		return -1;
	}
	return syscall(SYS_pwrite64, fd, p, n, at);
}

ssize_t writev(int fd, const struct iovec *v, int n)
{
	if (fails()) {
		if (!fault.errnum)
			return syscall(SYS_writev, fd, v, 1);
		errno = fault.errnum;
		return -1;
	}
	return syscall(SYS_writev, fd, v, n);
}

int fdatasync(int fd)
{
	if (fault.errnum && fails()) {
		errno = fault.errnum;
		return -1;
	}
	return (int)syscall(SYS_fdatasync, fd);
}

static int make(void **state)
{
	(void)state;
	helper_dir_make(dir);
	events = helper_dataset(helper_schema);
	set_fault(0, 0, 0);
	return 0;
}

static int clear(void **state)
{
	(void)state;
	set_fault(0, 0, 0);
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

static uint64_t rows(struct index_store *s)
{
	struct index_snapshot *snap = NULL;
	struct err err = ERR_INIT;
	uint64_t n;

	if (index_snapshot_open(&snap, s, &err) < 0)
		fail_msg("%s", err.message);
	n = index_snapshot_dataset(snap, 0)->rows;
	index_snapshot_close(snap);
	return n;
}

/* (I1), (I8): whichever call fails, once or for a while, the store is that of
 * the last commit and takes the next one. */
static void test_commit__a_failing_disk_loses_nothing(void **state)
{
	static const struct {
		int errnum;
		unsigned times;
		int code;
	} faults[] = {
		{ ENOSPC, 1, ERR_FULL },   { EDQUOT, 1, ERR_FULL },
		{ ENOSPC, 100, ERR_FULL }, { EIO, 1, ERR_IO },
		{ EIO, 100, ERR_IO },      { 0, 1, ERR_IO },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		struct index_store *s = open_store();
		struct err err = ERR_INIT;
		uint64_t last, have;
		unsigned n = 0;
		int ret;

		assert_int_equal(helper_commit(s, events, 3, 1, 1, &err), 0);
		last = 1;
		have = rows(s);
		do {
			test_row("errno %d for %u calls from call %u",
				 faults[i].errnum, faults[i].times, n + 1);
			set_fault(++n, faults[i].times, faults[i].errnum);
			ret = helper_commit(s, events, 2, 100 + n, 1, &err);
			set_fault(0, 0, 0);
			if (ret == 0)
				break;
			assert_int_equal(ret, faults[i].code);
			assert_true(err.flags & ERR_RETRIABLE);
			assert_int_equal(helper_position(s), last);
			assert_int_equal(rows(s), have);
			assert_int_equal(helper_commit(s, events, 1, 200 + n, 1,
						       &err),
					 0);
			last = 200 + n;
			have++;
			assert_int_equal(helper_position(s), last);
			assert_int_equal(rows(s), have);
		} while (n < 100);
		assert_true(n > 3 && n < 100);
		index_store_close(s);
	}
}

/* After a failed write of a meta page LMDB wants to be opened again; readers
 * of this process go on, and are waited for. */
static void test_commit__reopens_when_the_readers_are_done(void **state)
{
	struct index_snapshot *snap = NULL;
	struct index_store *s = open_store();
	struct err err = ERR_INIT;
	unsigned calls;

	(void)state;
	assert_int_equal(helper_commit(s, events, 3, 1, 1, &err), 0);
	set_fault(0, 0, EIO);
	assert_int_equal(helper_commit(s, events, 3, 2, 1, &err), 0);
	calls = fault.calls; /* the last one writes the meta page */
	assert_int_equal(index_snapshot_open(&snap, s, &err), 0);
	set_fault(calls, 1, EIO);
	assert_int_equal(helper_commit(s, events, 3, 3, 1, &err), ERR_IO);
	set_fault(0, 0, 0);
	assert_int_equal(helper_commit(s, events, 3, 3, 1, &err), ERR_IO);
	assert_non_null(strstr(err.message, "still being read"));
	assert_true(err.flags & ERR_RETRIABLE);
	assert_int_equal(index_snapshot_dataset(snap, 0)->rows, 6);
	index_snapshot_close(snap);
	assert_int_equal(helper_commit(s, events, 3, 3, 1, &err), 0);
	assert_int_equal(helper_position(s), 3);
	assert_int_equal(rows(s), 9);
	index_store_close(s);
}

static void test_commit__registering_survives_a_full_disk(void **state)
{
	struct index_store *s = NULL;
	struct err err = ERR_INIT;
	unsigned n = 0;
	int ret;

	(void)state;
	assert_int_equal(index_store_open(&s, dir, INDEX_WRITE, &err), 0);
	do {
		set_fault(++n, 1, ENOSPC);
		ret = index_store_register(s, events, &err);
		set_fault(0, 0, 0);
		if (ret < 0)
			assert_int_equal(ret, ERR_FULL);
	} while (ret < 0 && n < 100);
	assert_true(n > 1 && n < 100);
	assert_int_equal(helper_commit(s, events, 3, 1, 1, &err), 0);
	index_store_close(s);
}

/* A creation that fails leaves no store, and the next one is whole. */
static void test_commit__creating_survives_a_full_disk(void **state)
{
	struct index_store *s = NULL;
	struct err err = ERR_INIT;
	unsigned n = 0, calls;
	int ret;

	(void)state;
	do {
		set_fault(++n, 1, ENOSPC);
		ret = index_store_open(&s, dir, INDEX_WRITE, &err);
		calls = fault.calls;
		set_fault(0, 0, 0);
		/* The pid in writer.lock may be missing. */
		if (ret == 0) {
			assert_true(calls < n || n == 1);
			index_store_close(s);
			helper_dir_remove(dir);
			assert_int_equal(mkdir(dir, 0700), 0);
		} else {
			assert_int_equal(ret, ERR_FULL);
			assert_int_equal(
				access(helper_file(dir, "data.mdb"), F_OK), -1);
			assert_int_equal(access(helper_file(dir, ".new"), F_OK),
					 -1);
		}
	} while (calls >= n && n < 100);
	assert_true(n > 5 && n < 100);
	index_store_close(open_store());
}

#define FAULT_TEST(name) cmocka_unit_test_setup_teardown(name, make, clear)

TEST_MAIN(FAULT_TEST(test_commit__a_failing_disk_loses_nothing),
	  FAULT_TEST(test_commit__reopens_when_the_readers_are_done),
	  FAULT_TEST(test_commit__registering_survives_a_full_disk),
	  FAULT_TEST(test_commit__creating_survives_a_full_disk))
