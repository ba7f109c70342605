/*
 * probe/handover.h - a child that puts itself under the filter, and its
 * listener in the hands of its parent.
 *
 * Parent and child share one descriptor table until the child has installed
 * the filter, so the listener is simply there: no message carries it, and the
 * calls that would carry one may all be trapped.
 */
#ifndef PROBE_HANDOVER_H
#define PROBE_HANDOVER_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/compiler.h"
#include "base/err.h"

struct probe_shared;

/* How the command was when we were started, to be given back to it. */
struct probe_start {
	char **argv;
	const char *path; /* argv[0], found on the PATH */
	sigset_t mask;
	struct sigaction on_child;
};

struct probe_handover {
	pid_t pid;
	int listener;
	unsigned flags; /* SECCOMP_FILTER_FLAG_* in force */
	bool no_new_privs;
	struct probe_shared *shared;
};

/*
 * Forks the child, which waits under the filter to be let go.
 * ERR_UNSUPPORTED if the kernel gives no listener (no child is left then);
 * ERR_IO, ERR_NO_MEMORY.
 */
MUST_CHECK int probe_handover_begin(struct probe_handover *h,
				    const struct probe_start *start,
				    struct err *err);
/* Lets the child run the command. */
void probe_handover_go(struct probe_handover *h);
/* The errno with which its exec failed; 0: it did not, or not yet. */
int probe_handover_exec_errno(const struct probe_handover *h);

/* Where PATH leads to, as execvp() would; 0, or 126 or 127 with errno. */
MUST_CHECK int probe_find_command(const char *name, char *out, size_t cap);

/* Runs the command in the place of this process; returns its exit status (126
 * or 127) with errno if that cannot be done.  Async-signal-safe. */
int probe_run_command(const struct probe_start *start);

#endif
