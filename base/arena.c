/*
 * base/arena.c - memory owned by a phase.
 *
 * Blocks form a chain.  `head` is the block being filled; the ones before it
 * are full, the ones after it are spare: left by a rewind, to be filled again.
 * With ARENA_DEBUG a block holds one object and spare ones are freed, so that
 * ASan sees each overrun and each use after a rewind.
 */
#include "base/arena.h"

#include <string.h>

#include "base/mem.h"

#ifdef ARENA_DEBUG
enum { DEBUG = 1 };
#else
enum { DEBUG = 0 };
#endif

enum {
	BLOCK_FIRST = 4 << 10,
	BLOCK_LAST = 1 << 20,
};

struct arena_block {
	struct arena_block *prev;
	struct arena_block *next;
	size_t size;
	size_t used;
	/* Objects; the header is a multiple of 8 bytes, so they are aligned. */
	char data[];
};

void arena_init(struct arena *a, size_t limit)
{
	*a = (struct arena){ .limit = limit };
}

static void free_chain(struct arena_block *b)
{
	while (b) {
		struct arena_block *next = b->next;

		mem_free(b);
		b = next;
	}
}

static struct arena_block *first_block(const struct arena *a)
{
	struct arena_block *b = a->head;

	while (b && b->prev)
		b = b->prev;
	return b;
}

void arena_release(struct arena *a)
{
	if (!a)
		return;
	free_chain(first_block(a));
	arena_init(a, a->limit);
}

/* Takes the first spare block with room out of the chain. */
static struct arena_block *take_spare(struct arena *a, size_t size)
{
	struct arena_block *b = a->head ? a->head->next : NULL;

	while (b && b->size < size)
		b = b->next;
	if (b) {
		b->prev->next = b->next;
		if (b->next)
			b->next->prev = b->prev;
	}
	return b;
}

static struct arena_block *new_block(const struct arena *a, size_t size)
{
	size_t want = a->head ? a->head->size * 2 : BLOCK_FIRST;
	struct arena_block *b;

	if (want > BLOCK_LAST)
		want = BLOCK_LAST;
	if (DEBUG || want < size)
		want = size;
	if (want > SIZE_MAX - sizeof(*b))
		return NULL;
	b = mem_alloc(sizeof(*b) + want);
	if (b)
		b->size = want;
	return b;
}

static struct arena_block *next_block(struct arena *a, size_t size)
{
	struct arena_block *b = take_spare(a, size);

	if (!b)
		b = new_block(a, size);
	if (!b)
		return NULL;
	b->used = 0;
	b->prev = a->head;
	b->next = a->head ? a->head->next : NULL;
	if (b->prev)
		b->prev->next = b;
	if (b->next)
		b->next->prev = b;
	a->head = b;
	return b;
}

void *arena_alloc(struct arena *a, size_t size)
{
	struct arena_block *b = a->head;
	size_t rounded = (size + 7) & ~(size_t)7;
	size_t need = DEBUG ? (size ? size : 1) : rounded;
	void *p;

	if (rounded < size || rounded > a->limit - a->used)
		return NULL;
	if (DEBUG || !b || need > b->size - b->used) {
		b = next_block(a, need);
		if (!b)
			return NULL;
	}
	p = b->data + b->used;
	b->used += need;
	a->used += rounded;
	return p;
}

void *arena_calloc(struct arena *a, size_t n, size_t size)
{
	size_t total;
	void *p;

	if (__builtin_mul_overflow(n, size, &total))
		return NULL;
	p = arena_alloc(a, total);
	if (p)
		memset(p, 0, total);
	return p;
}

struct slice arena_dup(struct arena *a, struct slice s)
{
	char *p = s.len < SIZE_MAX ? arena_alloc(a, s.len + 1) : NULL;

	if (!p)
		return slice_of(NULL, 0);
	if (s.len)
		memcpy(p, s.p, s.len);
	p[s.len] = '\0';
	return slice_of(p, s.len);
}

struct arena_mark arena_mark(const struct arena *a)
{
	return (struct arena_mark){
		.block = a->head,
		.block_used = a->head ? a->head->used : 0,
		.used = a->used,
	};
}

void arena_reset(struct arena *a)
{
	if (DEBUG) {
		arena_release(a);
		return;
	}
	a->head = first_block(a);
	if (a->head)
		a->head->used = 0;
	a->used = 0;
}

void arena_rewind(struct arena *a, struct arena_mark m)
{
	if (!m.block) {
		arena_reset(a);
		return;
	}
	if (DEBUG) {
		free_chain(m.block->next);
		m.block->next = NULL;
	}
	a->head = m.block;
	a->head->used = m.block_used;
	a->used = m.used;
}
