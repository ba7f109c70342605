/*
 * tests/oracle/oracle.h - what a plan means, said as plainly as possible.
 *
 * The oracle looks at one decoded message at a time: no index, no dictionary,
 * no pruning.  Whatever the store answers must be the same.
 */
#ifndef TESTS_ORACLE_H
#define TESTS_ORACLE_H

#include <stdbool.h>
#include <stdint.h>

#include "qql/plan.h"
#include "schemas/record.h"

/* What the store knows of a row beside its message. */
struct oracle_row {
	int64_t received;
	uint64_t sequence;
};

bool oracle_matches(const struct plan *plan, const struct record *rec,
		    const struct oracle_row *row);

#endif
