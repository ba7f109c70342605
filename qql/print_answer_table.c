/*
 * qql/print_answer_table.c - an answer as a table, with bars on a terminal.
 *
 * A bar belongs to the first column of numbers and takes what the table leaves
 * of the line.
 */
#include "qql/print_answer_int.h"

#include "base/mem.h"
#include "base/term.h"
#include "base/utf8.h"

enum {
	GAP = 2,
	BAR_MIN = 8, /* cells; with fewer there is none */
	BAR_MAX = 40,
	CELL_MAX = 256, /* bytes of a cell that are shown */
	NARROW = 12,    /* cells that a text keeps on a narrow terminal */
	EIGHTHS = 8,
};

struct table {
	const struct qql_answer *a;
	const struct qql_print_answer_options *opt;
	struct qql_out *out;
	uint32_t n;
	uint32_t *widths;
	uint32_t bar;      /* cells */
	uint32_t measured; /* column of the bar */
	double most;
	struct buf raw, safe;
};

/* A cell on one line, safe for a terminal; lent until the next one. */
static struct slice cell_text(struct table *t, uint64_t row, uint32_t i)
{
	struct slice raw;

	buf_reset(&t->raw);
	buf_reset(&t->safe);
	qql_answer_show(&t->raw, qql_answer_column(t->a, i),
			qql_answer_cell(t->a, row, i), t->opt->zone);
	raw = buf_slice(&t->raw);
	raw.len = utf8_cut(raw, CELL_MAX);
	term_escape(&t->safe, raw, TERM_KEEP_NONE);
	return buf_slice(&t->safe);
}

static void measure(struct table *t)
{
	for (uint32_t i = 0; i < t->n; i++) {
		const struct plan_column *c = qql_answer_column(t->a, i);

		t->widths[i] = (uint32_t)term_width(c->name);
		if (qql_answer_is_number(c) && t->measured == t->n)
			t->measured = i;
	}
	for (uint64_t r = 0; r < qql_answer_rows(t->a); r++) {
		for (uint32_t i = 0; i < t->n; i++) {
			size_t width = term_width(cell_text(t, r, i));
			double v;

			if (width > t->widths[i])
				t->widths[i] = (uint32_t)width;
			if (i != t->measured)
				continue;
			v = qql_answer_number(qql_answer_column(t->a, i),
					      qql_answer_cell(t->a, r, i));
			t->most = v > t->most ? v : t->most;
		}
	}
}

static uint32_t total_width(const struct table *t)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < t->n; i++)
		sum += t->widths[i] + (i ? GAP : 0);
	return sum;
}

/* On a narrow terminal the widest text gives way. */
static void fit(struct table *t)
{
	uint32_t room = (uint32_t)t->opt->columns, used;

	if (!room)
		return;
	while (total_width(t) > room) {
		uint32_t widest = t->n;

		for (uint32_t i = 0; i < t->n; i++) {
			if (!qql_answer_is_number(qql_answer_column(t->a, i)) &&
			    t->widths[i] > NARROW &&
			    (widest == t->n ||
			     t->widths[i] > t->widths[widest]))
				widest = i;
		}
		if (widest == t->n)
			break;
		t->widths[widest]--;
	}
	used = total_width(t) + GAP;
	if (t->measured < t->n && t->most > 0 && used + BAR_MIN <= room)
		t->bar = room - used < BAR_MAX ? room - used : BAR_MAX;
}

static void put_blanks(struct buf *out, uint32_t n)
{
	while (n--)
		buf_putc(out, ' ');
}

static void put_cell(struct table *t, uint32_t i, struct slice s)
{
	struct buf *out = &t->out->text;
	uint32_t have = (uint32_t)term_width(s), pad;
	bool right = qql_answer_is_number(qql_answer_column(t->a, i));
	bool cut = have > t->widths[i];

	while (cut && s.len && have + 1 > t->widths[i]) {
		s.len = utf8_cut(s, s.len - 1);
		have = (uint32_t)term_width(s);
	}
	have += cut;
	pad = have < t->widths[i] ? t->widths[i] - have : 0;
	put_blanks(out, (i ? GAP : 0) + (right ? pad : 0));
	buf_put_slice(out, s);
	if (cut)
		buf_puts(out, "\xe2\x80\xa6");
	if (!right)
		put_blanks(out, pad);
}

/* In eighths of a cell: U+2588 is a whole one, U+2589 seven, ... */
static void put_bar(struct table *t, uint64_t row)
{
	const struct plan_column *c = qql_answer_column(t->a, t->measured);
	double v =
		qql_answer_number(c, qql_answer_cell(t->a, row, t->measured));
	uint32_t n;

	if (!t->bar || v <= 0)
		return;
	n = (uint32_t)(v / t->most * t->bar * EIGHTHS + 0.5);
	n = n ? n : 1;
	put_blanks(&t->out->text, GAP);
	for (; n >= EIGHTHS; n -= EIGHTHS)
		buf_puts(&t->out->text, "\xe2\x96\x88");
	if (n) {
		buf_puts(&t->out->text, "\xe2\x96");
		buf_putc(&t->out->text, (char)(0x90 - n));
	}
}

static void end_line(struct buf *out, size_t start)
{
	while (out->len > start && out->p[out->len - 1] == ' ')
		out->len--;
	buf_putc(out, '\n');
}

static int put_rows(struct table *t, struct err *err)
{
	struct buf *out = &t->out->text;
	size_t start = out->len;
	int ret = 0;

	for (uint32_t i = 0; i < t->n; i++)
		put_cell(t, i, qql_answer_column(t->a, i)->name);
	end_line(out, start);
	for (uint64_t r = 0; r < qql_answer_rows(t->a) && ret == 0; r++) {
		start = out->len;
		for (uint32_t i = 0; i < t->n; i++)
			put_cell(t, i, cell_text(t, r, i));
		put_bar(t, r);
		end_line(out, start);
		ret = qql_out_drain(t->out, err);
	}
	return ret;
}

int qql_answer_table(const struct qql_answer *a,
		     const struct qql_print_answer_options *opt,
		     struct qql_out *out, struct err *err)
{
	struct table t = { .a = a, .opt = opt, .out = out };
	int ret;

	if (!qql_answer_rows(a))
		return 0;
	t.n = t.measured = qql_answer_columns(a);
	t.widths = mem_calloc(t.n, sizeof(*t.widths));
	if (!t.widths)
		return err_nomem(err);
	buf_init(&t.raw, 1 << 20);
	buf_init(&t.safe, 1 << 20);
	measure(&t);
	fit(&t);
	ret = put_rows(&t, err);
	buf_release(&t.raw);
	buf_release(&t.safe);
	mem_free(t.widths);
	return ret;
}
