/*
 * index/writer_int.h - the parts of a segment while they are written.
 *
 * Parts lie behind each other in one buffer, each at a multiple of 8 bytes,
 * so that a pack is a stretch of that buffer and nothing is copied.  They must
 * be begun in the order of (field, kind, block): readers search them.
 */
#ifndef INDEX_WRITER_INT_H
#define INDEX_WRITER_INT_H

#include <stdint.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/err.h"
#include "index/part_int.h"

struct index_part {
	uint16_t field;
	uint16_t block;
	enum index_part_kind kind;
	uint32_t pack;
	uint32_t offset; /* in its pack */
	uint32_t length;
	uint32_t crc;
	size_t start; /* in the buffer */
};

struct index_writer {
	struct buf out;
	struct index_part *parts;
	uint32_t nparts, cap;
	size_t expected; /* bytes: what the last segment took */
};

void index_writer_init(struct index_writer *w);
void index_writer_release(struct index_writer *w);
void index_writer_reset(struct index_writer *w);

/* Begins a part at the end of w->out; what is appended until _end() is it. */
MUST_CHECK int index_part_begin(struct index_writer *w, uint16_t field,
				enum index_part_kind kind, uint32_t block);
MUST_CHECK int index_part_end(struct index_writer *w);

/* Cuts parts [first, nparts) into packs, the first of which is `pack`; returns
 * the number of the pack behind the last. */
uint32_t index_writer_pack(struct index_writer *w, uint32_t first,
			   uint32_t pack);
/* The buffer is somebody else's now; the next one is born as large. */
void index_writer_take(struct index_writer *w);

#endif
