/*
 * probe/ring.h - a bounded queue of records between two threads.
 *
 * The producer never waits: a record that finds no room is refused, and the
 * caller counts it.  The consumer sleeps while there is little to do and is
 * woken when a record comes after an idle time or the ring is a quarter full,
 * so that a busy producer seldom pays for a wake-up.
 *
 * Threads: one producer, one consumer.
 */
#ifndef PROBE_RING_H
#define PROBE_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/err.h"
#include "base/slice.h"

struct probe_ring;

/* `size` bytes, rounded up to a power of two.  ERR_NO_MEMORY, ERR_IO. */
MUST_CHECK int probe_ring_new(struct probe_ring **out, size_t size,
			      struct err *err);
void probe_ring_free(struct probe_ring *r);

/* Producer.  False: no room. */
bool probe_ring_push(struct probe_ring *r, uint64_t seq, struct slice record);
/* Wakes the consumer, whatever the ring holds. */
void probe_ring_kick(struct probe_ring *r);

/* Consumer.  The record stays until it is popped.  False: empty. */
bool probe_ring_peek(struct probe_ring *r, uint64_t *seq, struct slice *record);
void probe_ring_pop(struct probe_ring *r);
/* Waits for a record, or a kick, at most `ms` (-1: for ever). */
void probe_ring_wait(struct probe_ring *r, int ms);
/* Lets records gather, until the ring is a quarter full or for `ms`. */
void probe_ring_linger(struct probe_ring *r, int ms);
/* Filled part in percent, 0 only if it is empty. */
unsigned probe_ring_fill(struct probe_ring *r);

#endif
