/*
 * index/merge_plan.c - which segments are merged.
 *
 * Neighbours of a class, and lower ones between them, are merged as soon as
 * they make a segment of a higher class.  The classes above 8,192 rows are
 * wide, so that rows are written at most twice more there.  Nothing grows
 * beyond 1/8 of the dataset, because retention drops whole segments; where
 * that is less than a wide class has, FEW segments that use it well will do.
 * Such a segment keeps its class as its level.
 */
#include "base/limits.h"
#include "index/merge_int.h"

enum { SHARE = 8, WIDE = 4, FEW = 4 };

/* The least rows of each class but the first. */
static const uint32_t classes[] = { 16, 128, 1024, 8192, 196608, 655360 };
enum { CLASSES = sizeof(classes) / sizeof(classes[0]) };

uint16_t index_merge_class(uint32_t rows)
{
	uint16_t class = 0;

	while (class < CLASSES && rows >= classes[class])
		class ++;
	return class;
}

static uint16_t class_of(const struct index_descriptor *d)
{
	uint16_t class = index_merge_class(d->rows);

	return d->level > class ? d->level : class;
}

/* The longest stretch from `first` on of segments up to `class` that fits in
 * one of `most` rows. */
static uint32_t stretch(const struct index_descriptor *d, uint32_t n,
			uint32_t first, uint16_t class, uint64_t most,
			uint64_t *rows)
{
	uint32_t i = first;

	*rows = 0;
	while (i < n && i - first < MERGE_INPUTS &&
	       d[i].schema == d[first].schema && class_of(&d[i]) <= class &&
	       *rows + d[i].rows <= most)
		*rows += d[i++].rows;
	return i - first;
}

static bool worth(uint16_t class, uint32_t taken, uint64_t rows, uint64_t most)
{
	return rows >= classes[class] ||
	       (class >= WIDE && taken >= FEW && rows >= most / 2);
}

bool index_merge_choose(const struct index_descriptor *d, uint32_t n,
			bool (*tried)(const void *ctx, uint64_t segment),
			const void *ctx, struct index_merge_plan *out)
{
	uint64_t most = 0, rows;
	uint32_t i, taken;
	uint16_t class;

	for (i = 0; i < n; i++)
		most += d[i].rows;
	most /= SHARE;
	most = most < LIMIT_SEGMENT_ROWS ? most : LIMIT_SEGMENT_ROWS;
	for (class = 0; class < CLASSES; class ++) {
		if (class < WIDE && classes[class] > most)
			return false;
		for (i = 0; i < n; i++) {
			taken = stretch(d, n, i, class, most, &rows);
			if (taken < 2 || !worth(class, taken, rows, most) ||
			    tried(ctx, d[i].segment))
				continue;
			*out = (struct index_merge_plan){ i, taken, class + 1 };
			return true;
		}
	}
	return false;
}
