/*
 * index/dict_int.h - sorted dictionaries: the distinct values of a field.
 *
 * Blocks of about 1 MiB, each a part:
 *
 *	u32 first id, u32 entries, u32 form, u32 bytes of the common prefix,
 *	u32 length of an entry without it (fixed, hex), u32 bytes of the blob
 *	near:  u32 bases (before every 64th entry), u16 offsets, blob
 *	far:   u32 offsets, blob          (one offset more than entries)
 *	fixed: blob
 *	hex:   the common prefix, blob with two digits to a byte
 */
#ifndef INDEX_DICT_INT_H
#define INDEX_DICT_INT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/err.h"
#include "base/slice.h"
#include "index/part_int.h"
#include "index/writer_int.h"

enum {
	DICT_HEX_MAX = 256,   /* bytes of an entry of the hex form, */
	DICT_HEX_PREFIX = 32, /* those of its prefix */
	DICT_HEX_MIN = 8,     /* digits for which it is worth it */
};

/* Writes entries[order[0]], entries[order[1]], ... as a dictionary. */
MUST_CHECK int index_dict_encode(struct index_writer *w, uint16_t field,
				 const struct slice *entries,
				 const uint32_t *order, uint32_t n);

struct index_dict_block {
	enum index_dict_form form;
	uint32_t first, n;
	uint32_t width;
	struct slice prefix;
	const char *bases;
	const char *offsets;
	struct slice blob;
};

struct index_dict {
	struct index_dict_block *blocks;
	uint32_t nblocks;
	uint32_t n;
	/* Hex entries as text, made when first asked for, 64 at a time, by
	 * whichever thread comes first. */
	char *text;
	_Atomic unsigned char *ready;
	uint32_t text_len;
};

/* Adds the next block; `d` is all zero before the first.  ERR_CORRUPT without
 * a message, ERR_NO_MEMORY. */
MUST_CHECK int index_dict_add(struct index_dict *d, struct slice part);
/* After the last block. */
MUST_CHECK int index_dict_finish(struct index_dict *d);
void index_dict_release(struct index_dict *d);

/* Entry i < b->n as stored; empty if its offsets are damaged. */
static inline struct slice
index_dict_block_entry(const struct index_dict_block *b, uint32_t i)
{
	uint32_t from, to;

	switch (b->form) {
	case DICT_NEAR:
		from = index_get32(b->bases + (size_t)(i / DICT_GROUP) * 4) +
		       index_get16(b->offsets + (size_t)i * 2);
		to = index_get32(b->bases +
				 (size_t)((i + 1) / DICT_GROUP) * 4) +
		     index_get16(b->offsets + ((size_t)i + 1) * 2);
		break;
	case DICT_FAR:
		from = index_get32(b->offsets + (size_t)i * 4);
		to = index_get32(b->offsets + ((size_t)i + 1) * 4);
		break;
	case DICT_FIXED:
	case DICT_HEX:
	default:
		return slice_of(b->blob.p + (size_t)i * b->width, b->width);
	}
	if (from > to || to > b->blob.len)
		return slice_of(b->blob.p, 0);
	return slice_of(b->blob.p + from, to - from);
}

struct slice index_dict_entry_of_many(const struct index_dict *d, uint32_t id);

/* Entry id < d->n; empty if the dictionary is damaged there.  Any thread. */
static inline struct slice index_dict_entry(const struct index_dict *d,
					    uint32_t id)
{
	if (d->nblocks == 1 && !d->text)
		return index_dict_block_entry(d->blocks, id);
	return index_dict_entry_of_many(d, id);
}

/* An entry for one look: hex is written to `scratch`. */
struct slice index_dict_peek(const struct index_dict *d, uint32_t id,
			     char scratch[DICT_HEX_MAX]);

/* The bytes of entries [id, id + *n), which lie end to end.  Any thread. */
struct slice index_dict_run(const struct index_dict *d, uint32_t id,
			    uint32_t *n);

#endif
