/*
 * probe/calls.h - the table of trapped system calls.
 *
 * Made of probe/calls.def; the filter, the decoders and the self test all
 * read this one table.
 */
#ifndef PROBE_CALLS_H
#define PROBE_CALLS_H

#include <stddef.h>

struct probe_seen;

enum probe_when {
	PROBE_WHEN_ALWAYS,
	PROBE_WHEN_HAS_ADDRESS, /* the fifth argument is not NULL */
	PROBE_WHEN_UNDUMPABLE,  /* prctl(PR_SET_DUMPABLE, 0) */
	PROBE_WHEN_NEW_MOUNTS,  /* the first argument has CLONE_NEWNS */
};

struct probe_call {
	int nr;
	const char *name; /* "sys_openat" */
	enum probe_when when;
	void (*decode)(struct probe_seen *seen);
};

extern const struct probe_call probe_calls[];
extern const size_t probe_ncalls;

/* NULL: not trapped. */
const struct probe_call *probe_call_by_nr(int nr);

#endif
