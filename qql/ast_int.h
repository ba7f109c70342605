/*
 * qql/ast_int.h - the tree of a query: what was written, not what it means.
 *
 * Names are not looked up and values not read; each node carries its place in
 * the text.  `and` and `or` are flat (no AND directly below an AND), and
 * parentheses leave no node.  A tree is at most LIMIT_QUERY_DEPTH groups and
 * nots deep, so walking it may recurse.
 */
#ifndef QQL_AST_INT_H
#define QQL_AST_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

enum qql_quote {
	QQL_BARE,   /* one or several words */
	QQL_QUOTED, /* "..." or '...' */
	QQL_EXACT,  /* `...` */
};

struct qql_value {
	enum qql_quote quote;
	struct span span;       /* quotes included */
	struct slice raw;       /* between the quotes, escapes as written */
	struct qql_value *next; /* in a list */
};

enum qql_cmp {
	QQL_EQ,
	QQL_NE,
	QQL_LT,
	QQL_LE,
	QQL_GT,
	QQL_GE,
};

enum qql_op {
	QQL_ALL, /* the empty query */
	QQL_AND,
	QQL_OR,
	QQL_NOT,
	QQL_GROUP,   /* name:( kids[0] ) */
	QQL_MATCH,   /* name:value */
	QQL_COMPARE, /* name cmp value */
	QQL_RANGE,   /* name:[lo .. hi] */
	QQL_LIST,    /* name:[v, v], name [not] in (v, v) */
	QQL_NULL,    /* name is [not] null */
	QQL_FREE,    /* a value alone */
};

struct qql_node {
	enum qql_op op;
	enum qql_cmp cmp;
	bool negated;          /* LIST, NULL: with `not` inside */
	bool lo_open, hi_open; /* RANGE: "(" and ")" */
	struct span span;
	struct span name_span;
	struct slice name;
	struct qql_value *value;   /* MATCH, COMPARE, FREE; LIST: the first */
	struct qql_value *lo, *hi; /* RANGE; NULL: open end */
	struct qql_node *kids, *last; /* first and last; siblings by `next` */
	struct qql_node *next;
};

struct qql_stage;
struct qql_ast {
	struct qql_node *filter; /* never NULL */
	struct qql_stage *stages; /* in order; NULL: none */
};

/*
 * Constructors, for the grammar.  They return NULL once the parse has failed
 * (out of memory, a limit: the error is in the scan) and then take NULL.
 */
struct qql_scan;

/* A list under construction. */
struct qql_values {
	struct qql_value *first, *last;
	uint32_t n;
};
/* The two ends of a range. */
struct qql_ends {
	struct qql_value *lo, *hi;
};

struct qql_value *qql_ast_value(struct qql_scan *s, enum qql_quote quote,
				struct span span);
struct qql_values qql_ast_values(struct qql_scan *s, struct qql_values list,
				 struct qql_value *v);
struct qql_node *qql_ast_all(struct qql_scan *s, struct span span);
struct qql_node *qql_ast_free(struct qql_scan *s, struct qql_value *v);
/* AND and OR; either side is spliced in if it is of the same kind. */
struct qql_node *qql_ast_join(struct qql_scan *s, enum qql_op op,
			      struct qql_node *a, struct qql_node *b);
struct qql_node *qql_ast_not(struct qql_scan *s, struct span span,
			     struct qql_node *kid);
/* What stands after a name; qql_ast_named() then puts the name to it. */
struct qql_node *qql_ast_match(struct qql_scan *s, struct qql_value *v);
struct qql_node *qql_ast_group(struct qql_scan *s, struct qql_node *kid);
struct qql_node *qql_ast_compare(struct qql_scan *s, enum qql_cmp cmp,
				 struct qql_value *v);
struct qql_node *qql_ast_range(struct qql_scan *s, struct qql_ends ends,
			       bool lo_open, bool hi_open);
struct qql_node *qql_ast_list(struct qql_scan *s, struct qql_values list);
struct qql_node *qql_ast_null(struct qql_scan *s);
struct qql_node *qql_ast_negate(struct qql_node *test);
struct qql_node *qql_ast_named(struct qql_scan *s, struct span span,
			       struct span name, struct qql_node *test);
void qql_ast_root(struct qql_scan *s, struct qql_node *filter);

#endif
