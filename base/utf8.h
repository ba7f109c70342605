/*
 * base/utf8.h - strict UTF-8 (RFC 3629): no overlong forms, no surrogates,
 * nothing above U+10FFFF.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

/* Length of the longest valid prefix; equal to s.len if all of it is valid. */
size_t utf8_valid_prefix(struct slice s);
static inline bool utf8_valid(struct slice s)
{
	return utf8_valid_prefix(s) == s.len;
}
/* Decodes the code point at p < end.  Returns its length 1..4, or 0 if the
 * bytes there are not valid UTF-8 (*cp is then unchanged). */
size_t utf8_decode(const char *p, const char *end, uint32_t *cp);
/* Writes 1..4 bytes to out. */
size_t utf8_encode(uint32_t cp, char out[4]);
/* The largest n <= max such that the first n bytes do not cut a code point. */
size_t utf8_cut(struct slice s, size_t max);
/* Unicode White_Space. */
bool utf8_is_space(uint32_t cp);

#endif
