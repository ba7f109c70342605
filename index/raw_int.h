/*
 * index/raw_int.h - JSON texts that are kept themselves: values whose text
 * does not follow from what is indexed, unknown keys, whole messages.
 *
 *	u32 bytes of the set, u32 bytes of the lengths, u32 chunks, u32 zero
 *	set of rows (none: all)
 *	lengths (a frame)
 *	per chunk: u32 first text, u32 offset, u32 stored bytes, u32 bytes
 *	chunks, zstd; one whose two sizes are equal is stored as it is
 *
 * A chunk holds at most 1,024 texts and 64 KiB, or one longer text.
 */
#ifndef INDEX_RAW_INT_H
#define INDEX_RAW_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/compiler.h"
#include "base/err.h"
#include "index/frame_int.h"
#include "index/set_int.h"

enum {
	RAW_HEADER = 16,
	RAW_CHUNK = 16,
	RAW_CHUNK_TEXTS = 1024,
	RAW_CHUNK_BYTES = 64 << 10,
	RAW_TEXT = LIMIT_MESSAGE, /* the longest text */
	RAW_LEVEL = 1,            /* of zstd */
};

/* One text of a segment, in the order of rows. */
struct index_raw_text {
	uint32_t row;
	struct slice text;
};

struct index_zstd; /* what compressing needs, kept from part to part */

MUST_CHECK int index_zstd_new(struct index_zstd **out);
void index_zstd_free(struct index_zstd *z);

/* Appends a part with n > 0 texts of the block of rows [first, first + rows). */
MUST_CHECK int index_raw_encode(struct index_zstd *z, struct buf *out,
				struct arena *scratch,
				const struct index_raw_text *texts, uint32_t n,
				uint32_t first, uint32_t rows);

struct index_raw {
	struct index_set rows;
	struct index_frame lengths;
	const char *chunks;
	uint32_t nchunks;
	struct slice stored;
};

/* False if the part is damaged. */
bool index_raw_open(struct index_raw *r, struct slice part, uint32_t rows);

/* A chunk, decoded. */
struct index_raw_cache {
	const struct index_raw *raw;
	uint32_t chunk;
	struct buf bytes;
	uint32_t first; /* text */
	uint32_t n;
	uint32_t ends[RAW_CHUNK_TEXTS];
};
void index_raw_cache_init(struct index_raw_cache *c);
void index_raw_cache_release(struct index_raw_cache *c);

/* Text i < r->lengths.n; it lives until the cache is used again.  ERR_CORRUPT,
 * ERR_NO_MEMORY, without a message. */
MUST_CHECK int index_raw_text(const struct index_raw *r,
			      struct index_raw_cache *c, uint32_t i,
			      struct slice *out);

#endif
