/*
 * tests/cases/rows.h - which rows a plan finds.
 */
#ifndef TESTS_CASES_ROWS_H
#define TESTS_CASES_ROWS_H

#include "base/buf.h"
#include "qql/plan.h"

/* The numbers of the rows found, from 1, as the oracle says, and what a store
 * finds if that is not the same.  Ends the program if a row cannot be used. */
void rows_matching(struct buf *out, const struct plan *plan,
		   const struct slice *rows, size_t n);
/* Lets go of the store kept for further cases: before rows and dataset go. */
void rows_close(void);

#endif
