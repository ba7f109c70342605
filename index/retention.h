/*
 * index/retention.h - old segments leave the store.
 *
 * Whole segments go, the oldest first: those whose newest row was received
 * longer ago than their dataset's schema says, and, while the segments of all
 * datasets take more than a limit, those received first.  What a sensor says
 * about the time of an event plays no part.  Tables are never touched.
 *
 * Like a merger: one thread of the writing process, small transactions.
 */
#ifndef INDEX_RETENTION_H
#define INDEX_RETENTION_H

#include <stdint.h>

#include "base/compiler.h"
#include "base/err.h"
#include "index/store.h"

struct index_retention_done {
	uint32_t segments; /* that are gone */
	uint64_t rows;
	uint64_t bytes;
};

/* One dataset's share of what is due at the time `now`; `max_bytes` of
 * segments may stay, 0: any number.  1: done, and there may be more; 0: nothing
 * is due. */
MUST_CHECK int index_retention_step(struct index_store *s, int64_t now,
				    uint64_t max_bytes,
				    struct index_retention_done *done,
				    struct err *err);

#endif
