/*
 * index/template.c - the slots and templates of a growing segment.
 *
 * A sequence of keys that was seen before is recognised by its hash, which is
 * not compared further: whatever a template gets wrong, the proof of each
 * row's source finds, and the row is kept whole.
 */
#include "index/template_int.h"

#include <string.h>

#include "base/hash.h"
#include "base/limits.h"
#include "base/mem.h"
#include "index/part_int.h"

enum {
	TABLE_SLOTS = 4 * TEMPLATE_SLOTS,
	STACK_DEPTH = LIMIT_JSON_DEPTH + 2,
};

int index_templates_init(struct index_templates *t, uint32_t nfields)
{
	*t = (struct index_templates){ .nfields = nfields };
	buf_init(&t->keys, TEMPLATE_KEY_BYTES);
	t->slot_of_field = mem_calloc(nfields, sizeof(*t->slot_of_field));
	t->table = mem_calloc(TABLE_SLOTS, sizeof(*t->table));
	t->seen = mem_calloc(TEMPLATE_MEMORY, sizeof(*t->seen));
	t->slots = mem_calloc(64, sizeof(*t->slots));
	if (!t->slot_of_field || !t->table || !t->seen || !t->slots)
		return ERR_NO_MEMORY;
	t->slot_cap = 64;
	index_templates_clear(t);
	return 0;
}

static void release_template(struct index_tmpl *tm)
{
	mem_free(tm->node_of);
	mem_free(tm->nodes);
	mem_free(tm->edges);
	*tm = (struct index_tmpl){ .nslots = 0 };
}

void index_templates_release(struct index_templates *t)
{
	uint32_t i;

	for (i = 0; i < t->tmpl_cap; i++)
		release_template(&t->tmpls[i]);
	mem_free(t->tmpls);
	mem_free(t->slots);
	mem_free(t->slot_of_field);
	mem_free(t->table);
	mem_free(t->seen);
	mem_free(t->row);
	mem_free(t->stack);
	buf_release(&t->keys);
	*t = (struct index_templates){ .nslots = 0 };
}

/* More templates than this give their memory back. */
enum { TEMPLATES_WARM = 64 };

void index_templates_clear(struct index_templates *t)
{
	uint32_t i;

	for (i = TEMPLATES_WARM; i < t->tmpl_cap; i++)
		release_template(&t->tmpls[i]);
	t->ntmpls = 0;
	t->nrecent = 0;
	t->work = 0;
	memset(t->slot_of_field, 0, t->nfields * sizeof(*t->slot_of_field));
	memset(t->table, 0, TABLE_SLOTS * sizeof(*t->table));
	memset(t->seen, 0, TEMPLATE_MEMORY * sizeof(*t->seen));
	buf_reset(&t->keys);
	t->slots[SLOT_ROOT] =
		(struct index_slot){ .field = FIELD_NONE, .object = true };
	t->nslots = 1;
}

static struct slice slot_key(const struct index_templates *t,
			     const struct index_slot *s)
{
	return slice_of(t->keys.p + s->key, s->key_len);
}

/* A field has one key below a parent, so only other keys are compared: if some
 * schema had two, rows would turn out to differ and be kept whole. */
static inline bool slot_is(const struct index_templates *t,
			   const struct index_slot *s, uint16_t parent,
			   const struct item *it)
{
	return s->parent == parent && s->field == it->field &&
	       s->key_len == it->key.len &&
	       (s->field != FIELD_NONE ||
		(s->object == (it->kind == ITEM_OPEN) &&
		 slice_eq(slot_key(t, s), it->key)));
}

/* A key seen for the first time at this place; 0 if there is no room for it,
 * ERR_NO_MEMORY. */
static int new_slot(struct index_templates *t, uint16_t parent,
		    const struct item *it)
{
	struct index_slot *s;
	uint16_t *of_field;

	if (t->nslots == TEMPLATE_SLOTS || it->key.len > TEMPLATE_KEY)
		return 0;
	if (t->nslots == t->slot_cap) {
		s = mem_realloc_array(t->slots, (size_t)t->slot_cap * 2,
				      sizeof(*s));
		if (!s)
			return ERR_NO_MEMORY;
		t->slots = s;
		t->slot_cap *= 2;
	}
	s = &t->slots[t->nslots];
	*s = (struct index_slot){
		.parent = parent,
		.field = it->field,
		.object = it->kind == ITEM_OPEN,
		.key = (uint32_t)t->keys.len,
		.key_len = (uint16_t)it->key.len,
	};
	buf_put_slice(&t->keys, it->key);
	if (t->keys.error == ERR_NO_MEMORY) {
		t->keys.error = 0;
		return ERR_NO_MEMORY;
	}
	if (t->keys.error)
		return 0;
	if (it->field < t->nfields) {
		of_field = &t->slot_of_field[it->field];
		s->sibling = *of_field;
		*of_field = (uint16_t)t->nslots;
	}
	return (int)t->nslots++;
}

