/*
 * ingest/lines_int.h - bytes to records: LF ends one, all else belongs to it.
 *
 * Shared by the file, spool and stdin sources.  Bytes are read into large
 * blocks; those given out stay where they are until their batch is committed.
 * When all blocks are lent, a commit is what makes room.
 *
 * Of a record beyond LIMIT_MESSAGE only the first LIMIT_DEADLETTER_CUT bytes
 * are kept, with length and SHA-256, so that a file without a line feed cannot
 * fill the memory.  Records that are empty or white space are skipped and
 * counted.
 */
#ifndef INGEST_LINES_INT_H
#define INGEST_LINES_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/slice.h"

struct ingest_digest;

enum {
	INGEST_LINES_BLOCK = 4 << 20,
	/* Blocks that wait for commits, whose bytes are bounded; the current one
	 * and what is left unused at the ends of the others. */
	INGEST_LINES_BLOCKS = LIMIT_QUEUE_BYTES / INGEST_LINES_BLOCK + 8,
};

struct ingest_lines {
	char *data;     /* the current block */
	bool lent;      /* something in it was given out */
	size_t start;   /* of the first record that was not given out */
	size_t scanned; /* there is no LF in [start, scanned) */
	size_t end;
	int64_t offset; /* in the input, of that record */
	uint64_t blank; /* records skipped */
	/* The record at `start` is oversize: its first bytes and room for the
	 * digest stand there, `length` bytes of it were seen. */
	bool oversize;
	uint64_t length;
	struct ingest_digest *digest;
	/* Blocks [first, current) are lent; block i is blocks[i % BLOCKS]. */
	char *blocks[INGEST_LINES_BLOCKS];
	uint64_t first, current;
	char *spare[INGEST_LINES_BLOCKS]; /* for reuse, the warmest last */
	unsigned nspare;
	/* Batches closed and not yet durable: where `current` stood. */
	uint64_t cuts[LIMIT_QUEUE_BATCHES];
	unsigned ncuts;
};

struct ingest_line {
	struct slice text;
	int64_t offset;
	uint64_t length;       /* more than text.len: cut */
	const uint8_t *sha256; /* when cut */
};

MUST_CHECK int ingest_lines_init(struct ingest_lines *l, struct err *err);
void ingest_lines_release(struct ingest_lines *l);

/* Begins another input at `offset`; what was not given out is dropped. */
void ingest_lines_restart(struct ingest_lines *l, int64_t offset);

enum ingest_lines_fill {
	INGEST_LINES_END = 0, /* end of the input, for now or for ever */
	INGEST_LINES_MORE,    /* something came */
	INGEST_LINES_LATER,   /* no room, or a read that would block */
};
/* Reads once, when there is no complete record left.  An enum
 * ingest_lines_fill, or ERR_IO, ERR_NO_MEMORY. */
MUST_CHECK int ingest_lines_fill(struct ingest_lines *l, int fd,
				 struct err *err);
/* Can nothing be read before a commit? */
static inline bool ingest_lines_full(const struct ingest_lines *l)
{
	return l->end == INGEST_LINES_BLOCK && l->lent &&
	       l->current - l->first == INGEST_LINES_BLOCKS - 1;
}

/* 1: *line is the next complete record; 0: none yet. */
MUST_CHECK int ingest_lines_next(struct ingest_lines *l,
				 struct ingest_line *line, struct err *err);
/* 1: *line is what stands behind the last LF; 0: nothing does. */
MUST_CHECK int ingest_lines_rest(struct ingest_lines *l,
				 struct ingest_line *line, struct err *err);
/* Closes a batch: all that was given out and is in none belongs to it. */
void ingest_lines_cut(struct ingest_lines *l);
/* The bytes of the oldest batch closed may be overwritten. */
void ingest_lines_committed(struct ingest_lines *l);

#endif
