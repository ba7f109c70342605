/*
 * qql/print_answer.c - the rows of an answer for programs, and cells as text.
 */
#include "qql/print_answer_int.h"

#include "base/json.h"
#include "qql/exact_int.h"
#include "qql/print_int.h"

static const struct field real_field = { .type = FIELD_DOUBLE };

static void put_whole(struct buf *out, struct qql_whole w)
{
	enum { DIGITS = 40 };
	qql_i128 v = (qql_i128)((qql_u128)(uint64_t)w.hi << 64 | w.lo);
	qql_u128 u = v < 0 ? -(qql_u128)v : (qql_u128)v;
	char digits[DIGITS];
	size_t at = DIGITS;

	do {
		digits[--at] = (char)('0' + (int)(u % 10));
		u /= 10;
	} while (u);
	if (v < 0)
		buf_putc(out, '-');
	buf_put(out, digits + at, DIGITS - at);
}

static void put_net(struct buf *out, const struct plan_column *c,
		    const struct value *v)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	bool v4 = memcmp(v->b16, mapped, sizeof(mapped)) == 0;

	value_print(out, c->field, v);
	buf_printf(out, "/%u", v4 ? c->key->bits4 : c->key->bits6);
}

void qql_answer_text(struct buf *out, const struct plan_column *c,
		     const struct qql_answer_cell *cell)
{
	struct value real;

	if (cell->kind == QQL_ANSWER_OTHER)
		buf_puts(out, "other");
	if (cell->kind != QQL_ANSWER_IS)
		return;
	switch (c->type) {
	case PLAN_COLUMN_VALUE:
		value_print(out, c->field, &cell->value);
		return;
	case PLAN_COLUMN_NET:
		put_net(out, c, &cell->value);
		return;
	case PLAN_COLUMN_WHOLE:
		put_whole(out, cell->whole);
		return;
	case PLAN_COLUMN_REAL:
	case PLAN_COLUMN_SHARE:
		break;
	}
	real.num = value_from_double(cell->real);
	value_print(out, &real_field, &real);
}

void qql_answer_show(struct buf *out, const struct plan_column *c,
		     const struct qql_answer_cell *cell,
		     const struct qql_zone *zone)
{
	if (cell->kind == QQL_ANSWER_IS && c->type == PLAN_COLUMN_SHARE)
		buf_printf(out, "%.1f%%", 100 * cell->real);
	else if (cell->kind == QQL_ANSWER_IS && c->type == PLAN_COLUMN_REAL)
		buf_printf(out, "%.6g", cell->real);
	else if (cell->kind == QQL_ANSWER_IS && c->type == PLAN_COLUMN_VALUE &&
		 c->field->type == FIELD_DATE)
		qql_put_date(out, cell->value.num, zone);
	else
		qql_answer_text(out, c, cell);
}

double qql_answer_number(const struct plan_column *c,
			 const struct qql_answer_cell *cell)
{
	if (cell->kind != QQL_ANSWER_IS)
		return 0;
	switch (c->type) {
	case PLAN_COLUMN_WHOLE:
		return (double)cell->whole.hi * 0x1p64 + (double)cell->whole.lo;
	case PLAN_COLUMN_REAL:
	case PLAN_COLUMN_SHARE:
		return cell->real;
	case PLAN_COLUMN_VALUE:
		return c->field->type == FIELD_DOUBLE ?
			       value_to_double(cell->value.num) :
			       (double)cell->value.num;
	case PLAN_COLUMN_NET:
		break;
	}
	return 0;
}

static void put_json(struct buf *out, const struct plan_column *c,
		     const struct qql_answer_cell *cell, struct buf *scratch)
{
	if (cell->kind == QQL_ANSWER_NULL) {
		buf_puts(out, "null");
		return;
	}
	if (cell->kind == QQL_ANSWER_IS && c->type == PLAN_COLUMN_VALUE) {
		value_render(out, c->field, &cell->value, FORM_CANONICAL);
		return;
	}
	buf_reset(scratch);
	qql_answer_text(scratch, c, cell);
	if (cell->kind == QQL_ANSWER_OTHER || c->type == PLAN_COLUMN_NET)
		json_quote(out, buf_slice(scratch));
	else
		buf_put_slice(out, buf_slice(scratch));
}

