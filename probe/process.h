/*
 * probe/process.h - the facts of one process.
 *
 * Invariant (F1): pid_fd and proc_fd belong to the process the facts were read
 * from; a signal 0 through the former fails once that process is gone, whoever
 * has its number by then.
 */
#ifndef PROBE_PROCESS_H
#define PROBE_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "probe/procfs.h"

enum { PROBE_NAME_MAX = 64 };

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
	struct probe_image image; /* read when a first child asks */
	struct buf exe, invoked, cmdline, parent_path, cwd;
	char parent_name[PROBE_NAME_MAX];
	unsigned quality;
	struct buf json; /* "processId":1,... without braces */
};

void probe_process_init(struct probe_process *p);
void probe_process_release(struct probe_process *p);

/* (F1) */
bool probe_process_alive(const struct probe_process *p);

/* Ids and the parent's number; then the rest.  `parent` may be NULL. */
bool probe_process_read_ids(struct probe_process *p);
/* Makes `json` anew; probe_process_read() does it too. */
void probe_process_render(struct probe_process *p);
void probe_process_read(struct probe_process *p,
			const struct probe_process *parent);
void probe_process_read_cwd(struct probe_process *p, int64_t now);

/*
 * A child that has not executed anything yet is its parent in all but numbers:
 * its facts need not be read.  False if it is not in the parent's image, or
 * has other ids.
 */
bool probe_process_take_after(struct probe_process *p,
			      struct probe_process *parent,
			      const struct probe_image *image);

/* An exec was let go: what is known holds no longer. */
void probe_process_will_exec(struct probe_process *p, pid_t tid);
/* A chdir or chroot was let go. */
void probe_process_will_chdir(struct probe_process *p, pid_t tid);
/* A set*id or PR_SET_DUMPABLE was let go. */
void probe_process_will_change_ids(struct probe_process *p, int64_t now);

#endif
