/*
 * schemas/fold.c - comparing without case: the simple lower-case mapping of
 * each code point.
 *
 * UTF-8 keeps the order of code points, so folded texts are compared byte by
 * byte.  Bytes that are not UTF-8 stand for themselves.
 */
#include <string.h>

#include "base/utf8.h"
#include "schemas/unicode_int.h"
#include "schemas/words.h"

static inline unsigned char fold_ascii(unsigned char c)
{
	return (unsigned char)(c | ((unsigned)(c - 'A') < 26u) << 5);
}

uint32_t fold_code_point(uint32_t cp)
{
	uint32_t block;

	if (cp < 0x80)
		return fold_ascii((unsigned char)cp);
	if (cp >= unicode_lower_limit)
		return cp;
	block = unicode_lower_index[cp >> LOWER_SHIFT];
	block = unicode_lower_blocks[block << LOWER_SHIFT |
				     (cp & ((1u << LOWER_SHIFT) - 1))];
	return (uint32_t)((int32_t)cp + unicode_lower_delta[block]);
}

/* A folded text, read byte by byte. */
struct folder {
	const char *p;
	const char *end;
	char bytes[4]; /* of the code point in hand */
	unsigned at, n;
};

static struct folder folder_of(struct slice s)
{
	return (struct folder){ .p = s.p, .end = s.p + s.len };
}

static void load(struct folder *f)
{
	uint32_t cp;
	size_t len = utf8_decode(f->p, f->end, &cp);

	f->at = 0;
	if (len == 0) {
		f->bytes[0] = *f->p++;
		f->n = 1;
		return;
	}
	f->p += len;
	f->n = (unsigned)utf8_encode(fold_code_point(cp), f->bytes);
}

/* The next byte, or -1 at the end. */
static inline int next_byte(struct folder *f)
{
	if (f->at == f->n) {
		if (f->p == f->end)
			return -1;
		if ((unsigned char)*f->p < 0x80)
			return fold_ascii((unsigned char)*f->p++);
		load(f);
	}
	return (unsigned char)f->bytes[f->at++];
}

void fold_append(struct buf *out, struct slice s)
{
	struct folder f = folder_of(s);
	/* No mapping makes a code point longer than 3 bytes from 2, and those
	 * of 1 byte stay so. */
	char *p = buf_grow(out, s.len + s.len / 2);
	char *start = p;
	int c;

	if (!p)
		return;
	while ((c = next_byte(&f)) >= 0)
		*p++ = (char)c;
	out->len += (size_t)(p - start);
}

int fold_cmp_ci(struct slice a, struct slice b)
{
	struct folder x = folder_of(a), y = folder_of(b);

	for (;;) {
		int c = next_byte(&x), d = next_byte(&y);

		if (c != d || c < 0)
			return (c > d) - (c < d);
	}
}

int fold_cmp(struct slice a, struct slice b)
{
	int c = fold_cmp_ci(a, b);

	return c ? c : slice_cmp(a, b);
}

bool fold_has_prefix(struct slice s, struct slice folded_prefix)
{
	struct folder f = folder_of(s);

	for (size_t i = 0; i < folded_prefix.len; i++)
		if (next_byte(&f) != (unsigned char)folded_prefix.p[i])
			return false;
	return true;
}
