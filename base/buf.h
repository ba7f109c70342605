/*
 * base/buf.h - a growing byte buffer that is born with a ceiling.
 *
 * A failure (no memory, ceiling reached) is sticky: later appends do nothing,
 * and whoever built the text asks once with buf_error().  The content is not
 * NUL-terminated; buf_cstr() makes it so.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/compiler.h"
#include "base/err.h"
#include "base/slice.h"

struct buf {
	char *p;
	size_t len;
	size_t cap;
	size_t max; /* ceiling in bytes */
	int error;  /* 0, ERR_NO_MEMORY or ERR_LIMIT */
};

void buf_init(struct buf *b, size_t max);
void buf_release(struct buf *b);
static inline void buf_reset(struct buf *b)
{
	b->len = 0;
	b->error = 0;
}

char *buf_grow_slow(struct buf *b, size_t n);

/* Room for `n` more bytes at the end, or NULL; the caller adds to b->len. */
static inline char *buf_grow(struct buf *b, size_t n)
{
	if (likely(!b->error && b->p && n <= b->cap - b->len))
		return b->p + b->len;
	return buf_grow_slow(b, n);
}

static inline void buf_put(struct buf *b, const void *p, size_t n)
{
	char *to = n ? buf_grow(b, n) : NULL;

	if (to) {
		memcpy(to, p, n);
		b->len += n;
	}
}

static inline void buf_putc(struct buf *b, char c)
{
	char *to = buf_grow(b, 1);

	if (to) {
		*to = c;
		b->len++;
	}
}

void buf_puts(struct buf *b, const char *s);
void buf_put_slice(struct buf *b, struct slice s);
void buf_put_u64(struct buf *b, uint64_t v); /* decimal */
void buf_put_i64(struct buf *b, int64_t v);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);

static inline struct slice buf_slice(const struct buf *b)
{
	return slice_of(b->p, b->len);
}
/* "" if the buffer failed; owned by the buffer. */
const char *buf_cstr(struct buf *b);
/* 0, or the sticky error with a message that names `what`. */
MUST_CHECK int buf_error(const struct buf *b, const char *what,
			 struct err *err);

#endif
