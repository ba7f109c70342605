/*
 * qql/diag_int.h - what is wrong with a query's form, and what was meant.
 *
 * Lexical mistakes are met by the scanner, the others by the parser, which
 * knows from its exact set of expected tokens what the place was for.  Each
 * function notes the error in the scan.
 */
#ifndef QQL_DIAG_INT_H
#define QQL_DIAG_INT_H

#include <stdbool.h>

#include "qql/scan_int.h"

enum {
	QQL_WANTS_VALUE = 1 << 0,
	QQL_WANTS_OPERATOR = 1 << 1,
	QQL_WANTS_NAME = 1 << 2, /* these three in stages only */
	QQL_WANTS_NUMBER = 1 << 3,
	QQL_WANTS_PERIOD = 1 << 4,
};

/* The parser could not use s->last.  Nothing is noted if an error already is. */
void qql_diag_syntax(struct qql_scan *s, unsigned wants);

/* Each of these is true (the error is noted) if the word is at fault. */
bool qql_diag_habit(struct qql_scan *s, struct slice w); /* &&, -name:, in ( */
bool qql_diag_dots(struct qql_scan *s, struct slice w); /* .. outside a range */
bool qql_diag_colon(struct qql_scan *s, struct slice w); /* a:b as a word */
bool qql_diag_runaway(struct qql_scan *s); /* [1 .. 2 and name:x */

/* And these return the error token. */
int qql_diag_bars(struct qql_scan *s);                    /* || */
int qql_diag_comma(struct qql_scan *s);                   /* outside a list */
int qql_diag_in_square(struct qql_scan *s);               /* name in [ */
int qql_diag_inner_bracket(struct qql_scan *s);           /* [ ... ( */
int qql_diag_compare(struct qql_scan *s, struct slice w); /* == <> ! :> */
int qql_diag_unclosed(struct qql_scan *s); /* a string without its end */
int qql_diag_stage(struct qql_scan *s, struct slice w);   /* an unknown one */
int qql_diag_not_a_name(struct qql_scan *s, struct slice w); /* in a stage */
/* As qql_diag_syntax(), behind the name of a stage. */
void qql_diag_in_stage(struct qql_scan *s, unsigned wants);
/* The innermost bracket lacks its end, which would stand before `at`. */
int qql_diag_open_bracket(struct qql_scan *s, uint32_t at);

/* A text for a message: quoted by the caller, cut to a readable length between
 * code points. */
enum { QQL_SHOWN_MAX = 100 };
struct qql_shown {
	char text[QQL_SHOWN_MAX + 4];
};
struct qql_shown qql_diag_show(struct slice s);

#endif
