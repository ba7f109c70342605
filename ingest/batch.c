/*
 * ingest/batch.c - the messages of one transaction.
 */
#include "ingest/batch.h"

#include <stdio.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/time.h"
#include "index/builder.h"
#include "index/commit.h"
#include "ingest/deadletter.h"
#include "schemas/decode.h"

/* What one dataset needs. */
struct lane {
	const struct dataset *dataset;
	struct decoder *decoder;
	struct index_builder *builder;
	struct index_sealed *sealed; /* within a commit */
};

struct ingest_batch {
	struct index_store *store;
	struct ingest_stats *stats;
	struct lane lanes[LIMIT_DATASETS];
	size_t nlanes;
	struct lane *last;  /* of the last message: most have one dataset */
	struct lane *dead;
	struct buf letter;  /* a dead letter's JSON */
	uint32_t rows;
	size_t bytes;
};

static struct lane *find_lane(struct ingest_batch *b, const struct dataset *ds)
{
	for (size_t i = 0; i < b->nlanes; i++) {
		if (b->lanes[i].dataset == ds)
			return &b->lanes[i];
	}
	return NULL;
}

int ingest_batch_register(struct ingest_batch *b, const struct dataset *ds,
			  struct err *err)
{
	struct lane *l = &b->lanes[b->nlanes];
	int ret;

	if (find_lane(b, ds))
		return 0;
	if (ds->kind != DATASET_LOG)
		return err_set(err, ERR_UNSUPPORTED,
			       "dataset \"%.*s\" is a table, which cannot be ingested",
			       SLICE_ARG(ds->name));
	if (b->nlanes == LIMIT_DATASETS)
		return err_set(err, ERR_LIMIT, "more than %d datasets",
			       LIMIT_DATASETS);
	*l = (struct lane){ .dataset = ds };
	ret = index_store_register(b->store, ds, err);
	if (ret == 0)
		ret = decoder_new(&l->decoder, ds, err);
	if (ret == 0)
		ret = index_builder_new(&l->builder, ds, err);
	if (ret < 0) {
		decoder_free(l->decoder);
		return ret;
	}
	b->nlanes++;
	b->last = l;
	return 0;
}

int ingest_batch_new(struct ingest_batch **out, struct index_store *store,
		     const struct dataset *deadletters,
		     struct ingest_stats *stats, struct err *err)
{
	struct ingest_batch *b = mem_calloc(1, sizeof(*b));
	int ret;

	if (!b)
		return err_nomem(err);
	b->store = store;
	b->stats = stats;
	buf_init(&b->letter, INGEST_DEADLETTER_MAX);
	ret = ingest_batch_register(b, deadletters, err);
	b->dead = b->last;
	if (ret == 0)
		ret = decoder_set_limit(b->dead->decoder, INGEST_DEADLETTER_MAX,
					err);
	if (ret < 0) {
		ingest_batch_free(b);
		return ret;
	}
	*out = b;
	return 0;
}

void ingest_batch_free(struct ingest_batch *b)
{
	if (!b)
		return;
	for (size_t i = 0; i < b->nlanes; i++) {
		decoder_free(b->lanes[i].decoder);
		index_builder_free(b->lanes[i].builder);
		index_sealed_free(b->lanes[i].sealed);
	}
	buf_release(&b->letter);
	mem_free(b);
}

/* A record without a usable time gets that of its message, else the present. */
static int add_record(struct lane *l, const struct record *rec,
		      int64_t timestamp, struct err *err)
{
	struct record timed;

	if (likely(rec->has_time))
		return index_builder_add(l->builder, rec, err);
	timed = *rec;
	timed.time = timestamp != INGEST_NO_TIME ? timestamp : time_now();
	return index_builder_add(l->builder, &timed, err);
}

static int add_dead(struct ingest_batch *b, const char *source,
		    const struct ingest_message *m, enum refusal reason,
		    struct slice detail, struct err *err)
{
	const struct ingest_deadletter d = {
		.time = time_now(),
		.reason = reason,
		.detail = detail,
		.source = source,
		.message = m,
	};
	struct decode_refusal refused;
	const struct record *rec;
	int ret = ingest_deadletter_write(&b->letter, &d, err);

	if (ret < 0)
		return ret;
	ret = decode_message(b->dead->decoder, buf_slice(&b->letter), &rec,
			     &refused, err);
	if (ret == 1)
		return err_set(err, ERR_INPUT, "a dead letter cannot be stored: %s",
			       refused.detail);
	if (ret == 0)
		ret = add_record(b->dead, rec, d.time, err);
	if (ret < 0)
		return ret;
	ingest_count(&b->stats->refused[reason], 1);
	log_debug("dead letter: %s: %.*s\ttopic=%.*s partition=%d offset=%lld",
		  refusal_name(reason), SLICE_ARG(detail), SLICE_ARG(m->origin),
		  m->partition, (long long)m->offset);
	return 0;
}

