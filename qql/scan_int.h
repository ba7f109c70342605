/*
 * qql/scan_int.h - text to tokens: the state behind lex.l.
 *
 * What a run of characters means depends on where it stands, so the scanner
 * follows the query with a small machine of its own (enum qql_where) and a
 * stack of open brackets; the grammar never steers it.  lex.l finds the extent
 * of a chunk, scan.c decides how much of it is the token and what comes next.
 *
 * Every step looks at each byte a bounded number of times: a query of
 * LIMIT_QUERY bytes is read or refused in linear time whatever its shape.
 *
 * The first error wins and ends the scan: qql_scan_fail() notes it, and from
 * then on the scanner returns the error token, at which the parser stops.
 */
#ifndef QQL_SCAN_INT_H
#define QQL_SCAN_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/slice.h"
#include "qql/ast_int.h"
#include "qql/stage_int.h"
#include "schemas/dataset.h"

/* Where in a query the scanner is; one start condition of lex.l each. */
enum qql_where {
	QQL_AT_CONDITION, /* a condition may start */
	QQL_AT_OPERATOR,  /* after a name */
	QQL_AT_VALUE,     /* after `name:` or a comparison */
	QQL_AT_MORE,      /* after a word or a whole condition */
	QQL_AT_INSIDE,    /* in a range or list */
	QQL_AT_STAGE,     /* after "|" */
	QQL_AT_ARGUMENT,  /* after the name of a stage, up to the next "|" */
};

struct qql_bracket {
	int kind;         /* the opening token: TOK_PAREN, TOK_SQUARE, ... */
	struct span span; /* of the opening bracket */
	struct span name; /* before it; empty: none */
	unsigned level;   /* nesting inside */
	bool dots;        /* a ".." has been seen */
};

struct qql_token {
	int kind; /* TOK_*; TOK_END: none yet, or the end */
	struct span span;
};

enum { QQL_FLEX_POOL = 1024 };

struct qql_scan {
	struct arena *arena;
	struct slice text;        /* the query; outlives the tree */
	const struct dataset *ds; /* for hints only; may be NULL */
	struct err *err;          /* may be NULL */
	int code;                 /* 0, or the ERR_* of the first error */

	void *flex;
	const char *flex_text; /* flex's own copy of the text */
	struct span at;        /* flex's match, then the token made of it */
	enum qql_where where;
	uint32_t string_start; /* the open quote */
	bool first;            /* INSIDE: no word of this value yet */
	enum qql_cmp cmp;      /* of the latest TOK_CMP */

	/* Plain parentheses and groups count as levels; one range or list may
	 * stand in the innermost. */
	struct qql_bracket brackets[LIMIT_QUERY_DEPTH + 1];
	unsigned depth;
	uint8_t *ranges;    /* a bit for each "(" that opens a range */
	uint32_t looked_to; /* they are known up to here */
	unsigned level;     /* parentheses, groups and nots around this place */
	struct qql_token last, before; /* the last two tokens */
	struct span name;              /* the latest TOK_NAME */
	uint32_t value_start;          /* of the latest words or string */

	unsigned conditions;
	const struct qql_stage_form *form; /* of the stage; NULL: before any */
	struct qql_stage *stages, *last_stage;
	unsigned nstages;
	struct qql_ast *ast;

	/* flex's few objects: it ends the program when malloc fails. */
	_Alignas(16) unsigned char pool[QQL_FLEX_POOL];
	size_t pool_used;
};

/* Checks length and encoding, and makes the scanner ready. */
MUST_CHECK int qql_scan_init(struct qql_scan *s, struct arena *a,
			     struct slice text, const struct dataset *ds,
			     struct err *err);
/* The next token and its place. */
int qql_scan_next(struct qql_scan *s, struct span *at);
/* The tree of the whole text into s->ast. */
MUST_CHECK int qql_scan_parse(struct qql_scan *s);

/* Notes the first error; returns the error token. */
int qql_scan_fail(struct qql_scan *s, int code, struct span span,
		  const char *fmt, ...) PRINTF_LIKE(4, 5);
void qql_scan_hint(struct qql_scan *s, const char *fmt, ...) PRINTF_LIKE(2, 3);
int qql_scan_nomem(struct qql_scan *s);

static inline struct slice qql_scan_text(const struct qql_scan *s,
					 struct span span)
{
	return slice_of(s->text.p + span.start, span.end - span.start);
}

/* lex.l to scan.c: s->at is the match; the token comes back. */
int qql_scan_chunk(struct qql_scan *s);
int qql_scan_mark(struct qql_scan *s);
int qql_scan_compare(struct qql_scan *s);
void qql_scan_open(struct qql_scan *s);
int qql_scan_string(struct qql_scan *s, int token);
int qql_scan_stray(struct qql_scan *s);
int qql_scan_end(struct qql_scan *s);
void *qql_scan_pool(struct qql_scan *s, size_t size);

/* lex.l: starts flex on `text`, whose last two of `size` bytes are NUL. */
void qql_flex_open(struct qql_scan *s, char *text, size_t size);
int qql_flexlex(void *flex);

#endif
