/*
 * qql/cli/rows.h - printing the rows of search and tail.
 */
#ifndef QQL_CLI_ROWS_H
#define QQL_CLI_ROWS_H

#include "qql/cli/cli.h"
#include "qql/print.h"
#include "qql/run.h"

struct cli_rows {
	struct qql_print *print;
	uint64_t n;
	int64_t last_time;
	uint64_t last_sequence;
};

/* Reads --output, --fields or the stage `fields`, -0 and --force, and asks `run` for what the
 * printer needs. */
MUST_CHECK int cli_rows_init(struct cli_rows *r, struct cli *c,
			     const struct plan *plan,
			     struct qql_run_options *run, struct err *err);
void cli_rows_release(struct cli_rows *r);
/* A qql_row_fn. */
MUST_CHECK int cli_rows_take(void *rows, const struct qql_row *row,
			     struct err *err);
/* The last words of the printer; a reader that has gone is no error. */
MUST_CHECK int cli_rows_end(struct cli_rows *r, struct slice cursor,
			    const struct err *failure, struct err *err);

/* clang-format off */
#define CLI_ROWS_OPTIONS \
	CLI_OUTPUT_OPTION("table, json, ndjson, csv or raw (default table on " \
			  "a terminal, else ndjson)"), \
	{ .type = OPT_STRING, .name = "fields", .arg = "A,B", \
	  .help = "show these fields", CLI_AT(fields) }, \
	{ .type = OPT_FLAG, .letter = '0', .name = "null", \
	  .help = "with -o raw: records end in NUL instead of a line feed", \
	  CLI_AT(nul) }, \
	{ .type = OPT_FLAG, .name = "force", \
	  .help = "with -o raw: write stored bytes to a terminal as they are", \
	  CLI_AT(force) }
/* clang-format on */

#endif
