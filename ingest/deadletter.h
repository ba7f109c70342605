/*
 * ingest/deadletter.h - the record of a message that cannot be an event.
 *
 * A dead letter is a message of dataset `deadletters`: it is decoded, stored
 * and searched like any other.
 */
#ifndef INGEST_DEADLETTER_H
#define INGEST_DEADLETTER_H

#include <stdint.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/err.h"
#include "base/slice.h"
#include "ingest/source.h"

enum {
	/* Ceiling of a dead letter's JSON: 1 MiB of raw text, of which every
	 * byte may need an escape of six, and the rest. */
	INGEST_DEADLETTER_MAX = 8 << 20,
};

struct ingest_deadletter {
	int64_t time;
	enum refusal reason;
	struct slice detail;
	const char *source; /* kind */
	const struct ingest_message *message;
};

/* Replaces the content of `out` (born with INGEST_DEADLETTER_MAX). */
MUST_CHECK int ingest_deadletter_write(struct buf *out,
				       const struct ingest_deadletter *d,
				       struct err *err);

#endif
