/*
 * tests/unit/qql/helper_rows.h - a store of random rows of every type.
 *
 * The dataset "things" has a field of each type, lists, an array of objects
 * and hostile values.  Everything follows from one seed.
 */
#ifndef TESTS_UNIT_QQL_HELPER_ROWS_H
#define TESTS_UNIT_QQL_HELPER_ROWS_H

#include <stdint.h>

#include "base/buf.h"
#include "index/store.h"
#include "schemas/dataset.h"

struct helper_row {
	char *source;
	size_t len;
	int64_t time;
	uint64_t sequence;
	int64_t received;
};

struct helper_rows {
	char dir[64];
	struct dataset *ds;
	struct index_store *store; /* for writing: reads as well */
	struct helper_row *rows;   /* by sequence */
	size_t n, cap;
	uint64_t random;
};

uint64_t helper_next(uint64_t *random);
/* Below `n`. */
uint32_t helper_below(uint64_t *random, uint32_t n);

struct dataset *helper_things(void);
/* An empty store of things. */
void helper_rows_init(struct helper_rows *h, uint64_t seed);
void helper_rows_release(struct helper_rows *h);
/* One batch of random rows, committed. */
void helper_rows_batch(struct helper_rows *h, uint32_t rows);
/* One batch of the given lines (things' JSON), committed. */
void helper_rows_lines(struct helper_rows *h, const char *const *lines,
		       size_t n);
/* A random thing's JSON text. */
void helper_thing(uint64_t *random, struct buf *out);
/* Text as it may stand in a thing, of a small pool, so that queries hit. */
const char *helper_text(uint64_t *random);

/* The rows newest first, as indices. */
void helper_rows_order(const struct helper_rows *h, size_t *out);

#endif
