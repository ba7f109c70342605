/*
 * ingest/position.h - where each source was read up to, as stored bytes.
 *
 * The store keeps these keys and values without knowing them; they change in
 * the transaction of the messages they stand behind.  Integers are big-endian;
 * a key begins with a letter for its kind.  Drawn in docs/store-format.md.
 *
 * Decoding checks every length: bytes from the disk are never trusted.
 */
#ifndef INGEST_POSITION_H
#define INGEST_POSITION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/slice.h"

/* A partition of a Kafka topic.  A new incarnation begins when the records
 * behind the old position are not those that were promised (deleted, or the
 * topic was created anew). */
struct ingest_kafka_key {
	struct slice cluster;
	struct slice topic; /* .p NULL when decoded from a key that hashes it */
	uint32_t partition;
	uint32_t incarnation;
};
/* The record before `next`; re-read at start, to know the topic again. */
struct ingest_kafka_last {
	bool known;
	int64_t offset;
	int64_t timestamp;   /* ms, as Kafka has it */
	struct hash128 hash; /* of key and value */
};
struct ingest_kafka_value {
	int64_t next; /* offset of the first record not stored */
	struct ingest_kafka_last last;
	struct slice dataset;
	struct slice topic;
};

void ingest_kafka_key_put(struct buf *out, const struct ingest_kafka_key *k);
/* The part of the key before the incarnation. */
void ingest_kafka_prefix_put(struct buf *out, const struct ingest_kafka_key *k);
MUST_CHECK bool ingest_kafka_key_get(struct slice key,
				     struct ingest_kafka_key *out);
void ingest_kafka_value_put(struct buf *out, const struct ingest_kafka_value *v);
MUST_CHECK bool ingest_kafka_value_get(struct slice value,
				       struct ingest_kafka_value *out);

/* A file, by what it is and not by what it is called. */
struct ingest_file_key {
	struct slice dataset;
	uint64_t device;
	uint64_t inode;
	struct hash128 head; /* of the first value.head_len bytes */
};
struct ingest_file_value {
	uint64_t offset; /* of the first byte not stored */
	uint16_t head_len;
	uint16_t tail_len; /* bytes before `offset` that `tail` is the hash of */
	struct hash128 tail;
	struct hash128 path; /* of the path it was followed under */
	bool finished;       /* rotated away and read to its end */
};

void ingest_file_key_put(struct buf *out, const struct ingest_file_key *k);
/* The part before the device: all files of a dataset. */
void ingest_file_prefix_put(struct buf *out, struct slice dataset);
MUST_CHECK bool ingest_file_key_get(struct slice key,
				    struct ingest_file_key *out);
void ingest_file_value_put(struct buf *out, const struct ingest_file_value *v);
MUST_CHECK bool ingest_file_value_get(struct slice value,
				      struct ingest_file_value *out);

/* A sensor's spool: its files are named by their first sensorSeq. */
struct ingest_spool_key {
	struct slice dataset;
	uint8_t sensor[16]; /* sensorUuid */
};
struct ingest_spool_value {
	uint64_t first;  /* sensorSeq in the name of the file last read */
	uint64_t offset; /* stored bytes of it; all files before are stored */
};

void ingest_spool_key_put(struct buf *out, const struct ingest_spool_key *k);
MUST_CHECK bool ingest_spool_key_get(struct slice key,
				     struct ingest_spool_key *out);
void ingest_spool_value_put(struct buf *out, const struct ingest_spool_value *v);
MUST_CHECK bool ingest_spool_value_get(struct slice value,
				       struct ingest_spool_value *out);

/* Appends a stored position for people, one line without its end:
 * "kafka TOPIC 3 incarnation=0 next=120 dataset=events". */
void ingest_position_print(struct buf *out, struct slice key,
			   struct slice value);

#endif
