/*
 * probe/handover.c - a child that puts itself under the filter.
 *
 * The child is made by a bare clone(): from there to exec it does only what is
 * safe after a fork.
 */
#include "probe/handover.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/slice.h"
#include "probe/filter.h"

enum step { STEP_BEGIN, STEP_FILTERED, STEP_GO };

enum {
	STEP_WAIT_MS = 20, /* then the other side is looked after */
	NOT_EXECUTABLE = 126,
	NOT_FOUND = 127,
};

struct probe_shared {
	_Atomic uint32_t step;
	_Atomic int exec_errno;
	int listener; /* or -errno */
	unsigned flags;
	int no_new_privs;
	struct probe_filter filter;
};

static void futex_wait(_Atomic uint32_t *word, uint32_t seen)
{
	struct timespec limit = { .tv_nsec = STEP_WAIT_MS * 1000000L };

	(void)syscall(SYS_futex, word, FUTEX_WAIT, seen, &limit, NULL, 0);
}

static void set_step(struct probe_shared *sh, uint32_t step)
{
	atomic_store(&sh->step, step);
	(void)syscall(SYS_futex, &sh->step, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

int probe_run_command(const struct probe_start *start)
{
	static char shell[] = "/bin/sh";
	char *script[256];
	size_t n = 0;

	sigaction(SIGCHLD, &start->on_child, NULL);
	sigprocmask(SIG_SETMASK, &start->mask, NULL);
	execve(start->path, start->argv, environ);
	if (errno != ENOEXEC)
		return errno == ENOENT ? NOT_FOUND : NOT_EXECUTABLE;
	/* A script without an interpreter, as execvp() takes it. */
	script[n++] = shell;
	script[n++] = (char *)(uintptr_t)start->path;
	for (size_t i = 1; start->argv[i]; i++) {
		if (n + 1 == sizeof(script) / sizeof(script[0])) {
			errno = E2BIG;
			return NOT_EXECUTABLE;
		}
		script[n++] = start->argv[i];
	}
	script[n] = NULL;
	execve(shell, script, environ);
	errno = ENOEXEC;
	return NOT_EXECUTABLE;
}

static _Noreturn void be_child(struct probe_shared *sh,
			       const struct probe_start *start, pid_t parent)
{
	int status;

	/* Whoever let us go must be there to answer. */
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	sh->flags = SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
	sh->listener = probe_filter_install(&sh->filter, &sh->flags);
	sh->no_new_privs = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
	if (sh->listener >= 0 && unshare(CLONE_FILES) != 0)
		sh->listener = -errno;
	set_step(sh, STEP_FILTERED);
	while (atomic_load(&sh->step) != STEP_GO) {
		if (sh->listener < 0 || getppid() != parent)
			_exit(NOT_EXECUTABLE);
		futex_wait(&sh->step, STEP_FILTERED);
	}
	prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0);
	status = probe_run_command(start);
	atomic_store(&sh->exec_errno, errno);
	_exit(status);
}

static const char *why_unsupported(int errnum)
{
	switch (errnum) {
	case EBUSY:
		return "another supervisor has a listener above this process";
	case ENOSYS:
	case EINVAL:
		return "this kernel has no seccomp user notification";
	case EACCES:
	case EPERM:
		return "the container's own filter forbids it";
	default:
		return strerror(errnum);
	}
}

/* 0 once the child is under the filter. */
static int await_child(struct probe_handover *h, struct err *err)
{
	struct probe_shared *sh = h->shared;

	while (atomic_load(&sh->step) == STEP_BEGIN) {
		siginfo_t info = { .si_pid = 0 };

		futex_wait(&sh->step, STEP_BEGIN);
		if (waitid(P_PID, (id_t)h->pid, &info,
			   WEXITED | WNOHANG | WNOWAIT) == 0 &&
		    info.si_pid == h->pid &&
		    atomic_load(&sh->step) == STEP_BEGIN)
			return err_set(err, ERR_UNSUPPORTED, "cannot watch: %s",
				       "a process under the filter was killed");
	}
	if (sh->listener < 0) {
		err_set(err, ERR_UNSUPPORTED, "cannot watch: %s (%s)",
			why_unsupported(-sh->listener),
			strerrorname_np(-sh->listener));
		err_hint(err,
			 "--if-unsupported run runs the command unwatched");
		return ERR_UNSUPPORTED;
	}
	return 0;
}

int probe_handover_begin(struct probe_handover *h,
			 const struct probe_start *start, struct err *err)
{
	struct probe_shared *sh;
	pid_t parent = getpid();
	long pid;
	int ret;

	*h = (struct probe_handover){ .listener = -1 };
	sh = mmap(NULL, sizeof(*sh), PROT_READ | PROT_WRITE,
		  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (sh == MAP_FAILED)
		return err_nomem(err);
	h->shared = sh;
	probe_filter_init(&sh->filter);
	pid = syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
	if (pid < 0)
		return err_errno(err, ERR_IO, errno, "could not fork");
	if (pid == 0)
		be_child(sh, start, parent);
	h->pid = (pid_t)pid;
	ret = await_child(h, err);
	if (ret < 0) {
		(void)waitpid(h->pid, NULL, 0);
		return ret;
	}
	h->listener = sh->listener;
	h->flags = sh->flags;
	h->no_new_privs = sh->no_new_privs;
	return 0;
}

void probe_handover_go(struct probe_handover *h)
{
	set_step(h->shared, STEP_GO);
}

int probe_handover_exec_errno(const struct probe_handover *h)
{
	return atomic_load(&h->shared->exec_errno);
}

static bool is_program(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	       access(path, X_OK) == 0;
}

int probe_find_command(const char *name, char *out, size_t cap)
{
	const char *path = getenv("PATH");
	bool denied = false;

	if (strchr(name, '/') || name[0] == '\0') {
		snprintf(out, cap, "%s", name);
		return strlen(name) < cap ? 0 : NOT_FOUND;
	}
	if (!path)
		path = "/bin:/usr/bin";
	for (;;) {
		size_t n = strcspn(path, ":");

		snprintf(out, cap, "%.*s%s%s", (int)n, path, n ? "/" : "",
			 name);
		if (is_program(out))
			return 0;
		denied |= access(out, F_OK) == 0 || errno == EACCES;
		if (path[n] == '\0')
			break;
		path += n + 1;
	}
	errno = denied ? EACCES : ENOENT;
	return denied ? NOT_EXECUTABLE : NOT_FOUND;
}
