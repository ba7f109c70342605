/*
 * qql/print_ast.c - the tree as one line: (and (: action DENY) (>= severity 4)).
 *
 * Several bare words that are one value stand in braces: {Remote Code}.
 */
#include "qql/ast_int.h"
#include "qql/query.h"
#include "qql/stage_int.h"
#include "qql/value_int.h"

static const char *const comparisons[] = {
	[QQL_EQ] = "=",  [QQL_NE] = "!=", [QQL_LT] = "<",
	[QQL_LE] = "<=", [QQL_GT] = ">",  [QQL_GE] = ">=",
};

static void print_value(struct buf *out, const struct qql_value *v)
{
	struct slice piece;
	uint32_t at = 0;
	bool many = v->quote == QQL_BARE && qql_value_piece(v, &at, &piece) &&
		    qql_value_piece(v, &at, &piece);

	if (many)
		buf_putc(out, '{');
	qql_value_print(out, v);
	if (many)
		buf_putc(out, '}');
}

static void print_range(struct buf *out, const struct qql_node *n)
{
	buf_putc(out, n->lo_open ? '(' : '[');
	if (n->lo) {
		print_value(out, n->lo);
		buf_putc(out, ' ');
	}
	buf_puts(out, "..");
	if (n->hi) {
		buf_putc(out, ' ');
		print_value(out, n->hi);
	}
	buf_putc(out, n->hi_open ? ')' : ']');
}

static const char *head(const struct qql_node *n)
{
	switch (n->op) {
	case QQL_ALL:
		return "all";
	case QQL_AND:
		return "and";
	case QQL_OR:
		return "or";
	case QQL_NOT:
		return "not";
	case QQL_GROUP:
		return "group";
	case QQL_MATCH:
		return ":";
	case QQL_COMPARE:
		return comparisons[n->cmp];
	case QQL_RANGE:
		return "range";
	case QQL_LIST:
		return n->negated ? "not-in" : "in";
	case QQL_NULL:
		return n->negated ? "not-null" : "null";
	case QQL_FREE:
		break;
	}
	return "free";
}

static void print_node(struct buf *out, const struct qql_node *n)
{
	buf_putc(out, '(');
	buf_puts(out, head(n));
	if (n->name.len) {
		buf_putc(out, ' ');
		buf_put_slice(out, n->name);
	}
	for (const struct qql_value *v = n->value; v; v = v->next) {
		buf_putc(out, ' ');
		print_value(out, v);
	}
	if (n->op == QQL_RANGE) {
		buf_putc(out, ' ');
		print_range(out, n);
	}
	for (const struct qql_node *kid = n->kids; kid; kid = kid->next) {
		buf_putc(out, ' ');
		print_node(out, kid);
	}
	buf_putc(out, ')');
}

void qql_print_ast(struct buf *out, const struct qql_ast *ast)
{
	if (!ast->stages) {
		print_node(out, ast->filter);
		return;
	}
	buf_puts(out, "(pipe ");
	print_node(out, ast->filter);
	for (const struct qql_stage *s = ast->stages; s; s = s->next) {
		buf_putc(out, ' ');
		qql_stage_print_ast(out, s);
	}
	buf_putc(out, ')');
}
