/*
 * index/set_int.h - a stored set of rows (or elements) of one block.
 *
 * A set without a part holds everything; a dense one is a bitmap with the
 * number of members before every 512th bit; a thin one lists its members.
 *
 *	u32 universe, u32 members, u32 form, u32 zero
 *	dense: u64 words, u32 ranks        thin: u16 or u32 members, ascending
 *
 * Members are numbered in order: member k of the set is value k of a column.
 */
#ifndef INDEX_SET_INT_H
#define INDEX_SET_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"
#include "index/part_int.h"

enum index_set_form {
	SET_DENSE = 0,
	SET_THIN16 = 1,
	SET_THIN32 = 2,
	SET_ALL = 3,   /* not stored */
	SET_EMPTY = 4, /* not stored */
};

enum { SET_HEADER = 16, SET_RANK_BITS = 512 };

struct index_set {
	enum index_set_form form;
	uint32_t universe;
	uint32_t members;
	const char *bits;  /* words, or the list */
	const char *ranks; /* SET_DENSE */
};

static inline struct index_set index_set_all(uint32_t universe)
{
	return (struct index_set){ SET_ALL, universe, universe, NULL, NULL };
}

static inline struct index_set index_set_empty(uint32_t universe)
{
	return (struct index_set){ SET_EMPTY, universe, 0, NULL, NULL };
}

/* Appends bits [0, universe) of `words` from bit `first` on (a multiple of
 * 64), padded to 8 bytes. */
void index_set_encode(struct buf *out, const uint64_t *words, uint32_t first,
		      uint32_t universe);

/* Takes a set off the front of a part; false if it is damaged or not over
 * `universe`. */
bool index_set_open(struct index_set *s, struct slice *part, uint32_t universe);

/* Members below i <= universe, never more than there are. */
uint32_t index_set_rank(const struct index_set *s, uint32_t i);

/* Lists of members: is i one?  *rank is set either way. */
bool index_set_find(const struct index_set *s, uint32_t i, uint32_t *rank);

static inline bool index_set_get(const struct index_set *s, uint32_t i)
{
	uint32_t rank;

	switch (s->form) {
	case SET_ALL:
		return true;
	case SET_EMPTY:
		return false;
	case SET_DENSE:
		return (unsigned char)s->bits[i / 8] >> (i % 8) & 1;
	case SET_THIN16:
	case SET_THIN32:
	default:
		return index_set_find(s, i, &rank);
	}
}

/* If i is a member, its number. */
static inline bool index_set_lookup(const struct index_set *s, uint32_t i,
				    uint32_t *rank)
{
	switch (s->form) {
	case SET_ALL:
		*rank = i;
		return true;
	case SET_EMPTY:
		return false;
	case SET_DENSE:
		if (!((unsigned char)s->bits[i / 8] >> (i % 8) & 1))
			return false;
		*rank = index_set_rank(s, i);
		return *rank < s->members;
	case SET_THIN16:
	case SET_THIN32:
	default:
		return index_set_find(s, i, rank);
	}
}

/* How many members stand in [first, first + n), and the first one's number;
 * never more than n. */
uint32_t index_set_span(const struct index_set *s, uint32_t first, uint32_t n,
			uint32_t *rank);

/* Bit k < nbits of `bits` stands for the k-th member at or above `first` (a
 * multiple of 64): sets the bit of its position, counted from `first`, in
 * `out`, which has n bits, all 0. */
void index_set_deposit(const struct index_set *s, uint32_t first, uint32_t n,
		       const uint64_t *bits, uint32_t nbits, uint64_t *out);

#endif
