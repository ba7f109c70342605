/*
 * ingest/lines_int.h - bytes to records: LF ends one, all else belongs to it.
 *
 * Shared by the file, spool and stdin sources.  Bytes given out stay where
 * they are until ingest_lines_committed(), so the buffer holds a whole batch;
 * when it is full, a commit is what makes room.
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
#include "base/slice.h"

struct ingest_digest;

struct ingest_lines {
	char *data;
	size_t cap;
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
/* Reads once.  An enum ingest_lines_fill, or ERR_IO. */
MUST_CHECK int ingest_lines_fill(struct ingest_lines *l, int fd,
				 struct err *err);
static inline bool ingest_lines_full(const struct ingest_lines *l)
{
	return l->end == l->cap;
}

/* 1: *line is the next complete record; 0: none yet. */
MUST_CHECK int ingest_lines_next(struct ingest_lines *l,
				 struct ingest_line *line, struct err *err);
/* 1: *line is what stands behind the last LF; 0: nothing does. */
MUST_CHECK int ingest_lines_rest(struct ingest_lines *l,
				 struct ingest_line *line, struct err *err);
/* Bytes given out may be overwritten. */
void ingest_lines_committed(struct ingest_lines *l);

#endif
