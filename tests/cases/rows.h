/*
 * tests/cases/rows.h - which rows a plan finds.
 */
#ifndef TESTS_CASES_ROWS_H
#define TESTS_CASES_ROWS_H

#include "base/buf.h"
#include "qql/plan.h"

/* The numbers of the rows found, from 1, as the oracle says; ends the program
 * if the store says otherwise, or a row cannot be decoded. */
void rows_matching(struct buf *out, const struct plan *plan,
		   const struct slice *rows, size_t n);

#endif
