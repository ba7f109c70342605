/*
 * probe/shipper.h - the thread that brings events from the ring to the sink.
 *
 * It is not under the filter and nobody waits for it, except at the end.
 */
#ifndef PROBE_SHIPPER_H
#define PROBE_SHIPPER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/err.h"
#include "probe/ring.h"
#include "probe/sink.h"

struct probe_shipper;

/* The ring stays the caller's; the sink is owned from now on, also on failure. */
MUST_CHECK int probe_shipper_new(struct probe_shipper **out,
				 struct probe_ring *ring,
				 struct probe_sink *sink, struct err *err);
/* Ships what is there, closes the sink, ends the thread. */
void probe_shipper_free(struct probe_shipper *s);

/*
 * Asks that all that is in the ring by now be shipped and flushed within
 * `timeout` ns; see probe_sink_ops.flush for `final`.  One request at a time.
 */
void probe_shipper_request(struct probe_shipper *s, int64_t timeout,
			   bool final);
/* Whether the last request was fulfilled. */
bool probe_shipper_done(struct probe_shipper *s);
/* Readable once it is; for poll(). */
int probe_shipper_fd(const struct probe_shipper *s);
/* Waits for it, at most `timeout` ns. */
void probe_shipper_wait(struct probe_shipper *s, int64_t timeout);

#endif
