/*
 * qql/print_stage.c - pipe stages as they would be written, and as a tree:
 * (stats (count) (as (distinct image) images) by (bucket time 1h)).
 */
#include "qql/stage_int.h"

static void print_term(struct buf *out, const struct qql_term *t)
{
	if (t->descending)
		buf_putc(out, '-');
	buf_put_slice(out, t->text);
	if (t->call) {
		buf_putc(out, '(');
		for (const struct qql_term *a = t->arguments.first; a;
		     a = a->next) {
			if (a != t->arguments.first)
				buf_puts(out, ", ");
			buf_put_slice(out, a->text);
		}
		buf_putc(out, ')');
	}
	if (t->alias.len) {
		buf_puts(out, " as ");
		buf_put_slice(out, t->alias);
	}
}

static void print_terms(struct buf *out, struct qql_terms terms)
{
	for (const struct qql_term *t = terms.first; t; t = t->next) {
		buf_puts(out, t == terms.first ? " " : ", ");
		print_term(out, t);
	}
}

void qql_stage_print(struct buf *out, const struct qql_stage *stage)
{
	buf_puts(out, " | ");
	buf_puts(out, qql_stage_form(stage->kind)->name);
	if (stage->number) {
		buf_putc(out, ' ');
		buf_put_slice(out, stage->number->text);
	}
	print_terms(out, stage->items);
	if (stage->keys.n) {
		buf_puts(out, " by");
		print_terms(out, stage->keys);
	}
	if (stage->most) {
		buf_puts(out, " limit ");
		buf_put_slice(out, stage->most->text);
	}
}

static void print_tree(struct buf *out, const struct qql_term *t)
{
	buf_putc(out, ' ');
	if (t->alias.len)
		buf_puts(out, "(as ");
	if (t->descending)
		buf_puts(out, "(- ");
	if (t->call)
		buf_putc(out, '(');
	buf_put_slice(out, t->text);
	for (const struct qql_term *a = t->arguments.first; a; a = a->next)
		print_tree(out, a);
	if (t->call)
		buf_putc(out, ')');
	if (t->descending)
		buf_putc(out, ')');
	if (t->alias.len) {
		buf_putc(out, ' ');
		buf_put_slice(out, t->alias);
		buf_putc(out, ')');
	}
}

void qql_stage_print_ast(struct buf *out, const struct qql_stage *stage)
{
	buf_putc(out, '(');
	buf_puts(out, qql_stage_form(stage->kind)->name);
	if (stage->number)
		print_tree(out, stage->number);
	for (const struct qql_term *t = stage->items.first; t; t = t->next)
		print_tree(out, t);
	if (stage->keys.n)
		buf_puts(out, " by");
	for (const struct qql_term *t = stage->keys.first; t; t = t->next)
		print_tree(out, t);
	if (stage->most) {
		buf_puts(out, " limit");
		print_tree(out, stage->most);
	}
	buf_putc(out, ')');
}
