/*
 * qql/check.c - the tree's shape: names, groups, logic, null.
 */
#include "qql/check_int.h"

#include "qql/diag_int.h"

#define SHOW(s) qql_diag_show(s).text

static int walk(struct qql_check *c, const struct qql_node *n,
		struct plan_node **out);

/* The name with the group around put before it; .p NULL: out of memory. */
static struct slice full_name(struct qql_check *c, struct slice name)
{
	struct slice prefix = c->scope.prefix;
	char *p;

	if (!prefix.len)
		return name;
	p = arena_alloc(c->arena, prefix.len + 1 + name.len);
	if (!p)
		return slice_of(NULL, 0);
	memcpy(p, prefix.p, prefix.len);
	p[prefix.len] = '.';
	memcpy(p + prefix.len + 1, name.p, name.len);
	return slice_of(p, prefix.len + 1 + name.len);
}

static bool is_below(struct slice name, struct slice prefix)
{
	return name.len > prefix.len && name.p[prefix.len] == '.' &&
	       slice_eq_ascii_case(slice_of(name.p, prefix.len), prefix);
}

/* The array of objects that `name` is, or lies in. */
static object_id array_of(const struct dataset *ds, struct slice name)
{
	for (object_id id = 0; id < ds->nobjects; id++) {
		struct slice array = ds->objects[id].name;

		if (slice_eq_ascii_case(array, name) || is_below(name, array))
			return id;
	}
	return OBJECT_NONE;
}

static int unknown_token(struct qql_check *c, const struct qql_node *n,
			 struct slice name)
{
	field_id near = name.len <= LIMIT_NAME ? dataset_nearest(c->ds, name) :
						 FIELD_NONE;
	/* http://x, C:\x */
	bool path = n->op == QQL_MATCH && n->value->quote == QQL_BARE &&
		    n->value->span.start == n->name_span.end + 1 &&
		    strchr("/\\", n->value->raw.p[0]);
	struct slice written = qql_check_span(c, n->span);
	int ret = qql_check_fail(c, n->name_span,
				 "unknown token \"%s\" in dataset %.*s",
				 SHOW(name), SLICE_ARG(c->ds->name));

	if (near != FIELD_NONE)
		err_hint(c->err, "did you mean \"%.*s\"?",
			 SLICE_ARG(c->ds->fields[near].name));
	else if (c->scope.field != FIELD_NONE)
		err_hint(c->err, "quote a value that holds \":\"");
	else if (path)
		err_hint(c->err, "to search for the text itself write \"%s\"",
			 SHOW(written));
	else
		err_hint(c->err, "qql tokens -d %.*s lists them",
			 SLICE_ARG(c->ds->name));
	return ret;
}

/* A name that has tokens below it is used as if it were one. */
static int not_a_token(struct qql_check *c, const struct qql_node *n,
		       struct slice name)
{
	int ret = qql_check_fail(c, n->name_span,
				 "\"%s\" is not a token but holds some",
				 SHOW(name));

	for (field_id id = 0; id < c->ds->nall; id++) {
		if (is_below(c->ds->fields[id].name, name)) {
			err_hint(c->err, "name one of them: %.*s",
				 SLICE_ARG(c->ds->fields[id].name));
			break;
		}
	}
	return ret;
}

/* Inside a group of a field, or of a name that is in none. */
static int walk_scope(struct qql_check *c, const struct qql_node *n,
		      struct qql_scope scope, struct plan_node **out)
{
	struct qql_scope around = c->scope;
	int ret;

	c->scope = scope;
	ret = walk(c, n->kids, out);
	c->scope = around;
	return ret;
}

static int walk_group(struct qql_check *c, const struct qql_node *n,
		      struct plan_node **out)
{
	struct slice name = full_name(c, n->name);
	struct qql_scope scope = c->scope;
	struct plan_node *inner = NULL;
	object_id array;
	int ret;

	if (!name.p)
		return err_nomem(c->err);
	scope.prefix = name;
	scope.field = dataset_find(c->ds, name);
	if (scope.field != FIELD_NONE)
		return walk_scope(c, n, scope, out);
	array = array_of(c->ds, name);
	if (array == OBJECT_NONE && !dataset_is_prefix(c->ds, name))
		return unknown_token(c, n, name);
	if (array == OBJECT_NONE || array == c->scope.element)
		return walk_scope(c, n, scope, out);
	scope.element = array;
	ret = walk_scope(c, n, scope, &inner);
	if (ret < 0)
		return ret;
	ret = qql_node_over(c, PLAN_ELEMENT, n->span, &inner, 1, out);
	if (ret == 0)
		(*out)->object = array;
	return ret;
}

/* At least one element of an array, or one field of an object, is there. */
static int any_below(struct qql_check *c, const struct qql_node *n,
		     struct slice name, struct plan_node **out)
{
	object_id array = dataset_find_object(c->ds, name);
	struct plan_node **kids;
	uint32_t count = 0;
	int ret;

	if (array != OBJECT_NONE) {
		ret = qql_node_new(c, PLAN_ANY_ELEMENT, n->span, out);
		if (ret == 0)
			(*out)->object = array;
		return ret;
	}
	kids = arena_calloc(c->arena, c->ds->nall, sizeof(struct plan_node *));
	if (!kids)
		return err_nomem(c->err);
	for (field_id id = 0; id < c->ds->nall; id++) {
		struct qql_test t = { n, &c->ds->fields[id], id };

		if (!is_below(t.field->name, name))
			continue;
		ret = qql_node_leaf(c, PLAN_PRESENT, &t, &kids[count++]);
		if (ret < 0)
			return ret;
	}
	return qql_node_over(c, PLAN_OR, n->span, kids, count, out);
}

