/*
 * index/intern.c - the distinct values of a field while a segment grows.
 */
#include "index/intern_int.h"

#include <string.h>

#include "base/hash.h"
#include "base/mem.h"

enum { SLOTS_FIRST = 64, ENTRIES_FIRST = 32, ENTRIES_MAX = 1 << 28 };

static uint32_t hash_of(struct slice s)
{
	return (uint32_t)hash64(s.p, s.len);
}

static void insert(struct index_intern *t, uint32_t hash, uint32_t id)
{
	uint32_t mask = t->nslots - 1, i = hash & mask;

	while (t->slots[i].id)
		i = (i + 1) & mask;
	t->slots[i] = (struct index_intern_slot){ hash, id + 1 };
}

/* Half full is when it doubles: probes stay short. */
static int grow_slots(struct index_intern *t)
{
	struct index_intern_slot *old = t->slots;
	uint32_t n = t->nslots, i;
	struct index_intern_slot *slots =
		mem_calloc(n ? (size_t)n * 2 : SLOTS_FIRST, sizeof(*slots));

	if (!slots)
		return -1;
	t->slots = slots;
	t->nslots = n ? n * 2 : SLOTS_FIRST;
	for (i = 0; i < n; i++)
		if (old[i].id)
			insert(t, old[i].hash, old[i].id - 1);
	mem_free(old);
	return 0;
}

static int make_room(struct index_intern *t)
{
	if (t->n == t->cap) {
		uint32_t cap = t->cap ? t->cap * 2 : ENTRIES_FIRST;
		struct slice *entries;

		if (cap > ENTRIES_MAX)
			return -1;
		entries = mem_realloc_array(t->entries, cap, sizeof(*entries));
		if (!entries)
			return -1;
		t->entries = entries;
		t->cap = cap;
	}
	if ((t->n + 1) * 2 > t->nslots)
		return grow_slots(t);
	return 0;
}

static uint32_t add(struct index_intern *t, struct arena *a, struct slice s,
		    uint32_t hash)
{
	char *copy;

	if (make_room(t) < 0)
		return INTERN_FULL;
	copy = arena_alloc(a, s.len);
	if (!copy)
		return INTERN_FULL;
	if (s.len)
		memcpy(copy, s.p, s.len);
	insert(t, hash, t->n);
	t->entries[t->n] = slice_of(copy, s.len);
	t->bytes += s.len;
	t->last = t->n;
	return t->n++;
}

uint32_t index_intern_put(struct index_intern *t, struct arena *a,
			  struct slice s)
{
	uint32_t hash, mask, i;

	if (t->n && slice_eq(t->entries[t->last], s))
		return t->last;
	hash = hash_of(s);
	if (!t->nslots)
		return add(t, a, s, hash);
	mask = t->nslots - 1;
	for (i = hash & mask; t->slots[i].id; i = (i + 1) & mask) {
		uint32_t id = t->slots[i].id - 1;

		if (t->slots[i].hash == hash && slice_eq(t->entries[id], s)) {
			t->last = id;
			return id;
		}
	}
	return add(t, a, s, hash);
}

void index_intern_cut(struct index_intern *t, uint32_t n)
{
	uint32_t id;

	t->last = 0;
	if (n >= t->n)
		return;
	while (t->n > n)
		t->bytes -= t->entries[--t->n].len;
	memset(t->slots, 0, (size_t)t->nslots * sizeof(*t->slots));
	for (id = 0; id < n; id++)
		insert(t, hash_of(t->entries[id]), id);
}

void index_intern_clear(struct index_intern *t)
{
	if (t->n)
		memset(t->slots, 0, (size_t)t->nslots * sizeof(*t->slots));
	t->n = 0;
	t->last = 0;
	t->bytes = 0;
}

void index_intern_release(struct index_intern *t)
{
	mem_free(t->slots);
	mem_free(t->entries);
	*t = (struct index_intern){ .n = 0 };
}
