/*
 * qql/match_dict.c - the entries of a dictionary that meet a condition.
 *
 * A chunk is a run of folded entries, each followed by a byte that stands in
 * no UTF-8 text, so that a search over the whole chunk cannot find the anchor
 * across two of them.
 */
#include "qql/match_int.h"

#include "base/limits.h"
#include "base/mem.h"
#include "schemas/words.h"

enum {
	CHUNK_BYTES = 64 << 10,
	CHUNK_ENTRIES = 4096,
	NOT_UTF8 = 0xff,
};

struct scan {
	struct qql_matcher *m;
	const struct index_column *c;
	uint32_t lo;	  /* id of the chunk's first entry */
	uint32_t entries; /* in the chunk */
	uint64_t *bitmap;
	uint32_t found;
};

/* Folds ASCII in place of fold_append(); false if something else is in it. */
static bool fold_ascii(char *restrict to, const char *restrict from, size_t n)
{
	unsigned char any = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)from[i];

		any |= c;
		to[i] = (char)(c + ((unsigned char)(c - 'A') < 26 ? 32 : 0));
	}
	return any < 0x80;
}

static void fold_entry(struct buf *out, struct slice s)
{
	char *to = buf_grow(out, s.len + 1);

	if (!to)
		return;
	if (fold_ascii(to, s.p, s.len))
		out->len += s.len;
	else
		fold_append(out, s);
	buf_putc(out, (char)NOT_UTF8);
}

static struct slice folded_entry(const struct scan *s, uint32_t i)
{
	uint32_t start = s->m->starts[i];

	return slice_of(s->m->folded.p + start,
			s->m->starts[i + 1] - start - 1);
}

static int examine(struct scan *s, uint32_t i)
{
	uint32_t id = s->lo + i;
	int ret = qql_matcher_test_folded(s->m, index_column_entry(s->c, id),
					  folded_entry(s, i));

	if (ret > 0) {
		s->bitmap[id / 64] |= UINT64_C(1) << (id % 64);
		s->found++;
	}
	return ret;
}

/* The entry of the chunk that byte `at` lies in; not before entry `from`. */
static uint32_t entry_of(const struct scan *s, uint32_t at, uint32_t from)
{
	uint32_t lo = from, hi = s->entries;

	while (hi - lo > 1) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (s->m->starts[mid] <= at)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

static int search_chunk(struct scan *s)
{
	const struct buf *chunk = &s->m->folded;
	struct slice anchor = s->m->anchor;
	uint32_t i = 0;
	int ret;

	while (i < s->entries) {
		if (anchor.len) {
			uint32_t at = s->m->starts[i];
			const char *hit = memmem(chunk->p + at, chunk->len - at,
						 anchor.p, anchor.len);

			if (!hit)
				return 0;
			i = entry_of(s, (uint32_t)(hit - chunk->p), i);
		}
		ret = examine(s, i++);
		if (ret < 0)
			return ret;
	}
	return 0;
}

static void fill_chunk(struct scan *s, uint32_t hi)
{
	struct buf *chunk = &s->m->folded;

	buf_reset(chunk);
	s->entries = 0;
	while (s->lo + s->entries < hi && s->entries < CHUNK_ENTRIES &&
	       chunk->len < CHUNK_BYTES && !chunk->error) {
		s->m->starts[s->entries] = (uint32_t)chunk->len;
		fold_entry(chunk, index_column_entry(s->c, s->lo + s->entries));
		s->entries++;
	}
	s->m->starts[s->entries] = (uint32_t)chunk->len;
}

int qql_matcher_dict(struct qql_matcher *m, const struct index_column *c,
		     uint32_t lo, uint32_t hi, uint64_t *bitmap, uint32_t *n,
		     qql_pause_fn *pause, void *ctx, struct err *err)
{
	struct scan s = { .m = m, .c = c, .lo = lo, .bitmap = bitmap };
	int ret;

	if (!m->starts)
		m->starts = mem_alloc((CHUNK_ENTRIES + 1) * sizeof(*m->starts));
	if (!m->starts)
		return err_nomem(err);
	for (; s.lo < hi; s.lo += s.entries) {
		fill_chunk(&s, hi);
		if (m->folded.error)
			return buf_error(&m->folded, "a folded dictionary",
					 err);
		ret = search_chunk(&s);
		if (ret < 0)
			return err_nomem(err);
		ret = pause(ctx, err);
		if (ret < 0)
			return ret;
	}
	*n = s.found;
	return 0;
}
