/*
 * qql/check_int.h - tree to plan: names looked up, values read by type.
 *
 * One struct qql_check lives for one query.  Every function returns 0 or a
 * negative ERR_*, with the error (and its span) in c->err.  Nodes are made in
 * the query's arena.
 */
#ifndef QQL_CHECK_INT_H
#define QQL_CHECK_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "qql/ast_int.h"
#include "qql/number_int.h"
#include "qql/plan.h"
#include "qql/query.h"
#include "qql/value_int.h"

/* What stands around a condition: name:( ... ) */
struct qql_scope {
	struct slice prefix; /* names are below it; empty: none */
	field_id field;      /* a group of this field, else FIELD_NONE */
	object_id element;   /* one element of this array, else OBJECT_NONE */
};

struct qql_check {
	struct arena *arena;
	const struct dataset *ds;
	const struct qql_zone *zone;
	int64_t now;
	struct slice text;
	struct err *err;
	struct buf scratch; /* for folding */
	struct qql_scope scope;
	const struct qql_node *or_before; /* what an `or` joins the node to */
	const struct plan_stage *narrowed; /* `fields` before; NULL: none */
	struct slice hint; /* for an empty answer; the first one counts */
};

/* A condition on one field. */
struct qql_test {
	const struct qql_node *node;
	const struct field *field;
	field_id id;
};

MUST_CHECK int qql_check_tree(struct qql_check *c, const struct qql_ast *ast,
			      struct plan_node **out);

MUST_CHECK int qql_check_stages(struct qql_check *c, const struct qql_ast *ast,
				struct plan *plan);

/* A term as aggregate or key, and the column that it makes; `*key` and `*out`
 * outlive the call (check_aggregate.c). */
struct qql_term;
MUST_CHECK int qql_check_aggregate(struct qql_check *c,
				   const struct qql_term *t,
				   struct plan_aggregate *out,
				   struct plan_column *column);
MUST_CHECK int qql_check_key(struct qql_check *c, const struct qql_term *t,
			     struct plan_key *out, struct plan_column *column);
MUST_CHECK int qql_check_period(struct qql_check *c, const struct qql_term *t,
				struct plan_span *out);
/* A field by its name. */
MUST_CHECK int qql_check_field(struct qql_check *c, const struct qql_term *t,
			       field_id *out);
/* What an unnamed column is called: names as the schema writes them; .p NULL:
 * out of memory. */
MUST_CHECK struct slice qql_check_term_name(struct qql_check *c,
					    const struct qql_term *t);

/* By type of the field (check_text.c, check_order.c). */
MUST_CHECK int qql_check_text(struct qql_check *c, const struct qql_test *t,
			      struct plan_node **out);
MUST_CHECK int qql_check_free(struct qql_check *c, const struct qql_node *n,
			      struct plan_node **out);
MUST_CHECK int qql_check_order(struct qql_check *c, const struct qql_test *t,
			       struct plan_node **out);
/* A condition `date:[since .. until]` from two texts, either may be empty. */
MUST_CHECK int qql_check_window(struct qql_check *c, struct slice since,
				struct slice until, struct plan_node **out);

/* Nodes. */
MUST_CHECK int qql_node_new(struct qql_check *c, enum plan_op op,
			    struct span span, struct plan_node **out);
MUST_CHECK int qql_node_leaf(struct qql_check *c, enum plan_op op,
			     const struct qql_test *t, struct plan_node **out);
/* AND, OR, NOT, ELEMENT over kids, which are copied. */
MUST_CHECK int qql_node_over(struct qql_check *c, enum plan_op op,
			     struct span span, struct plan_node *const *kids,
			     uint32_t n, struct plan_node **out);
/* `f is not null and not f = v`, for a node that is `f = v`. */
MUST_CHECK int qql_node_unequal(struct qql_check *c, const struct qql_test *t,
				struct plan_node **node);

/* Errors and hints. */
int qql_check_fail(struct qql_check *c, struct span span, const char *fmt, ...)
	PRINTF_LIKE(3, 4);
/* token "severity" takes a whole number, not "abc" */
int qql_check_wrong(struct qql_check *c, const struct qql_test *t,
		    struct span span, struct slice text, const char *wanted);
/* A range whose ends stand at these places the wrong way round. */
int qql_check_reversed(struct qql_check *c, const struct qql_test *t,
		       struct span lo, struct span hi);
void qql_check_hint_if_empty(struct qql_check *c, const char *fmt, ...)
	PRINTF_LIKE(2, 3);
static inline struct slice qql_check_span(const struct qql_check *c,
					  struct span span)
{
	return slice_of(c->text.p + span.start, span.end - span.start);
}

/*
 * Ordered types: int, double, bool, date, ip, uuid.
 *
 * A literal is an interval of the type's values: a day is all its instants,
 * 10.0.0.0/8 all its addresses.  A number between two integers is the empty
 * interval between them (start is one above end).
 */
struct qql_key {
	int side; /* -1, 1: below, above all values of the type */
	uint64_t hi, lo;
};
struct qql_interval {
	struct qql_key start, end;
	bool between;             /* an empty interval between two values */
	struct qql_number number; /* of ints, to order two that are between */
};

enum qql_use {
	QQL_USE_MATCH, /* after ":" and in lists */
	QQL_USE_EQUAL, /* after = and != */
	QQL_USE_ORDER, /* after < and the like, and as end of a range */
};
/* A literal with its place, cut out of a value. */
struct qql_literal {
	struct slice text; /* without quotes and escapes */
	struct span span;
	enum qql_use use;
	bool exact; /* in backticks */
};
typedef int qql_read_fn(struct qql_check *c, const struct qql_test *t,
			const struct qql_literal *l, struct qql_interval *out);
qql_read_fn qql_read_int, qql_read_double, qql_read_bool, qql_read_date,
	qql_read_ip, qql_read_uuid;

struct qql_key qql_key_num(int64_t v);
int64_t qql_key_to_num(struct qql_key k);
struct qql_key qql_key_b16(const uint8_t b[16]);
void qql_key_to_b16(struct qql_key k, uint8_t out[16]);
int qql_key_cmp(struct qql_key a, struct qql_key b);
/* One value up or down; past the last one, side 1 or -1. */
struct qql_key qql_key_next(struct qql_key k, enum value_class class);
struct qql_key qql_key_before(struct qql_key k, enum value_class class);

#endif
