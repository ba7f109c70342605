/*
 * probe/procfs.h - reading small files of /proc.
 */
#ifndef PROBE_PROCFS_H
#define PROBE_PROCFS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/compiler.h"

/* Reads at most cap - 1 bytes and adds a NUL; -1 with errno. */
MUST_CHECK ssize_t probe_procfs_read(int dir_fd, const char *name, char *out,
				     size_t cap);
/* The target of a link, as a string; -1 with errno, cut at cap - 1. */
MUST_CHECK ssize_t probe_procfs_link(int dir_fd, const char *name, char *out,
				     size_t cap);

struct probe_status {
	char name[64];
	pid_t tgid, ppid;
	uid_t uid; /* effective: what the kernel judges by */
	gid_t gid;
};

/* False if /proc/PID/status is gone or unreadable. */
bool probe_procfs_status(int dir_fd, struct probe_status *out);

/* Which execution of which program a process is in: a forked child has its
 * parent's, an exec makes a new one (addresses are chosen at random). */
struct probe_image {
	unsigned long start_stack, arg_start, arg_end; /* 0: not to be seen */
};

/* False if /proc/PID/stat is gone or hides the addresses. */
bool probe_procfs_image(int dir_fd, pid_t *ppid, struct probe_image *out);

/* The user's name in /etc/passwd, or NULL.  No name service is asked: that
 * could block.  Owned by the function until the next call. */
const char *probe_procfs_user(uid_t uid);

#endif
