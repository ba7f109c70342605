/*
 * ingest/progress.h - how it goes: a line on a terminal, else one log line a
 * minute.
 */
#ifndef INGEST_PROGRESS_H
#define INGEST_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ingest/source.h"
#include "ingest/stats.h"

struct ingest_progress {
	const struct ingest_stats *stats;
	struct ingest_source *const *sources;
	size_t nsources;
	bool terminal;   /* stderr is one */
	int64_t began;   /* of the run, monotonic */
	int64_t shown;   /* last line */
	uint64_t events; /* at that time */
};

void ingest_progress_init(struct ingest_progress *p,
			  const struct ingest_stats *stats,
			  struct ingest_source *const *sources, size_t nsources);
/* Shows a line if it is time. */
void ingest_progress_tick(struct ingest_progress *p, int64_t now);
/* The last line: what the whole run did. */
void ingest_progress_end(struct ingest_progress *p, int64_t now);

#endif
