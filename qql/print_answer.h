/*
 * qql/print_answer.h - the rows of an answer as text.
 *
 * For people a table with a bar beside each number, and a time chart with a
 * line of blocks for each series; for programs json, ndjson and csv.
 */
#ifndef QQL_PRINT_ANSWER_H
#define QQL_PRINT_ANSWER_H

#include "base/compiler.h"
#include "base/err.h"
#include "qql/answer.h"
#include "qql/out.h"
#include "qql/zone.h"

struct qql_print_answer_options {
	const struct plan *plan;
	const struct qql_zone *zone;
	int columns; /* of the terminal; 0: none, and nothing is drawn */
};

/* `form`: table, json, ndjson, csv.  ERR_USAGE for raw, which shows stored
 * messages.  0, QQL_OUT_GONE, or negative. */
MUST_CHECK int qql_print_answer(const struct qql_answer *a, struct slice form,
				const struct qql_print_answer_options *opt,
				struct qql_out *out, struct err *err);

#endif
