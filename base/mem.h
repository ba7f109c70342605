/*
 * base/mem.h - the heap, with a switch that makes it fail.
 *
 * All of our own allocations pass here, so that a test can make each of them
 * fail in turn (`make torture`).  Blocks are interchangeable with malloc's:
 * mem_free() is free().
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

MUST_CHECK void *mem_alloc(size_t size);
MUST_CHECK void *mem_calloc(size_t n, size_t size);
/* Overflow of n * size is a failure.  On failure the old block stays. */
MUST_CHECK void *mem_realloc_array(void *p, size_t n, size_t size);
MUST_CHECK void *mem_realloc(void *p, size_t size);
MUST_CHECK char *mem_strdup(const char *s);
/* Adds a NUL. */
MUST_CHECK char *mem_memdup_str(const char *p, size_t len);
/* NULL is fine. */
void mem_free(void *p);

/* Test hook, per thread: the nth allocation from now fails (1 = the next),
 * and every later one too; 0 switches it off. */
void mem_fail_after(uint64_t nth);
/* Allocations of this thread since it started: what one step costs. */
uint64_t mem_count(void);

#endif
