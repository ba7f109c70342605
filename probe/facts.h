/*
 * probe/facts.h - what is remembered about each watched process.
 *
 * Facts are dear to read (20 us a process), so they are read once and again
 * after each exec, and kept as the finished JSON members of an event.  A
 * process is known by a pidfd and an open /proc/PID directory, which belong to
 * that process and to no later one of the same number.
 *
 * Threads: one.  A process stays valid until the next probe_facts_get().
 */
#ifndef PROBE_FACTS_H
#define PROBE_FACTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/err.h"
#include "base/slice.h"

struct probe_facts;

enum {
	PROBE_PROCESSES_MAX = 512, /* remembered at one time */
	PROBE_NAME_MAX = 64,
};

struct probe_process {
	pid_t tgid;
	int proc_fd; /* /proc/PID; -1: the process could not be looked at */
	int pid_fd;
	int mem_fd;     /* opened when ids are about to change */
	bool stale;     /* an exec is or was under way */
	pid_t exec_tid; /* of this thread */
	bool cwd_known;
	bool cwd_stale;    /* a chdir is or was under way */
	pid_t cwd_tid;     /* of this thread */
	int64_t cwd_at;    /* when it was read */
	bool elsewhere;    /* has another root or mount namespace than we */
	int64_t ids_until; /* its ids may change until then, monotonic ns */
	bool foreign_told; /* an event said that it is of another architecture */
	bool used;         /* since the eviction hand came by */

	pid_t ppid;
	uid_t uid;
	gid_t gid;
	char name[PROBE_NAME_MAX];
	struct buf exe, invoked, cmdline, parent_path, cwd;
	char parent_name[PROBE_NAME_MAX];
	unsigned quality;
	struct buf json; /* "processId":1,... without braces */
};

MUST_CHECK int probe_facts_new(struct probe_facts **out, struct err *err);
void probe_facts_free(struct probe_facts *f);

/* The process of thread `tid`; never NULL. */
struct probe_process *probe_facts_get(struct probe_facts *f, pid_t tid,
				      int64_t now);
/* A rename was let go: working directories may have new names. */
void probe_facts_will_rename(struct probe_facts *f, int64_t now);

/* An exec was let go: what is known holds no longer. */
void probe_process_will_exec(struct probe_process *p, pid_t tid);
/* A chdir or chroot was let go. */
void probe_process_will_chdir(struct probe_process *p, pid_t tid);
/* A set*id or PR_SET_DUMPABLE was let go. */
void probe_process_will_change_ids(struct probe_process *p, int64_t now);

#endif
