/*
 * ingest/source_kafka_int.h - the two halves of the Kafka source.
 *
 * source_kafka.c reads; source_kafka_watch.c has a connection and a thread of
 * its own that answers slow questions, so that reading never waits for them:
 * how many partitions a topic has, and whether a partition still holds what
 * was stored of it.
 */
#ifndef INGEST_SOURCE_KAFKA_INT_H
#define INGEST_SOURCE_KAFKA_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/err.h"
#include "ingest/kafka_decide_int.h"
#include "ingest/position.h"
#include "ingest/source_kafka.h"

struct rd_kafka_s;         /* librdkafka's handle and message */
struct rd_kafka_message_s;

enum ingest_kafka_role { INGEST_KAFKA_READER, INGEST_KAFKA_WATCH };

/* What a client's callbacks note; one thread serves them, all may look. */
struct ingest_kafka_trouble {
	_Atomic bool denied;      /* authentication failed */
	/* What is there now may not be what was there: */
	_Atomic bool lost;        /* all brokers or the topic were gone */
	_Atomic bool reconnected; /* one connection was */
	int64_t warned_at;
	int warned_code;
	char last[256];          /* newest error; for the thread that serves */
};

/* A client with the user's properties and ours. */
MUST_CHECK int ingest_kafka_client(struct rd_kafka_s **out,
				   const struct ingest_kafka_options *o,
				   enum ingest_kafka_role role,
				   struct ingest_kafka_trouble *t,
				   struct err *err);
/* Notes and logs an error of a client. */
void ingest_kafka_trouble(struct ingest_kafka_trouble *t, int code,
			  const char *reason);
struct hash128 ingest_kafka_hash(const struct rd_kafka_message_s *m);

struct ingest_kafka_watch;

struct ingest_kafka_question {
	uint32_t topic; /* index in options */
	int32_t partition;
	uint32_t ticket; /* comes back with the answer */
	int64_t next;
	struct ingest_kafka_last last;
};
struct ingest_kafka_answer {
	uint32_t topic;
	int32_t partition;
	uint32_t ticket;
	struct ingest_kafka_verdict verdict;
};

/* First contact, then the thread. */
MUST_CHECK int ingest_kafka_watch_open(struct ingest_kafka_watch **out,
				       const struct ingest_kafka_options *o,
				       struct err *err);
void ingest_kafka_watch_close(struct ingest_kafka_watch *w);
const char *ingest_kafka_watch_cluster(const struct ingest_kafka_watch *w);

/* True once after something has changed: ask for it then. */
bool ingest_kafka_watch_news(struct ingest_kafka_watch *w);
int32_t ingest_kafka_watch_partitions(struct ingest_kafka_watch *w,
				      uint32_t topic);
/* A topic was gone and is back. */
bool ingest_kafka_watch_suspicious(struct ingest_kafka_watch *w);
/* A newer question about a partition takes the place of an older one. */
MUST_CHECK int ingest_kafka_watch_ask(struct ingest_kafka_watch *w,
				      const struct ingest_kafka_question *q,
				      struct err *err);
/* Takes one answer; false if there is none. */
bool ingest_kafka_watch_answer(struct ingest_kafka_watch *w,
			       struct ingest_kafka_answer *out);

#endif
