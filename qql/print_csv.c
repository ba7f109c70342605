/*
 * qql/print_csv.c - RFC 4180, one header line, lines end in LF.
 *
 * Null is an empty cell, the empty string "".  What may have several values
 * is a JSON array in one cell.
 */
#include "qql/print_int.h"

#include "base/term.h"

enum { SAFE_MAX = 64 << 20 };

static bool needs_quotes(struct slice s)
{
	if (!s.len)
		return true;
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] == ',' || s.p[i] == '"' || s.p[i] == '\n' ||
		    s.p[i] == '\r')
			return true;
	return false;
}

static void put_cell(struct buf *out, struct slice s)
{
	if (!needs_quotes(s)) {
		buf_put_slice(out, s);
		return;
	}
	buf_putc(out, '"');
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '"')
			buf_putc(out, '"');
		buf_putc(out, s.p[i]);
	}
	buf_putc(out, '"');
}

/* On a terminal a line feed in a value would pass for the end of a row. */
void qql_print_csv_cell(struct qql_out *out, struct slice s)
{
	struct buf safe;

	if (!out->sanitise) {
		put_cell(&out->text, s);
		return;
	}
	buf_init(&safe, SAFE_MAX);
	term_escape(&safe, s, TERM_KEEP_NONE);
	put_cell(&out->text, buf_slice(&safe));
	buf_release(&safe);
}

static int csv_begin(struct qql_print *p, struct err *err)
{
	struct buf *out = &p->out->text;

	(void)err;
	for (uint32_t i = 0; i < p->opt.nfields; i++) {
		if (i)
			buf_putc(out, ',');
		put_cell(out, p->opt.ds->fields[p->opt.fields[i]].name);
	}
	buf_putc(out, '\n');
	return 0;
}

static int csv_row(struct qql_print *p, const struct qql_row *row,
		   struct err *err)
{
	struct buf *out = &p->out->text;

	for (uint32_t i = 0; i < p->opt.nfields; i++) {
		const struct field *f = &p->opt.ds->fields[p->opt.fields[i]];
		const struct qql_cell *cell = &row->cells[i];

		if (i)
			buf_putc(out, ',');
		if (!cell->n)
			continue;
		buf_reset(&p->scratch);
		if (field_multi(f))
			qql_print_cell_json(&p->scratch, f, cell);
		else
			value_print(&p->scratch, f, cell->values);
		qql_print_csv_cell(p->out, buf_slice(&p->scratch));
	}
	buf_putc(out, '\n');
	return buf_error(&p->scratch, "a cell", err);
}

static int csv_end(struct qql_print *p, struct slice cursor,
		   const struct err *failure, struct err *err)
{
	(void)p;
	(void)cursor;
	(void)failure;
	(void)err;
	return 0;
}

const struct qql_printer qql_printer_csv = {
	.name = "csv",
	.columns = QQL_ALL_FIELDS,
	.begin = csv_begin,
	.row = csv_row,
	.end = csv_end,
};
