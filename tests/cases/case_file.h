/*
 * tests/cases/case_file.h - .case files: queries, and what each stage says.
 *
 * A file is a list of blocks separated by blank lines; a line is "key: value",
 * "# comment", or (with a blank in front) belongs to the line above.
 *
 * A block that begins with "case:" is a case.  The other blocks set what holds
 * for the cases below them.  Both may say:
 *
 *   dataset: events          the dataset (default events)
 *   schema: {...}            adds a dataset, on one line
 *   now: 2026-03-15T12:34:56.789Z   the clock (that is the default)
 *   tz: Europe/Berlin        the zone (default UTC)
 *   since: , until:          as the options of the program
 *   show: tokens ast plan rows      what to print (default: ast plan)
 *   row: {...}               a stored message, numbered from 1
 *
 * and a case says what is asked, in one of two ways:
 *
 *   query: severity >= 4     the rest of the line
 *   bytes: a\nb \xff \{3:(}  with escapes: \n \\ \xNN, and \{N:TEXT} for
 *                            TEXT N times
 *
 * What follows is written by the runner: tokens, ast, plan, rows and if-empty
 * (the hint for an empty answer), or the error as a terminal shows it.  `make
 * bless` writes these parts anew; the difference is then reviewed.
 */
#ifndef TESTS_CASE_FILE_H
#define TESTS_CASE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

struct case_line {
	struct slice key;   /* empty: a comment */
	struct slice value; /* without the blank after ":" */
	struct slice raw;   /* the whole line, no newline */
};

struct case_block {
	int line; /* of the file, from 1 */
	bool is_case;
	struct slice raw; /* all lines, with newlines */
	struct case_line *lines;
	size_t n;
};

struct case_file {
	const char *path;
	char *text;
	struct case_block *blocks;
	size_t n;
};

/* Ends the program with a message if the file cannot be read. */
void case_file_read(struct case_file *f, const char *path);
void case_file_free(struct case_file *f);

/* Is this line written by the runner? */
bool case_is_output(struct slice key);
/* The first line with this key; NULL. */
const struct case_line *case_find(const struct case_block *b, const char *key);
/* The case's query as bytes; free() it. */
char *case_query(const struct case_block *b, size_t *len);

#endif
