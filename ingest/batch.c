/*
 * ingest/batch.c - what one transaction stores, on its way there.
 *
 * A position is a struct entry, its key and its value, one behind the other.
 */
#include "ingest/batch_int.h"

#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "index/commit.h"

enum {
	ITEMS_MIN = 256,
	POSITIONS_MAX = 64 << 20,
};

struct entry {
	uint32_t key;
	uint32_t value;
	uint32_t gone; /* the position is to be deleted */
};

void ingest_batch_init(struct ingest_batch *b)
{
	memset(b, 0, sizeof(*b));
	buf_init(&b->positions, POSITIONS_MAX);
}

static void empty(struct ingest_batch *b)
{
	for (size_t i = 0; i < b->nsealed; i++)
		index_sealed_free(b->sealed[i]);
	b->nsealed = 0;
	b->n = 0;
	b->bytes = 0;
	b->length = 0;
	b->events = 0;
	memset(b->refused, 0, sizeof(b->refused));
	b->seal_ns = 0;
	buf_reset(&b->positions);
}

void ingest_batch_release(struct ingest_batch *b)
{
	empty(b);
	mem_free(b->items);
	buf_release(&b->positions);
}

static int grow(struct ingest_batch *b, struct err *err)
{
	uint32_t cap = b->cap ? 2 * b->cap : ITEMS_MIN;
	void *p = mem_realloc_array(b->items, cap, sizeof(*b->items));

	if (!p)
		return err_nomem(err);
	b->items = p;
	b->cap = cap;
	return 0;
}

int ingest_batch_add(struct ingest_batch *b, const char *source,
		     const struct ingest_message *m, struct err *err)
{
	int ret = b->n == b->cap ? grow(b, err) : 0;

	if (ret < 0)
		return ret;
	b->items[b->n++] = (struct ingest_item){ .message = *m, .source = source };
	b->bytes += m->payload.len;
	b->length += m->length;
	return 0;
}

int ingest_batch_position(void *ctx, struct slice key, struct slice value,
			  struct err *err)
{
	struct ingest_batch *b = ctx;
	const struct entry e = {
		.key = (uint32_t)key.len,
		.value = (uint32_t)value.len,
		.gone = !value.p,
	};

	buf_put(&b->positions, &e, sizeof(e));
	buf_put_slice(&b->positions, key);
	buf_put_slice(&b->positions, value);
	return buf_error(&b->positions, "the positions of a batch", err);
}

static int put_positions(const struct ingest_batch *b, struct index_txn *t,
			 struct err *err)
{
	const char *p = b->positions.p;
	size_t at = 0;
	int ret = 0;

	while (at < b->positions.len && ret == 0) {
		struct slice key, value;
		struct entry e;

		memcpy(&e, p + at, sizeof(e));
		key = slice_of(p + at + sizeof(e), e.key);
		value = slice_of(key.p + e.key, e.value);
		at += sizeof(e) + e.key + e.value;
		ret = e.gone ? index_txn_delete_position(t, key, err) :
			       index_txn_put_position(t, key, value, err);
	}
	return ret;
}

static int commit(const struct ingest_batch *b, struct index_store *store,
		  struct err *err)
{
	struct index_txn *t;
	int ret = index_txn_begin(&t, store, err);

	if (ret < 0)
		return ret;
	for (size_t i = 0; i < b->nsealed && ret == 0; i++)
		ret = index_txn_add(t, b->sealed[i], err);
	if (ret == 0)
		ret = put_positions(b, t, err);
	if (ret < 0) {
		index_txn_abort(t);
		return ret;
	}
	return index_txn_commit(t, time_now(), err);
}

int ingest_batch_store(struct ingest_batch *b, struct index_store *store,
		       struct ingest_stats *stats, struct err *err)
{
	int64_t began = time_monotonic();
	int ret = commit(b, store, err);

	if (ret < 0)
		return ret;
	for (size_t i = 0; i < b->nsealed; i++) {
		ingest_count(&stats->segment_bytes, index_sealed_bytes(b->sealed[i]));
		ingest_count(&stats->exceptions, index_sealed_exceptions(b->sealed[i]));
	}
	for (unsigned i = 0; i < INGEST_REFUSALS; i++)
		ingest_count(&stats->refused[i], b->refused[i]);
	ingest_count(&stats->events, b->events);
	ingest_count(&stats->bytes, b->length);
	ingest_count(&stats->commits, 1);
	ingest_count(&stats->commit_ns,
		     (uint64_t)(b->seal_ns + time_monotonic() - began));
	atomic_store(&stats->committed_at, time_now());
	empty(b);
	return 0;
}
