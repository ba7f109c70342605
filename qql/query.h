/*
 * qql/query.h - query text to plan.
 *
 * Compiling is pure: text, dataset and clock in, plan or one error out.  The
 * error carries the span of the offending text and, when something better is
 * known, a hint.
 */
#ifndef QQL_QUERY_H
#define QQL_QUERY_H

#include "base/arena.h"
#include "base/compiler.h"
#include "base/err.h"
#include "qql/plan.h"
#include "qql/zone.h"
#include "schemas/dataset.h"

struct qql_ast;

struct qql_options {
	const struct dataset *ds;
	int64_t now;                 /* 0: read the clock */
	const struct qql_zone *zone; /* NULL: UTC */
	struct slice since, until;   /* date texts; .p NULL: none */
};

struct qql_query {
	struct slice text;
	const struct qql_ast *ast;
	struct plan plan;
	/* A line worth showing when nothing was found; empty: none. */
	struct slice hint_if_empty;
};

/* Everything lives in `a`.  ERR_SYNTAX, ERR_MEANING, ERR_LIMIT, ERR_NO_MEMORY. */
MUST_CHECK int qql_compile(struct qql_query **out, struct arena *a,
			   const struct qql_options *opt, struct slice text,
			   struct err *err);

/* The stages as text, each stable: what `qql explain` shows. */
MUST_CHECK int qql_print_tokens(struct buf *out, struct slice text,
				struct err *err);
void qql_print_ast(struct buf *out, const struct qql_ast *ast);
/* A query text that parses to the same tree. */
void qql_print_query(struct buf *out, const struct qql_ast *ast);

#endif
