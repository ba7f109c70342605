/*
 * qql/print_raw.c - stored messages, byte for byte.
 */
#include "qql/print_int.h"

static int raw_begin(struct qql_print *p, struct err *err)
{
	(void)p;
	(void)err;
	return 0;
}

static int raw_row(struct qql_print *p, const struct qql_row *row,
		   struct err *err)
{
	(void)err;
	buf_put_slice(&p->out->text, row->source);
	buf_putc(&p->out->text, p->opt.nul ? '\0' : '\n');
	return 0;
}

static int raw_end(struct qql_print *p, struct slice cursor,
		   const struct err *failure, struct err *err)
{
	(void)p;
	(void)cursor;
	(void)failure;
	(void)err;
	return 0;
}

const struct qql_printer qql_printer_raw = {
	.name = "raw",
	.columns = QQL_WHOLE_RECORD,
	.begin = raw_begin,
	.row = raw_row,
	.end = raw_end,
};
