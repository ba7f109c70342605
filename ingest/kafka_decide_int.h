/*
 * ingest/kafka_decide_int.h - is a partition still the one that was stored?
 *
 * Pure: what was seen of the partition goes in, where to go on comes out.
 */
#ifndef INGEST_KAFKA_DECIDE_INT_H
#define INGEST_KAFKA_DECIDE_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "ingest/position.h"

/* What stands at the offset of the last stored record. */
enum ingest_kafka_seen {
	INGEST_KAFKA_SEEN_SAME,    /* that record */
	INGEST_KAFKA_SEEN_OTHER,   /* another one */
	INGEST_KAFKA_SEEN_MISSING, /* nothing, or only later records */
	INGEST_KAFKA_SEEN_OUTSIDE, /* the log does not reach there */
	INGEST_KAFKA_NOT_LOOKED,   /* it is not known which record was last */
};

enum ingest_kafka_compacted {
	INGEST_KAFKA_COMPACTED_NO,
	INGEST_KAFKA_COMPACTED_YES,
	INGEST_KAFKA_COMPACTED_UNKNOWN, /* we may not read the topic's settings */
};

struct ingest_kafka_evidence {
	int64_t next; /* the first record that is not stored */
	struct ingest_kafka_last last;
	enum ingest_kafka_seen seen;
	int64_t low, high; /* the log is [low, high); not needed if SAME */
	enum ingest_kafka_compacted compacted;
};

enum ingest_kafka_reason {
	INGEST_KAFKA_GOES_ON,   /* at `start`, nothing lost */
	INGEST_KAFKA_UNPROVEN,  /* likewise, but the last record is gone and
				 * nothing shows that the topic is the same */
	INGEST_KAFKA_DELETED,   /* gap: records were deleted before being read */
	INGEST_KAFKA_SHORTER,   /* gap: the log ends before `next` */
	INGEST_KAFKA_REPLACED,  /* gap: another record stands in its place */
};

struct ingest_kafka_verdict {
	enum ingest_kafka_reason reason;
	int64_t start;
};

static inline bool ingest_kafka_is_gap(enum ingest_kafka_reason r)
{
	return r >= INGEST_KAFKA_DELETED;
}

struct ingest_kafka_verdict
ingest_kafka_decide(const struct ingest_kafka_evidence *e);

/* Appends what a GAP dead letter says: both offsets and why. */
void ingest_kafka_explain(struct buf *out, int64_t expected,
			  const struct ingest_kafka_verdict *v);

#endif