static void put_object(struct buf *out, const struct qql_answer *a,
		       uint64_t row, struct buf *scratch)
{
	for (uint32_t i = 0; i < qql_answer_columns(a); i++) {
		const struct plan_column *c = qql_answer_column(a, i);

		buf_putc(out, i ? ',' : '{');
		json_quote(out, c->name);
		buf_putc(out, ':');
		put_json(out, c, qql_answer_cell(a, row, i), scratch);
	}
	buf_putc(out, '}');
}

static int put_rows(const struct qql_answer *a, bool document,
		    struct qql_out *out, struct buf *scratch, struct err *err)
{
	struct buf *text = &out->text;
	int ret = 0;

	if (document)
		buf_puts(text, "{\"rows\":[");
	for (uint64_t r = 0; r < qql_answer_rows(a) && ret == 0; r++) {
		if (document)
			buf_puts(text, r ? ",\n" : "\n");
		put_object(text, a, r, scratch);
		if (!document)
			buf_putc(text, '\n');
		ret = qql_out_drain(out, err);
	}
	if (document)
		buf_puts(text, "\n],\"next\":null}\n");
	return ret;
}

static int put_csv(const struct qql_answer *a, struct qql_out *out,
		   struct buf *scratch, struct err *err)
{
	uint32_t columns = qql_answer_columns(a);
	int ret = 0;

	for (uint32_t i = 0; i < columns; i++) {
		if (i)
			buf_putc(&out->text, ',');
		qql_print_csv_cell(out, qql_answer_column(a, i)->name);
	}
	buf_putc(&out->text, '\n');
	for (uint64_t r = 0; r < qql_answer_rows(a) && ret == 0; r++) {
		for (uint32_t i = 0; i < columns; i++) {
			const struct qql_answer_cell *cell =
				qql_answer_cell(a, r, i);

			if (i)
				buf_putc(&out->text, ',');
			if (cell->kind == QQL_ANSWER_NULL)
				continue;
			buf_reset(scratch);
			qql_answer_text(scratch, qql_answer_column(a, i), cell);
			qql_print_csv_cell(out, buf_slice(scratch));
		}
		buf_putc(&out->text, '\n');
		ret = qql_out_drain(out, err);
	}
	return ret;
}

/* A chart is drawn as long as nothing behind it changes its shape. */
static bool is_chart(const struct plan *plan)
{
	return plan->aggregate->op == PLAN_TIMECHART &&
	       plan->aggregate + 1 == plan->stages + plan->nstages;
}

int qql_print_answer(const struct qql_answer *a, struct slice form,
		     const struct qql_print_answer_options *opt,
		     struct qql_out *out, struct err *err)
{
	enum { CELL_MAX = 16 << 20 };
	const struct qql_printer *printer;
	struct buf scratch;
	int ret = qql_printer_find(form, &printer, err);

	if (ret < 0)
		return ret;
	buf_init(&scratch, CELL_MAX);
	if (printer == &qql_printer_raw)
		ret = err_set(err, ERR_USAGE,
			      "-o raw shows stored messages, and a query that "
			      "aggregates has none");
	else if (printer == &qql_printer_csv)
		ret = put_csv(a, out, &scratch, err);
	else if (printer != &qql_printer_table)
		ret = put_rows(a, printer == &qql_printer_json, out, &scratch,
			       err);
	else if (opt->columns && is_chart(opt->plan))
		ret = qql_answer_draw(a, opt, out, err);
	else
		ret = qql_answer_table(a, opt, out, err);
	if (ret == 0)
		ret = buf_error(&scratch, "a cell", err);
	buf_release(&scratch);
	return ret ? ret : qql_out_flush(out, err);
}