static int find_slot(struct index_templates *t, uint16_t parent,
		     const struct item *it)
{
	uint64_t hash =
		hash64(it->key.p, it->key.len) + parent * 0x9e3779b97f4a7c15;
	uint32_t i = (uint32_t)(hash >> 32) % TABLE_SLOTS;
	int slot;

	for (; t->table[i]; i = (i + 1) % TABLE_SLOTS)
		if (slot_is(t, &t->slots[t->table[i]], parent, it))
			return t->table[i];
	slot = new_slot(t, parent, it);
	if (slot > 0)
		t->table[i] = (uint16_t)slot;
	return slot;
}

/* The slot of an item, by what stood behind `before` last time. */
static int slot_of(struct index_templates *t, uint16_t parent, uint16_t before,
		   const struct item *it)
{
	uint16_t guess = t->slots[before].next;
	int slot;

	if (guess && slot_is(t, &t->slots[guess], parent, it))
		return guess;
	guess = it->field < t->nfields ? t->slot_of_field[it->field] : 0;
	if (guess && slot_is(t, &t->slots[guess], parent, it))
		return guess;
	slot = find_slot(t, parent, it);
	if (slot > 0)
		t->slots[before].next = (uint16_t)slot;
	return slot;
}

static uint64_t mix(uint64_t hash, uint16_t slot)
{
	hash = (hash ^ slot) * 0x9e3779b97f4a7c15;
	return hash ^ hash >> 29;
}

/* Fills t->row.  1: done, 0: the record can have no template. */
static int resolve(struct index_templates *t, const struct record *rec,
		   uint64_t *hash)
{
	uint16_t stack[STACK_DEPTH], before = SLOT_ROOT;
	uint32_t depth = 0, i;
	uint64_t h = rec->spaced ? 0x165667b19e3779f9 : 0x27d4eb2f165667c5;

	stack[0] = SLOT_ROOT;
	for (i = 0; i < rec->nitems; i++) {
		const struct item *it = &rec->items[i];
		int slot;

		if (it->kind == ITEM_CLOSE) {
			if (depth == 0)
				return 0;
			before = stack[depth--];
			t->row[i] = SLOT_CLOSE;
			h = mix(h, SLOT_CLOSE);
			continue;
		}
		slot = slot_of(t, stack[depth], before, it);
		if (slot <= 0)
			return slot;
		before = (uint16_t)slot;
		t->row[i] = before;
		h = mix(h, before);
		if (it->kind != ITEM_OPEN)
			continue;
		if (++depth == STACK_DEPTH)
			return 0;
		stack[depth] = before;
	}
	t->nrow = rec->nitems;
	*hash = h;
	return depth == 0;
}

static int row_room(struct index_templates *t, uint32_t n)
{
	uint16_t *row;

	if (n <= t->row_cap)
		return 0;
	n = n < 256 ? 256 : n * 2;
	row = mem_realloc_array(t->row, n, sizeof(*row));
	if (!row)
		return ERR_NO_MEMORY;
	t->row = row;
	t->row_cap = n;
	return 0;
}

int index_templates_place(struct index_templates *t, const struct record *rec,
			  uint16_t *tmpl)
{
	struct index_seen *seen;
	uint64_t hash = 0;
	int ret;

	*tmpl = TEMPLATE_NONE;
	/* Keys, and an open and a close for each. */
	if (!rec->regular || rec->nitems > 3 * LIMIT_KEYS)
		return 0;
	ret = row_room(t, rec->nitems);
	if (ret < 0)
		return ret;
	ret = resolve(t, rec, &hash);
	if (ret <= 0)
		return ret;
	seen = &t->seen[hash % TEMPLATE_MEMORY];
	if (!seen->used || seen->hash != hash) {
		ret = index_templates_fit(t, rec->spaced, tmpl);
		if (ret < 0)
			return ret;
		*seen = (struct index_seen){ hash, *tmpl, true };
	}
	*tmpl = seen->tmpl;
	return 0;
}
