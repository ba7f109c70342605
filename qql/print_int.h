/*
 * qql/print_int.h - what printers share.
 */
#ifndef QQL_PRINT_INT_H
#define QQL_PRINT_INT_H

#include "base/arena.h"
#include "base/json.h"
#include "qql/print.h"

enum {
	/* Rows of a table that are looked at before its widths are fixed. */
	QQL_TABLE_AHEAD = 200,
};

struct qql_print {
	const struct qql_printer *printer;
	struct qql_print_options opt;
	struct qql_out *out;
	uint64_t rows; /* printed so far */
	/* table */
	struct arena cells; /* of the rows that wait for the widths */
	struct slice *waiting;
	uint32_t nwaiting;
	uint32_t *widths;
	uint32_t shown; /* columns that fit */
	bool fixed;
	struct buf scratch;
};

/* Appends a cell as JSON: a value, an array if the field may have several. */
void qql_print_cell_json(struct buf *out, const struct field *f,
			 const struct qql_cell *cell);
/* Appends a cell for people: values separated by ", ", dates in `zone`. */
void qql_print_cell_text(struct buf *out, const struct field *f,
			 const struct qql_cell *cell,
			 const struct qql_zone *zone);

#endif
