/*
 * index/segment.h - reading one segment: rows, columns, dictionaries, source.
 *
 * Rows are numbered from 0 within the segment.  They stand in runs; within a
 * run they are sorted by time (a fresh segment is one run).
 *
 * All parts are checked when first touched (length, bounds), so damaged bytes
 * end in ERR_CORRUPT, never outside the part.  Columns are owned by their
 * segment.  Opening a column belongs to the segment's thread; reading an open
 * one is free to all.
 */
#ifndef INDEX_SEGMENT_H
#define INDEX_SEGMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/err.h"
#include "index/snapshot.h"
#include "schemas/dataset.h"
#include "schemas/value.h"

struct index_column;

struct index_run {
	uint32_t first; /* row */
	uint32_t rows;
	int64_t time_min, time_max;
	int64_t received;
};

const struct index_descriptor *index_segment_descriptor(const struct index_segment *seg);
uint32_t index_segment_rows(const struct index_segment *seg);
MUST_CHECK int index_segment_runs(struct index_segment *seg,
				  const struct index_run **runs, uint32_t *n,
				  struct err *err);
uint64_t index_segment_sequence(const struct index_segment *seg, uint32_t row);
/* The row of a sequence number; false if it is not in this segment. */
bool index_segment_find_sequence(const struct index_segment *seg, uint64_t seq,
				 uint32_t *row);
int64_t index_segment_received(const struct index_segment *seg, uint32_t row);
/* Time of a row (log datasets). */
MUST_CHECK int index_segment_time(struct index_segment *seg, uint32_t row,
				  int64_t *time, struct err *err);

/* The stored message, byte for byte. */
MUST_CHECK int index_segment_source(struct index_segment *seg, uint32_t row,
				    struct buf *out, struct err *err);

/* Bounds of a field, from the statistics part, for pruning. */
struct index_bounds {
	uint32_t present;  /* rows with at least one value */
	uint64_t values;   /* values, list elements counted */
	uint32_t distinct; /* size of the dictionary; 0: no dictionary */
	bool has_range;
	int64_t num_min, num_max; /* CLASS_NUM */
	uint8_t b16_min[16], b16_max[16]; /* CLASS_B16 */
	/* CLASS_TEXT, folded and cut to 32 bytes: min is at most the least
	 * folded value; max_cut says that max is only a prefix. */
	struct slice text_min, text_max;
	bool max_cut;
};
/* A field with no value in this segment has present == 0. */
MUST_CHECK int index_segment_bounds(struct index_segment *seg, field_id field,
				    struct index_bounds *out, struct err *err);

enum index_coding {
	INDEX_CODED_DICT, /* ids into a sorted dictionary (text, ip, few uuids) */
	INDEX_CODED_NUM,  /* int64 */
	INDEX_CODED_B16,  /* 16 bytes each (many uuids) */
};

/* *col is NULL if the field has no value in this segment.  Virtual _received
 * and _seq are columns of INDEX_CODED_NUM like any other. */
MUST_CHECK int index_segment_column(struct index_segment *seg, field_id field,
				    const struct index_column **col,
				    struct err *err);

enum index_coding index_column_coding(const struct index_column *c);
uint32_t index_column_rows(const struct index_column *c);    /* of the segment */
uint32_t index_column_present(const struct index_column *c); /* rows with a value */
uint32_t index_column_values(const struct index_column *c);  /* all values */

/* Dictionary, sorted by (folded value, value) for text, by bytes for B16. */
uint32_t index_column_distinct(const struct index_column *c);
struct slice index_column_entry(const struct index_column *c, uint32_t id);
/* The bytes of entries [id, id + *n), as many as lie end to end (at least
 * one): what a search reads in one go. */
struct slice index_column_run(const struct index_column *c, uint32_t id,
			      uint32_t *n);

/* The values of a row: [*first, *first + *n), 0 if null.  For a member of an
 * array of objects these are the values of all elements that have one. */
void index_column_row(const struct index_column *c, uint32_t row,
		      uint32_t *first, uint32_t *n);
/* The i-th value of the column; text borrows from the dictionary. */
void index_column_value(const struct index_column *c, uint32_t i,
			struct value *out);
/* Dictionary id of the i-th value (INDEX_CODED_DICT). */
uint32_t index_column_id(const struct index_column *c, uint32_t i);
/* ids of values [first, first + n) as u32, for group-by loops. */
void index_column_ids(const struct index_column *c, uint32_t first, uint32_t n,
		      uint32_t *out);
void index_column_nums(const struct index_column *c, uint32_t first, uint32_t n,
		       int64_t *out);

/* Size of each part, for `qql stat`. */
struct index_part_size {
	field_id field; /* FIELD_NONE: of the row (templates, runs, raw) */
	const char *kind; /* "dictionary", "column", "forms", ... */
	uint64_t bytes;
};
MUST_CHECK int index_segment_sizes(struct index_segment *seg,
				   const struct index_part_size **out,
				   uint32_t *n, struct err *err);

#endif
