/*
 * qql/ast.c - building the tree: what the grammar's actions call.
 *
 * Once the scan has failed the constructors return NULL and take NULL: the
 * parser stops at the next token.
 */
#include "qql/ast_int.h"

#include "qql/look_int.h"
#include "qql/scan_int.h"

static struct qql_node *new_node(struct qql_scan *s, enum qql_op op,
				 struct span span)
{
	struct qql_node *n;

	if (s->code)
		return NULL;
	n = arena_calloc(s->arena, 1, sizeof(*n));
	if (!n) {
		qql_scan_nomem(s);
		return NULL;
	}
	n->op = op;
	n->span = span;
	return n;
}

static struct qql_node *new_condition(struct qql_scan *s, enum qql_op op,
				      struct span span)
{
	if (!s->code && ++s->conditions > LIMIT_CONDITIONS)
		qql_scan_fail(
			s, ERR_LIMIT, span,
			"the query has more conditions than the limit of %d",
			LIMIT_CONDITIONS);
	return new_node(s, op, span);
}

struct qql_value *qql_ast_value(struct qql_scan *s, enum qql_quote quote,
				struct span span)
{
	struct qql_value *v;
	uint32_t open = 0, close = 0;

	if (s->code)
		return NULL;
	v = arena_calloc(s->arena, 1, sizeof(*v));
	if (!v) {
		qql_scan_nomem(s);
		return NULL;
	}
	if (quote != QQL_BARE) {
		/* A curly quote may be closed by a straight one. */
		open = qql_look_char(s->text, span.start);
		close = (unsigned char)s->text.p[span.end - 1] < 0x80 ? 1 : 3;
	}
	v->quote = quote;
	v->span = span;
	v->raw = qql_scan_text(s, (struct span){ span.start + open,
						 span.end - close });
	return v;
}

struct qql_values qql_ast_values(struct qql_scan *s, struct qql_values list,
				 struct qql_value *v)
{
	if (s->code)
		return list;
	if (list.n == LIMIT_LIST_VALUES) {
		qql_scan_fail(s, ERR_LIMIT, v->span,
			      "the list has more values than the limit of %d",
			      LIMIT_LIST_VALUES);
		return list;
	}
	if (list.last)
		list.last->next = v;
	else
		list.first = v;
	list.last = v;
	list.n++;
	return list;
}

struct qql_node *qql_ast_all(struct qql_scan *s, struct span span)
{
	return new_node(s, QQL_ALL, span);
}

struct qql_node *qql_ast_free(struct qql_scan *s, struct qql_value *v)
{
	struct qql_node *n = v ? new_condition(s, QQL_FREE, v->span) : NULL;

	if (n)
		n->value = v;
	return n;
}

static void add_kids(struct qql_node *n, struct qql_node *kid)
{
	struct qql_node *first = kid->op == n->op ? kid->kids : kid;

	if (n->last)
		n->last->next = first;
	else
		n->kids = first;
	n->last = kid->op == n->op ? kid->last : kid;
}

struct qql_node *qql_ast_join(struct qql_scan *s, enum qql_op op,
			      struct qql_node *a, struct qql_node *b)
{
	struct qql_node *n;

	if (s->code)
		return NULL;
	if (a->op == op) {
		add_kids(a, b);
		a->span.end = b->span.end;
		return a;
	}
	n = new_node(s, op, (struct span){ a->span.start, b->span.end });
	if (n) {
		add_kids(n, a);
		add_kids(n, b);
	}
	return n;
}

struct qql_node *qql_ast_not(struct qql_scan *s, struct span span,
			     struct qql_node *kid)
{
	struct qql_node *n = new_node(s, QQL_NOT, span);

	if (n)
		n->kids = n->last = kid;
	return n;
}

struct qql_node *qql_ast_match(struct qql_scan *s, struct qql_value *v)
{
	struct qql_node *n = v ? new_condition(s, QQL_MATCH, v->span) : NULL;

	if (n)
		n->value = v;
	return n;
}

struct qql_node *qql_ast_group(struct qql_scan *s, struct qql_node *kid)
{
	struct qql_node *n = kid ? new_node(s, QQL_GROUP, kid->span) : NULL;

	if (n)
		n->kids = n->last = kid;
	return n;
}

struct qql_node *qql_ast_compare(struct qql_scan *s, enum qql_cmp cmp,
				 struct qql_value *v)
{
	struct qql_node *n = v ? new_condition(s, QQL_COMPARE, v->span) : NULL;

	if (n) {
		n->cmp = cmp;
		n->value = v;
	}
	return n;
}

struct qql_node *qql_ast_range(struct qql_scan *s, struct qql_ends ends,
			       bool lo_open, bool hi_open)
{
	struct qql_node *n = new_condition(s, QQL_RANGE, s->name);

	if (n) {
		n->lo = ends.lo;
		n->hi = ends.hi;
		n->lo_open = lo_open;
		n->hi_open = hi_open;
	}
	return n;
}

struct qql_node *qql_ast_list(struct qql_scan *s, struct qql_values list)
{
	struct qql_node *n = new_condition(s, QQL_LIST, s->name);

	if (n)
		n->value = list.first;
	return n;
}

struct qql_node *qql_ast_null(struct qql_scan *s)
{
	return new_condition(s, QQL_NULL, s->name);
}

struct qql_node *qql_ast_negate(struct qql_node *test)
{
	if (test)
		test->negated = true;
	return test;
}

struct qql_node *qql_ast_named(struct qql_scan *s, struct span span,
			       struct span name, struct qql_node *test)
{
	if (!test)
		return NULL;
	test->span = span;
	test->name_span = name;
	test->name = qql_scan_text(s, name);
	return test;
}

void qql_ast_root(struct qql_scan *s, struct qql_node *filter)
{
	struct qql_ast *ast;

	if (s->code)
		return;
	ast = arena_calloc(s->arena, 1, sizeof(*ast));
	if (!ast) {
		qql_scan_nomem(s);
		return;
	}
	ast->filter = filter;
	ast->stages = s->stages;
	s->ast = ast;
}
