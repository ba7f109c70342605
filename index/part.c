/*
 * index/part.c - padding of sections.
 */
#include "index/part_int.h"

void index_put_pad(struct buf *b, size_t start)
{
	static const char zeros[8];

	buf_put(b, zeros, index_pad8(b->len - start) - (b->len - start));
}

bool index_take_padded(struct slice *s, uint64_t n, const char **p)
{
	if (n > s->len || index_pad8((size_t)n) > s->len)
		return false;
	return index_take(s, index_pad8((size_t)n), p);
}
