/*
 * qql/match_dict.c - the entries of a dictionary that meet a condition.
 *
 * Entries lie end to end, so a search reads them as one text, piece by piece:
 * a piece is folded in one loop and searched for the anchor, and only an entry
 * that has it is looked at by itself.  Folding by bytes is right for ASCII
 * alone; entries of a piece with other bytes in it are each looked at.
 */
#include "qql/match_int.h"

#include "base/compiler.h"
#include "base/limits.h"
#include "base/mem.h"

enum {
	PIECE = 16 << 10,
	/* Words are cut after 255 characters: in a shorter entry none is. */
	UNCUT = 255,
};

struct scan {
	struct qql_matcher *m;
	const struct index_column *c;
	uint64_t *bitmap;
	uint32_t found;
	uint32_t next; /* ids below are decided */
	uint32_t end;  /* of the run */
};

/* Folds ASCII; false if there is something else, which is left as it is. */
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

/* The entry that `at` lies in, which is not below s->next. */
static uint32_t entry_at(const struct scan *s, const char *at)
{
	uint32_t lo = s->next, step = 1, hi;

	while (step < s->end - lo &&
	       index_column_entry(s->c, lo + step).p <= at) {
		lo += step;
		step *= 2;
	}
	hi = step < s->end - lo ? lo + step : s->end;
	while (hi - lo > 1) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (index_column_entry(s->c, mid).p <= at)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

static void accept(struct scan *s, uint32_t id)
{
	s->bitmap[id / 64] |= UINT64_C(1) << (id % 64);
	s->found++;
}

static int examine(struct scan *s, uint32_t id, struct err *err)
{
	int ret = qql_matcher_test(s->m, index_column_entry(s->c, id), err);

	s->next = id + 1;
	if (ret > 0)
		accept(s, id);
	return ret < 0 ? ret : 0;
}

static int examine_up_to(struct scan *s, uint32_t end, struct err *err)
{
	int ret = 0;

	while (s->next < end && ret == 0)
		ret = examine(s, s->next, err);
	return ret;
}

static bool is_word_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_';
}

/* May stand between two parts of one word. */
static bool is_joiner(char c)
{
	return c == '.' || c == ':' || c == '\'' || c == ',' || c == ';';
}

/*
 * What the anchor's neighbours say of an ASCII entry: 1 it matches, 0 not by
 * this place, -1 it must be examined.
 */
static int judge(const struct qql_matcher *m, struct slice entry, size_t at)
{
	const char *p = entry.p + at, *end = p + m->anchor.len;

	if (m->contains)
		return 1;
	if (!m->one_word || entry.len > UNCUT)
		return -1;
	if (at && is_word_byte(p[-1]))
		return 0;
	if (at && is_joiner(p[-1]))
		return -1;
	if (m->word_goes_on || end == entry.p + entry.len)
		return 1;
	if (is_word_byte(*end))
		return 0;
	return is_joiner(*end) ? -1 : 1;
}

/* Entries with the anchor beginning in the first `n` bytes of the piece. */
static int search_piece(struct scan *s, struct slice piece, size_t n,
			struct err *err)
{
	struct slice anchor = s->m->anchor;
	const char *folded = s->m->piece;
	size_t from = 0;

	while (from < n && s->next < s->end) {
		const char *hit = memmem(folded + from, piece.len - from,
					 anchor.p, anchor.len);
		size_t at = hit ? (size_t)(hit - folded) : n;
		struct slice entry;
		uint32_t id;
		int ret;

		if (at >= n)
			return 0;
		id = entry_at(s, piece.p + at);
		entry = index_column_entry(s->c, id);
		from = at + 1;
		/* The start of one entry and the end of another, or damage. */
		if (piece.p + at < entry.p ||
		    piece.p + at + anchor.len > entry.p + entry.len)
			continue;
		ret = judge(s->m, entry, (size_t)(piece.p + at - entry.p));
		if (ret == 0)
			continue;
		if (ret < 0) {
			ret = examine(s, id, err);
			if (ret < 0)
				return ret;
		} else {
			accept(s, id);
			s->next = id + 1;
		}
		if (entry.p + entry.len > piece.p + from)
			from = (size_t)(entry.p + entry.len - piece.p);
	}
	return 0;
}

/* Entries s->next to s->end, whose bytes are `run`. */
static int search_run(struct scan *s, struct slice run, struct err *err)
{
	size_t more = s->m->anchor.len - 1, n;
	int ret = 0;

	for (size_t at = 0; at < run.len && ret == 0; at += n) {
		struct slice piece = slice_of(run.p + at, run.len - at);

		n = piece.len < PIECE ? piece.len : PIECE;
		if (piece.len > n + more)
			piece.len = n + more;
		if (s->next < s->end &&
		    index_column_entry(s->c, s->next).p >= piece.p + n)
			continue; /* decided, as part of a long entry */
		if (fold_ascii(s->m->piece, piece.p, piece.len))
			ret = search_piece(s, piece, n, err);
		else
			ret = examine_up_to(s, entry_at(s, piece.p + n - 1) + 1,
					    err);
	}
	return ret;
}

int qql_matcher_dict(struct qql_matcher *m, const struct index_column *c,
		     uint32_t lo, uint32_t hi, uint64_t *bitmap, uint32_t *n,
		     qql_pause_fn *pause, void *ctx, struct err *err)
{
	struct scan s = { .m = m, .c = c, .bitmap = bitmap };
	int ret;

	if (!m->piece)
		m->piece = mem_alloc(PIECE + m->anchor.len);
	if (!m->piece)
		return err_nomem(err);
	while (lo < hi) {
		uint32_t entries;
		struct slice run = index_column_run(c, lo, &entries);

		s.next = lo;
		s.end = entries < hi - lo ? lo + entries : hi;
		if (m->anchor.len)
			ret = search_run(&s, run, err);
		else
			ret = examine_up_to(&s, s.end, err);
		if (ret == 0)
			ret = pause(ctx, err);
		if (ret < 0)
			return ret;
		lo = s.end;
	}
	*n = s.found;
	return 0;
}
