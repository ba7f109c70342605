/*
 * qql/print_table.c - columns for people.
 *
 * Widths come from the first rows at hand and stay.  Columns that nobody asked
 * for by name are left out when those rows have no value there, and the last
 * ones when the terminal is too narrow.  Then texts give up cells where there
 * are most: the widest shrink to a common width.  A cell that does not fit
 * ends in an ellipsis; a row is always one line.
 */
#include "qql/print_int.h"

#include "base/arena.h"
#include "base/mem.h"
#include "base/term.h"
#include "base/utf8.h"

enum {
	GAP = 2,
	ROWS_AHEAD = 200,  /* looked at before the widths are fixed */
	READABLE = 12,     /* cells of a text column, if it needs them */
	NARROWEST = 4,     /* of one that was asked for */
	CELL_BYTES = 4096, /* more of a value is never looked at */
	CELLS_MAX = 64 << 20,
};

struct column {
	const struct field *field;
	uint32_t index; /* among the fields of a row */
	uint32_t width;
	bool used; /* some row at hand has a value */
	bool shrinks;
	bool right;
};

struct qql_table {
	struct column *columns;
	uint32_t n; /* shown; all of them until the widths are fixed */
	struct slice *waiting; /* cells of rows until then */
	uint32_t nwaiting;
	struct arena cells;
	bool fixed;
};

static bool is_number(const struct field *f)
{
	return (f->type == FIELD_INT || f->type == FIELD_DOUBLE) &&
	       !field_multi(f);
}

void qql_table_free(struct qql_table *t)
{
	if (!t)
		return;
	arena_release(&t->cells);
	mem_free(t->columns);
	mem_free(t->waiting);
	mem_free(t);
}

static int table_begin(struct qql_print *p, struct err *err)
{
	uint32_t n = p->opt.nfields;
	struct qql_table *t = mem_calloc(1, sizeof(*t));

	if (!t)
		return err_nomem(err);
	p->table = t;
	arena_init(&t->cells, CELLS_MAX);
	t->n = n;
	t->columns = mem_calloc(n, sizeof(*t->columns));
	t->waiting = mem_calloc((size_t)ROWS_AHEAD * n, sizeof(*t->waiting));
	if (!t->columns || !t->waiting)
		return err_nomem(err);
	for (uint32_t i = 0; i < n; i++) {
		const struct field *f = &p->opt.ds->fields[p->opt.fields[i]];

		t->columns[i] = (struct column){
			.field = f,
			.index = i,
			.width = (uint32_t)term_width(f->name),
			.used = p->opt.chosen,
			.shrinks = f->type != FIELD_DATE && !is_number(f),
			.right = is_number(f),
		};
	}
	return 0;
}

static void drop_unused(struct qql_table *t)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < t->n; i++)
		if (t->columns[i].used)
			t->columns[n++] = t->columns[i];
	t->n = n;
}

/* Cells of all columns when no text takes more than `most`. */
static uint32_t total_width(const struct qql_table *t, uint32_t most)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < t->n; i++) {
		const struct column *c = &t->columns[i];

		sum += c->shrinks && c->width > most ? most : c->width;
		sum += i ? GAP : 0;
	}
	return sum;
}

