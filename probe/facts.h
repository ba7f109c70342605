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

#include "base/compiler.h"
#include "base/err.h"
#include "probe/process.h"

struct probe_facts;

/* Remembered at one time: two descriptors each, of 1024 at least. */
enum { PROBE_PROCESSES_MAX = 448 };

MUST_CHECK int probe_facts_new(struct probe_facts **out, struct err *err);
void probe_facts_free(struct probe_facts *f);

/* The process of thread `tid`; never NULL. */
struct probe_process *probe_facts_get(struct probe_facts *f, pid_t tid,
				      int64_t now);
/* A rename was let go: working directories may have new names. */
void probe_facts_will_rename(struct probe_facts *f, int64_t now);

#endif
