/*
 * qql/look_int.h - reading ahead in a query's text.
 *
 * Pure functions of text and place.  They follow the quoting rules of lex.l:
 * a backslash takes the next code point, a straight quote ends at the same
 * one, a curly quote at any of its kind, a single quote opens a string only
 * where a word would start.
 */
#ifndef QQL_LOOK_INT_H
#define QQL_LOOK_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

/* Bytes of the code point at `at`; 0 at the end. */
uint32_t qql_look_char(struct slice text, uint32_t at);
/* The first place from `at` on that is not White_Space. */
uint32_t qql_look_space(struct slice text, uint32_t at);
/* Does a word end here: the end, space, a control, ( ) [ ] | " ` or a comma? */
bool qql_look_ends_word(struct slice text, uint32_t at);
/* Where the word at `at` ends. */
uint32_t qql_look_word(struct slice text, uint32_t at);
/* Where the name at `at` ends; `at` itself: there is none. */
uint32_t qql_look_name(struct slice text, uint32_t at);
/* Is the whole word at `at` this keyword, ASCII case ignored? */
bool qql_look_keyword(struct slice text, uint32_t at, const char *word);

enum qql_look {
	QQL_LOOK_COMPARE, /* `:` and comparisons */
	QQL_LOOK_ALL,     /* also `is [not] null` and `[not] in (` */
};
/* Where the name at `at` ends if an operator follows it; else `at`. */
uint32_t qql_look_condition(struct slice text, uint32_t at,
			    enum qql_look operators);
/* Does a "(" or a comparison stand at `at`, so that a "not" before is no word? */
bool qql_look_not(struct slice text, uint32_t at);
/* Which brackets open ranges: those with dots before their closing bracket,
 * outside quotes, escapes and inner brackets.  Walks from behind the "(" at
 * `at` - 1 to behind its end, sets the bit (by offset) of it and of each one
 * inside that does, and returns where it stopped.  Brackets deeper than a query
 * may be are left out. */
uint32_t qql_look_ranges(struct slice text, uint32_t at, uint8_t *bits);
/* Where a value that starts at `at` would end if all of it were quoted: before
 * `and`, `or`, "|", a bracket that closes one from before, or the end. */
uint32_t qql_look_value(struct slice text, uint32_t at);
/* The bytes of the first unescaped `c` in `s`; s.len: none. */
uint32_t qql_look_find(struct slice s, char c);
/* Offset of the first unescaped ".." or U+2026 in `s`; s.len: none. */
uint32_t qql_look_dots(struct slice s);

#endif
