/*
 * base/limits.h - every limit of the system, each with its sentence.
 *
 * Reaching one is a normal error whose message states the number.
 */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

enum {
	/* A message from Kafka, a spool, a file: larger ones are TOO_LARGE. */
	LIMIT_MESSAGE = 1 << 20,
	/* Nesting of objects and arrays in a message: deeper ones are TOO_DEEP. */
	LIMIT_JSON_DEPTH = 32,
	/* Fields of one dataset, virtual ones not counted. */
	LIMIT_FIELDS = 256,
	/* Bytes of a text or keyword value that are searched. */
	LIMIT_VALUE = 64 << 10,
	/* Keys (of known and unknown fields) in one message that are kept apart;
	 * a message with more is kept whole. */
	LIMIT_KEYS = 1024,
	/* Values (list elements included) decoded from one message. */
	LIMIT_VALUES = 65536,
	/* Names of unknown keys counted one by one per dataset. */
	LIMIT_UNKNOWN_NAMES = 1024,
	/* A schema file. */
	LIMIT_SCHEMA = 1 << 20,
	/* Bytes of a dataset, field or alias name. */
	LIMIT_NAME = 128,
	/* A configuration file. */
	LIMIT_CONFIG = 1 << 20,

	/* Query text, checked before lexing. */
	LIMIT_QUERY = 128 << 10,
	/* Conditions of a query; a list counts once. */
	LIMIT_CONDITIONS = 1000,
	/* Values of one list. */
	LIMIT_LIST_VALUES = 10000,
	/* Levels of parentheses, groups and `not` together. */
	LIMIT_QUERY_DEPTH = 32,
	/* Pipe stages. */
	LIMIT_STAGES = 16,
	/* Columns, aggregates or keys that a stage lists. */
	LIMIT_STAGE_TERMS = 64,
	/* Keys that rows are grouped by. */
	LIMIT_GROUP_KEYS = 8,
	/* Buckets of a time chart. */
	LIMIT_BUCKETS = 10000,

	/* Rows of a batch, which is one transaction. */
	LIMIT_BATCH_ROWS = 32768,
	/* Input bytes of a batch. */
	LIMIT_BATCH_BYTES = 16 << 20,
	/* Threads that build segments; batches between source and commit; rows
	 * and input bytes in all of them together. */
	LIMIT_INGEST_THREADS = 32,
	LIMIT_QUEUE_BATCHES = LIMIT_INGEST_THREADS + 2,
	LIMIT_QUEUE_ROWS = 8 * LIMIT_BATCH_ROWS,
	LIMIT_QUEUE_BYTES = 48 << 20,
	/* Source templates of a segment; rows beyond are kept whole. */
	LIMIT_TEMPLATES = 4096,
	/* Rows of a segment, and rows of a column block. */
	LIMIT_SEGMENT_ROWS = 1 << 20,
	LIMIT_BLOCK_ROWS = 65536,
	/* Readers of a store at one time. */
	LIMIT_READERS = 1024,
	/* Datasets in a store. */
	LIMIT_DATASETS = 64,
	/* Bytes of a dead letter's message kept whole; above, the first part. */
	LIMIT_DEADLETTER_RAW = 1 << 20,
	LIMIT_DEADLETTER_CUT = 64 << 10,
};

#endif
