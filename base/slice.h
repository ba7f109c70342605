/*
 * base/slice.h - borrowed bytes, and a place in a text.
 *
 * A slice never owns: whoever hands one out says how long it lives.  It is not
 * terminated and may hold NUL bytes, so no C-string function touches it.
 */
#ifndef BASE_SLICE_H
#define BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slice {
	const char *p;
	size_t len;
};

/* Half-open byte offsets into a text; start == end is a place, not a range. */
struct span {
	uint32_t start;
	uint32_t end;
};

#define SLICE_LIT(s) ((struct slice){ "" s, sizeof(s) - 1 })
/* The same for a static initialiser, which no compound literal can be. */
/* clang-format off */
#define SLICE_INIT(s) { "" s, sizeof(s) - 1 }
/* clang-format on */

static inline struct slice slice_of(const char *p, size_t len)
{
	return (struct slice){ p, len };
}

static inline struct slice slice_str(const char *s)
{
	return (struct slice){ s, s ? strlen(s) : 0 };
}

static inline bool slice_eq(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

/* Byte order; a prefix sorts before what it is a prefix of. */
static inline int slice_cmp(struct slice a, struct slice b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int c = n ? memcmp(a.p, b.p, n) : 0;

	return c ? c : (a.len > b.len) - (a.len < b.len);
}

/* Equal when ASCII letters are folded; other bytes must be the same. */
bool slice_eq_ascii_case(struct slice a, struct slice b);

/* For "%.*s": the length is clamped to what printf can take. */
#define SLICE_ARG(s) ((int)((s).len < 4096 ? (s).len : 4096)), (s).p

#endif
