/*
 * index/intern_int.h - the distinct values of a field while a segment grows.
 *
 * Each new value gets the next id; bytes are copied to the caller's arena.
 * The table is open addressing over 32-bit hashes, so that a lookup touches
 * one slot, one entry and its bytes.
 */
#ifndef INDEX_INTERN_INT_H
#define INDEX_INTERN_INT_H

#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/slice.h"

struct index_intern_slot {
	uint32_t hash;
	uint32_t id; /* + 1; 0: free */
};

struct index_intern {
	struct index_intern_slot *slots;
	uint32_t nslots; /* power of two, or 0 */
	struct slice *entries;
	uint32_t n;
	uint32_t cap;
	uint32_t last; /* id found last: neighbours often repeat it */
	uint64_t bytes;
};

enum { INTERN_FULL = UINT32_MAX };

/* The id of `s`; INTERN_FULL if memory is exhausted. */
uint32_t index_intern_put(struct index_intern *t, struct arena *a,
			  struct slice s);
/* Forgets the newest entries, so that `n` stay. */
void index_intern_cut(struct index_intern *t, uint32_t n);
/* Empties it and keeps the memory. */
void index_intern_clear(struct index_intern *t);
void index_intern_release(struct index_intern *t);

#endif
