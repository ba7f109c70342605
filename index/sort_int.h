/*
 * index/sort_int.h - the orders of a segment: of dictionary entries, of rows.
 */
#ifndef INDEX_SORT_INT_H
#define INDEX_SORT_INT_H

#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/slice.h"

/* Sorts n distinct texts by (folded bytes, bytes): order[k] is the k-th text's
 * index.  folded[i] becomes the folded form of entries[i], which borrows from
 * it or from the arena.  ERR_NO_MEMORY. */
MUST_CHECK int index_sort_texts(const struct slice *entries, uint32_t n,
				struct arena *a, uint32_t *order,
				struct slice *folded);

/* Sorts n distinct slices of 16 bytes. */
MUST_CHECK int index_sort_b16(const struct slice *entries, uint32_t n,
			      struct arena *a, uint32_t *order);

/* Stable: order[k] is the row of the k-th time.  `order` holds 0, 1, 2, ... if
 * the times ascend already.  ERR_NO_MEMORY. */
MUST_CHECK int index_sort_times(const int64_t *times, uint32_t n,
				struct arena *a, uint32_t *order);

#endif
