/*
 * qql/print_json.c - a JSON document, or one JSON object a line.
 *
 * Without fields a row is the stored message itself.  JSON allows line feeds
 * only between tokens, so making them blanks keeps it the same value on one
 * line.
 *
 * Document: {"rows":[...],"next":CURSOR or null}, and "error" if the rows
 * ended early.
 */
#include "qql/print_int.h"

static void put_source(struct buf *out, struct slice source)
{
	size_t start = out->len;

	buf_put_slice(out, source);
	for (size_t i = start; i < out->len; i++)
		if (out->p[i] == '\n' || out->p[i] == '\r')
			out->p[i] = ' ';
}

static void put_fields(struct qql_print *p, const struct qql_row *row)
{
	struct buf *out = &p->out->text;

	buf_putc(out, '{');
	for (uint32_t i = 0; i < p->opt.nfields; i++) {
		const struct field *f = &p->opt.ds->fields[p->opt.fields[i]];

		if (i)
			buf_putc(out, ',');
		json_quote(out, f->name);
		buf_putc(out, ':');
		qql_print_cell_json(out, f, &row->cells[i]);
	}
	buf_putc(out, '}');
}

static void put_row(struct qql_print *p, const struct qql_row *row)
{
	if (p->opt.nfields)
		put_fields(p, row);
	else
		put_source(&p->out->text, row->source);
}

static int ndjson_begin(struct qql_print *p, struct err *err)
{
	(void)p;
	(void)err;
	return 0;
}

static int ndjson_row(struct qql_print *p, const struct qql_row *row,
		      struct err *err)
{
	(void)err;
	put_row(p, row);
	buf_putc(&p->out->text, '\n');
	return 0;
}

static int ndjson_end(struct qql_print *p, struct slice cursor,
		      const struct err *failure, struct err *err)
{
	(void)p;
	(void)cursor;
	(void)failure;
	(void)err;
	return 0;
}

static int json_begin(struct qql_print *p, struct err *err)
{
	(void)err;
	buf_puts(&p->out->text, "{\"rows\":[");
	return 0;
}

static int json_row(struct qql_print *p, const struct qql_row *row,
		    struct err *err)
{
	(void)err;
	buf_puts(&p->out->text, p->rows ? ",\n" : "\n");
	put_row(p, row);
	return 0;
}

static int json_end(struct qql_print *p, struct slice cursor,
		    const struct err *failure, struct err *err)
{
	struct buf *out = &p->out->text;

	(void)err;
	buf_puts(out, "\n],\"next\":");
	if (cursor.len)
		json_quote(out, cursor);
	else
		buf_puts(out, "null");
	if (failure) {
		size_t at = out->len;

		/* Its own object's opening brace becomes our comma. */
		qql_print_error_json(out, failure);
		if (!out->error)
			out->p[at] = ',';
	} else {
		buf_putc(out, '}');
	}
	buf_putc(out, '\n');
	return 0;
}

const struct qql_printer qql_printer_ndjson = {
	.name = "ndjson",
	.columns = QQL_WHOLE_RECORD,
	.begin = ndjson_begin,
	.row = ndjson_row,
	.end = ndjson_end,
};

const struct qql_printer qql_printer_json = {
	.name = "json",
	.columns = QQL_WHOLE_RECORD,
	.begin = json_begin,
	.row = json_row,
	.end = json_end,
};
