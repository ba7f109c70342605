/*
 * ingest/source.h - where messages come from.
 *
 * A source gives messages one by one and, asked for them, the positions behind
 * all it has given out; that closes its part of a batch.  The pipeline stores
 * both in one transaction.  Several batches may be on their way to the store;
 * they become durable in the order in which they were closed.  Opening a source
 * looks up where the last run ended, in the same store.
 *
 * Ownership: a message's bytes belong to the source and stay until
 * ops->committed() for its batch, so that other threads may parse them.
 * Threads: all calls come from one thread; a source may have threads of its
 * own behind them.
 */
#ifndef INGEST_SOURCE_H
#define INGEST_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/err.h"
#include "base/slice.h"
#include "schemas/dataset.h"
#include "schemas/decode.h"

enum { INGEST_SHA256_LEN = 32 };
#define INGEST_NO_TIME INT64_MIN

struct ingest_message {
	const struct dataset *dataset;
	struct slice payload;  /* .p NULL: a message without a value */
	struct slice key;      /* .p NULL: none */
	int64_t timestamp;     /* ns since the epoch; INGEST_NO_TIME */
	struct slice origin;   /* topic, file or spool file */
	int32_t partition;     /* -1: none */
	int64_t offset;        /* record number, or byte offset in a file */
	enum refusal refused;  /* REFUSED_GAP: not a message, `detail` says what
				* is missing; REFUSED_TOO_LARGE: payload is cut */
	struct slice detail;
	uint64_t length;       /* of the payload at the source */
	const uint8_t *sha256; /* of the whole payload when cut; else NULL */
};

enum ingest_next {
	INGEST_IDLE = 0, /* nothing within the time */
	INGEST_MESSAGE,  /* *msg is the next one */
	INGEST_MOVED,    /* no message, but a position worth a commit */
	INGEST_END,      /* there will never be more */
};

struct ingest_source;

/* Takes one position for the batch's transaction; value.p NULL deletes it. */
typedef int ingest_position_fn(void *ctx, struct slice key, struct slice value,
			       struct err *err);

struct ingest_source_ops {
	const char *kind; /* "kafka", "spool", "file", "stdin" */
	/* Waits at most `timeout` ns.  An enum ingest_next, or a negative
	 * error after which the source is only good for closing. */
	int (*next)(struct ingest_source *s, int64_t timeout,
		    struct ingest_message *msg, struct err *err);
	/* Closes a batch: the positions behind every message given out so far,
	 * as far as they have changed since the last batch.  At most
	 * LIMIT_QUEUE_BATCHES are closed and not committed. */
	int (*positions)(struct ingest_source *s, ingest_position_fn *fn,
			 void *ctx, struct err *err);
	/* The oldest batch closed is durable: free it, unlink it. */
	int (*committed)(struct ingest_source *s, struct err *err);
	/* Messages or bytes (see .lag_unit) known to wait; UINT64_MAX: unknown. */
	uint64_t (*lag)(struct ingest_source *s);
	const char *lag_unit; /* "messages", "bytes", "files" */
	void (*close)(struct ingest_source *s);
};

struct ingest_source {
	const struct ingest_source_ops *ops;
	const char *name; /* as given: "kafka:crs.events" */
};

#endif
