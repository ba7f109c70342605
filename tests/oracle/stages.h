/*
 * tests/oracle/stages.h - what pipe stages mean, said as plainly as possible.
 *
 * Rows are small tables of values; groups are found by looking at all of them,
 * sums of doubles are added up bit by bit.
 */
#ifndef TESTS_ORACLE_STAGES_H
#define TESTS_ORACLE_STAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "qql/plan.h"
#include "schemas/value.h"

__extension__ typedef __int128 oracle_whole;

struct oracle_values {
	struct value *v;
	size_t n;
};
/* A stored row; `fields` by field_id. */
struct oracle_input {
	int64_t time;
	uint64_t sequence;
	struct oracle_values *fields;
};

enum oracle_kind { ORACLE_NULL, ORACLE_OTHER, ORACLE_VALUE };
struct oracle_cell {
	enum oracle_kind kind;
	struct value value;
	oracle_whole whole;
	double real;
};
struct oracle_table {
	struct oracle_cell *cells; /* row after row, all columns */
	size_t rows, columns;
	bool too_many; /* buckets */
};

/* Rows newest first, `n` of them match.  What `sort` and `limit` before the
 * aggregate leave, in its order; *n becomes how many. */
void oracle_pipe(const struct plan *plan, struct oracle_input *rows, size_t *n);
/* All stages from the aggregate on.  Free .cells. */
struct oracle_table oracle_answer(const struct plan *plan,
				  const struct oracle_input *rows, size_t n);

#endif
