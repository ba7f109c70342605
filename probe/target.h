/*
 * probe/target.h - reading the memory of a watched program.
 *
 * What is read may change under our hands and may be anything: every function
 * takes a ceiling and none trusts a length.  The caller asks NOTIF_ID_VALID
 * afterwards, since the thread id may have found another owner meanwhile.
 */
#ifndef PROBE_TARGET_H
#define PROBE_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/compiler.h"

struct probe_target {
	pid_t tid;
	int mem_fd; /* /proc/PID/mem, opened while that was allowed; or -1 */
};

/* Bytes read, which may be fewer than `n`; -1 if none can be read. */
MUST_CHECK ssize_t probe_target_read(const struct probe_target *t,
				     uint64_t addr, void *out, size_t n);

/* All `n` bytes, or false. */
MUST_CHECK bool probe_target_read_all(const struct probe_target *t,
				      uint64_t addr, void *out, size_t n);

/* The length of the string at `addr`, of which at most cap - 1 bytes and a NUL
 * are stored; *cut says that there was more.  -1 if it cannot be read. */
MUST_CHECK ssize_t probe_target_string(const struct probe_target *t,
				       uint64_t addr, char *out, size_t cap,
				       bool *cut);

#endif
