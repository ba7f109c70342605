/*
 * qql/stage_int.h - the tree of the pipe stages: what was written.
 *
 * A term is a name, a number, a time span, or a call such as p95(bytes); what
 * it means (a field, a column, an aggregate) depends on its place and is
 * check_stage.c's to say.  Like the tree of the filter it lives in the query's
 * arena, and the constructors return NULL once the parse has failed.
 */
#ifndef QQL_STAGE_INT_H
#define QQL_STAGE_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"

struct qql_scan;

enum qql_stage_kind {
	QQL_STATS,
	QQL_TOP,
	QQL_RARE,
	QQL_TIMECHART,
	QQL_SORT,
	QQL_LIMIT,
	QQL_FIELDS,
};

/* How a stage is called, and how it is written. */
struct qql_stage_form {
	enum qql_stage_kind kind;
	const char *name;
	const char *form;
};
/* By name, ASCII case ignored; NULL: unknown. */
const struct qql_stage_form *qql_stage_find(struct slice name);
const struct qql_stage_form *qql_stage_form(enum qql_stage_kind kind);

enum qql_term_kind { QQL_TERM_NAME, QQL_TERM_NUMBER, QQL_TERM_PERIOD };

struct qql_term;
struct qql_terms {
	struct qql_term *first, *last;
	uint32_t n;
};
struct qql_term {
	enum qql_term_kind kind;
	bool call;        /* with parentheses behind the name */
	bool descending;  /* of `sort` */
	struct span span; /* all of it, without the alias */
	struct span name_span;
	struct slice text; /* the name, number or span */
	struct qql_terms arguments;
	struct slice alias; /* empty: none */
	struct span alias_span;
	struct qql_term *next;
};

struct qql_stage {
	enum qql_stage_kind kind;
	struct span span;
	struct qql_term *number; /* N of top, rare, limit; span of timechart */
	struct qql_terms items;  /* aggregates, the field of top, columns */
	struct qql_terms keys;   /* after `by` */
	struct qql_term *most;   /* `limit` of timechart; NULL: none */
	struct qql_stage *next;
};

static inline struct qql_terms qql_ast_none(void)
{
	return (struct qql_terms){ .n = 0 };
}
struct qql_term *qql_ast_term(struct qql_scan *s, enum qql_term_kind kind,
			      struct span span);
struct qql_term *qql_ast_call(struct qql_term *t, struct span span,
			      struct qql_terms arguments);
struct qql_term *qql_ast_alias(struct qql_term *t, const struct qql_term *name);
struct qql_term *qql_ast_descending(struct qql_term *t);
struct qql_terms qql_ast_one(struct qql_term *t);
struct qql_terms qql_ast_terms(struct qql_scan *s, struct qql_terms list,
			       struct qql_term *t);
struct qql_stage *qql_ast_stage(struct qql_scan *s, enum qql_stage_kind kind,
				struct span span, struct qql_term *number,
				struct qql_terms items, struct qql_terms keys,
				struct qql_term *most);
void qql_ast_append(struct qql_scan *s, struct qql_stage *stage);

/* As it would be written again; " | limit 5". */
void qql_stage_print(struct buf *out, const struct qql_stage *stage);
/* As part of the tree: (limit 5). */
void qql_stage_print_ast(struct buf *out, const struct qql_stage *stage);

#endif
