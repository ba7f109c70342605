/*
 * index/merge_int.h - a merge, as its steps share it.
 *
 * plan: which segments; rows: in which order their rows stand, templates and
 * kept texts; columns: values; make: all of it to packs; write: packs to the
 * store, and the old segments out of it.
 */
#ifndef INDEX_MERGE_INT_H
#define INDEX_MERGE_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/err.h"
#include "index/encode_int.h"
#include "index/merge.h"
#include "index/segment_int.h"
#include "index/source_int.h"

enum {
	/* Segments that one merge takes. */
	MERGE_INPUTS = 64,
	/* Runs shorter than this are sorted together with their neighbours. */
	MERGE_SMALL_RUN = 8192,
};

/* Segments [first, first + n) of a dataset. */
struct index_merge_plan {
	uint32_t first, n;
	uint16_t level; /* of the merged segment, at least */
};
/* Sizes of segments come in classes; a merge lifts its rows into a higher one,
 * so that a row is written once per class and at most twice above 8,192. */
uint16_t index_merge_class(uint32_t rows);
/* The merge that is most urgent among a dataset's descriptors; false: none.
 * `tried` says that a merge that begins with a segment has failed. */
bool index_merge_choose(const struct index_descriptor *d, uint32_t n,
			bool (*tried)(const void *ctx, uint64_t segment),
			const void *ctx, struct index_merge_plan *out);

struct index_merge_input {
	struct index_segment *seg;
	struct index_source *source;
	uint32_t base;   /* its first row, all rows counted as they stood */
	uint16_t *tmpls; /* its templates in the merged segment's */
	uint16_t *slots; /* its slot that became one there; 0: none */
};

/* order[k] is the place that becomes place k; NULL: all stay. */
struct index_merge_order {
	uint32_t n;
	uint32_t *order;
};

struct index_merge {
	const struct dataset *ds;
	struct index_builder *b; /* tables and buffers */
	struct index_merge_input *in;
	uint32_t nin;
	uint64_t sequence; /* of the first segment */
	struct index_merge_order rows;
	struct index_merge_order *elements; /* of each array of objects */
	uint32_t *place; /* where a row goes; NULL: it stays */
	struct index_run *runs;
	uint32_t nruns;
	uint32_t exceptions;
	struct index_spread spread;
	struct index_field_bounds *bounds;
	uint32_t nbounds;
	struct index_packs packs;
};

/* Runs of the merged segment, and the order of its rows. */
MUST_CHECK int index_merge_sort(struct index_merge *m, struct err *err);
/* The inputs' templates as those of one segment, and the one of each row. */
MUST_CHECK int index_merge_templates(struct index_merge *m, struct err *err);
/* Null bits and kept texts of a field, or of the slot of an unknown key. */
MUST_CHECK int index_merge_texts(struct index_merge *m, uint16_t field,
				 struct err *err);
/* Writes the parts that are of the row. */
MUST_CHECK int index_merge_row_parts(struct index_merge *m, struct err *err);

/* Fills the spread's column, or array of objects, in the order of rows. */
MUST_CHECK int index_merge_column(struct index_merge *m, field_id field,
				  struct err *err);
MUST_CHECK int index_merge_object(struct index_merge *m, object_id object,
				  struct err *err);

/* m->packs from m->in, spot-checked. */
MUST_CHECK int index_merge_make(struct index_merge *m, struct err *err);

/* Stores the packs as a segment in the place of others. */
MUST_CHECK int index_merge_write(struct index_store *s,
				 const struct index_packs *packs,
				 struct index_descriptor *d,
				 const struct index_descriptor *old,
				 uint32_t nold, struct err *err);
/* Takes segments of one dataset out of the store, with their rows. */
MUST_CHECK int index_segments_drop(struct index_store *s,
				   const struct index_descriptor *old,
				   uint32_t n, struct err *err);

#endif
