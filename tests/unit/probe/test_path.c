/*
 * tests/unit/probe/test_path.c - which file a path means, for this process and
 * a child with another root.
 */
#include "tests/test.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/time.h"
#include "probe/decode.h"
#include "probe/facts.h"
#include "probe/path.h"

struct fixture {
	char dir[64];
	struct probe_facts *facts;
	struct arena arena;
	struct probe_seen *seen;
	int dir_fd;
};

static void make(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0600);

	assert_true(fd >= 0);
	close(fd);
}

static int setup(void **state)
{
	struct fixture *x = calloc(1, sizeof(*x));
	char real[4096];

	snprintf(x->dir, sizeof(x->dir), "/tmp/crs-path-XXXXXX");
	assert_non_null(mkdtemp(x->dir));
	assert_non_null(realpath(x->dir, real));
	assert_string_equal(x->dir, real);
	assert_int_equal(chdir(x->dir), 0);
	assert_int_equal(mkdir("d", 0700) | mkdir("d/e", 0700), 0);
	make("f");
	make("d/g");
	make("a..b");
	assert_int_equal(symlink("d", "ld") | symlink("f", "lf") |
				 symlink("gone", "dangling") |
				 symlink("../dangling", "d/twice") |
				 symlink("loop", "loop") |
				 symlink("/proc/self", "lp"),
			 0);
	arena_init(&x->arena, 1 << 20);
	assert_int_equal(probe_facts_new(&x->facts, NULL), 0);
	x->seen = calloc(1, sizeof(*x->seen));
	x->seen->arena = &x->arena;
	x->seen->self_fd = open("/proc/self/fd", O_RDONLY | O_DIRECTORY);
	x->seen->target = (struct probe_target){ getpid(), -1 };
	x->dir_fd = open("d", O_PATH);
	*state = x;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *x = *state;
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", x->dir);
	assert_int_equal(system(command), 0);
	close(x->dir_fd);
	close(x->seen->self_fd);
	probe_facts_free(x->facts);
	arena_release(&x->arena);
	free(x->seen);
	free(x);
	return 0;
}

static struct probe_found find(struct fixture *x, pid_t pid, int dirfd,
			       const char *path, enum probe_lookup how,
			       uint64_t resolve)
{
	struct probe_found found;

	x->seen->process = probe_facts_get(x->facts, pid, time_monotonic());
	probe_path_find(x->seen, dirfd, slice_str(path), how, resolve, &found);
	return found;
}

static void test_path__names_what_is_meant(void **state)
{
	const enum probe_lookup F = PROBE_LOOKUP_FOLLOW;
	const enum probe_lookup N = PROBE_LOOKUP_NOFOLLOW;
	const enum probe_lookup E = PROBE_LOOKUP_ENTRY;
	const struct {
		const char *path;
		enum probe_lookup how;
		bool below;       /* of the descriptor of d */
		const char *want; /* below the fixture's directory */
		bool missing;
	} rows[] = {
		{ "f", F, false, "/f", false },
		{ "./f", F, false, "/f", false },
		{ ".//./f", F, false, "/f", false },
		{ "d/../f", F, false, "/f", false },
		{ "d/", F, false, "/d", false },
		{ ".", F, false, "", false },
		{ "d/e/../g", F, false, "/d/g", false },
		{ "a..b", F, false, "/a..b", false },
		{ "ld/g", F, false, "/d/g", false },
		{ "ld/../f", F, false, "/f", false },
		{ "lf", F, false, "/f", false },
		{ "lf", N, false, "/lf", false },
		{ "lf", E, false, "/lf", false },
		{ "ld/", E, false, "/ld", false },
		{ "ld/new", E, false, "/d/new", false },
		{ "new", F, false, "/new", true },
		{ "ld/new", F, false, "/d/new", true },
		{ "no/such", F, false, "/no/such", true },
		{ "f/below", F, false, "/f/below", true },
		{ "dangling", F, false, "/gone", true },
		{ "d/twice", F, false, "/gone", true },
		{ "dangling", E, false, "/dangling", false },
		{ "loop", F, false, "/loop", false },
		{ "g", F, true, "/d/g", false },
		{ "../f", F, true, "/f", false },
		{ "e", E, true, "/d/e", false },
		{ "none", F, true, "/d/none", true },
		{ "", F, false, "", true },
	};
	struct fixture *x = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct probe_found found;
		char want[200];

		test_row("%s %d", rows[i].path, (int)rows[i].how);
		found = find(x, getpid(), rows[i].below ? x->dir_fd : AT_FDCWD,
			     rows[i].path, rows[i].how, 0);
		snprintf(want, sizeof(want), "%s%s", x->dir, rows[i].want);
		assert_slice(found.path, want);
		if (rows[i].how != E)
			assert_int_equal(found.missing, rows[i].missing);
		assert_int_equal(found.quality, 0);
	}
}

