/*
 * probe/event.h - events as JSON lines.
 *
 * The words are those of the dataset `events`.  One writer numbers the events
 * of one sensor; a number is used up only when probe_events_taken() says that
 * the event found a place, so that there are no gaps.
 */
#ifndef PROBE_EVENT_H
#define PROBE_EVENT_H

#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"
#include "probe/decode.h"
#include "probe/host.h"

enum {
	PROBE_EVENT_MAX = 256 << 10, /* bytes of one event */
	PROBE_RANDOM_POOL = 4096,
};

struct probe_losses_now {
	uint64_t ring, spool, rate;
};

struct probe_events {
	const struct probe_host *host;
	uint64_t seq;      /* of the next event; the first is 1 */
	struct buf shared; /* members of every event */
	struct buf out;
	unsigned char random[PROBE_RANDOM_POOL];
	size_t random_used;
};

/* `host` must stay.  ERR_NO_MEMORY. */
MUST_CHECK int probe_events_init(struct probe_events *e,
				 const struct probe_host *host,
				 const struct probe_labels *labels,
				 struct err *err);
void probe_events_release(struct probe_events *e);

/* A line with its LF, valid until the next call; .p NULL: out of memory, or
 * too long. */
struct slice probe_events_attempt(struct probe_events *e,
				  const struct probe_seen *seen,
				  const struct probe_attempt *a, int64_t when);

/* The sensor's own life: `kind` is START, HEARTBEAT, LOSS or END. */
struct slice probe_events_sensor(struct probe_events *e, const char *kind,
				 const struct probe_losses_now *losses,
				 const char *message, int64_t when);

static inline void probe_events_taken(struct probe_events *e)
{
	e->seq++;
}

#endif
