/*
 * index/encode_int.h - spread columns to parts.
 */
#ifndef INDEX_ENCODE_INT_H
#define INDEX_ENCODE_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "index/builder_int.h"
#include "index/segment.h"
#include "index/spread_int.h"
#include "index/writer_int.h"

/* Bounds of a field, on their way to the statistics part. */
struct index_field_bounds {
	uint16_t field;
	uint8_t class;
	uint8_t flags;    /* BOUNDS_* */
	uint32_t present; /* rows */
	uint32_t distinct;
	uint64_t values;
	uint8_t min_len, max_len;
	char min[BOUNDS_TEXT], max[BOUNDS_TEXT];
};

/* One block of a column: its rows (elements, for members), which of them are
 * present, and their values. */
struct index_extent {
	uint32_t first, universe;
	uint32_t present, npresent;
	uint32_t value, nvalues;
};

/* Writes all parts of a field; `bounds` is filled if it has values.  Arrays of
 * the column are changed on the way. */
MUST_CHECK int index_encode_field(struct index_builder *b,
				  struct index_spread *s, field_id field,
				  struct index_field_bounds *bounds);
/* An array of objects: which rows have it, and how many elements. */
MUST_CHECK int index_encode_object(struct index_builder *b,
				   const struct index_spread *s,
				   object_id object);
/* Raw texts as parts (field, kind), block by block. */
MUST_CHECK int index_encode_raws(struct index_builder *b, uint16_t field,
				 enum index_part_kind kind,
				 const struct index_raw_text *texts, uint32_t n,
				 uint32_t rows);
/* Templates and the template of each row. */
MUST_CHECK int index_encode_templates(struct index_builder *b,
				      const struct index_spread *s);

/* What the statistics part tells beside the directory of parts. */
struct index_encode_facts {
	uint32_t rows;
	uint32_t packs;
	const struct index_run *runs; /* none: one, as the descriptor says */
	uint32_t nruns;
	const struct index_field_bounds *bounds;
	uint32_t nbounds;
};
MUST_CHECK int index_encode_stats(const struct index_writer *w,
				  const struct index_encode_facts *facts,
				  struct buf *out);

/* The packs of a segment: [0] is lent from stats, others from the writer. */
struct index_packs {
	struct buf stats;
	struct slice *packs;
	uint32_t n;
};
void index_packs_init(struct index_packs *p);
void index_packs_release(struct index_packs *p);
/* Cuts what was written since part `first` into packs and makes the statistics
 * anew; facts->packs is filled in. */
MUST_CHECK int index_packs_make(struct index_packs *p, struct index_writer *w,
				uint32_t first,
				struct index_encode_facts *facts);
uint64_t index_packs_bytes(const struct index_packs *p);
/* They as index_pack_source.get; ctx is the packs. */
int index_packs_get(void *ctx, uint32_t pack, struct slice *out,
		    struct err *err);

/* A dictionary for the column's values: sorted entries are written by
 * _encode_dictionary, and the ids of the column are made those of the order. */
struct index_encoded_dict {
	const struct slice *entries;
	const uint32_t *order;
	uint32_t n;
	bool used;
};
MUST_CHECK int index_encode_ids(struct index_builder *b,
				struct index_spread_col *c,
				enum value_class class,
				const struct index_intern *texts,
				struct index_encoded_dict *dict,
				struct index_field_bounds *bounds);

#endif
