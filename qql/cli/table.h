/*
 * qql/cli/table.h - small tables of our own figures: all of it in memory,
 * every column as wide as its widest cell.
 */
#ifndef QQL_CLI_TABLE_H
#define QQL_CLI_TABLE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/compiler.h"
#include "base/err.h"
#include "base/slice.h"

enum { CLI_TABLE_COLUMNS = 12 };

/* Column heads begin with '>' if the column is flush right. */
struct cli_table {
	struct arena memory;
	const char *const *heads; /* ends with NULL; NULL: no head line */
	uint32_t columns;
	struct slice *cells;
	size_t n, cap;
	bool failed;
};

void cli_table_init(struct cli_table *t, const char *const *heads);
void cli_table_release(struct cli_table *t);
/* The next cell, row by row; copied. */
void cli_table_add(struct cli_table *t, struct slice cell);
void cli_table_addf(struct cli_table *t, const char *fmt, ...)
	PRINTF_LIKE(2, 3);
/* Appends the table; ERR_NO_MEMORY if some cell could not be kept. */
MUST_CHECK int cli_table_print(struct cli_table *t, struct buf *out,
			       struct err *err);

#endif
