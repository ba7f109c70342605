/*
 * qql/memory.c - what an aggregating query may keep.
 */
#include "qql/memory_int.h"

#include <string.h>

#include "base/mem.h"

int qql_memory_take(struct qql_memory *m, size_t bytes, struct err *err)
{
	if (bytes <= m->max && m->used <= m->max - bytes) {
		m->used += bytes;
		return 0;
	}
	err_set(err, ERR_LIMIT,
		"groups and values of the query do not fit into %zu MiB",
		m->max >> 20);
	err_hint(err, "narrow the query down, or group by fewer keys");
	return ERR_LIMIT;
}

int qql_memory_grow(struct qql_memory *m, void **array, size_t old, size_t n,
		    size_t size, struct err *err)
{
	void *p;
	int ret;

	if (n > SIZE_MAX / size)
		return err_nomem(err);
	ret = qql_memory_take(m, (n - old) * size, err);
	if (ret < 0)
		return ret;
	p = mem_realloc_array(*array, n, size);
	if (!p) {
		qql_memory_give(m, (n - old) * size);
		return err_nomem(err);
	}
	memset((char *)p + old * size, 0, (n - old) * size);
	*array = p;
	return 0;
}

void qql_memory_free(struct qql_memory *m, void **array, size_t n, size_t size)
{
	if (*array)
		qql_memory_give(m, n * size);
	mem_free(*array);
	*array = NULL;
}
