/*
 * helper_segment.h - segments made from JSON messages, and what must be in
 * them.
 */
#ifndef TESTS_UNIT_INDEX_HELPER_SEGMENT_H
#define TESTS_UNIT_INDEX_HELPER_SEGMENT_H

#include <stdint.h>

#include "base/buf.h"
#include "index/builder.h"
#include "index/seal_int.h"
#include "index/segment.h"
#include "schemas/decode.h"

/* A dataset with fields of every type, lists, nested paths and an array of
 * objects. */
extern const char helper_segment_schema[];

/* A message as it was given, and its values as text. */
struct helper_row {
	int64_t time;
	uint32_t arrival;
	char *message;
	size_t len;
	char *values; /* "field=value field=value ...", in the order of fields */
};

struct helper_segment {
	struct dataset *ds;
	struct decoder *decoder;
	struct index_builder *builder;
	struct index_sealed *sealed;
	struct index_segment *seg;
	struct index_descriptor desc;
	struct helper_row *rows; /* after _seal(): in the order of the segment */
	uint32_t nrows, cap;
};

void helper_segment_init(struct helper_segment *h, const char *schema);
void helper_segment_release(struct helper_segment *h);

/* Forgets what was added. */
void helper_segment_clear(struct helper_segment *h);

/* Decodes and adds; the message must be accepted. */
void helper_segment_add(struct helper_segment *h, struct slice message);
void helper_segment_add_str(struct helper_segment *h, const char *message);
/* Seals and opens what was added. */
void helper_segment_seal(struct helper_segment *h);

/* Opens other packs with the descriptor of what was sealed, whose checksum is
 * set right. */
int helper_segment_open(struct helper_segment *h, struct slice *packs,
			struct index_segment **seg, struct err *err);

/* With a descriptor as it is, or for a caller with other field ids. */
int helper_segment_open_as(struct helper_segment *h, struct slice *packs,
			   const struct index_descriptor *desc,
			   struct index_segment **seg, struct err *err);
int helper_segment_open_mapped(struct helper_segment *h, const field_id *map,
			       uint32_t nmap, struct index_segment **seg,
			       struct err *err);

/* Every row's message and values are those that were added. */
void helper_segment_compare(struct helper_segment *h);
/* The values of a row of an open segment, in the form of helper_row.values. */
void helper_segment_values(struct index_segment *seg, const struct dataset *ds,
			   uint32_t row, struct buf *out);

field_id helper_segment_field(const struct helper_segment *h, const char *name);
const struct index_column *helper_segment_column(struct helper_segment *h,
						 const char *name);

/* An ordinary producer's message: keys in a fixed order, most of them
 * optional. */
void helper_segment_message(struct buf *out, uint64_t *random, bool spaced);

/* Reads everything of a segment; errors are counted, not failures. */
uint32_t helper_segment_read_all(struct index_segment *seg,
				 const struct dataset *ds);

#endif
