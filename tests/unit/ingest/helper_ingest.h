/*
 * tests/unit/ingest/helper_ingest.h - a store in a directory of its own, and
 * what a source says, as text.
 */
#ifndef TESTS_UNIT_INGEST_HELPER_INGEST_H
#define TESTS_UNIT_INGEST_HELPER_INGEST_H

#include "base/buf.h"
#include "index/store.h"
#include "ingest/source.h"
#include "schemas/catalog.h"

struct fixture {
	char dir[64];   /* removed at the end */
	char store_dir[80];
	char path[96];  /* of fixture_path() */
	struct index_store *store;
	struct catalog *catalog;
	const struct dataset *events;
	struct buf heard;
};

void fixture_init(struct fixture *f);
void fixture_release(struct fixture *f);
/* DIR/name, until the next call. */
const char *fixture_path(struct fixture *f, const char *name);
/* Appends to (or creates) DIR/name. */
void fixture_write(struct fixture *f, const char *name, const char *text);

/*
 * Lets a source speak until it is idle, has moved or has ended, at most `max`
 * messages.  Each message is "OFFSET:PAYLOAD" or "OFFSET!REASON", followed by
 * a blank; then stands "idle", "moved" or "end", or "error: ...".
 */
const char *fixture_hear(struct fixture *f, struct ingest_source *s, int max);
/* Closes a batch of the source and stores its positions; the source does not
 * know yet that they are durable. */
void fixture_store(struct fixture *f, struct ingest_source *s);
/* The same, and tells it. */
void fixture_commit(struct fixture *f, struct ingest_source *s);
/* All stored positions, one a line. */
const char *fixture_positions(struct fixture *f);

#endif
