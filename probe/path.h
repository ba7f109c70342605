/*
 * probe/path.h - which file a path argument means.
 *
 * The supervisor looks the path up itself, from the caller's root, working
 * directory or descriptor, with O_PATH (nothing is opened for real), and asks
 * the kernel for the name of what it found: symbolic links, "..", "//",
 * /proc/self and /dev/fd are gone from it.
 */
#ifndef PROBE_PATH_H
#define PROBE_PATH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

struct probe_seen;

enum probe_lookup {
	PROBE_LOOKUP_FOLLOW,   /* a last symbolic link is followed */
	PROBE_LOOKUP_NOFOLLOW, /* or not: O_NOFOLLOW */
	PROBE_LOOKUP_ENTRY,    /* the name in its directory: rename, unlink */
};

struct probe_found {
	struct slice path; /* absolute, also when nothing is there */
	bool missing; /* nothing is there; not told by PROBE_LOOKUP_ENTRY */
	unsigned quality;
};

/* `resolve` is openat2's.  The result lives in seen->arena. */
void probe_path_find(struct probe_seen *seen, int dirfd, struct slice path,
		     enum probe_lookup how, uint64_t resolve,
		     struct probe_found *out);

/* The file behind a descriptor of the caller: AT_EMPTY_PATH. */
void probe_path_of_fd(struct probe_seen *seen, int fd, struct probe_found *out);

#endif