static int decode_and_add(struct ingest_batch *b, struct lane *l,
			  const char *source, const struct ingest_message *m,
			  struct err *err)
{
	struct decode_refusal refused;
	const struct record *rec;
	int ret = decode_message(l->decoder, m->payload, &rec, &refused, err);

	if (ret < 0)
		return ret;
	if (unlikely(ret == 1))
		return add_dead(b, source, m, refused.reason,
				slice_str(refused.detail), err);
	ret = add_record(l, rec, m->timestamp, err);
	if (ret == 0)
		ingest_count(&b->stats->events, 1);
	return ret;
}

int ingest_batch_add(struct ingest_batch *b, const char *source,
		     const struct ingest_message *m, struct err *err)
{
	struct lane *l = b->last;
	char detail[DECODE_DETAIL_MAX];
	int ret;

	if (unlikely(l->dataset != m->dataset)) {
		l = find_lane(b, m->dataset);
		if (!l)
			return err_set(err, ERR_INPUT, "dataset \"%.*s\" is not registered",
				       SLICE_ARG(m->dataset->name));
		b->last = l;
	}
	if (m->refused == REFUSED_TOO_LARGE) {
		snprintf(detail, sizeof(detail),
			 "message of %llu bytes, more than %d are not taken",
			 (unsigned long long)m->length, LIMIT_MESSAGE);
		ret = add_dead(b, source, m, m->refused, slice_str(detail), err);
	} else if (m->refused != REFUSED_NOT) {
		ret = add_dead(b, source, m, m->refused, m->detail, err);
	} else if (!m->payload.p) {
		ret = add_dead(b, source, m, REFUSED_NO_VALUE,
			       SLICE_LIT("message without a value"), err);
	} else {
		ret = decode_and_add(b, l, source, m, err);
	}
	if (ret < 0)
		return ret;
	b->rows++;
	b->bytes += m->payload.len;
	ingest_count(&b->stats->bytes, m->length);
	return 0;
}

uint32_t ingest_batch_rows(const struct ingest_batch *b)
{
	return b->rows;
}

bool ingest_batch_full(const struct ingest_batch *b)
{
	return b->rows >= LIMIT_BATCH_ROWS || b->bytes >= LIMIT_BATCH_BYTES;
}

static int seal(struct ingest_batch *b, struct err *err)
{
	int ret = 0;

	for (size_t i = 0; i < b->nlanes && ret == 0; i++) {
		struct lane *l = &b->lanes[i];

		if (index_builder_rows(l->builder) > 0)
			ret = index_builder_seal(l->builder, &l->sealed, err);
	}
	return ret;
}

static int put_position(void *ctx, struct slice key, struct slice value,
			struct err *err)
{
	return value.p ? index_txn_put_position(ctx, key, value, err) :
			 index_txn_delete_position(ctx, key, err);
}

static int store(struct ingest_batch *b, struct ingest_source *const *sources,
		 size_t nsources, struct err *err)
{
	struct index_txn *t;
	int ret = index_txn_begin(&t, b->store, err);

	if (ret < 0)
		return ret;
	for (size_t i = 0; i < b->nlanes && ret == 0; i++) {
		if (b->lanes[i].sealed)
			ret = index_txn_add(t, b->lanes[i].sealed, err);
	}
	for (size_t i = 0; i < nsources && ret == 0; i++)
		ret = sources[i]->ops->positions(sources[i], put_position, t, err);
	if (ret < 0) {
		index_txn_abort(t);
		return ret;
	}
	return index_txn_commit(t, time_now(), err);
}

/* The transaction is durable: count and forget what was sealed. */
static void forget(struct ingest_batch *b, int64_t began)
{
	struct ingest_stats *st = b->stats;

	for (size_t i = 0; i < b->nlanes; i++) {
		struct lane *l = &b->lanes[i];

		if (!l->sealed)
			continue;
		ingest_count(&st->segment_bytes, index_sealed_bytes(l->sealed));
		ingest_count(&st->exceptions, index_sealed_exceptions(l->sealed));
		index_sealed_free(l->sealed);
		l->sealed = NULL;
	}
	ingest_count(&st->commits, 1);
	ingest_count(&st->commit_ns, (uint64_t)(time_monotonic() - began));
	atomic_store(&st->committed_at, time_now());
	b->rows = 0;
	b->bytes = 0;
}

int ingest_batch_commit(struct ingest_batch *b,
			struct ingest_source *const *sources, size_t nsources,
			struct err *err)
{
	int64_t began = time_monotonic();
	int ret = seal(b, err);

	if (ret == 0)
		ret = store(b, sources, nsources, err);
	if (ret < 0)
		return ret;
	forget(b, began);
	for (size_t i = 0; i < nsources && ret == 0; i++)
		ret = sources[i]->ops->committed(sources[i], err);
	return ret;
}
