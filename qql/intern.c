/*
 * qql/intern.c - different values of one field, numbered as they come.
 */
#include "qql/intern_int.h"

#include <string.h>

#include "base/hash.h"

void qql_intern_init(struct qql_intern *it, enum value_class class,
		     struct qql_memory *memory)
{
	*it = (struct qql_intern){ .class = class, .memory = memory };
	arena_init(&it->texts, memory->max);
}

void qql_intern_release(struct qql_intern *it)
{
	void *values = it->values, *slots = it->slots;

	if (!it->memory)
		return;
	qql_memory_give(it->memory, it->texts.used);
	arena_release(&it->texts);
	qql_memory_free(it->memory, &values, it->cap, sizeof(*it->values));
	qql_memory_free(it->memory, &slots, it->nslots, sizeof(*it->slots));
	*it = (struct qql_intern){ .memory = NULL };
}

static bool same(const struct qql_intern *it, const struct value *a,
		 const struct value *b)
{
	switch (it->class) {
	case CLASS_TEXT:
		return slice_eq(a->text, b->text);
	case CLASS_NUM:
		return a->num == b->num;
	case CLASS_B16:
		break;
	}
	return memcmp(a->b16, b->b16, sizeof(a->b16)) == 0;
}

static uint32_t hash_of(const struct qql_intern *it, const struct value *v)
{
	uint64_t h;

	if (it->class == CLASS_NUM) {
		/* Fibonacci hashing: the upper bits depend on all. */
		h = (uint64_t)v->num * UINT64_C(0x9e3779b97f4a7c15);
		return (uint32_t)(h >> 32);
	}
	h = it->class == CLASS_TEXT ? hash64(v->text.p, v->text.len) :
				      hash64(v->b16, sizeof(v->b16));
	return (uint32_t)h;
}

static int grow_slots(struct qql_intern *it, struct err *err)
{
	struct qql_intern_slot *old = it->slots;
	uint32_t nold = it->nslots, n = nold ? 2 * nold : 64;
	void *p = NULL, *gone = old;
	int ret =
		qql_memory_grow(it->memory, &p, 0, n, sizeof(*it->slots), err);

	if (ret < 0)
		return ret;
	it->slots = p;
	it->nslots = n;
	for (uint32_t i = 0; i < nold; i++) {
		uint32_t at = old[i].hash & (n - 1);

		if (!old[i].code)
			continue;
		while (it->slots[at].code)
			at = (at + 1) & (n - 1);
		it->slots[at] = old[i];
	}
	qql_memory_free(it->memory, &gone, nold, sizeof(*old));
	return 0;
}

static int append(struct qql_intern *it, const struct value *v, struct err *err)
{
	size_t before = it->texts.used;
	void *values = it->values;
	struct value own = *v;
	int ret;

	if (it->n == it->cap) {
		uint32_t cap = it->cap ? 2 * it->cap : 32;

		ret = qql_memory_grow(it->memory, &values, it->cap, cap,
				      sizeof(*it->values), err);
		if (ret < 0)
			return ret;
		it->values = values;
		it->cap = cap;
	}
	if (it->class == CLASS_TEXT) {
		own.text = arena_dup(&it->texts, v->text);
		if (!own.text.p)
			return err_nomem(err);
		ret = qql_memory_take(it->memory, it->texts.used - before, err);
		if (ret < 0) {
			/* What release gives back has been taken. */
			it->memory->used += it->texts.used - before;
			return ret;
		}
	}
	it->values[it->n++] = own;
	return 0;
}

int qql_intern_add(struct qql_intern *it, const struct value *v, uint32_t *code,
		   struct err *err)
{
	uint32_t hash = hash_of(it, v), at;
	int ret;

	if (2 * (uint64_t)it->n >= it->nslots) {
		ret = grow_slots(it, err);
		if (ret < 0)
			return ret;
	}
	at = hash & (it->nslots - 1);
	for (; it->slots[at].code; at = (at + 1) & (it->nslots - 1)) {
		if (it->slots[at].hash == hash &&
		    same(it, &it->values[it->slots[at].code - 1], v)) {
			*code = it->slots[at].code - 1;
			return 0;
		}
	}
	if (it->frozen) {
		*code = QQL_CODE_OTHER;
		return 0;
	}
	ret = append(it, v, err);
	if (ret < 0)
		return ret;
	it->slots[at] = (struct qql_intern_slot){ hash, it->n };
	*code = it->n - 1;
	return 0;
}

int qql_intern_bytes(struct qql_intern *it, struct slice bytes, uint32_t *code,
		     struct err *err)
{
	struct value v;

	if (it->class == CLASS_TEXT)
		v.text = bytes;
	else
		memcpy(v.b16, bytes.p, sizeof(v.b16));
	return qql_intern_add(it, &v, code, err);
}
