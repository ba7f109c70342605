/*
 * probe/selftest.c - can this machine be watched?
 *
 * A child under the filter tries to execute what is not there; that one call is
 * looked at in every way, and answered.
 */
#include "probe/selftest.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe/handover.h"
#include "probe/target.h"

enum { ANSWER_WAIT_MS = 2000 };

#define NOWHERE "/nonexistent/crs-probe-self-test"

static const struct probe_selftest names[PROBE_TEST_ROWS] = {
	[PROBE_TEST_LISTENER] = { .name = "seccomp listener", .needed = true },
	[PROBE_TEST_WAIT_KILLABLE] = { .name = "wait killable" },
	[PROBE_TEST_ANSWER] = { .name = "calls are answered", .needed = true },
	[PROBE_TEST_MEMORY] = { .name = "memory is readable" },
	[PROBE_TEST_PROC] = { .name = "/proc is readable" },
	[PROBE_TEST_GETFD] = { .name = "sockets are readable" },
};

static void set(struct probe_selftest *row, bool good, const char *detail)
{
	row->good = good;
	snprintf(row->detail, sizeof(row->detail), "%.*s",
		 (int)sizeof(row->detail) - 1, detail);
}

static void test_memory(struct probe_selftest *row,
			const struct seccomp_notif *n)
{
	struct probe_target target = { (pid_t)n->pid, -1 };
	char text[64];
	bool cut;
	ssize_t len = probe_target_string(&target, n->data.args[0], text,
					  sizeof(text), &cut);

	set(row, len > 0 && strcmp(text, NOWHERE) == 0,
	    len < 0 ? strerror(errno) : "process_vm_readv");
}

static void test_proc(struct probe_selftest *row, pid_t pid)
{
	char dir[32], text[256];
	ssize_t len;

	snprintf(dir, sizeof(dir), "/proc/%d/exe", (int)pid);
	len = readlink(dir, text, sizeof(text));
	set(row, len > 0, len > 0 ? "/proc/PID/exe" : strerror(errno));
}

static void test_getfd(struct probe_selftest *row, pid_t pid)
{
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0), fd = -1;

	if (pidfd >= 0)
		fd = (int)syscall(SYS_pidfd_getfd, pidfd, 1, 0);
	/* A closed standard output is no lack of permission. */
	if (fd >= 0 || errno == EBADF)
		set(row, true, "pidfd_getfd");
	else
		set(row, false,
		    "pidfd_getfd is refused: protocol and ports come from /proc");
	if (fd >= 0)
		close(fd);
	if (pidfd >= 0)
		close(pidfd);
}

static void test_call(struct probe_selftest *rows, struct probe_handover *h)
{
	struct pollfd p = { .fd = h->listener, .events = POLLIN };
	struct seccomp_notif_resp answer = { .error = -ENOENT };
	struct seccomp_notif n;

	memset(&n, 0, sizeof(n));
	probe_handover_go(h);
	if (poll(&p, 1, ANSWER_WAIT_MS) != 1 ||
	    ioctl(h->listener, SECCOMP_IOCTL_NOTIF_RECV, &n) != 0) {
		set(&rows[PROBE_TEST_ANSWER], false, "no call came");
		return;
	}
	test_memory(&rows[PROBE_TEST_MEMORY], &n);
	test_proc(&rows[PROBE_TEST_PROC], (pid_t)n.pid);
	test_getfd(&rows[PROBE_TEST_GETFD], (pid_t)n.pid);
	answer.id = n.id;
	if (ioctl(h->listener, SECCOMP_IOCTL_NOTIF_SEND, &answer) != 0)
		set(&rows[PROBE_TEST_ANSWER], false, strerror(errno));
}

bool probe_selftest_run(struct probe_selftest rows[PROBE_TEST_ROWS])
{
	static char name[] = NOWHERE;
	char *argv[] = { name, NULL };
	struct probe_start start = { .argv = argv, .path = name };
	struct probe_handover h;
	struct err err = ERR_INIT;
	bool killable, good = true;
	int status = 0;

	memcpy(rows, names, sizeof(names));
	sigprocmask(SIG_SETMASK, NULL, &start.mask);
	sigaction(SIGCHLD, NULL, &start.on_child);
	(void)signal(SIGCHLD, SIG_DFL);
	if (probe_handover_begin(&h, &start, &err) < 0) {
		set(&rows[PROBE_TEST_LISTENER], false, err.message);
		return false;
	}
	set(&rows[PROBE_TEST_LISTENER], true,
	    h.no_new_privs ? "with no_new_privs" : "with CAP_SYS_ADMIN");
	killable = h.flags & SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
	set(&rows[PROBE_TEST_WAIT_KILLABLE], killable,
	    killable ? "signals wait for the answer" :
		       "before Linux 5.19: signals can repeat a call");
	set(&rows[PROBE_TEST_ANSWER], true, "");
	test_call(rows, &h);
	close(h.listener);
	if (waitpid(h.pid, &status, 0) != h.pid || !WIFEXITED(status) ||
	    WEXITSTATUS(status) != 127)
		set(&rows[PROBE_TEST_ANSWER], false,
		    "the answer did not reach the call");
	else if (rows[PROBE_TEST_ANSWER].good)
		set(&rows[PROBE_TEST_ANSWER], true, "refused one as told");
	for (int i = 0; i < PROBE_TEST_ROWS; i++)
		good &= rows[i].good || !rows[i].needed;
	return good;
}
