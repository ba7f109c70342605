/*
 * base/arena.h - memory owned by a phase: a batch, a query, a schema.
 *
 * Blocks are freed together.  A mark remembers a point to rewind to.  With
 * ARENA_DEBUG each object is its own malloc, so that ASan sees overruns.
 * Threads: one at a time.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/slice.h"

struct arena_block;

struct arena {
	struct arena_block *head;
	size_t used;  /* bytes handed out */
	size_t limit; /* ceiling in bytes; an allocation above it is NULL */
};

struct arena_mark {
	struct arena_block *block;
	size_t block_used;
	size_t used;
};

void arena_init(struct arena *a, size_t limit);
void arena_release(struct arena *a);
/* Frees all objects but keeps the memory for the next phase. */
void arena_reset(struct arena *a);

/* Aligned to 8 bytes; NULL if the limit or memory is exhausted. */
MUST_CHECK void *arena_alloc(struct arena *a, size_t size);
MUST_CHECK void *arena_calloc(struct arena *a, size_t n, size_t size);
/* A NUL-terminated copy (the slice does not count the NUL); .p NULL on failure. */
MUST_CHECK struct slice arena_dup(struct arena *a, struct slice s);

struct arena_mark arena_mark(const struct arena *a);
void arena_rewind(struct arena *a, struct arena_mark m);

#endif
