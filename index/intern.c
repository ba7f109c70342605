/*
 * index/intern.c - the distinct values of a field while a segment grows.
 */
#include "index/intern_int.h"

#include <string.h>

#include "base/mem.h"

enum {
	SLOTS_FIRST = 64,
	ENTRIES_FIRST = 32,
	ENTRIES_MAX = 1 << 28,
	ROOM_FIRST = 256,
	ROOM_MAX = 1 << 28, /* 2 GiB */
};

static void insert(struct index_intern *t, uint32_t hash, uint32_t record)
{
	uint32_t mask = t->nslots - 1, i = hash & mask;

	while (t->slots[i].record)
		i = (i + 1) & mask;
	t->slots[i] = (struct index_intern_slot){ hash, record + 1 };
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
		if (old[i].record)
			insert(t, old[i].hash, old[i].record - 1);
	mem_free(old);
	return 0;
}

static int grow_entries(struct index_intern *t)
{
	uint32_t cap = t->cap ? t->cap * 2 : ENTRIES_FIRST;
	uint32_t *entries;

	if (cap > ENTRIES_MAX)
		return -1;
	entries = mem_realloc_array(t->entries, cap, sizeof(*entries));
	if (!entries)
		return -1;
	t->entries = entries;
	t->cap = cap;
	return 0;
}

static int grow_memory(struct index_intern *t, uint32_t need)
{
	uint32_t room = t->room ? t->room * 2 : ROOM_FIRST;
	uint64_t *memory;

	while (room < need)
		room *= 2;
	if (room > ROOM_MAX)
		return -1;
	memory = mem_realloc_array(t->memory, room, sizeof(*memory));
	if (!memory)
		return -1;
	t->memory = memory;
	t->room = room;
	return 0;
}

static uint32_t record_size(size_t len)
{
	return (uint32_t)((sizeof(struct index_intern_record) + len + 7) / 8);
}

static uint32_t add(struct index_intern *t, struct slice s, uint32_t hash)
{
	struct index_intern_record *r;
	uint32_t size = record_size(s.len);

	if ((t->n == t->cap && grow_entries(t) < 0) ||
	    ((t->n + 1) * 2 > t->nslots && grow_slots(t) < 0) ||
	    (size > t->room - t->used && grow_memory(t, t->used + size) < 0))
		return INTERN_FULL;
	r = index_intern_record(t, t->used);
	r->id = t->n;
	r->len = (uint32_t)s.len;
	if (s.len)
		memcpy(r->bytes, s.p, s.len);
	insert(t, hash, t->used);
	t->entries[t->n] = t->used;
	t->used += size;
	t->last = t->n;
	return t->n++;
}

uint32_t index_intern_put(struct index_intern *t, struct slice s, uint32_t hash)
{
	uint32_t mask = t->nslots - 1, i;

	if (!t->nslots)
		return add(t, s, hash);
	for (i = hash & mask; t->slots[i].record; i = (i + 1) & mask) {
		const struct index_intern_record *r;

		if (t->slots[i].hash != hash)
			continue;
		r = index_intern_record(t, t->slots[i].record - 1);
		if (slice_eq(slice_of(r->bytes, r->len), s)) {
			t->last = r->id;
			return r->id;
		}
	}
	return add(t, s, hash);
}

void index_intern_cut(struct index_intern *t, uint32_t n)
{
	uint32_t id;

	t->last = 0;
	if (n >= t->n)
		return;
	t->used = t->entries[n];
	t->n = n;
	memset(t->slots, 0, (size_t)t->nslots * sizeof(*t->slots));
	for (id = 0; id < n; id++)
		insert(t, index_intern_hash(t, index_intern_entry(t, id)),
		       t->entries[id]);
}

void index_intern_clear(struct index_intern *t)
{
	if (t->n)
		memset(t->slots, 0, (size_t)t->nslots * sizeof(*t->slots));
	t->n = 0;
	t->last = 0;
	t->used = 0;
}

void index_intern_release(struct index_intern *t)
{
	mem_free(t->slots);
	mem_free(t->entries);
	mem_free(t->memory);
	*t = (struct index_intern){ .n = 0 };
}
