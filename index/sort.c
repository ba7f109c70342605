/*
 * index/sort.c - sorting texts by their bytes, seven at a time, and times by
 * radix.
 *
 * Texts: quicksort on a 64-bit key of the next seven bytes and how many there
 * are (8: more follow).  Those with the same key go on seven bytes further.
 * Paths share long prefixes, so this reads each byte about once where a
 * comparison sort reads it log n times.
 */
#include "index/sort_int.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "schemas/words.h"

enum {
	KEY_BYTES = 7,
	KEY_MORE = 8,
	INSERTION = 12,
	RADIX_BITS = 8,
	RADIX = 1 << RADIX_BITS,
};

struct key {
	uint64_t key;
	uint32_t id;
};

/* What is being compared: folded forms first, then the bytes themselves. */
struct sorter {
	const struct slice *texts;
	const struct slice *then; /* NULL: no two texts are equal */
	uint32_t random;
};

static uint64_t key_at(struct slice s, size_t depth)
{
	size_t left = s.len - depth;
	unsigned char b[8] = { 0 };
	uint64_t v;

	if (left > KEY_BYTES) {
		memcpy(&v, s.p + depth, sizeof(v));
	} else {
		memcpy(b, s.p + depth, left);
		memcpy(&v, b, sizeof(v));
	}
	if (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
		v = __builtin_bswap64(v);
	return (v & ~UINT64_C(0xff)) | (left > KEY_BYTES ? KEY_MORE : left);
}

static bool less(const struct sorter *s, uint32_t a, uint32_t b, size_t depth)
{
	struct slice x = s->texts[a], y = s->texts[b];
	int c = slice_cmp(slice_of(x.p + depth, x.len - depth),
			  slice_of(y.p + depth, y.len - depth));

	if (c == 0 && s->then)
		c = slice_cmp(s->then[a], s->then[b]);
	return c < 0;
}

static void insertion_sort(const struct sorter *s, struct key *k, uint32_t n,
			   size_t depth)
{
	uint32_t i, j;

	for (i = 1; i < n; i++) {
		struct key x = k[i];

		for (j = i; j > 0; j--) {
			const struct key *y = &k[j - 1];

			if (x.key > y->key ||
			    (x.key == y->key && !less(s, x.id, y->id, depth)))
				break;
			k[j] = *y;
		}
		k[j] = x;
	}
}

static uint64_t pivot(struct sorter *s, const struct key *k, uint32_t n)
{
	uint64_t a, b, c;

	s->random = s->random * 1664525 + 1013904223;
	a = k[(s->random >> 8) % n].key;
	b = k[n / 2].key;
	c = k[n - 1].key;
	if (a > b) {
		uint64_t t = a;

		a = b;
		b = t;
	}
	return c < a ? a : c < b ? c : b;
}

/* Three parts: below, equal to and above the pivot. */
static void split(struct key *k, uint32_t n, uint64_t p, uint32_t *lt,
		  uint32_t *gt)
{
	uint32_t lo = 0, i = 0, hi = n;

	while (i < hi) {
		struct key x = k[i];

		if (x.key < p) {
			k[i++] = k[lo];
			k[lo++] = x;
		} else if (x.key > p) {
			k[i] = k[--hi];
			k[hi] = x;
		} else {
			i++;
		}
	}
	*lt = lo;
	*gt = hi;
}

static void rekey(const struct sorter *s, struct key *k, uint32_t n,
		  size_t depth)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		k[i].key = key_at(s->texts[k[i].id], depth);
}

struct range {
	struct key *k;
	uint32_t n;
	size_t depth;
};

static void swap_ranges(struct range *a, struct range *b)
{
	struct range t = *a;

	*a = *b;
	*b = t;
}

static void sort_keys(struct sorter *s, struct range r);

/* Equal without case: the bytes decide, from the start. */
static void sort_equal(const struct sorter *s, struct range r)
{
	struct sorter exact = { s->then, NULL, s->random };

	if (r.n < 2 || !s->then)
		return;
	rekey(&exact, r.k, r.n, 0);
	sort_keys(&exact, (struct range){ r.k, r.n, 0 });
}

/* Recursion takes the two smaller parts, the loop the largest: the stack stays
 * shallow whatever the texts are. */
