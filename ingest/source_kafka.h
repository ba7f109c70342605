/*
 * ingest/source_kafka.h - topics of a Kafka cluster, every record exactly once.
 *
 * One ingester owns all partitions of its topics by manual assignment, at the
 * positions in the store; there is no consumer group.  New partitions are
 * found while it runs.  Records that were deleted before they were read, and a
 * topic that was created anew, are a GAP dead letter.
 */
#ifndef INGEST_SOURCE_KAFKA_H
#define INGEST_SOURCE_KAFKA_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/err.h"
#include "index/store.h"
#include "ingest/kafka_options.h"
#include "ingest/source.h"
#include "schemas/dataset.h"

struct ingest_kafka_topic {
	const char *name;
	const struct dataset *dataset;
};

struct ingest_kafka_options {
	const char *name; /* the source as given: "kafka:TOPIC,TOPIC" */
	const struct ingest_kafka_topic *topics;
	size_t ntopics;
	const struct ingest_property *properties;
	size_t nproperties;
	struct index_store *store;
	bool once;       /* end at what is there */
	int64_t patience; /* ns for the first contact */
	const volatile sig_atomic_t *stop; /* ends the first contact */
};

/* Waits for the first contact with a broker.  What the options point to must
 * outlive the source.  ERR_USAGE, ERR_INPUT (no such topic), ERR_DENIED,
 * ERR_UNREACHABLE, ERR_INTERRUPTED. */
MUST_CHECK int ingest_kafka_open(struct ingest_source **out,
				 const struct ingest_kafka_options *o,
				 struct err *err);

#endif
