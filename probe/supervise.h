/*
 * probe/supervise.h - answering the calls that are trapped.
 *
 * A supervisor takes one notification after another: it looks at the call,
 * lets it go on (or refuses it), and then puts its events into the ring.  What
 * finds no room there is counted.
 *
 * Threads: one.
 */
#ifndef PROBE_SUPERVISE_H
#define PROBE_SUPERVISE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/err.h"
#include "probe/host.h"
#include "probe/ring.h"
#include "probe/sink.h"

struct probe_supervisor;

struct probe_supervise_options {
	const struct probe_host *host;
	const struct probe_labels *labels;
	int64_t heartbeat; /* ns */
	uint64_t rate;     /* events per second at most; 0: no limit */
	bool run_foreign;  /* calls of other architectures go on unseen */
};

/* Ring and losses stay the caller's.  ERR_NO_MEMORY, ERR_IO. */
MUST_CHECK int probe_supervisor_new(struct probe_supervisor **out,
				    const struct probe_supervise_options *o,
				    struct probe_ring *ring,
				    struct probe_losses *losses,
				    struct err *err);
void probe_supervisor_free(struct probe_supervisor *s);

/* Once, before the first call is served; starts the watchdog's thread.
 * ERR_NO_MEMORY, ERR_IO. */
MUST_CHECK int probe_supervisor_attach(struct probe_supervisor *s, int listener,
				       struct err *err);
void probe_supervisor_start(struct probe_supervisor *s, const char *message);
/* One notification of the listener, which is readable. */
void probe_supervisor_serve(struct probe_supervisor *s);
/* Heartbeats and losses that are due; returns when it is needed again. */
int64_t probe_supervisor_tick(struct probe_supervisor *s, int64_t now);
/* The last two events: what was lost since it was told last, and END. */
void probe_supervisor_end(struct probe_supervisor *s);

#endif
