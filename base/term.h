/*
 * base/term.h - the one sanitiser: attackers' bytes never reach a terminal raw.
 *
 * C0 controls, DEL, C1 (also encoded in UTF-8), bidirectional controls
 * (U+061C, U+200E/F, U+202A..202E, U+2066..2069), line and paragraph
 * separators, and bytes that are not UTF-8 are shown as \xNN, byte by byte.
 */
#ifndef BASE_TERM_H
#define BASE_TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

enum term_keep {
	TERM_KEEP_NONE = 0,
	TERM_KEEP_NEWLINE = 1 << 0, /* LF passes: multi-line texts of our own */
	TERM_KEEP_TAB = 1 << 1,
};

/* Appends the safe form of `s`. */
void term_escape(struct buf *out, struct slice s, unsigned keep);
/* Cells a terminal uses for `s` after escaping (wide characters are 2). */
size_t term_width(struct slice s);
/* Writes the safe form to f. */
void term_write(FILE *f, struct slice s, unsigned keep);
/* "PROGRAM: message", the query line with a caret if the error has a span and
 * `query` is given, then "hint: ...". */
void term_print_err(FILE *f, const char *program, const struct err *err,
		    struct slice query);
/* The same lines into a buffer, without "PROGRAM: " when program is NULL. */
void term_format_err(struct buf *out, const char *program,
		     const struct err *err, struct slice query);
/* A terminal, NO_COLOR unset and TERM not "dumb". */
bool term_color(FILE *f);
/* Columns of the terminal behind f; 80 if unknown. */
int term_columns(FILE *f);

#endif
