/*
 * qql/heap.c - rows that come next, the newest on top.
 */
#include "qql/heap_int.h"

#include <stdbool.h>

#include "base/mem.h"

static bool newer(const struct qql_entry *a, const struct qql_entry *b)
{
	if (a->time != b->time)
		return a->time > b->time;
	return a->sequence > b->sequence;
}

int qql_heap_push(struct qql_heap *h, const struct qql_entry *e,
		  struct err *err)
{
	uint32_t i = h->n;

	if (h->n == h->cap) {
		uint32_t cap = h->cap ? 2 * h->cap : 64;
		struct qql_entry *p =
			mem_realloc_array(h->entries, cap, sizeof(*p));

		if (!p)
			return err_nomem(err);
		h->entries = p;
		h->cap = cap;
	}
	h->n++;
	while (i && newer(e, &h->entries[(i - 1) / 2])) {
		h->entries[i] = h->entries[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	h->entries[i] = *e;
	return 0;
}

void qql_heap_pop(struct qql_heap *h)
{
	struct qql_entry e = h->entries[--h->n];
	uint32_t i = 0;

	while (2 * i + 1 < h->n) {
		uint32_t kid = 2 * i + 1;

		if (kid + 1 < h->n &&
		    newer(&h->entries[kid + 1], &h->entries[kid]))
			kid++;
		if (!newer(&h->entries[kid], &e))
			break;
		h->entries[i] = h->entries[kid];
		i = kid;
	}
	if (h->n)
		h->entries[i] = e;
}
