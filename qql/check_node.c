/*
 * qql/check_node.c - making plan nodes, errors and hints.
 */
#include "qql/check_int.h"

#include <stdarg.h>
#include <stdio.h>

#include "qql/diag_int.h"

int qql_node_new(struct qql_check *c, enum plan_op op, struct span span,
		 struct plan_node **out)
{
	struct plan_node *n = arena_calloc(c->arena, 1, sizeof(*n));

	if (!n) {
		(void)err_nomem(c->err);
		return ERR_NO_MEMORY;
	}
	n->op = op;
	n->span = span;
	n->field = FIELD_NONE;
	n->object = OBJECT_NONE;
	*out = n;
	return 0;
}

int qql_node_leaf(struct qql_check *c, enum plan_op op,
		  const struct qql_test *t, struct plan_node **out)
{
	int ret = qql_node_new(c, op, t->node->span, out);

	if (ret == 0)
		(*out)->field = t->id;
	return ret;
}

int qql_node_over(struct qql_check *c, enum plan_op op, struct span span,
		  struct plan_node *const *kids, uint32_t n,
		  struct plan_node **out)
{
	struct plan_node *node = NULL;
	int ret = qql_node_new(c, op, span, &node);

	if (ret < 0)
		return ret;
	node->kids = arena_calloc(c->arena, n, sizeof(struct plan_node *));
	if (!node->kids)
		return err_nomem(c->err);
	memcpy(node->kids, kids, n * sizeof(struct plan_node *));
	node->nkids = n;
	*out = node;
	return 0;
}

int qql_node_unequal(struct qql_check *c, const struct qql_test *t,
		     struct plan_node **node)
{
	struct plan_node *both[2];
	int ret = qql_node_leaf(c, PLAN_PRESENT, t, &both[0]);

	if (ret == 0)
		ret = qql_node_over(c, PLAN_NOT, t->node->span, node, 1,
				    &both[1]);
	if (ret == 0)
		ret = qql_node_over(c, PLAN_AND, t->node->span, both, 2, node);
	return ret;
}

int qql_check_fail(struct qql_check *c, struct span span, const char *fmt, ...)
{
	char message[ERR_MESSAGE_MAX];
	va_list ap;
	int ret;

	va_start(ap, fmt);
	(void)vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	ret = err_set(c->err, ERR_MEANING, "%s", message);
	err_at(c->err, span);
	return ret;
}

int qql_check_wrong(struct qql_check *c, const struct qql_test *t,
		    struct span span, struct slice text, const char *wanted)
{
	return qql_check_fail(c, span, "token \"%.*s\" takes %s, not \"%s\"",
			      SLICE_ARG(t->field->name), wanted,
			      qql_diag_show(text).text);
}

void qql_check_hint_if_empty(struct qql_check *c, const char *fmt, ...)
{
	char hint[ERR_HINT_MAX];
	va_list ap;
	int n;

	if (c->hint.len)
		return;
	va_start(ap, fmt);
	n = vsnprintf(hint, sizeof(hint), fmt, ap);
	va_end(ap);
	if (n > 0 && (size_t)n < sizeof(hint))
		c->hint = arena_dup(c->arena, slice_of(hint, (size_t)n));
}

int qql_check_reversed(struct qql_check *c, const struct qql_test *t,
		       struct span lo, struct span hi)
{
	const struct qql_node *n = t->node;
	bool quoted = n->op != QQL_RANGE;
	int ret = qql_check_fail(
		c, quoted ? n->value->span : (struct span){ lo.start, hi.end },
		"the range begins after its end");

	err_hint(c->err, "write %.*s:%s%s .. %s%s", SLICE_ARG(n->name),
		 n->lo_open ? "(" : "[",
		 qql_diag_show(qql_check_span(c, hi)).text,
		 qql_diag_show(qql_check_span(c, lo)).text,
		 n->hi_open ? ")" : "]");
	return ret;
}
