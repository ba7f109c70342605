/*
 * qql/print_answer_chart.c - a time chart: a line of blocks for each series.
 *
 * All series have one scale.  Where there are more buckets than cells a cell
 * shows the largest of its buckets.
 */
#include "qql/print_answer_int.h"

#include "base/mem.h"
#include "base/term.h"
#include "base/utf8.h"

enum { GAP = 2, LABEL_MAX = 24, LEVELS = 8, CELLS_MIN = 16 };

struct chart {
	const struct qql_answer *a;
	const struct qql_print_answer_options *opt;
	struct buf *out;
	const struct plan_column *column; /* of the numbers */
	uint32_t series;                  /* rows of each bucket */
	uint64_t buckets;
	uint32_t number; /* the column's place */
	uint32_t label;  /* cells */
	uint32_t cells;
	double most;
};

static const struct qql_answer_cell *cell_of(const struct chart *c,
					     uint64_t bucket, uint32_t series)
{
	return qql_answer_cell(c->a, bucket * c->series + series, c->number);
}

static int64_t start_of(const struct chart *c, uint64_t bucket)
{
	return qql_answer_cell(c->a, bucket * c->series, 0)->value.num;
}

/* Rows of the first bucket. */
static uint32_t count_series(const struct qql_answer *a)
{
	int64_t first = qql_answer_cell(a, 0, 0)->value.num;
	uint32_t n = 0;

	while (n < qql_answer_rows(a) &&
	       qql_answer_cell(a, n, 0)->value.num == first)
		n++;
	return n;
}

static void put_label(struct chart *c, uint32_t series, struct buf *out)
{
	const struct qql_answer_cell *cell = qql_answer_cell(c->a, series, 1);
	struct slice s;
	struct buf raw;

	if (c->number < 2)
		return;
	buf_init(&raw, 1 << 20);
	if (cell->kind == QQL_ANSWER_NULL)
		buf_puts(&raw, "(none)");
	else
		qql_answer_show(&raw, qql_answer_column(c->a, 1), cell,
				c->opt->zone);
	s = buf_slice(&raw);
	s.len = utf8_cut(s, LABEL_MAX);
	term_escape(out, s, TERM_KEEP_NONE);
	buf_release(&raw);
}

static uint32_t label_width(struct chart *c, uint32_t series)
{
	struct buf text;
	size_t width;

	buf_init(&text, 1 << 20);
	put_label(c, series, &text);
	width = term_width(buf_slice(&text));
	buf_release(&text);
	return (uint32_t)width;
}

static void measure(struct chart *c)
{
	uint32_t room = (uint32_t)c->opt->columns;

	for (uint32_t s = 0; s < c->series; s++) {
		uint32_t width = label_width(c, s);

		c->label = width > c->label ? width : c->label;
	}
	for (uint64_t b = 0; b < c->buckets; b++) {
		for (uint32_t s = 0; s < c->series; s++) {
			double v =
				qql_answer_number(c->column, cell_of(c, b, s));

			c->most = v > c->most ? v : c->most;
		}
	}
	room = room > c->label + GAP + CELLS_MIN ? room - c->label - GAP :
						   CELLS_MIN;
	c->cells = c->buckets < room ? (uint32_t)c->buckets : room;
}

/* The largest of the buckets of a cell; negative: all of them are empty. */
static double level_of(const struct chart *c, uint32_t cell, uint32_t series)
{
	uint64_t from = c->buckets * cell / c->cells;
	uint64_t to = c->buckets * (cell + 1) / c->cells;
	double most = -1;

	for (uint64_t b = from; b < to; b++) {
		const struct qql_answer_cell *v = cell_of(c, b, series);
		double d = qql_answer_number(c->column, v);

		if (v->kind == QQL_ANSWER_IS && d > most)
			most = d;
	}
	return most;
}

/* U+2581 is an eighth of a block, U+2588 the whole. */
static void put_blocks(struct chart *c, uint32_t series)
{
	for (uint32_t i = 0; i < c->cells; i++) {
		double v = level_of(c, i, series);
		int level;

		if (v <= 0) {
			buf_putc(c->out, ' ');
			continue;
		}
		level = (int)(v / c->most * LEVELS + 0.999);
		level = level < 1 ? 1 : level > LEVELS ? LEVELS : level;
		buf_puts(c->out, "\xe2\x96");
		buf_putc(c->out, (char)(0x80 + level));
	}
	while (c->out->len && c->out->p[c->out->len - 1] == ' ')
		c->out->len--;
	buf_putc(c->out, '\n');
}

static void put_head(struct chart *c)
{
	const struct plan_span *span = &c->opt->plan->aggregate->keys[0].span;
	const struct qql_answer_cell *cell;

	buf_put_slice(c->out, c->column->name);
	buf_printf(c->out, " per %u%c from ", span->n, span->unit);
	qql_put_date(c->out, start_of(c, 0), c->opt->zone);
	buf_puts(c->out, " to ");
	qql_put_date(c->out, start_of(c, c->buckets - 1), c->opt->zone);
	for (uint64_t i = 0; i < c->buckets * c->series; i++) {
		cell = cell_of(c, i / c->series, (uint32_t)(i % c->series));
		if (cell->kind != QQL_ANSWER_IS ||
		    qql_answer_number(c->column, cell) < c->most)
			continue;
		buf_puts(c->out, ", at most ");
		qql_answer_show(c->out, c->column, cell, c->opt->zone);
		break;
	}
	buf_putc(c->out, '\n');
}

int qql_answer_draw(const struct qql_answer *a,
		    const struct qql_print_answer_options *opt,
		    struct qql_out *out, struct err *err)
{
	struct chart c = { .a = a, .opt = opt, .out = &out->text };

	(void)err;
	if (!qql_answer_rows(a))
		return 0;
	c.number = qql_answer_columns(a) - 1;
	c.column = qql_answer_column(a, c.number);
	if (!qql_answer_is_number(c.column))
		return qql_answer_table(a, opt, out, err);
	c.series = count_series(a);
	c.buckets = qql_answer_rows(a) / c.series;
	measure(&c);
	put_head(&c);
	for (uint32_t s = 0; s < c.series; s++) {
		uint32_t width = label_width(&c, s);

		put_label(&c, s, c.out);
		for (uint32_t i = width; i < c.label + (c.label ? GAP : 0); i++)
			buf_putc(c.out, ' ');
		put_blocks(&c, s);
	}
	return 0;
}
