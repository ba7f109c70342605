/*
 * qql/agg_part_int.h - the columns of a segment as aggregates read them.
 */
#ifndef QQL_AGG_PART_INT_H
#define QQL_AGG_PART_INT_H

#include "qql/agg_int.h"

enum { QQL_AGG_SPAN = 4096 }; /* rows taken at a time */

/* A table from ids of a dictionary to codes. */
struct reader_codes {
	uint32_t *of;
	uint32_t n, cap;
};

struct reader_column {
	const struct index_column *col; /* NULL: no value in the segment */
	bool dense;                     /* a value in every row */
	struct index_mask present;
	enum index_coding coding;
	uint32_t at[QQL_AGG_SPAN]; /* id or place of the value; QQL_CODE_NULL */
	int64_t nums[QQL_AGG_SPAN];
};

/* What a group was for a code of the last key, while those before it stay. */
struct reader_group {
	uint32_t epoch, group;
};

struct qql_agg_reader {
	struct qql_agg *agg;
	struct reader_column *columns;
	struct reader_codes *key_codes, *state_codes;
	struct arena scratch; /* of a segment */
	const struct qql_part *part;
	uint32_t n;                  /* rows taken of the present span */
	uint16_t rows[QQL_AGG_SPAN]; /* their places in it */
	uint32_t first;
	uint32_t codes[LIMIT_GROUP_KEYS][QQL_AGG_SPAN];
	uint32_t groups[QQL_AGG_SPAN];
	struct reader_group *recent; /* by code of the last key */
	uint32_t epoch;
};

/* The hits of the span at r->first; returns how many rows it has. */
uint32_t qql_agg_reader_rows(struct qql_agg_reader *r);
/* Their values of a column. */
void qql_agg_reader_column(struct qql_agg_reader *r, struct reader_column *c,
			   uint32_t rows);
/* The code of an id of a key's dictionary. */
MUST_CHECK int qql_agg_reader_code(struct qql_agg_reader *r, uint32_t key,
				   uint32_t id, uint32_t *code,
				   struct err *err);

/* agg_count.c: takes a part of which only rows are counted.  1: done; 0: that
 * is for the general way. */
MUST_CHECK int qql_agg_count(struct qql_agg_reader *r, struct err *err);

#endif
