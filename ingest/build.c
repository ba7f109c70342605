/*
 * ingest/build.c - messages to segments: the tools of one thread.
 */
#include "ingest/build_int.h"

#include <stdio.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/time.h"
#include "ingest/deadletter.h"
#include "schemas/decode.h"

/* What one dataset needs. */
struct lane {
	const struct dataset *dataset;
	struct decoder *decoder;
	struct index_builder *builder;
};

struct ingest_build {
	struct lane lanes[LIMIT_DATASETS];
	size_t nlanes;
	struct lane *last; /* of the last message: most have one dataset */
	struct lane *dead;
	bool yajl;
	struct buf letter; /* a dead letter's JSON */
	struct ingest_batch *batch; /* the one at hand */
};

static struct lane *find_lane(struct ingest_build *b, const struct dataset *ds)
{
	for (size_t i = 0; i < b->nlanes; i++) {
		if (b->lanes[i].dataset == ds)
			return &b->lanes[i];
	}
	return NULL;
}

int ingest_build_register(struct ingest_build *b, const struct dataset *ds,
			  struct err *err)
{
	struct lane *l = &b->lanes[b->nlanes];
	int ret;

	if (find_lane(b, ds))
		return 0;
	if (b->nlanes == LIMIT_DATASETS)
		return err_set(err, ERR_LIMIT, "more than %d datasets",
			       LIMIT_DATASETS);
	*l = (struct lane){ .dataset = ds };
	ret = decoder_new(&l->decoder, ds, err);
	if (ret == 0)
		ret = index_builder_new(&l->builder, ds, err);
	if (ret < 0) {
		decoder_free(l->decoder);
		return ret;
	}
	if (b->yajl)
		decoder_use_yajl(l->decoder);
	b->nlanes++;
	b->last = l;
	return 0;
}

int ingest_build_new(struct ingest_build **out,
		     const struct dataset *deadletters, bool yajl,
		     struct err *err)
{
	struct ingest_build *b = mem_calloc(1, sizeof(*b));
	int ret;

	if (!b)
		return err_nomem(err);
	b->yajl = yajl;
	buf_init(&b->letter, INGEST_DEADLETTER_MAX);
	ret = ingest_build_register(b, deadletters, err);
	b->dead = b->last;
	if (ret == 0)
		ret = decoder_set_limit(b->dead->decoder, INGEST_DEADLETTER_MAX,
					err);
	if (ret < 0) {
		ingest_build_free(b);
		return ret;
	}
	*out = b;
	return 0;
}

void ingest_build_free(struct ingest_build *b)
{
	if (!b)
		return;
	for (size_t i = 0; i < b->nlanes; i++) {
		decoder_free(b->lanes[i].decoder);
		index_builder_free(b->lanes[i].builder);
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

static int add_dead(struct ingest_build *b, const char *source,
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
	b->batch->refused[reason]++;
	log_debug("dead letter: %s: %.*s\ttopic=%.*s partition=%d offset=%lld",
		  refusal_name(reason), SLICE_ARG(detail), SLICE_ARG(m->origin),
		  m->partition, (long long)m->offset);
	return 0;
}

static int decode_and_add(struct ingest_build *b, struct lane *l,
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
		b->batch->events++;
	return ret;
}

static int add(struct ingest_build *b, const char *source,
	       const struct ingest_message *m, struct err *err)
{
	struct lane *l = b->last;
	char detail[DECODE_DETAIL_MAX];

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
		return add_dead(b, source, m, m->refused, slice_str(detail), err);
	}
	if (m->refused != REFUSED_NOT)
		return add_dead(b, source, m, m->refused, m->detail, err);
	if (!m->payload.p)
		return add_dead(b, source, m, REFUSED_NO_VALUE,
				SLICE_LIT("message without a value"), err);
	return decode_and_add(b, l, source, m, err);
}

static int seal(struct ingest_build *b, struct err *err)
{
	struct ingest_batch *to = b->batch;
	int ret = 0;

	for (size_t i = 0; i < b->nlanes && ret == 0; i++) {
		struct lane *l = &b->lanes[i];

		if (index_builder_rows(l->builder) == 0)
			continue;
		ret = index_builder_seal(l->builder, &to->sealed[to->nsealed], err);
		if (ret == 0)
			to->nsealed++;
	}
	return ret;
}

int ingest_build_run(struct ingest_build *b, struct ingest_batch *batch,
		     struct err *err)
{
	int64_t began;
	int ret = 0;

	b->batch = batch;
	for (uint32_t i = 0; i < batch->n && ret == 0; i++)
		ret = add(b, batch->items[i].source, &batch->items[i].message, err);
	began = time_monotonic();
	if (ret == 0)
		ret = seal(b, err);
	batch->seal_ns = time_monotonic() - began;
	return ret;
}
