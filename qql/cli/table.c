/*
 * qql/cli/table.c - small tables of our own figures.
 */
#include "qql/cli/table.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"
#include "base/term.h"

enum { MEMORY_MAX = 64 << 20, CELL_MAX = 512, GAP = 2 };

void cli_table_init(struct cli_table *t, const char *const *heads)
{
	*t = (struct cli_table){ .heads = heads };
	while (heads[t->columns])
		t->columns++;
	arena_init(&t->memory, MEMORY_MAX);
}

void cli_table_release(struct cli_table *t)
{
	arena_release(&t->memory);
	mem_free(t->cells);
	t->cells = NULL;
}

void cli_table_add(struct cli_table *t, struct slice cell)
{
	if (t->n == t->cap) {
		size_t cap = t->cap ? 2 * t->cap : 256;
		struct slice *cells =
			mem_realloc_array(t->cells, cap, sizeof(*cells));

		if (!cells) {
			t->failed = true;
			return;
		}
		t->cells = cells;
		t->cap = cap;
	}
	cell = arena_dup(&t->memory, cell);
	t->failed |= !cell.p;
	t->cells[t->n++] = cell;
}

void cli_table_addf(struct cli_table *t, const char *fmt, ...)
{
	char text[CELL_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	cli_table_add(t, slice_str(text));
}

static void put_row(const struct cli_table *t, const size_t *widths,
		    const struct slice *cells, struct buf *out)
{
	for (uint32_t i = 0; i < t->columns; i++) {
		size_t have = term_width(cells[i]);
		size_t pad = have < widths[i] ? widths[i] - have : 0;
		bool right = t->heads[i][0] == '>';

		for (size_t k = 0; k < (i ? GAP : 0) + (right ? pad : 0); k++)
			buf_putc(out, ' ');
		buf_put_slice(out, cells[i]);
		for (size_t k = 0; k < pad && !right && i + 1 < t->columns; k++)
			buf_putc(out, ' ');
	}
	buf_putc(out, '\n');
}

int cli_table_print(struct cli_table *t, struct buf *out, struct err *err)
{
	struct slice heads[CLI_TABLE_COLUMNS];
	size_t widths[CLI_TABLE_COLUMNS];

	if (t->failed)
		return err_nomem(err);
	for (uint32_t i = 0; i < t->columns; i++) {
		heads[i] = slice_str(t->heads[i] + (t->heads[i][0] == '>'));
		widths[i] = heads[i].len;
	}
	for (size_t i = 0; i < t->n; i++) {
		size_t width = term_width(t->cells[i]);

		if (width > widths[i % t->columns])
			widths[i % t->columns] = width;
	}
	put_row(t, widths, heads, out);
	for (size_t i = 0; i + t->columns <= t->n; i += t->columns)
		put_row(t, widths, t->cells + i, out);
	return 0;
}
