/*
 * index/spread_int.h - a builder's rows, spread over columns in their order.
 *
 * The step between the log and the encoded parts: plain arrays in the
 * builder's scratch arena, one set for each field.
 */
#ifndef INDEX_SPREAD_INT_H
#define INDEX_SPREAD_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "index/builder_int.h"

/* Values of a field, in the order of rows; only for those that have one. */
struct index_spread_col {
	uint64_t *present; /* bit per row; for members, per element */
	uint32_t npresent;
	uint32_t *counts; /* lists: values of each present row */
	uint32_t nvalues;
	uint32_t *ids;               /* CLASS_TEXT: of the intern table */
	int64_t *nums;               /* CLASS_NUM */
	char *b16;                   /* CLASS_B16 */
	uint8_t *codes;              /* of each present row; not for members */
	bool coded;                  /* some code is not 0 */
	uint64_t *nulls;             /* NULL: none */
	struct index_raw_text *raws; /* .row is that of the segment */
	uint32_t nraws;
};

struct index_spread_obj {
	uint64_t *present;
	uint32_t npresent;
	uint32_t *counts;
	uint32_t elements;
	uint32_t base; /* while spreading: first element of the row at hand */
};

struct index_spread {
	const struct index_builder *b;
	uint32_t rows;
	uint32_t *order; /* order[k]: the builder's row that becomes row k */
	uint16_t *tmpls; /* of each row */
	struct index_spread_col *cols;
	struct index_spread_obj *objs;
	struct index_raw_text **slot_raws; /* per slot of the templates */
	uint32_t *slot_nraws;
};

/* ERR_NO_MEMORY.  All of it lives in b->scratch. */
MUST_CHECK int index_spread(struct index_builder *b, struct index_spread *out);

#endif
