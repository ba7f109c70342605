#include "index/lock_int.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

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

/* A child that holds the lock until it is killed. */
static pid_t start_holder(void)
{
	int fds[2], fd;
	pid_t pid;
	char c;

	assert_int_equal(pipe(fds), 0);
	fflush(stdout);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (index_lock_take(&fd, dir, NULL) < 0)
			_exit(1);
		if (write(fds[1], "x", 1) == 1)
			pause();
		_exit(0);
	}
	close(fds[1]);
	assert_int_equal(read(fds[0], &c, 1), 1);
	close(fds[0]);
	return pid;
}

static void test_lock__names_the_holder_and_what_to_do(void **state)
{
	struct err err = ERR_INIT;
	pid_t pid = start_holder();
	char expected[256];
	int fd = -1;

	(void)state;
	assert_int_equal(index_lock_take(&fd, dir, &err), ERR_LOCKED);
	snprintf(expected, sizeof(expected),
		 "the store \"%s\" is being written by process %d", dir,
		 (int)pid);
	assert_string_equal(err.message, expected);
	snprintf(expected, sizeof(expected),
		 "one program writes a store: stop process %d, or name another "
		 "directory with --store",
		 (int)pid);
	assert_string_equal(err.hint, expected);
	assert_int_equal(fd, -1);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void test_lock__goes_with_its_process(void **state)
{
	struct err err = ERR_INIT;
	pid_t pid = start_holder();
	int fd = -1;

	(void)state;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_int_equal(index_lock_take(&fd, dir, &err), 0);
	index_lock_drop(fd);
	assert_int_equal(index_lock_take(&fd, dir, &err), 0);
	index_lock_drop(fd);
}

static void test_lock__a_pid_that_cannot_be_read_is_left_out(void **state)
{
	struct err err = ERR_INIT;
	pid_t pid = start_holder();
	int fd = -1;

	(void)state;
	assert_int_equal(truncate(helper_file(dir, "writer.lock"), 0), 0);
	assert_int_equal(index_lock_take(&fd, dir, &err), ERR_LOCKED);
	assert_non_null(strstr(err.message, "by another process"));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void test_lock__a_second_writer_of_a_store_is_refused(void **state)
{
	struct index_store *s = NULL;
	struct err err = ERR_INIT;
	pid_t pid = start_holder();

	(void)state;
	assert_int_equal(index_store_open(&s, dir, INDEX_WRITE, &err),
			 ERR_LOCKED);
	assert_int_equal(access(helper_file(dir, "data.mdb"), F_OK), -1);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_int_equal(index_store_open(&s, dir, INDEX_WRITE, &err), 0);
	index_store_close(s);
}

#define LOCK_TEST(name) cmocka_unit_test_setup_teardown(name, make, clear)

TEST_MAIN(LOCK_TEST(test_lock__names_the_holder_and_what_to_do),
	  LOCK_TEST(test_lock__goes_with_its_process),
	  LOCK_TEST(test_lock__a_pid_that_cannot_be_read_is_left_out),
	  LOCK_TEST(test_lock__a_second_writer_of_a_store_is_refused))
