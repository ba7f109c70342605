/*
 * qql/print_int.h - what printers share.
 */
#ifndef QQL_PRINT_INT_H
#define QQL_PRINT_INT_H

#include "base/json.h"
#include "qql/print.h"

struct qql_table;                         /* print_table.c */
void qql_table_free(struct qql_table *t); /* NULL is fine */

struct qql_print {
	const struct qql_printer *printer;
	struct qql_print_options opt;
	struct qql_out *out;
	uint64_t rows; /* printed so far */
	struct qql_table *table;
	struct buf scratch;
};

/* Appends a cell as JSON: a value, an array if the field may have several. */
void qql_print_cell_json(struct buf *out, const struct field *f,
			 const struct qql_cell *cell);
/* Appends a cell for people: values separated by ", ", dates in `zone`. */
void qql_print_cell_text(struct buf *out, const struct field *f,
			 const struct qql_cell *cell,
			 const struct qql_zone *zone);

/* A cell of CSV, quoted if need be. */
void qql_print_csv_cell(struct qql_out *out, struct slice s);

#endif
