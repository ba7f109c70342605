/*
 * index/part_int.h - what stands inside the packs of a segment.
 *
 * A part is a byte string named (field, kind, block).  Integers are
 * little-endian, sections are padded to 8 bytes within their part, parts to 8
 * bytes within their pack; LMDB aligns nothing, so every load is a memcpy.
 * docs/store-format.md draws each of them.
 */
#ifndef INDEX_PART_INT_H
#define INDEX_PART_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/slice.h"
#include "index/record_int.h"

/* Numbers are stored: never reuse one. */
enum index_part_kind {
	PART_PRESENT = 1, /* rows (or elements) that have a value */
	PART_COUNTS = 2,  /* values (or elements) of each present row */
	PART_VALUES = 3,  /* ids, numbers or 16-byte values */
	PART_DICTIONARY = 4,
	PART_FORMS = 5, /* how each present row was written */
	PART_NULLS = 6, /* rows with an explicit null */
	PART_RAW = 7,   /* JSON texts that are kept themselves */
	PART_TEMPLATES = 8,
	PART_TEMPLATE_IDS = 9, /* of each row */
	PART_EXCEPTIONS = 10,  /* whole sources of rows that do not rebuild */
	PART_SEQUENCE = 11,    /* per row, less the segment's first and the row */
	PART_DEAD = 12,  /* reserved: rows of a table that were replaced */
	PART_HEAVY = 13, /* reserved: the heaviest values of a field */
	PART_RECEIVED = 14, /* of merged rows, by sequence number */
	PART_KINDS
};

/* Names of parts that are not of a field. */
enum {
	PART_FIELD_OBJECT = 0x4000,  /* + object_id */
	PART_FIELD_UNKNOWN = 0x8000, /* + slot of a key the schema lacks */
	PART_FIELD_ROW = 0xffff,     /* of the row */
};

/* The statistics part, which is pack 0. */
enum {
	STATS_MAGIC = 0x53535243, /* "CRSS" */
	STATS_HEADER = 32,
	STATS_PART = 24, /* an entry of the directory of parts */
	STATS_RUN = 32,
	STATS_BOUNDS = 32,
	BOUNDS_TEXT = 32, /* bytes of a text bound that are kept */
	BOUNDS_HAS_RANGE = 1,
	BOUNDS_MAX_CUT = 2,
};

/* A pack is closed when it has this many bytes.  LMDB rounds values above
 * half a page up to whole pages, so that large packs waste little, and a
 * reader still touches only the pages it reads. */
enum { PACK_TARGET = 64 << 10 };

/* Dictionaries: how the entries of a block are stored. */
enum index_dict_form {
	DICT_NEAR = 0,  /* u16 offsets, relative to a base every 64 entries */
	DICT_FAR = 1,   /* u32 offsets */
	DICT_FIXED = 2, /* entries of one length */
	DICT_HEX = 3,   /* a common prefix, then hex digits, two to a byte */
};
enum {
	DICT_HEADER = 24,
	DICT_GROUP = 64,
	DICT_BLOCK = 1 << 20, /* aim for the bytes of a block */
};

/* No template: the row's source is an exception. */
enum { TEMPLATE_NONE = 0xffff };

static inline uint32_t index_row_blocks(uint32_t rows)
{
	return (rows + LIMIT_BLOCK_ROWS - 1) / LIMIT_BLOCK_ROWS;
}

static inline size_t index_pad8(size_t n)
{
	return (n + 7) & ~(size_t)7;
}

/* Writing: failures stick to the buffer. */
static inline void index_put32(struct buf *b, uint32_t v)
{
	char le[4];

	index_set32(le, v);
	buf_put(b, le, sizeof(le));
}

static inline void index_put64(struct buf *b, uint64_t v)
{
	char le[8];

	index_set64(le, v);
	buf_put(b, le, sizeof(le));
}

/* Zero bytes up to a multiple of 8 since `start`. */
void index_put_pad(struct buf *b, size_t start);

/* Reading: takes sections off the front of a part. */
static inline bool index_take(struct slice *s, size_t n, const char **p)
{
	if (n > s->len)
		return false;
	*p = s->p;
	s->p += n;
	s->len -= n;
	return true;
}

/* The same, with the padding behind the section. */
bool index_take_padded(struct slice *s, uint64_t n, const char **p);

#endif
