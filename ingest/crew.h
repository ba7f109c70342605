/*
 * ingest/crew.h - the threads between sources and store.
 *
 * The thread of the sources fills batches and hands them over; each gets the
 * next ticket.  A free thread builds the oldest batch that waits.  Batches are
 * stored in the order of their tickets, by whichever thread finds the oldest
 * one built.  A crew of one has no threads: handing a batch over builds and
 * stores it.
 *
 * Batches, and so memory, are bounded: when all are on their way there is none
 * to fill, and the sources wait.
 *
 * Threads: all calls come from the thread of the sources.
 */
#ifndef INGEST_CREW_H
#define INGEST_CREW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/err.h"
#include "index/store.h"
#include "ingest/source.h"
#include "ingest/stats.h"
#include "schemas/dataset.h"

struct ingest_crew;

struct ingest_crew_options {
	struct index_store *store;         /* open for writing */
	const struct dataset *deadletters; /* the dataset of that name */
	struct ingest_stats *stats;
	unsigned threads; /* 1..LIMIT_INGEST_THREADS */
	bool yajl;        /* without the fast scanner */
};

/* What the options point to must outlive the crew.  ERR_NO_MEMORY, ERR_SCHEMA. */
MUST_CHECK int ingest_crew_new(struct ingest_crew **out,
			       const struct ingest_crew_options *o,
			       struct err *err);
/* What is not durable is dropped.  NULL is fine. */
void ingest_crew_free(struct ingest_crew *c);

/* Makes a dataset known to store and threads, before the crew is started.
 * ERR_SCHEMA, ERR_UNSUPPORTED (tables), ERR_LIMIT. */
MUST_CHECK int ingest_crew_register(struct ingest_crew *c,
				    const struct dataset *ds, struct err *err);
MUST_CHECK int ingest_crew_start(struct ingest_crew *c, struct err *err);

/* May a message be added to the batch at hand?  Not when it is full, or when
 * all batches are on their way. */
bool ingest_crew_has_room(const struct ingest_crew *c);
uint32_t ingest_crew_rows(const struct ingest_crew *c); /* of the batch at hand */
MUST_CHECK int ingest_crew_add(struct ingest_crew *c, const char *source,
			       const struct ingest_message *m, struct err *err);

/* Is there a batch at hand that could be handed over? */
bool ingest_crew_has_batch(const struct ingest_crew *c);
/* Closes it for all sources and hands it over. */
MUST_CHECK int ingest_crew_hand(struct ingest_crew *c,
				struct ingest_source *const *sources,
				size_t nsources, struct err *err);
/* Batches handed over that were not collected. */
unsigned ingest_crew_waiting(const struct ingest_crew *c);
/* 1: the oldest of them is durable, and was told to all sources.  0: it is not
 * within `timeout` ns.  Negative: the error of a thread; the crew is done. */
MUST_CHECK int ingest_crew_collect(struct ingest_crew *c, int64_t timeout,
				   struct ingest_source *const *sources,
				   size_t nsources, struct err *err);

#endif
