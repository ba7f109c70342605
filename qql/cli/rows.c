/*
 * qql/cli/rows.c - printing the rows of search and tail.
 */
#include "qql/cli/rows.h"

#include <stdio.h>

#include "base/limits.h"
#include "base/term.h"

enum { TABLE_FIELDS = 14 };

static int fields_of_stage(struct cli *c, const struct plan *plan,
			   field_id **out, uint32_t *n, struct err *err)
{
	field_id *fields =
		arena_calloc(&c->arena, plan->nshown, sizeof(*fields));

	if (!fields)
		return err_nomem(err);
	for (uint32_t i = 0; i < plan->nshown; i++)
		fields[i] = (field_id)plan->shown[i];
	*out = fields;
	*n = plan->nshown;
	return 0;
}

static int choose_fields(struct cli *c, const struct qql_printer *printer,
			 const struct plan *plan, field_id **out, uint32_t *n,
			 struct err *err)
{
	field_id *fields;

	*n = 0;
	*out = NULL;
	if (c->opt.fields)
		return cli_fields(c, c->opt.fields, out, n, err);
	if (plan->nshown)
		return fields_of_stage(c, plan, out, n, err);
	if (printer->columns == QQL_WHOLE_RECORD)
		return 0;
	fields = arena_calloc(&c->arena, LIMIT_FIELDS, sizeof(*fields));
	if (!fields)
		return err_nomem(err);
	if (printer->columns == QQL_USEFUL_FIELDS)
		*n = qql_useful_fields(c->ds, fields, TABLE_FIELDS);
	else
		for (; *n < c->ds->nfields; ++*n)
			fields[*n] = (field_id)*n;
	*out = fields;
	return 0;
}

static int check_raw(const struct cli *c, const struct qql_printer *printer,
		     const struct plan *plan, struct err *err)
{
	bool raw = printer == &qql_printer_raw;

	if (raw && plan->nshown)
		return err_set(err, ERR_USAGE,
			       "fields cannot be chosen with -o raw, which "
			       "shows whole records");
	if (raw && c->opt.fields)
		return err_set(err, ERR_USAGE,
			       "--fields cannot go with -o raw, which shows "
			       "whole records");
	if (!raw && (c->opt.nul || c->opt.force))
		return err_set(err, ERR_USAGE, "%s goes with -o raw only",
			       c->opt.nul ? "-0" : "--force");
	return 0;
}

int cli_rows_init(struct cli_rows *r, struct cli *c, const struct plan *plan,
		  struct qql_run_options *run, struct err *err)
{
	const char *form = c->opt.output;
	const struct qql_printer *printer;
	struct qql_print_options opt = { .ds = c->ds,
					 .zone = c->zone,
					 .nul = c->opt.nul };
	field_id *fields;
	int ret;

	*r = (struct cli_rows){ .n = 0 };
	if (!form)
		form = c->terminal ? "table" : "ndjson";
	ret = qql_printer_find(slice_str(form), &printer, err);
	if (ret == 0)
		ret = check_raw(c, printer, plan, err);
	if (ret == 0)
		ret = choose_fields(c, printer, plan, &fields, &opt.nfields,
				    err);
	if (ret < 0)
		return ret;
	if (c->opt.force)
		c->out.sanitise = false;
	opt.fields = fields;
	opt.chosen = c->opt.fields != NULL || plan->nshown;
	opt.columns = c->terminal ? term_columns(stdout) : 0;
	run->fields = fields;
	run->nfields = opt.nfields;
	run->want_source = !opt.nfields;
	return qql_print_new(&r->print, printer, &opt, &c->out, err);
}

void cli_rows_release(struct cli_rows *r)
{
	qql_print_free(r->print);
	r->print = NULL;
}

int cli_rows_take(void *rows, const struct qql_row *row, struct err *err)
{
	struct cli_rows *r = rows;

	if (!row)
		return qql_print_flush(r->print, err);
	r->n++;
	r->last_time = row->time;
	r->last_sequence = row->sequence;
	return qql_print_row(r->print, row, err);
}

int cli_rows_end(struct cli_rows *r, struct slice cursor,
		 const struct err *failure, struct err *err)
{
	int ret = qql_print_end(r->print, cursor, failure, err);

	return ret == QQL_OUT_GONE ? 0 : ret;
}
