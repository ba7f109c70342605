/*
 * probe/filter.h - the BPF program that decides which calls are trapped.
 *
 * A call of another architecture or of the x32 table is always trapped: its
 * numbers mean other calls, and the supervisor says what becomes of it.
 */
#ifndef PROBE_FILTER_H
#define PROBE_FILTER_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/err.h"

enum { PROBE_FILTER_MAX = 512 };

struct probe_filter {
	struct sock_filter code[PROBE_FILTER_MAX];
	uint16_t n;
};

/* AUDIT_ARCH_* of the programs whose calls are decoded. */
uint32_t probe_filter_arch(void);
/* A number of that architecture that is of another table: x32. */
bool probe_filter_is_foreign(int nr);

void probe_filter_init(struct probe_filter *f);

/*
 * Puts the filter over the calling thread and returns the listener, or
 * -errno.  no_new_privs is set only if the kernel asks for it.  `flags` in:
 * SECCOMP_FILTER_FLAG_* wished for beside NEW_LISTENER; out: those in force.
 * Async-signal-safe: it is called between fork and exec.
 */
MUST_CHECK int probe_filter_install(const struct probe_filter *f,
				    unsigned *flags);

#endif