static void fit_widths(struct qql_print *p)
{
	struct qql_table *t = p->table;
	uint32_t room = (uint32_t)p->opt.columns, most = NARROWEST, used;

	drop_unused(t);
	if (!room || total_width(t, UINT32_MAX) <= room)
		return;
	while (!p->opt.chosen && t->n > 1 && total_width(t, READABLE) > room)
		t->n--;
	while (most < room && total_width(t, most + 1) <= room)
		most++;
	used = total_width(t, most);
	for (uint32_t i = 0; i < t->n; i++) {
		struct column *c = &t->columns[i];
		uint32_t spare = used < room ? room - used : 0;

		if (!c->shrinks || c->width <= most)
			continue;
		/* What the rounding left over goes to the first one. */
		c->width = c->width < most + spare ? c->width : most + spare;
		used += c->width - most;
	}
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

static void put_cell(struct qql_print *p, uint32_t i, struct slice s)
{
	const struct column *c = &p->table->columns[i];
	struct buf *out = &p->out->text;
	uint32_t have = (uint32_t)term_width(s), pad;
	bool cut = have > c->width && p->opt.columns;

	if (cut) {
		s = cut_to(s, c->width - 1);
		have = (uint32_t)term_width(s) + 1;
	}
	pad = have < c->width ? c->width - have : 0;
	put_blanks(out, (i ? GAP : 0) + (c->right ? pad : 0));
	buf_put_slice(out, s);
	if (cut)
		buf_puts(out, "\xe2\x80\xa6");
	if (!c->right)
		put_blanks(out, pad);
}

/* No blanks at the end of a line. */
static void end_line(struct buf *out, size_t start)
{
	while (out->len > start && out->p[out->len - 1] == ' ')
		out->len--;
	buf_putc(out, '\n');
}

static void put_line(struct qql_print *p, const struct slice *cells)
{
	struct buf *out = &p->out->text;
	size_t start = out->len;

	for (uint32_t i = 0; i < p->table->n; i++)
		put_cell(p, i, cells[p->table->columns[i].index]);
	end_line(out, start);
}

static void put_head(struct qql_print *p)
{
	struct buf *out = &p->out->text;
	size_t start = out->len;

	for (uint32_t i = 0; i < p->table->n; i++)
		put_cell(p, i, p->table->columns[i].field->name);
	end_line(out, start);
}

/* Fixes the widths and prints the header and the rows that waited. */
static int release_waiting(struct qql_print *p, struct err *err)
{
	struct qql_table *t = p->table;
	int ret = 0;

	if (t->fixed || !t->nwaiting)
		return 0;
	t->fixed = true;
	fit_widths(p);
	put_head(p);
	for (uint32_t r = 0; r < t->nwaiting && ret == 0; r++) {
		put_line(p, t->waiting + (size_t)r * p->opt.nfields);
		ret = qql_out_drain(p->out, err);
	}
	t->nwaiting = 0;
	arena_reset(&t->cells);
	return ret;
}

/* A cell's text, safe for a terminal and on one line. */
static struct slice cell_text(struct qql_print *p, const struct field *f,
			      const struct qql_cell *cell)
{
	struct buf safe;
	struct slice raw, copy;

	buf_reset(&p->scratch);
	qql_print_cell_text(&p->scratch, f, cell, p->opt.zone);
	raw = buf_slice(&p->scratch);
	raw.len = utf8_cut(raw, CELL_BYTES);
	buf_init(&safe, 4 * CELL_BYTES);
	term_escape(&safe, raw, TERM_KEEP_NONE);
	copy = arena_dup(&p->table->cells, buf_slice(&safe));
	if (safe.error || p->scratch.error)
		copy.p = NULL;
	buf_release(&safe);
	return copy;
}

static int table_row(struct qql_print *p, const struct qql_row *row,
		     struct err *err)
{
	struct qql_table *t = p->table;
	struct slice *cells = t->waiting + (size_t)t->nwaiting * p->opt.nfields;

	for (uint32_t i = 0; i < t->n; i++) {
		struct column *c = &t->columns[i];
		const struct qql_cell *cell = &row->cells[c->index];
		struct slice text = cell_text(p, c->field, cell);
		uint32_t width;

		if (!text.p)
			return err_nomem(err);
		cells[c->index] = text;
		if (t->fixed)
			continue;
		width = (uint32_t)term_width(text);
		c->width = width > c->width ? width : c->width;
		c->used |= cell->n > 0;
	}
	if (t->fixed) {
		put_line(p, cells);
		arena_reset(&t->cells);
		return 0;
	}
	return ++t->nwaiting < ROWS_AHEAD ? 0 : release_waiting(p, err);
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
