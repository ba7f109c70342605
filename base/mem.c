/*
 * base/mem.c - the heap, with a switch that makes it fail.
 */
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

static _Thread_local uint64_t count;
static _Thread_local uint64_t fail_from = UINT64_MAX;

static inline int refused(void)
{
	return unlikely(++count >= fail_from);
}

/* malloc(0) and realloc(p, 0) may answer NULL, which would look like a
 * failure, and the second one frees. */
static inline size_t some(size_t size)
{
	return size ? size : 1;
}

void *mem_alloc(size_t size)
{
	return refused() ? NULL : malloc(some(size));
}

void *mem_calloc(size_t n, size_t size)
{
	return refused() ? NULL : calloc(some(n), some(size));
}

void *mem_realloc(void *p, size_t size)
{
	return refused() ? NULL : realloc(p, some(size));
}

void *mem_realloc_array(void *p, size_t n, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(n, size, &total))
		return NULL;
	return mem_realloc(p, total);
}

char *mem_memdup_str(const char *p, size_t len)
{
	char *copy = len < SIZE_MAX ? mem_alloc(len + 1) : NULL;

	if (!copy)
		return NULL;
	if (len)
		memcpy(copy, p, len);
	copy[len] = '\0';
	return copy;
}

char *mem_strdup(const char *s)
{
	return mem_memdup_str(s, strlen(s));
}

void mem_free(void *p)
{
	free(p);
}

void mem_fail_after(uint64_t nth)
{
	fail_from = nth ? count + nth : UINT64_MAX;
}

uint64_t mem_count(void)
{
	return count;
}