static bool asks_presence(const struct qql_node *n)
{
	return n->op == QQL_NULL ||
	       (n->op == QQL_MATCH && qql_value_is_star(n->value));
}

/* `is [not] null` and `:*` of something that is present as `*out` says. */
static int finish_presence(struct qql_check *c, const struct qql_node *n,
			   struct plan_node **out)
{
	struct plan_node *present = *out;

	if (n->op == QQL_MATCH || n->negated)
		return 0;
	return qql_node_over(c, PLAN_NOT, n->span, &present, 1, out);
}

static bool is_null_word(const struct qql_node *n)
{
	return n->op == QQL_COMPARE && n->cmp <= QQL_NE &&
	       n->value->quote == QQL_BARE &&
	       slice_eq_ascii_case(n->value->raw, SLICE_LIT("null"));
}

static int check_test(struct qql_check *c, const struct qql_test *t,
		      struct plan_node **out)
{
	const struct qql_node *n = t->node;
	struct plan_node *plain;
	int ret;

	if (asks_presence(n)) {
		ret = qql_node_leaf(c, PLAN_PRESENT, t, out);
		return ret < 0 ? ret : finish_presence(c, n, out);
	}
	if (is_null_word(n)) {
		ret = qql_check_fail(c, n->value->span,
				     "\"null\" is not a value");
		err_hint(c->err, "write %.*s is %snull", SLICE_ARG(n->name),
			 n->cmp == QQL_NE ? "not " : "");
		return ret;
	}
	if (field_class(t->field->type) == CLASS_TEXT)
		ret = qql_check_text(c, t, out);
	else
		ret = qql_check_order(c, t, out);
	if (ret < 0)
		return ret;
	if (n->op == QQL_COMPARE && n->cmp == QQL_NE)
		return qql_node_unequal(c, t, out);
	if (n->op != QQL_LIST || !n->negated)
		return 0;
	plain = *out;
	return qql_node_over(c, PLAN_NOT, n->span, &plain, 1, out);
}

static int walk_condition(struct qql_check *c, const struct qql_node *n,
			  struct plan_node **out)
{
	struct slice name = full_name(c, n->name);
	struct qql_test t = { .node = n };
	int ret;

	if (!name.p)
		return err_nomem(c->err);
	t.id = dataset_find(c->ds, name);
	if (t.id != FIELD_NONE) {
		t.field = &c->ds->fields[t.id];
		return check_test(c, &t, out);
	}
	if (dataset_find_object(c->ds, name) == OBJECT_NONE &&
	    !dataset_is_prefix(c->ds, name))
		return unknown_token(c, n, name);
	if (!asks_presence(n))
		return not_a_token(c, n, name);
	ret = any_below(c, n, name, out);
	return ret < 0 ? ret : finish_presence(c, n, out);
}

/* A value alone: free text, or `f:value` inside f:( ... ). */
static int walk_value(struct qql_check *c, const struct qql_node *n,
		      struct plan_node **out)
{
	int ret;

	if (c->scope.field != FIELD_NONE) {
		struct qql_node match = *n;
		struct qql_test t = { &match, &c->ds->fields[c->scope.field],
				      c->scope.field };

		match.op = QQL_MATCH;
		match.name = t.field->name;
		return check_test(c, &t, out);
	}
	if (!c->scope.prefix.len)
		return qql_check_free(c, n, out);
	ret = qql_check_fail(c, n->span,
			     "a value without a token inside \"%s:( )\"",
			     SHOW(c->scope.prefix));
	err_hint(c->err, "write name:%s", SHOW(qql_check_span(c, n->span)));
	return ret;
}

static int walk_kids(struct qql_check *c, enum plan_op op,
		     const struct qql_node *n, struct plan_node **out)
{
	const struct qql_node *before = NULL, *around = c->or_before;
	struct plan_node **kids;
	uint32_t count = 0;
	int ret = 0;

	for (const struct qql_node *kid = n->kids; kid; kid = kid->next)
		count++;
	kids = arena_calloc(c->arena, count, sizeof(struct plan_node *));
	if (!kids)
		return err_nomem(c->err);
	count = 0;
	for (const struct qql_node *kid = n->kids; kid && ret == 0;
	     kid = kid->next) {
		c->or_before = op == PLAN_OR ? before : NULL;
		ret = walk(c, kid, &kids[count++]);
		if (kid->op != QQL_FREE)
			before = kid;
	}
	c->or_before = around;
	return ret < 0 ? ret : qql_node_over(c, op, n->span, kids, count, out);
}

static int walk(struct qql_check *c, const struct qql_node *n,
		struct plan_node **out)
{
	switch (n->op) {
	case QQL_ALL:
		return qql_node_new(c, PLAN_ALL, n->span, out);
	case QQL_AND:
		return walk_kids(c, PLAN_AND, n, out);
	case QQL_OR:
		return walk_kids(c, PLAN_OR, n, out);
	case QQL_NOT:
		return walk_kids(c, PLAN_NOT, n, out);
	case QQL_GROUP:
		return walk_group(c, n, out);
	case QQL_FREE:
		return walk_value(c, n, out);
	case QQL_MATCH:
	case QQL_COMPARE:
	case QQL_RANGE:
	case QQL_LIST:
	case QQL_NULL:
		break;
	}
	return walk_condition(c, n, out);
}

int qql_check_tree(struct qql_check *c, const struct qql_ast *ast,
		   struct plan_node **out)
{
	c->scope = (struct qql_scope){ .field = FIELD_NONE,
				       .element = OBJECT_NONE };
	return walk(c, ast->filter, out);
}
