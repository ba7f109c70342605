/*
 * qql/print_query.c - the tree as a query that parses to the same tree.
 */
#include "qql/ast_int.h"
#include "qql/look_int.h"
#include "qql/query.h"
#include "qql/stage_int.h"
#include "qql/value_int.h"

/* How tightly an operator binds: a looser one inside needs parentheses. */
enum binding { LOOSE, IN_OR, IN_AND, IN_NOT };

static void print_node(struct buf *out, const struct qql_node *n,
		       enum binding around, bool in_group);

/* Dots that stand free after `name:(` would make a group a range. */
static bool has_dots(const struct qql_node *n)
{
	return (n->op == QQL_FREE || n->op == QQL_MATCH ||
		n->op == QQL_COMPARE) &&
	       n->value->quote == QQL_BARE &&
	       qql_look_dots(n->value->raw) < n->value->raw.len;
}

static void print_kids(struct buf *out, const struct qql_node *n,
		       const char *between, enum binding binding, bool in_group)
{
	for (const struct qql_node *kid = n->kids; kid; kid = kid->next) {
		if (kid != n->kids)
			buf_puts(out, between);
		print_node(out, kid, binding, in_group);
	}
}

static void print_members(struct buf *out, const struct qql_node *n)
{
	buf_puts(out, n->negated ? " not in (" : ":[");
	for (const struct qql_value *v = n->value; v; v = v->next) {
		if (v != n->value)
			buf_puts(out, ", ");
		qql_value_print(out, v);
	}
	buf_putc(out, n->negated ? ')' : ']');
}

static void print_range(struct buf *out, const struct qql_node *n)
{
	buf_putc(out, ':');
	buf_putc(out, n->lo_open ? '(' : '[');
	if (n->lo) {
		qql_value_print(out, n->lo);
		buf_putc(out, ' ');
	}
	buf_puts(out, "..");
	if (n->hi) {
		buf_putc(out, ' ');
		qql_value_print(out, n->hi);
	}
	buf_putc(out, n->hi_open ? ')' : ']');
}

static void print_condition(struct buf *out, const struct qql_node *n)
{
	static const char *const comparisons[] = {
		[QQL_EQ] = " = ",  [QQL_NE] = " != ", [QQL_LT] = " < ",
		[QQL_LE] = " <= ", [QQL_GT] = " > ",  [QQL_GE] = " >= ",
	};

	buf_put_slice(out, n->name);
	if (n->op == QQL_NULL)
		buf_puts(out, n->negated ? " is not null" : " is null");
	else if (n->op == QQL_LIST)
		print_members(out, n);
	else if (n->op == QQL_RANGE)
		print_range(out, n);
	else if (n->op == QQL_COMPARE)
		buf_puts(out, comparisons[n->cmp]);
	else if (n->op == QQL_MATCH)
		buf_putc(out, ':');
	if (n->op == QQL_COMPARE || n->op == QQL_MATCH || n->op == QQL_FREE)
		qql_value_print(out, n->value);
}

static bool needs_parentheses(const struct qql_node *n, enum binding around,
			      bool in_group)
{
	if (n->op == QQL_OR)
		return around > IN_OR;
	if (n->op == QQL_AND)
		return around > IN_AND;
	return in_group && has_dots(n);
}

static void print_node(struct buf *out, const struct qql_node *n,
		       enum binding around, bool in_group)
{
	bool parentheses = needs_parentheses(n, around, in_group);

	if (parentheses) {
		buf_putc(out, '(');
		in_group = false;
	}
	switch (n->op) {
	case QQL_ALL:
		break;
	case QQL_OR:
		print_kids(out, n, " or ", IN_OR, in_group);
		break;
	case QQL_AND:
		print_kids(out, n, " and ", IN_AND, in_group);
		break;
	case QQL_NOT:
		buf_puts(out, "not ");
		print_node(out, n->kids, IN_NOT, in_group);
		break;
	case QQL_GROUP:
		buf_put_slice(out, n->name);
		buf_puts(out, ":(");
		print_node(out, n->kids, LOOSE, true);
		buf_putc(out, ')');
		break;
	case QQL_MATCH:
	case QQL_COMPARE:
	case QQL_RANGE:
	case QQL_LIST:
	case QQL_NULL:
	case QQL_FREE:
		print_condition(out, n);
		break;
	}
	if (parentheses)
		buf_putc(out, ')');
}

void qql_print_query(struct buf *out, const struct qql_ast *ast)
{
	print_node(out, ast->filter, LOOSE, false);
	for (const struct qql_stage *s = ast->stages; s; s = s->next)
		qql_stage_print(out, s);
}
