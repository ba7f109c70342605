/*
 * base/buf.c - a growing byte buffer with a ceiling.
 *
 * One byte more than `cap` is always allocated, so that buf_cstr() can put its
 * NUL without growing and a buffer filled to its ceiling still has a C string.
 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

enum { FIRST_CAP = 127 };

/* "00" "01" .. "99": two digits per division. */
static const char digit_pairs[] =
	"00010203040506070809101112131415161718192021222324"
	"25262728293031323334353637383940414243444546474849"
	"50515253545556575859606162636465666768697071727374"
	"75767778798081828384858687888990919293949596979899";

void buf_init(struct buf *b, size_t max)
{
	/* The NUL beyond the ceiling must be addressable too. */
	*b = (struct buf){ .max = max < SIZE_MAX ? max : SIZE_MAX - 1 };
}

void buf_release(struct buf *b)
{
	if (!b)
		return;
	mem_free(b->p);
	buf_init(b, b->max);
}

char *buf_grow_slow(struct buf *b, size_t n)
{
	size_t cap;
	char *p;

	if (b->error)
		return NULL;
	if (n > b->max - b->len) {
		b->error = ERR_LIMIT;
		return NULL;
	}
	cap = b->cap > b->max / 2 ? b->max : b->cap * 2 + 1;
	if (cap < FIRST_CAP)
		cap = FIRST_CAP;
	if (cap < b->len + n)
		cap = b->len + n;
	if (cap > b->max)
		cap = b->max;
	p = mem_realloc(b->p, cap + 1);
	if (!p) {
		b->error = ERR_NO_MEMORY;
		return NULL;
	}
	b->p = p;
	b->cap = cap;
	return p + b->len;
}

void buf_puts(struct buf *b, const char *s)
{
	buf_put(b, s, strlen(s));
}

void buf_put_slice(struct buf *b, struct slice s)
{
	buf_put(b, s.p, s.len);
}

void buf_put_u64(struct buf *b, uint64_t v)
{
	char text[20];
	char *p = text + sizeof(text);

	while (v >= 100) {
		p -= 2;
		memcpy(p, digit_pairs + v % 100 * 2, 2);
		v /= 100;
	}
	if (v >= 10) {
		p -= 2;
		memcpy(p, digit_pairs + v * 2, 2);
	} else {
		*--p = (char)('0' + v);
	}
	buf_put(b, p, (size_t)(text + sizeof(text) - p));
}

void buf_put_i64(struct buf *b, int64_t v)
{
	if (v < 0) {
		buf_putc(b, '-');
		buf_put_u64(b, 0 - (uint64_t)v);
	} else {
		buf_put_u64(b, (uint64_t)v);
	}
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	char *p = buf_grow(b, 0);
	va_list ap;
	size_t room;
	int n;

	if (!p)
		return;
	/* The byte for the NUL is there: see the head of this file. */
	room = b->cap - b->len + 1;
	va_start(ap, fmt);
	n = vsnprintf(p, room, fmt, ap);
	va_end(ap);
	if (n < 0) {
		b->error = ERR_LIMIT; /* longer than INT_MAX */
		return;
	}
	if ((size_t)n >= room) {
		p = buf_grow(b, (size_t)n);
		if (!p)
			return;
		va_start(ap, fmt);
		vsnprintf(p, (size_t)n + 1, fmt, ap);
		va_end(ap);
	}
	b->len += (size_t)n;
}

const char *buf_cstr(struct buf *b)
{
	if (b->error || !b->p)
		return "";
	b->p[b->len] = '\0';
	return b->p;
}

int buf_error(const struct buf *b, const char *what, struct err *err)
{
	if (!b->error)
		return 0;
	if (b->error == ERR_NO_MEMORY)
		return err_nomem(err);
	return err_set(err, b->error, "%s is larger than %zu bytes", what,
		       b->max);
}
