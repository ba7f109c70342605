/*
 * probe/watchdog.h - calls are answered even if the supervisor is stuck.
 *
 * Looking a path or an address up can block for ever: a file system whose
 * server is itself watched, a page that only the watched program can fill.
 * When one call has been looked at for too long, a thread of its own lets it
 * go, and all others as long as the supervisor does not move.  Each is counted
 * as lost.
 */
#ifndef PROBE_WATCHDOG_H
#define PROBE_WATCHDOG_H

#include <linux/seccomp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/err.h"
#include "probe/sink.h"

enum { PROBE_STUCK_MS = 500 };

/*
 * What the supervisor is at.  While `id` is set it receives nothing, so that
 * the watchdog may; the lock makes that exact.
 */
struct probe_busy {
	pthread_mutex_t lock;
	uint64_t id;   /* of the notification; 0: none */
	int64_t since; /* monotonic ns */
	int refuse;    /* the errno it will be answered with, or 0 */
};

void probe_busy_init(struct probe_busy *b);
void probe_busy_release(struct probe_busy *b);
void probe_busy_begin(struct probe_busy *b, uint64_t id, int refuse);
void probe_busy_end(struct probe_busy *b);

/* The errno that a call is refused with, by its registers alone; or 0. */
int probe_refusal(const struct seccomp_data *call, bool run_foreign);

struct probe_watchdog;

/* Listener, busy and losses stay the caller's.  ERR_NO_MEMORY, ERR_IO. */
MUST_CHECK int probe_watchdog_new(struct probe_watchdog **out, int listener,
				  struct probe_busy *busy, bool run_foreign,
				  struct probe_losses *losses, struct err *err);
void probe_watchdog_free(struct probe_watchdog *w);

#endif