static void test_path__takes_absolute_ones_at_their_word(void **state)
{
	struct fixture *x = *state;
	char path[200], want[200];
	snprintf(want, sizeof(want), "%s/f", x->dir);
	assert_slice(
		find(x, getpid(), AT_FDCWD, want, PROBE_LOOKUP_FOLLOW, 0).path,
		want);
	snprintf(path, sizeof(path), "/proc/self/root%s/lf", x->dir);
	assert_slice(
		find(x, getpid(), AT_FDCWD, path, PROBE_LOOKUP_FOLLOW, 0).path,
		want);
	snprintf(path, sizeof(path), "/proc/thread-self/cwd/ld/..//f");
	assert_slice(
		find(x, getpid(), AT_FDCWD, path, PROBE_LOOKUP_FOLLOW, 0).path,
		want);
	assert_slice(find(x, getpid(), 999, "/", PROBE_LOOKUP_FOLLOW, 0).path,
		     "/");
	assert_slice(find(x, getpid(), 999, "/..", PROBE_LOOKUP_FOLLOW, 0).path,
		     "/");
}

static void test_path__says_when_a_base_is_unknown(void **state)
{
	struct fixture *x = *state;
	struct probe_found found =
		find(x, getpid(), 999, "f", PROBE_LOOKUP_FOLLOW, 0);

	assert_int_equal(found.quality, PROBE_UNREADABLE);
	assert_slice(found.path, "/f");
}

static void test_path__obeys_openat2(void **state)
{
	struct fixture *x = *state;
	char want[200];

	snprintf(want, sizeof(want), "%s/d/g", x->dir);
	assert_slice(find(x, getpid(), x->dir_fd, "/g", PROBE_LOOKUP_FOLLOW,
			  RESOLVE_IN_ROOT)
			     .path,
		     want);
	assert_false(find(x, getpid(), x->dir_fd, "../f", PROBE_LOOKUP_FOLLOW,
			  RESOLVE_BENEATH)
			     .missing);
}

/* Forks a child whose /proc/self we are not; `root`: in d, as its root. */
static pid_t child(bool root)
{
	int pair[2];
	pid_t pid;
	char c = 0;

	assert_int_equal(pipe(pair), 0);
	pid = fork();
	if (pid == 0) {
		if (root && (chroot("d") != 0 || chdir("/e") != 0))
			_exit(1);
		(void)!write(pair[1], &c, 1);
		pause();
		_exit(0);
	}
	assert_int_equal(read(pair[0], &c, 1), 1);
	close(pair[0]);
	close(pair[1]);
	return pid;
}

static void test_path__takes_proc_self_for_the_caller(void **state)
{
	struct fixture *x = *state;
	pid_t pid = child(false);
	char want[100];

	x->seen->target.tid = pid;
	snprintf(want, sizeof(want), "/proc/%d/status", (int)pid);
	assert_slice(find(x, pid, AT_FDCWD, "/proc/self/status",
			  PROBE_LOOKUP_FOLLOW, 0)
			     .path,
		     want);
	assert_slice(
		find(x, pid, AT_FDCWD, "lp/status", PROBE_LOOKUP_FOLLOW, 0).path,
		want);
	snprintf(want, sizeof(want), "/proc/%d/task/%d/comm", (int)pid,
		 (int)pid);
	assert_slice(find(x, pid, AT_FDCWD, "/proc/thread-self/comm",
			  PROBE_LOOKUP_FOLLOW, 0)
			     .path,
		     want);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void test_path__looks_below_another_root(void **state)
{
	struct fixture *x = *state;
	char want[200];
	pid_t pid;

	if (getuid() != 0)
		skip();
	pid = child(true);
	snprintf(want, sizeof(want), "%s/d/g", x->dir);
	assert_slice(find(x, pid, AT_FDCWD, "/g", PROBE_LOOKUP_FOLLOW, 0).path,
		     want);
	assert_slice(
		find(x, pid, AT_FDCWD, "../g", PROBE_LOOKUP_FOLLOW, 0).path,
		want);
	assert_true(
		find(x, pid, AT_FDCWD, "/f", PROBE_LOOKUP_FOLLOW, 0).missing);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_path__names_what_is_meant),
		TEST(test_path__takes_absolute_ones_at_their_word),
		TEST(test_path__says_when_a_base_is_unknown),
		TEST(test_path__obeys_openat2),
		TEST(test_path__takes_proc_self_for_the_caller),
		TEST(test_path__looks_below_another_root),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
