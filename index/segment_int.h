/*
 * index/segment_int.h - an open segment, as its readers share it.
 *
 * Opening reads the statistics part only.  Columns, objects and what is needed
 * to rebuild sources are opened when first asked for and live until the
 * segment is closed; they lend from the packs.
 *
 * Whatever stands in a part is somebody else's bytes: sizes and counts are
 * checked when a part is opened, single ids, offsets and ranks where they are
 * used, so that a column of a million rows is not walked before it is read.
 */
#ifndef INDEX_SEGMENT_INT_H
#define INDEX_SEGMENT_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "index/counts_int.h"
#include "index/dict_int.h"
#include "index/frame_int.h"
#include "index/part_int.h"
#include "index/seal_int.h"
#include "index/segment.h"
#include "index/set_int.h"

struct index_source;

struct index_object_block {
	uint32_t rows;
	uint32_t first; /* element */
	uint32_t elements;
	struct index_set present;
	struct index_counts counts;
};

struct index_object {
	struct index_object_block *blocks; /* of the segment */
	uint32_t elements;
};

struct index_column_block {
	uint32_t first;    /* row; for members, element */
	uint32_t universe; /* rows, or elements */
	uint32_t value;    /* the first */
	uint32_t nvalues;
	struct index_set present;
	struct index_counts counts; /* lists */
	const char *stored;         /* ids or 16-byte values */
	uint32_t width;             /* of an id */
	struct index_frame nums;
	const char *forms; /* NULL: all canonical */
	uint32_t nforms;
	struct index_frame codes;
};

struct index_column {
	const struct index_segment *seg;
	const struct field *field;
	const struct index_object *object; /* of a member, else NULL */
	enum index_coding coding;
	enum value_class class;
	bool list;
	uint32_t rows;
	uint32_t present;
	uint32_t values;
	uint32_t nblocks;
	struct index_column_block *blocks;
	struct index_dict dict;
};

struct index_segment {
	const struct dataset *ds; /* the version it was written with */
	struct index_descriptor desc;
	field_id *map; /* a caller's field to ours; NULL: the same */
	uint32_t nmap;
	object_id *omap;
	uint32_t nomap;
	struct index_pack_source source;
	struct slice *packs; /* .p NULL: not fetched yet */
	uint32_t npacks;
	const char *parts; /* the directory */
	uint32_t nparts;
	const char *bounds;
	uint32_t nbounds;
	struct slice bounds_bytes;
	struct index_run *runs;
	uint32_t nruns;
	struct index_frame *sequence; /* per block; NULL: as they come */
	/* Of merged segments: the sequence number, less the segment's first,
	 * at which each batch began, and when it was received. */
	struct index_frame batches, received;
	struct index_column **cols;   /* ds->nall; NULL: not open */
	struct index_object **objs;   /* ds->nobjects; NULL: not open */
	struct index_source *sources;
	struct index_part_size *sizes;
	uint32_t nsizes;
};

static inline uint32_t index_segment_blocks(const struct index_segment *seg)
{
	return index_row_blocks(seg->desc.rows);
}

static inline uint32_t index_block_rows(const struct index_segment *seg,
					uint32_t block)
{
	uint32_t left = seg->desc.rows - block * LIMIT_BLOCK_ROWS;

	return left < LIMIT_BLOCK_ROWS ? left : LIMIT_BLOCK_ROWS;
}

struct index_part_entry {
	uint16_t field;
	uint16_t block;
	uint32_t kind;
	uint32_t pack;
	uint32_t offset;
	uint32_t length;
	uint32_t crc;
};

struct index_part_entry index_segment_part_at(const struct index_segment *seg,
					      uint32_t i);
/* The bytes of a part.  1: there, 0: there is none. */
MUST_CHECK int index_segment_part(struct index_segment *seg, uint16_t field,
				  enum index_part_kind kind, uint32_t block,
				  struct slice *out, struct err *err);
MUST_CHECK int index_segment_part_bytes(struct index_segment *seg,
					const struct index_part_entry *e,
					struct slice *out, struct err *err);
/* ERR_CORRUPT, naming segment and part. */
int index_segment_corrupt(const struct index_segment *seg, uint16_t field,
			  enum index_part_kind kind, uint32_t block,
			  struct err *err);
const char *index_part_name(uint32_t kind);

/* By the segment's own ids. */
const char *index_segment_bounds_of(const struct index_segment *seg,
				    field_id field);
MUST_CHECK int index_column_open(struct index_segment *seg, field_id field,
				 const struct index_column **out,
				 struct err *err);
void index_column_close(struct index_column *c);
MUST_CHECK int index_object_open(struct index_segment *seg, object_id object,
				 const struct index_object **out,
				 struct err *err);
/* The caller's id of a field or object in the segment's; _NONE. */
field_id index_segment_field(const struct index_segment *seg, field_id field);
object_id index_segment_object(const struct index_segment *seg,
			       object_id object);

void index_source_close(struct index_source *s);

/* The block of value i < c->values. */
static inline const struct index_column_block *
index_column_block_of(const struct index_column *c, uint32_t i)
{
	const struct index_column_block *b = c->blocks + c->nblocks - 1;

	while (b > c->blocks && b->value > i)
		b--;
	return b;
}

/* The id of value i of a block, below the dictionary's size whatever is stored. */
static inline uint32_t index_block_id(const struct index_column *c,
				      const struct index_column_block *b,
				      uint32_t i)
{
	uint32_t id;

	switch (b->width) {
	case 1:
		id = (unsigned char)b->stored[i];
		break;
	case 2:
		id = index_get16(b->stored + (size_t)i * 2);
		break;
	case 4:
		id = index_get32(b->stored + (size_t)i * 4);
		break;
	default:
		return 0;
	}
	return id < c->dict.n ? id : c->dict.n - 1;
}

/* Values [*first, *first + *n) of a block belong to its row, which is the k-th
 * that has some; false if it has none.  Not for members. */
static inline bool index_block_row(const struct index_column *c,
				   const struct index_column_block *b,
				   uint32_t row, uint32_t *k, uint32_t *first,
				   uint32_t *n)
{
	if (!index_set_lookup(&b->present, row, k) || *k >= b->present.members)
		return false;
	if (!c->list) {
		*first = *k;
		*n = 1;
		return true;
	}
	*first = index_counts_before(&b->counts, *k);
	*n = index_counts_get(&b->counts, *k);
	if (*n > b->nvalues - *first)
		*n = b->nvalues - *first;
	return *n > 0;
}

#endif
