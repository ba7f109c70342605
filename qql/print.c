/*
 * qql/print.c - what all printers have in common.
 */
#include "qql/print_int.h"
#include "qql/print_answer_int.h"

#include "base/limits.h"
#include "base/mem.h"
#include "base/near.h"

enum { SCRATCH_MAX = 16 << 20 };

static const struct qql_printer *const printers[] = {
	&qql_printer_table, &qql_printer_json, &qql_printer_ndjson,
	&qql_printer_csv,   &qql_printer_raw,
};

int qql_printer_find(struct slice name, const struct qql_printer **out,
		     struct err *err)
{
	struct near near;

	near_init(&near, name);
	for (size_t i = 0; i < ARRAY_SIZE(printers); i++) {
		struct slice known = slice_str(printers[i]->name);

		if (slice_eq(name, known)) {
			*out = printers[i];
			return 0;
		}
		near_offer(&near, known);
	}
	err_set(err, ERR_USAGE, "unknown output form \"%.*s\"",
		SLICE_ARG(name));
	if (near.best.p)
		err_hint(err, "did you mean \"%.*s\"?", SLICE_ARG(near.best));
	else
		err_hint(err, "there are table, json, ndjson, csv and raw");
	return ERR_USAGE;
}

int qql_print_new(struct qql_print **out, const struct qql_printer *printer,
		  const struct qql_print_options *opt, struct qql_out *to,
		  struct err *err)
{
	struct qql_print *p = mem_calloc(1, sizeof(*p));
	int ret;

	if (!p)
		return err_nomem(err);
	p->printer = printer;
	p->opt = *opt;
	p->out = to;
	buf_init(&p->scratch, SCRATCH_MAX);
	ret = printer->begin(p, err);
	if (ret < 0) {
		qql_print_free(p);
		return ret;
	}
	*out = p;
	return 0;
}

void qql_print_free(struct qql_print *p)
{
	if (!p)
		return;
	qql_table_free(p->table);
	buf_release(&p->scratch);
	mem_free(p);
}

int qql_print_row(struct qql_print *p, const struct qql_row *row,
		  struct err *err)
{
	int ret = p->printer->row(p, row, err);

	p->rows++;
	return ret ? ret : qql_out_drain(p->out, err);
}

int qql_print_flush(struct qql_print *p, struct err *err)
{
	int ret = p->printer->flush ? p->printer->flush(p, err) : 0;

	return ret ? ret : qql_out_flush(p->out, err);
}

int qql_print_end(struct qql_print *p, struct slice cursor,
		  const struct err *failure, struct err *err)
{
	int ret = p->printer->end(p, cursor, failure, err);

	return ret ? ret : qql_out_flush(p->out, err);
}

void qql_put_date(struct buf *out, int64_t ns, const struct qql_zone *zone)
{
	struct civil c;

	qql_zone_to_local(zone, ns, &c);
	buf_printf(out, "%04d-%02d-%02d %02d:%02d:%02d.%03d", (int)c.year,
		   c.month, c.day, c.hour, c.minute, c.second,
		   c.nanos / 1000000);
}

void qql_print_cell_text(struct buf *out, const struct field *f,
			 const struct qql_cell *cell,
			 const struct qql_zone *zone)
{
	for (uint32_t i = 0; i < cell->n; i++) {
		if (i)
			buf_puts(out, ", ");
		if (f->type == FIELD_DATE)
			qql_put_date(out, cell->values[i].num, zone);
		else
			value_print(out, f, &cell->values[i]);
	}
}

void qql_print_cell_json(struct buf *out, const struct field *f,
			 const struct qql_cell *cell)
{
	bool list = field_multi(f);

	if (!cell->n) {
		buf_puts(out, "null");
		return;
	}
	if (list)
		buf_putc(out, '[');
	for (uint32_t i = 0; i < cell->n; i++) {
		if (i)
			buf_putc(out, ',');
		value_render(out, f, &cell->values[i], FORM_CANONICAL);
	}
	if (list)
		buf_putc(out, ']');
}

void qql_print_error_json(struct buf *out, const struct err *err)
{
	struct json_writer w;

	json_init(&w, out);
	json_object_begin(&w);
	json_key(&w, "error");
	json_object_begin(&w);
	json_key(&w, "message");
	json_string_lossy(&w, slice_str(err->message));
	if (err->flags & ERR_HAS_SPAN) {
		json_key(&w, "start");
		json_u64(&w, err->span.start);
		json_key(&w, "end");
		json_u64(&w, err->span.end);
	}
	if (err->hint[0]) {
		json_key(&w, "hint");
		json_string_lossy(&w, slice_str(err->hint));
	}
	json_object_end(&w);
	json_object_end(&w);
}

static uint32_t add_field(field_id *out, uint32_t n, uint32_t max, field_id id)
{
	for (uint32_t i = 0; i < n; i++)
		if (out[i] == id)
			return n;
	if (n < max)
		out[n++] = id;
	return n;
}

/* How much a person wants to see a field at first sight; 0: not at all. */
static unsigned usefulness(const struct field *f)
{
	if (f->object != OBJECT_NONE)
		return 0;
	if (f->type == FIELD_ENUM)
		return 3;
	if (f->type == FIELD_TEXT)
		return 2;
	return f->sortable || f->free_text;
}

uint32_t qql_useful_fields(const struct dataset *ds, field_id *out,
			   uint32_t max)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < ds->ncolumns; i++)
		n = add_field(out, n, max, ds->columns[i]);
	if (n)
		return n;
	if (ds->time != FIELD_NONE)
		n = add_field(out, n, max, ds->time);
	if (ds->key != FIELD_NONE)
		n = add_field(out, n, max, ds->key);
	for (unsigned level = 3; level > 0; level--)
		for (uint32_t i = 0; i < ds->nfields; i++)
			if (usefulness(&ds->fields[i]) == level)
				n = add_field(out, n, max, (field_id)i);
	for (uint32_t i = 0; i < ds->nfields; i++)
		n = add_field(out, n, max, (field_id)i);
	return n;
}