static void sort_keys(struct sorter *s, struct range r)
{
	while (r.n > INSERTION) {
		uint64_t p = pivot(s, r.k, r.n);
		struct range lo = r, eq = r, hi = r;
		uint32_t lt, gt;

		split(r.k, r.n, p, &lt, &gt);
		lo.n = lt;
		eq.k += lt;
		eq.n = gt - lt;
		hi.k += gt;
		hi.n = r.n - gt;
		if ((p & 0xff) == KEY_MORE) {
			eq.depth += KEY_BYTES;
			rekey(s, eq.k, eq.n, eq.depth);
		} else {
			sort_equal(s, eq);
			eq.n = 0;
		}
		if (lo.n > eq.n)
			swap_ranges(&lo, &eq);
		if (hi.n > eq.n)
			swap_ranges(&hi, &eq);
		sort_keys(s, lo);
		sort_keys(s, hi);
		r = eq;
	}
	insertion_sort(s, r.k, r.n, r.depth);
}

static bool needs_folding(struct slice s)
{
	unsigned found = 0;
	size_t i;

	for (i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];

		found |= (c & 0x80u) | ((unsigned char)(c - 'A') < 26);
	}
	return found != 0;
}

static int fold_texts(const struct slice *entries, uint32_t n, struct arena *a,
		      struct slice *folded)
{
	struct buf b;
	uint32_t i;
	int ret = 0;

	/* A folded form may be longer than its text. */
	buf_init(&b, 4 * LIMIT_VALUE);
	for (i = 0; i < n && ret == 0; i++) {
		folded[i] = entries[i];
		if (!needs_folding(entries[i]))
			continue;
		buf_reset(&b);
		fold_append(&b, entries[i]);
		folded[i] = arena_dup(a, buf_slice(&b));
		if (b.error || !folded[i].p)
			ret = ERR_NO_MEMORY;
	}
	buf_release(&b);
	return ret;
}

static int sort_slices(const struct slice *texts, const struct slice *then,
		       uint32_t n, struct arena *a, uint32_t *order)
{
	struct sorter s = { texts, then, n };
	struct arena_mark mark = arena_mark(a);
	struct key *k = arena_calloc(a, n, sizeof(*k));
	uint32_t i;

	if (!k)
		return ERR_NO_MEMORY;
	for (i = 0; i < n; i++)
		k[i].id = i;
	rekey(&s, k, n, 0);
	sort_keys(&s, (struct range){ k, n, 0 });
	for (i = 0; i < n; i++)
		order[i] = k[i].id;
	arena_rewind(a, mark);
	return 0;
}

int index_sort_texts(const struct slice *entries, uint32_t n, struct arena *a,
		     uint32_t *order, struct slice *folded)
{
	int ret = fold_texts(entries, n, a, folded);

	return ret < 0 ? ret : sort_slices(folded, entries, n, a, order);
}

int index_sort_b16(const struct slice *entries, uint32_t n, struct arena *a,
		   uint32_t *order)
{
	return sort_slices(entries, NULL, n, a, order);
}

struct timed {
	uint64_t time; /* since the earliest */
	uint32_t row;
};

static void radix_pass(const struct timed *from, struct timed *to, uint32_t n,
		       uint32_t shift)
{
	uint32_t count[RADIX] = { 0 }, sum = 0, i;

	for (i = 0; i < n; i++)
		count[from[i].time >> shift & (RADIX - 1)]++;
	for (i = 0; i < RADIX; i++) {
		uint32_t c = count[i];

		count[i] = sum;
		sum += c;
	}
	for (i = 0; i < n; i++)
		to[count[from[i].time >> shift & (RADIX - 1)]++] = from[i];
}

static bool ascending(const int64_t *times, uint32_t n)
{
	uint32_t i;

	for (i = 1; i < n; i++)
		if (times[i] < times[i - 1])
			return false;
	return true;
}

int index_sort_times(const int64_t *times, uint32_t n, struct arena *a,
		     uint32_t *order)
{
	struct arena_mark mark = arena_mark(a);
	struct timed *from, *to, *t;
	uint64_t max = 0;
	int64_t min = INT64_MAX;
	uint32_t i, shift;

	for (i = 0; i < n; i++)
		order[i] = i;
	if (ascending(times, n))
		return 0;
	from = arena_alloc(a, n * sizeof(*from));
	to = arena_alloc(a, n * sizeof(*to));
	if (!from || !to)
		return ERR_NO_MEMORY;
	for (i = 0; i < n; i++)
		min = times[i] < min ? times[i] : min;
	for (i = 0; i < n; i++) {
		from[i] =
			(struct timed){ (uint64_t)times[i] - (uint64_t)min, i };
		max |= from[i].time;
	}
	for (shift = 0; shift < 64 && max >> shift; shift += RADIX_BITS) {
		radix_pass(from, to, n, shift);
		t = from;
		from = to;
		to = t;
	}
	for (i = 0; i < n; i++)
		order[i] = from[i].row;
	arena_rewind(a, mark);
	return 0;
}
