/*
 * base/near.c - edit distance between names.
 *
 * Only the cells within `max` of the diagonal can matter, but names are short
 * (LIMIT_NAME), so the plain three-row table is kept and rows are given up on
 * as soon as none of their cells is near enough.
 */
#include "base/near.h"

#include "base/limits.h"

static unsigned char fold(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

static unsigned min2(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Row `i` of the table from the two above it; returns its smallest cell. */
static unsigned fill_row(struct slice a, struct slice b, size_t i,
			 const unsigned *above2, const unsigned *above,
			 unsigned *row)
{
	unsigned best = (unsigned)i;

	row[0] = (unsigned)i;
	for (size_t j = 1; j <= b.len; j++) {
		unsigned char x = fold(a.p[i - 1]), y = fold(b.p[j - 1]);
		unsigned d = min2(above[j], row[j - 1]) + 1;

		d = min2(d, above[j - 1] + (x != y));
		if (i > 1 && j > 1 && x == fold(b.p[j - 2]) &&
		    fold(a.p[i - 2]) == y)
			d = min2(d, above2[j - 2] + 1);
		row[j] = d;
		best = min2(best, d);
	}
	return best;
}

unsigned near_distance(struct slice a, struct slice b, unsigned max)
{
	unsigned cells[3][LIMIT_NAME + 1];
	unsigned *above2 = cells[0], *above = cells[1], *row = cells[2];
	size_t gap = a.len > b.len ? a.len - b.len : b.len - a.len;
	unsigned best_above = 0;

	if (gap > max || a.len > LIMIT_NAME || b.len > LIMIT_NAME)
		return max + 1;
	for (size_t j = 0; j <= b.len; j++)
		above[j] = (unsigned)j;
	for (size_t i = 1; i <= a.len; i++) {
		unsigned best = fill_row(a, b, i, above2, above, row);
		unsigned *free_row = above2;

		/* A transposition reaches two rows up. */
		if (best > max && best_above > max)
			return max + 1;
		best_above = best;
		above2 = above;
		above = row;
		row = free_row;
	}
	return min2(above[b.len], max + 1);
}

void near_init(struct near *n, struct slice wanted)
{
	*n = (struct near){ .wanted = wanted };
	/* One slip in a short word, up to three in a long one. */
	if (wanted.len < 4)
		n->distance = 2;
	else if (wanted.len < 8)
		n->distance = 3;
	else
		n->distance = 4;
}

void near_offer(struct near *n, struct slice candidate)
{
	unsigned d;

	if (n->distance == 0)
		return;
	d = near_distance(n->wanted, candidate, n->distance - 1);
	/* A name of which nothing is left is not near. */
	if (d >= n->distance || d >= candidate.len || d >= n->wanted.len)
		return;
	n->distance = d;
	n->best = candidate;
}
