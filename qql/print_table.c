/*
 * qql/print_table.c - columns for people.
 *
 * Widths come from the first rows at hand and stay.  Too wide a table gives up cells
 * where there are most: the widest columns shrink to a common width.  A cell
 * that does not fit ends in an ellipsis; a row is always one line.
 */
#include "qql/print_int.h"

#include "base/mem.h"
#include "base/term.h"
#include "base/utf8.h"

enum {
	GAP = 2,
	NARROWEST = 6,     /* columns are dropped rather than made narrower */
	CELL_BYTES = 4096, /* more of a value is never looked at */
};

static const struct field *column(const struct qql_print *p, uint32_t i)
{
	return &p->opt.ds->fields[p->opt.fields[i]];
}

static int table_begin(struct qql_print *p, struct err *err)
{
	uint32_t n = p->opt.nfields;

	p->widths = mem_calloc(n, sizeof(*p->widths));
	p->waiting =
		mem_calloc((size_t)QQL_TABLE_AHEAD * n, sizeof(*p->waiting));
	if (!p->widths || !p->waiting)
		return err_nomem(err);
	for (uint32_t i = 0; i < n; i++)
		p->widths[i] = (uint32_t)term_width(column(p, i)->name);
	p->shown = n;
	return 0;
}

/* The narrowest common width that the widest columns must shrink to. */
static uint32_t common_width(const struct qql_print *p, uint32_t room)
{
	uint32_t width = NARROWEST;

	for (;; width++) {
		uint32_t sum = 0;
		bool cut = false;

		for (uint32_t i = 0; i < p->shown; i++) {
			cut |= p->widths[i] > width + 1;
			sum += p->widths[i] < width + 1 ? p->widths[i] :
							  width + 1;
		}
		if (sum > room || !cut)
			return width;
	}
}

static uint32_t total_width(const struct qql_print *p)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < p->shown; i++)
		sum += p->widths[i] + (i ? GAP : 0);
	return sum;
}

static void fit_widths(struct qql_print *p)
{
	uint32_t room = (uint32_t)p->opt.columns, width, used;

	if (!room || total_width(p) <= room)
		return;
	while (p->shown > 1 && p->shown * (NARROWEST + GAP) - GAP > room)
		p->shown--;
	room -= (p->shown - 1) * GAP;
	width = common_width(p, room);
	used = 0;
	for (uint32_t i = 0; i < p->shown; i++) {
		if (p->widths[i] > width)
			p->widths[i] = width;
		used += p->widths[i];
	}
	/* What the rounding left over. */
	if (used < room)
		p->widths[p->shown - 1] += room - used;
}

static void put_blanks(struct buf *out, uint32_t n)
{
	while (n--)
		buf_putc(out, ' ');
}

/* The longest start of `s` that takes at most `cells`. */
static struct slice cut_to(struct slice s, uint32_t cells)
{
	const char *p = s.p, *end = s.p + s.len;
	uint32_t cp, used = 0;

	while (p < end) {
		size_t len = utf8_decode(p, end, &cp);

		if (!len)
			len = 1;
		used += (uint32_t)term_width(slice_of(p, len));
		if (used > cells)
			break;
		p += len;
	}
	return slice_of(s.p, (size_t)(p - s.p));
}

static bool is_number(const struct field *f)
{
	return (f->type == FIELD_INT || f->type == FIELD_DOUBLE) &&
	       !field_multi(f);
}

static void put_cell(struct qql_print *p, uint32_t i, struct slice s)
{
	struct buf *out = &p->out->text;
	uint32_t width = p->widths[i], have = (uint32_t)term_width(s);
	bool last = i + 1 == p->shown, right = is_number(column(p, i));

	if (i)
		put_blanks(out, GAP);
	if (have > width && (!last || p->opt.columns)) {
		s = cut_to(s, width - 1);
		have = (uint32_t)term_width(s) + 1;
		buf_put_slice(out, s);
		buf_puts(out, "\xe2\x80\xa6");
		right = false;
	} else if (right) {
		put_blanks(out, have < width ? width - have : 0);
		buf_put_slice(out, s);
	} else {
		buf_put_slice(out, s);
	}
	if (!right && !last && have < width)
		put_blanks(out, width - have);
}

static void put_line(struct qql_print *p, const struct slice *cells)
{
	struct buf *out = &p->out->text;

	for (uint32_t i = 0; i < p->shown; i++)
		put_cell(p, i, cells[i]);
	while (out->len && out->p[out->len - 1] == ' ')
		out->len--;
	buf_putc(out, '\n');
}

/* Fixes the widths and prints the header and the rows that waited. */
static int release_waiting(struct qql_print *p, struct err *err)
{
	uint32_t n = p->opt.nfields;

	if (p->fixed || !p->nwaiting)
		return 0;
	p->fixed = true;
	fit_widths(p);
	for (uint32_t i = 0; i < p->shown; i++)
		put_cell(p, i, column(p, i)->name);
	buf_putc(&p->out->text, '\n');
	for (uint32_t r = 0; r < p->nwaiting; r++) {
		int ret;

		put_line(p, p->waiting + (size_t)r * n);
		ret = qql_out_drain(p->out, err);
		if (ret)
			return ret;
	}
	p->nwaiting = 0;
	arena_reset(&p->cells);
	return 0;
}

/* A cell's text, safe for a terminal and on one line. */
static struct slice cell_text(struct qql_print *p, uint32_t i,
			      const struct qql_cell *cell)
{
	struct buf safe;
	struct slice raw, copy;

	buf_reset(&p->scratch);
	qql_print_cell_text(&p->scratch, column(p, i), cell, p->opt.zone);
	raw = buf_slice(&p->scratch);
	raw.len = utf8_cut(raw, CELL_BYTES);
	buf_init(&safe, 4 * CELL_BYTES);
	term_escape(&safe, raw, TERM_KEEP_NONE);
	copy = arena_dup(&p->cells, buf_slice(&safe));
	if (safe.error)
		copy.p = NULL;
	buf_release(&safe);
	return copy;
}

static int table_row(struct qql_print *p, const struct qql_row *row,
		     struct err *err)
{
	uint32_t n = p->opt.nfields;
	struct slice *cells = p->waiting + (size_t)p->nwaiting * n;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t width;

		cells[i] = cell_text(p, i, &row->cells[i]);
		if (!cells[i].p)
			return err_nomem(err);
		width = (uint32_t)term_width(cells[i]);
		if (!p->fixed && width > p->widths[i])
			p->widths[i] = width;
	}
	if (p->fixed) {
		put_line(p, cells);
		arena_reset(&p->cells);
		return 0;
	}
	if (++p->nwaiting < QQL_TABLE_AHEAD)
		return 0;
	return release_waiting(p, err);
}

static int table_end(struct qql_print *p, struct slice cursor,
		     const struct err *failure, struct err *err)
{
	(void)cursor;
	(void)failure;
	return release_waiting(p, err);
}

const struct qql_printer qql_printer_table = {
	.name = "table",
	.columns = QQL_USEFUL_FIELDS,
	.begin = table_begin,
	.row = table_row,
	.flush = release_waiting,
	.end = table_end,
};
