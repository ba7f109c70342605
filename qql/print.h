/*
 * qql/print.h - rows as text: table, json, ndjson, csv, raw.
 *
 * A printer is a few functions over a common state; it appends to a qql_out
 * and never looks at what is behind it.
 */
#ifndef QQL_PRINT_H
#define QQL_PRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/err.h"
#include "qql/out.h"
#include "qql/run.h"
#include "qql/zone.h"
#include "schemas/dataset.h"

/* What a printer shows when no fields were asked for. */
enum qql_columns {
	QQL_WHOLE_RECORD, /* the stored message */
	QQL_USEFUL_FIELDS,
	QQL_ALL_FIELDS,
};

struct qql_print_options {
	const struct dataset *ds;
	const field_id *fields; /* columns, as in qql_run_options */
	uint32_t nfields;       /* 0: the whole record */
	bool chosen;            /* by name: none may be left out */
	const struct qql_zone *zone;
	int columns; /* of the terminal; 0: as wide as it comes */
	bool nul;    /* raw: records end in NUL */
};

struct qql_print;

struct qql_printer {
	const char *name;
	enum qql_columns columns;
	MUST_CHECK int (*begin)(struct qql_print *p, struct err *err);
	MUST_CHECK int (*row)(struct qql_print *p, const struct qql_row *row,
			      struct err *err);
	/* No more rows are at hand for now; may be NULL. */
	MUST_CHECK int (*flush)(struct qql_print *p, struct err *err);
	/* `cursor`: text of the next page's cursor, or empty.  `failure`: what
	 * ended the rows early, or NULL. */
	MUST_CHECK int (*end)(struct qql_print *p, struct slice cursor,
			      const struct err *failure, struct err *err);
};

extern const struct qql_printer qql_printer_table, qql_printer_json,
	qql_printer_ndjson, qql_printer_csv, qql_printer_raw;

/* ERR_USAGE naming the nearest one. */
MUST_CHECK int qql_printer_find(struct slice name,
				const struct qql_printer **out,
				struct err *err);

/* `opt` is copied; what it points to stays the caller's. */
MUST_CHECK int qql_print_new(struct qql_print **out,
			     const struct qql_printer *printer,
			     const struct qql_print_options *opt,
			     struct qql_out *to, struct err *err);
void qql_print_free(struct qql_print *p); /* NULL is fine */
/* 0, QQL_OUT_GONE or negative. */
MUST_CHECK int qql_print_row(struct qql_print *p, const struct qql_row *row,
			     struct err *err);
/* What has come so far, to where it goes. */
MUST_CHECK int qql_print_flush(struct qql_print *p, struct err *err);
MUST_CHECK int qql_print_end(struct qql_print *p, struct slice cursor,
			     const struct err *failure, struct err *err);

/* {"error":{"message","start","end","hint"}} */
void qql_print_error_json(struct buf *out, const struct err *err);

/* The fields of a short table: what the schema says, else the time, enums,
 * then what is sortable or searched as free text.  At most `max`. */
uint32_t qql_useful_fields(const struct dataset *ds, field_id *out,
			   uint32_t max);

#endif
