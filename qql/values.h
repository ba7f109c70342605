/*
 * qql/values.h - the most frequent values of a field in a store.
 *
 * Counted by rows, exactly: a row counts once for each different value it
 * has.
 */
#ifndef QQL_VALUES_H
#define QQL_VALUES_H

#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/err.h"
#include "index/store.h"
#include "qql/run.h"
#include "schemas/dataset.h"

struct qql_value_count {
	struct value value; /* text: in the arena */
	uint64_t rows;
};

struct qql_values {
	struct qql_value_count *top; /* most frequent first; ties by value */
	uint32_t n;
	uint64_t distinct;
	uint64_t rows; /* that have a value */
};

/* At most `max` values.  ERR_LIMIT when there are too many different ones;
 * ERR_TIMEOUT, ERR_INTERRUPTED as `opt` says. */
MUST_CHECK int qql_run_values(struct qql_values *out, struct arena *a,
			      struct index_store *store,
			      const struct dataset *ds, field_id field,
			      uint32_t max, const struct qql_run_options *opt,
			      struct err *err);

#endif
