/*
 * qql/agg_int.h - rows put into groups, and what is known of each group.
 *
 * A key turns a row's value into a code (intern_int.h), a tuple of codes is a
 * group, and each aggregate keeps a small state per group.  Aggregates that
 * can share a state do: p50 and p99 of one field, its sum and its average.
 *
 * Rows come in two ways with the same result: one by one with their cells
 * (qql_agg_row), or as the columns of a segment (qql_agg_part, agg_part.c).
 */
#ifndef QQL_AGG_INT_H
#define QQL_AGG_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/limits.h"
#include "qql/answer.h"
#include "qql/bucket_int.h"
#include "qql/exact_int.h"
#include "qql/intern_int.h"
#include "qql/samples_int.h"
#include "qql/walk_int.h"

enum qql_agg_kind {
	QQL_AGG_ROWS,
	QQL_AGG_PRESENT, /* rows with a value */
	QQL_AGG_DISTINCT,
	QQL_AGG_WHOLE, /* sum of integers, and how many */
	QQL_AGG_REAL,  /* of doubles */
	QQL_AGG_RANGE, /* least and greatest */
	QQL_AGG_SAMPLES,
};

struct qql_agg_whole {
	qql_i128 sum;
	uint64_t n;
};
struct qql_agg_real {
	struct qql_exact sum;
	uint64_t n;
};
struct qql_agg_range {
	int64_t min, max;
	bool any;
};

struct qql_agg_state {
	enum qql_agg_kind kind;
	uint32_t column; /* its field among agg->fields */
	void *data;      /* a state per group */
	size_t size;     /* of one */
	/* DISTINCT: the values, and which of them each group has. */
	struct qql_intern values;
	uint64_t *pairs; /* group and code plus 1; 0: free */
	uint32_t npairs, pairs_cap;
};

struct qql_agg_key {
	const struct plan_key *plan;
	uint32_t column;
	struct qql_intern values;
	struct qql_bucket bucket;
	uint32_t null_code; /* of rows without a value */
};

struct qql_agg {
	const struct plan *plan;
	struct qql_memory *memory;
	field_id fields[LIMIT_FIELDS]; /* what is read of a row */
	uint32_t nfields;
	bool multi; /* one of them may have several values */

	struct qql_agg_key keys[LIMIT_GROUP_KEYS];
	uint32_t nkeys;
	struct qql_agg_state *states;
	uint32_t nstates;
	uint32_t *state_of; /* by aggregate */
	uint32_t naggregates;

	uint32_t ngroups, cap;
	uint32_t *codes; /* nkeys of each group */
	/* group plus 1; 0: none.  By code plus 2 for one key (so that OTHER
	 * and NULL come first), else open addressing. */
	uint32_t *index;
	uint32_t nindex;

	uint32_t *row_codes; /* of the present row, key after key */
	uint32_t nrow_codes;
	struct value *row_values;
	uint32_t nrow_values;
};

/* The arrays of `stage` must outlive the aggregation. */
MUST_CHECK int qql_agg_init(struct qql_agg *a, const struct plan *plan,
			    const struct plan_key *keys, uint32_t nkeys,
			    const struct plan_aggregate *aggregates,
			    uint32_t naggregates, struct qql_memory *memory,
			    struct err *err);
void qql_agg_release(struct qql_agg *a);

/* One row; its cells are those of a->fields. */
MUST_CHECK int qql_agg_row(struct qql_agg *a, const struct qql_cell *cells,
			   struct err *err);
/* All rows of a part of a segment. */
struct qql_agg_reader;
MUST_CHECK int qql_agg_reader_new(struct qql_agg_reader **out,
				  struct qql_agg *a, struct err *err);
void qql_agg_reader_free(struct qql_agg_reader *r); /* NULL is fine */
MUST_CHECK int qql_agg_part(struct qql_agg_reader *r,
			    const struct qql_part *part, struct err *err);

/* The code of a value as a key. */
MUST_CHECK int qql_agg_code(struct qql_agg_key *k, const struct value *v,
			    uint32_t *code, struct err *err);
/* The group of a tuple of codes, made when it is new. */
MUST_CHECK int qql_agg_group(struct qql_agg *a, const uint32_t *codes,
			     uint32_t *group, struct err *err);
/* Notes that a group has a value. */
MUST_CHECK int qql_agg_pair(struct qql_agg *a, struct qql_agg_state *s,
			    uint32_t group, uint32_t code, struct err *err);
/* One number into the state of a group (WHOLE, REAL, RANGE, SAMPLES). */
MUST_CHECK int qql_agg_number(struct qql_agg *a, struct qql_agg_state *s,
			      uint32_t group, int64_t num, struct err *err);
static inline uint64_t *qql_agg_counts(struct qql_agg_state *s)
{
	return s->data; /* of ROWS, PRESENT and DISTINCT */
}

/* What a key or an aggregate comes to. */
void qql_agg_key_cell(const struct qql_agg *a, uint32_t group, uint32_t key,
		      struct qql_answer_cell *out);
MUST_CHECK int qql_agg_cell(struct qql_agg *a, uint32_t group,
			    const struct plan_aggregate *list, uint32_t i,
			    struct qql_answer_cell *out, struct err *err);

#endif
