/*
 * index/intern_int.h - the distinct values of a field while a segment grows.
 *
 * Each new value gets the next id.  The table is open addressing; a slot is
 * a 32-bit hash and where the value's record (id, length, bytes) lies, so that
 * a lookup touches two cache lines.  Both are usually far away: who has
 * several values to look up hashes them all first, which fetches the slots.
 */
#ifndef INDEX_INTERN_INT_H
#define INDEX_INTERN_INT_H

#include <stdint.h>
#include <string.h>

#include "base/compiler.h"
#include "base/hash.h"
#include "base/slice.h"

struct index_intern_slot {
	uint32_t hash;
	uint32_t record; /* in units of 8 bytes, + 1; 0: free */
};

struct index_intern_record {
	uint32_t id;
	uint32_t len;
	char bytes[];
};

struct index_intern {
	struct index_intern_slot *slots;
	uint32_t nslots; /* power of two, or 0 */
	uint32_t n;
	uint32_t *entries; /* records by id */
	uint32_t cap;
	uint64_t seed;       /* of the hash, for the owner to set */
	uint32_t last;       /* id found last: neighbours often repeat it */
	uint64_t *memory;    /* records */
	uint32_t used, room; /* in units of 8 bytes */
};

enum { INTERN_FULL = UINT32_MAX };

static inline struct index_intern_record *
index_intern_record(const struct index_intern *t, uint32_t record)
{
	return (struct index_intern_record *)(t->memory + record);
}

/* Value id < t->n; until the next one is put. */
static inline struct slice index_intern_entry(const struct index_intern *t,
					      uint32_t id)
{
	const struct index_intern_record *r =
		index_intern_record(t, t->entries[id]);

	return slice_of(r->bytes, r->len);
}

/* The hash of a value, whose slot is on its way to the cache from now on. */
static inline uint32_t index_intern_hash(const struct index_intern *t,
					 struct slice s)
{
	uint32_t hash = (uint32_t)hash64_seeded(s.p, s.len, t->seed);

	if (t->nslots)
		__builtin_prefetch(&t->slots[hash & (t->nslots - 1)]);
	return hash;
}

/* Is it the value found last? */
static inline bool index_intern_again(const struct index_intern *t,
				      struct slice s)
{
	return t->n && slice_eq(index_intern_entry(t, t->last), s);
}

/* The id of `s`; INTERN_FULL if memory is exhausted. */
uint32_t index_intern_put(struct index_intern *t, struct slice s,
			  uint32_t hash);
/* Forgets the newest values, so that `n` stay. */
void index_intern_cut(struct index_intern *t, uint32_t n);
/* Empties it and keeps the memory. */
void index_intern_clear(struct index_intern *t);
void index_intern_release(struct index_intern *t);

#endif
