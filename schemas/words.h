/*
 * schemas/words.h - words, exactly those of Lucene 9's StandardTokenizer
 * (UAX #29 word boundaries), and the simple lower-case mapping of code points.
 *
 * One pinned table serves words, keywords, patterns, prefixes and ranges.
 * No normalization.
 */
#ifndef SCHEMAS_WORDS_H
#define SCHEMAS_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"

/* Walks over the words of a text (valid UTF-8, else bad bytes split). */
struct words {
	const char *p;
	const char *end;
};
void words_init(struct words *w, struct slice text);
bool words_next(struct words *w, struct slice *word);
bool words_any(struct slice text);

/* Simple lower-case mapping (UnicodeData.txt, field 13). */
uint32_t fold_code_point(uint32_t cp);
/* Appends the folded form of s; bytes that are not UTF-8 are copied. */
void fold_append(struct buf *out, struct slice s);
/* The order of the store's dictionaries: folded bytes, then the bytes. */
int fold_cmp(struct slice a, struct slice b);
/* memcmp order of the folded forms only; 0: equal without case. */
int fold_cmp_ci(struct slice a, struct slice b);
/* Is `folded_prefix` (already folded) the start of the folded form of s? */
bool fold_has_prefix(struct slice s, struct slice folded_prefix);

#endif
