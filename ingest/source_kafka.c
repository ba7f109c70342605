/*
 * ingest/source_kafka.c - topics of a Kafka cluster, every record exactly once.
 *
 * A partition is UNCHECKED until the watch has said that it still holds what
 * was stored of it; only RUNNING ones give messages.  It is checked at start,
 * when the client reports its offset out of range, and after the connection or
 * the topic was lost, for what comes back may be another topic of that name.
 * A checked partition is started by assigning all running ones anew at their
 * next offsets: seek and pause/resume do not recover from an offset that is
 * out of range, and closing hangs after them (librdkafka 2.0.2).
 *
 * Whatever the client delivers twice, for example after such an assignment, is
 * below the next offset and skipped.  Offsets that are missing in between are
 * no loss: transactions and compaction leave such holes.
 */
#include "ingest/source_kafka.h"

#include <errno.h>
#include <inttypes.h>
#include <librdkafka/rdkafka.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/time.h"
#include "index/commit.h"
#include "ingest/position.h"
#include "ingest/source_kafka_int.h"

/* A broker of many may be down for long, and each attempt to reach it looks
 * like a connection lost: partitions are not checked more often than this. */
#define CHECK_EVERY (5 * NS_PER_S)

enum {
	FETCH = 1024,                         /* messages taken at once */
	HELD_MAX = LIMIT_QUEUE_ROWS + 2 * FETCH, /* until the commit */
	NOTHING_STORED = -1,                  /* partition.next: from the beginning */
};

enum partition_state { UNCHECKED, CHECKED, RUNNING };

struct partition {
	uint32_t topic;
	int32_t id;
	enum partition_state state;
	uint32_t ticket;      /* of the newest question */
	uint32_t incarnation;
	int64_t next;         /* first offset not given out */
	struct ingest_kafka_last last; /* the record before it, when known and
					* `newest` is NULL */
	const rd_kafka_message_t *newest; /* given out since the last
					   * batch */
	bool dirty;           /* its position must be stored */
	bool has_gap;         /* a dead letter waits to be given out */
	int64_t gap_offset;
	char detail[192];     /* of the gap; stays until the commit */
	bool ended;           /* --once: all is read */
};

struct topic {
	struct partition **partitions; /* index: id */
	int32_t npartitions;
};

struct kafka_source {
	struct ingest_source base;
	struct ingest_kafka_options o;
	struct ingest_kafka_trouble trouble;
	struct ingest_kafka_watch *watch;
	rd_kafka_t *rk;
	rd_kafka_queue_t *queue;
	struct topic *topics; /* index: o.topics */
	/* Messages taken from the client: [0, given) are kept for the commit,
	 * [given, taken) are to be looked at. */
	rd_kafka_message_t **held;
	size_t given, taken;
	/* Batches closed and not yet durable, from the oldest: how many of
	 * [0, given) each holds.  Their sum is `closed`. */
	size_t batches[LIMIT_QUEUE_BATCHES];
	unsigned nbatches;
	size_t closed;
	uint64_t news;     /* messages and gaps given out since the last batch */
	bool holds;        /* answers wait for a commit */
	int64_t checked_at;
	unsigned gaps;     /* partitions with has_gap */
	/* The topic of the last message: most have the same one. */
	const rd_kafka_topic_t *last_handle;
	uint32_t last_topic;
};

static struct ingest_kafka_key key_of(const struct kafka_source *k,
				      const struct partition *p)
{
	return (struct ingest_kafka_key){
		.cluster = slice_str(ingest_kafka_watch_cluster(k->watch)),
		.topic = slice_str(k->o.topics[p->topic].name),
		.partition = (uint32_t)p->id,
		.incarnation = p->incarnation,
	};
}

struct load {
	const struct kafka_source *k;
	struct partition *p;
	struct err *err;
};

/* The last one, of the newest incarnation, stays. */
static int load_position(void *ctx, struct slice key, struct slice value)
{
	struct load *l = ctx;
	const struct ingest_kafka_topic *t = &l->k->o.topics[l->p->topic];
	struct ingest_kafka_value v;
	struct ingest_kafka_key kk;
	int ret;

	if (!ingest_kafka_key_get(key, &kk) || !ingest_kafka_value_get(value, &v) ||
	    !slice_eq(v.topic, slice_str(t->name)))
		return err_set(l->err, ERR_CORRUPT,
			       "the stored position of kafka topic \"%s\" is damaged",
			       t->name);
	if (!slice_eq(v.dataset, t->dataset->name)) {
		ret = err_set(l->err, ERR_INPUT,
			      "kafka topic \"%s\" is stored in dataset \"%.*s\", not in \"%.*s\"",
			      t->name, SLICE_ARG(v.dataset),
			      SLICE_ARG(t->dataset->name));
		err_hint(l->err, "give --dataset %.*s, or use another store",
			 SLICE_ARG(v.dataset));
		return ret;
	}
	l->p->incarnation = kk.incarnation;
	l->p->next = v.next;
	l->p->last = v.last;
	return 0;
}

static int load(struct kafka_source *k, struct partition *p, struct err *err)
{
	struct load l = { .k = k, .p = p, .err = err };
	struct ingest_kafka_key key = key_of(k, p);
	struct buf prefix;
	int ret;

	buf_init(&prefix, INDEX_POSITION_KEY_MAX);
	ingest_kafka_prefix_put(&prefix, &key);
	ret = buf_error(&prefix, "a position", err);
	if (ret == 0)
		ret = index_store_positions(k->o.store, buf_slice(&prefix),
					    load_position, &l, err);
	buf_release(&prefix);
	return ret;
}

static struct ingest_kafka_last last_of(const struct partition *p)
{
	const rd_kafka_message_t *m = p->newest;

	if (!m)
		return p->last;
	return (struct ingest_kafka_last){
		.known = true,
		.offset = m->offset,
		.timestamp = rd_kafka_message_timestamp(m, NULL),
		.hash = ingest_kafka_hash(m),
	};
}

/* Drops what was taken of a partition and not given out. */
static void purge(struct kafka_source *k, const struct partition *p)
{
	const char *topic = k->o.topics[p->topic].name;

	for (size_t i = k->given; i < k->taken; i++) {
		rd_kafka_message_t *m = k->held[i];

		if (m && m->partition == p->id && m->rkt &&
		    strcmp(rd_kafka_topic_name(m->rkt), topic) == 0) {
			rd_kafka_message_destroy(m);
			k->held[i] = NULL;
		}
	}
}

/* Has the watch look at a partition; until then it gives nothing. */
static int check(struct kafka_source *k, struct partition *p, struct err *err)
{
	struct ingest_kafka_question q = {
		.topic = p->topic,
		.partition = p->id,
		.ticket = ++p->ticket,
		.next = p->next,
		.last = last_of(p),
	};

	purge(k, p);
	if (p->next == NOTHING_STORED) {
		p->state = CHECKED; /* nothing can be missing */
		return 0;
	}
	p->state = UNCHECKED;
	return ingest_kafka_watch_ask(k->watch, &q, err);
}

static int add_partition(struct kafka_source *k, uint32_t topic, int32_t id,
			 struct err *err)
{
	struct partition *p = mem_calloc(1, sizeof(*p));
	int ret;

	if (!p)
		return err_nomem(err);
	p->topic = topic;
	p->id = id;
	p->next = NOTHING_STORED;
	ret = load(k, p, err);
	if (ret < 0) {
		mem_free(p);
		return ret;
	}
	k->topics[topic].partitions[id] = p;
	k->topics[topic].npartitions = id + 1;
	return check(k, p, err);
}

/* Takes on the partitions that the watch has found. */
static int grow(struct kafka_source *k, struct err *err)
{
	int ret = 0;

	for (uint32_t i = 0; i < k->o.ntopics && ret == 0; i++) {
		struct topic *t = &k->topics[i];
		int32_t n = ingest_kafka_watch_partitions(k->watch, i);
		void *p;

		if (n <= t->npartitions)
			continue;
		p = mem_realloc_array(t->partitions, (size_t)n, sizeof(*t->partitions));
		if (!p)
			return err_nomem(err);
		t->partitions = p;
		for (int32_t id = t->npartitions; id < n && ret == 0; id++)
			ret = add_partition(k, i, id, err);
	}
	return ret;
}

typedef int partition_fn(struct kafka_source *k, struct partition *p, void *ctx,
			 struct err *err);

static int each_partition(struct kafka_source *k, partition_fn *fn, void *ctx,
			  struct err *err)
{
	int ret = 0;

	for (size_t i = 0; i < k->o.ntopics; i++) {
		for (int32_t j = 0; j < k->topics[i].npartitions && ret == 0; j++)
			ret = fn(k, k->topics[i].partitions[j], ctx, err);
	}
	return ret;
}

static int check_again(struct kafka_source *k, struct partition *p, void *ctx,
		       struct err *err)
{
	(void)ctx;
	return check(k, p, err);
}

static void apply(struct kafka_source *k, const struct ingest_kafka_answer *a)
{
	struct partition *p = k->topics[a->topic].partitions[a->partition];
	const char *topic = k->o.topics[a->topic].name;
	struct buf text;

	if (p->state != UNCHECKED || p->ticket != a->ticket)
		return;
	p->state = CHECKED;
	if (a->verdict.reason == INGEST_KAFKA_UNPROVEN)
		log_warn("kafka topic \"%s\" partition %d: the last stored record "
			 "is no longer there; going on at offset %" PRId64,
			 topic, p->id, p->next);
	if (!ingest_kafka_is_gap(a->verdict.reason))
		return;
	buf_init(&text, sizeof(p->detail));
	ingest_kafka_explain(&text, p->next, &a->verdict);
	snprintf(p->detail, sizeof(p->detail), "%s", buf_cstr(&text));
	buf_release(&text);
	log_warn("kafka topic \"%s\" partition %d: %s", topic, p->id, p->detail);
	p->gap_offset = p->next;
	p->incarnation++;
	p->next = a->verdict.start;
	p->last.known = false;
	p->newest = NULL;
	p->dirty = true;
	k->gaps += !p->has_gap;
	p->has_gap = true;
}

static int add_to_list(struct kafka_source *k, struct partition *p, void *ctx,
		       struct err *err)
{
	rd_kafka_topic_partition_list_t *list = ctx;

	(void)err;
	if (p->state == UNCHECKED)
		return 0;
	p->state = RUNNING;
	p->ended = false;
	rd_kafka_topic_partition_list_add(list, k->o.topics[p->topic].name, p->id)
		->offset = p->next == NOTHING_STORED ? RD_KAFKA_OFFSET_BEGINNING :
						       p->next;
	return 0;
}

static int count_checked(struct kafka_source *k, struct partition *p, void *ctx,
			 struct err *err)
{
	(void)k;
	(void)err;
	*(unsigned *)ctx += p->state == CHECKED;
	return 0;
}

/* Starts what has been checked. */
static int assign(struct kafka_source *k, struct err *err)
{
	rd_kafka_topic_partition_list_t *list;
	rd_kafka_resp_err_t e;
	unsigned checked = 0;
	int ret = each_partition(k, count_checked, &checked, err);

	if (ret < 0 || checked == 0)
		return ret;
	list = rd_kafka_topic_partition_list_new(16);
	ret = each_partition(k, add_to_list, list, err);
	e = rd_kafka_assign(k->rk, list);
	rd_kafka_topic_partition_list_destroy(list);
	if (e)
		return err_set(err, ERR_IO, "kafka: could not assign partitions: %s",
			       rd_kafka_err2str(e));
	return ret;
}

/* May what comes from now on be other data than what came before? */
static bool is_suspicious(struct kafka_source *k)
{
	int64_t now;

	if (!atomic_load(&k->trouble.lost) && !atomic_load(&k->trouble.reconnected))
		return false;
	now = time_monotonic();
	if (!atomic_exchange(&k->trouble.lost, false) &&
	    now - k->checked_at < CHECK_EVERY)
		return false;
	atomic_store(&k->trouble.reconnected, false);
	k->checked_at = now;
	return true;
}

/* Looks at what the watch and the callbacks have found.  1: not before what
 * was given out is stored, for an answer may end an incarnation whose last
 * position must be stored first. */
static int react(struct kafka_source *k, struct err *err)
{
	struct ingest_kafka_answer a;
	int ret = 0;

	if (is_suspicious(k))
		ret = each_partition(k, check_again, NULL, err);
	k->holds |= ingest_kafka_watch_news(k->watch);
	if (ret < 0)
		return ret;
	if (k->holds && (k->news > 0 || k->nbatches > 0))
		return 1;
	if (k->holds) {
		k->holds = false;
		if (ingest_kafka_watch_suspicious(k->watch))
			ret = each_partition(k, check_again, NULL, err);
		while (ret == 0 && ingest_kafka_watch_answer(k->watch, &a))
			apply(k, &a);
		if (ret == 0)
			ret = grow(k, err);
	}
	return ret < 0 ? ret : assign(k, err);
}

static struct partition *partition_of(struct kafka_source *k,
				      const rd_kafka_message_t *m)
{
	const struct topic *t;

	if (!m->rkt)
		return NULL;
	if (unlikely(m->rkt != k->last_handle)) {
		const char *name = rd_kafka_topic_name(m->rkt);
		uint32_t i = 0;

		while (i < k->o.ntopics && strcmp(k->o.topics[i].name, name) != 0)
			i++;
		if (i == k->o.ntopics)
			return NULL;
		k->last_handle = m->rkt;
		k->last_topic = i;
	}
	t = &k->topics[k->last_topic];
	return m->partition >= 0 && m->partition < t->npartitions ?
		       t->partitions[m->partition] : NULL;
}

/* An error in the place of a message. */
static int handle_error(struct kafka_source *k, struct partition *p,
			const rd_kafka_message_t *m, struct err *err)
{
	if (m->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
		if (p && p->state == RUNNING)
			p->ended = true;
		return 0;
	}
	if (p && m->err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET)
		return p->state == RUNNING ? check(k, p, err) : 0;
	ingest_kafka_trouble(&k->trouble, m->err, rd_kafka_message_errstr(m));
	return 0;
}

/* Is this the next message of its partition?  1: *msg is filled. */
static int take(struct kafka_source *k, rd_kafka_message_t *m,
		struct ingest_message *msg, struct err *err)
{
	struct partition *p = partition_of(k, m);
	int64_t ms;

	if (unlikely(m->err))
		return handle_error(k, p, m, err);
	if (unlikely(!p || p->state != RUNNING || m->offset < p->next))
		return 0;
	p->next = m->offset + 1;
	p->newest = m;
	p->dirty = true;
	k->news++;
	ms = rd_kafka_message_timestamp(m, NULL);
	*msg = (struct ingest_message){
		.dataset = k->o.topics[p->topic].dataset,
		.payload = slice_of(m->payload, m->payload ? m->len : 0),
		.key = slice_of(m->key, m->key ? m->key_len : 0),
		.timestamp = ms >= 0 && ms < INT64_MAX / NS_PER_MS ? ms * NS_PER_MS :
								   INGEST_NO_TIME,
		.origin = slice_str(k->o.topics[p->topic].name),
		.partition = p->id,
		.offset = m->offset,
		.length = m->payload ? m->len : 0,
	};
	return 1;
}

static int give_gap(struct kafka_source *k, struct partition *p, void *ctx,
		    struct err *err)
{
	struct ingest_message *msg = ctx;

	(void)err;
	if (!p->has_gap)
		return 0;
	p->has_gap = false;
	k->gaps--;
	k->news++;
	*msg = (struct ingest_message){
		.dataset = k->o.topics[p->topic].dataset,
		.timestamp = INGEST_NO_TIME,
		.origin = slice_str(k->o.topics[p->topic].name),
		.partition = p->id,
		.offset = p->gap_offset,
		.refused = REFUSED_GAP,
		.detail = slice_str(p->detail),
	};
	return INGEST_MESSAGE;
}

static int is_open(struct kafka_source *k, struct partition *p, void *ctx,
		   struct err *err)
{
	(void)k;
	(void)ctx;
	(void)err;
	return !p->ended;
}

/* Forgets the oldest messages. */
static void drop_messages(struct kafka_source *k, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (k->held[i])
			rd_kafka_message_destroy(k->held[i]);
	}
	memmove(k->held, k->held + n, (k->taken - n) * sizeof(*k->held));
	k->taken -= n;
	k->given -= n;
}

/* Takes more from the client; waits only if nothing is there. */
static int fetch(struct kafka_source *k, int64_t timeout, struct err *err)
{
	size_t room;
	ssize_t n;

	if (k->news == 0 && k->nbatches == 0)
		drop_messages(k, k->given); /* all were skipped */
	room = HELD_MAX - k->taken;
	if (room == 0)
		return 0;
	n = rd_kafka_consume_batch_queue(k->queue, 0, k->held + k->taken,
					 room < FETCH ? room : FETCH);
	if (n == 0 && timeout > 0)
		n = rd_kafka_consume_batch_queue(k->queue,
						 (int)((timeout + NS_PER_MS - 1) / NS_PER_MS),
						 k->held + k->taken, 1);
	if (n < 0)
		return err_set(err, ERR_IO, "kafka: could not read: %s",
			       rd_kafka_err2str(rd_kafka_last_error()));
	k->taken += (size_t)n;
	return n > 0;
}

static int kafka_next(struct ingest_source *base, int64_t timeout,
		      struct ingest_message *msg, struct err *err)
{
	struct kafka_source *k = (struct kafka_source *)base;
	int ret;

	for (;;) {
		while (k->given < k->taken && !k->holds) {
			rd_kafka_message_t *m = k->held[k->given++];

			ret = m ? take(k, m, msg, err) : 0;
			if (ret == 1)
				return INGEST_MESSAGE;
			k->held[k->given - 1] = NULL; /* skipped */
			if (m)
				rd_kafka_message_destroy(m);
			if (ret < 0)
				return ret;
		}
		ret = react(k, err);
		if (ret < 0)
			return ret;
		if (ret == 1)
			return k->news > 0 ? INGEST_MOVED : INGEST_IDLE;
		if (k->gaps > 0)
			return each_partition(k, give_gap, msg, err);
		ret = fetch(k, timeout, err);
		if (ret < 0)
			return ret;
		if (ret == 0)
			break;
	}
	if (k->o.once && each_partition(k, is_open, NULL, err) == 0)
		return INGEST_END;
	return INGEST_IDLE;
}

struct put {
	ingest_position_fn *fn;
	void *ctx;
	struct buf key, value;
};

static int put_position(struct kafka_source *k, struct partition *p, void *ctx,
			struct err *err)
{
	const struct ingest_kafka_topic *t = &k->o.topics[p->topic];
	struct ingest_kafka_key key = key_of(k, p);
	struct ingest_kafka_value value = {
		.next = p->next,
		.dataset = t->dataset->name,
		.topic = slice_str(t->name),
	};
	struct put *put = ctx;
	int ret;

	if (!p->dirty || p->has_gap) /* a gap comes with its dead letter (I1) */
		return 0;
	p->last = last_of(p);
	p->newest = NULL;
	p->dirty = false;
	value.last = p->last;
	buf_reset(&put->key);
	buf_reset(&put->value);
	ingest_kafka_key_put(&put->key, &key);
	ingest_kafka_value_put(&put->value, &value);
	ret = buf_error(&put->key, "a position", err);
	if (ret == 0)
		ret = buf_error(&put->value, "a position", err);
	return ret < 0 ? ret : put->fn(put->ctx, buf_slice(&put->key),
				       buf_slice(&put->value), err);
}

static int kafka_positions(struct ingest_source *base, ingest_position_fn *fn,
			   void *ctx, struct err *err)
{
	struct kafka_source *k = (struct kafka_source *)base;
	struct put put = { .fn = fn, .ctx = ctx };
	int ret;

	buf_init(&put.key, INDEX_POSITION_KEY_MAX);
	buf_init(&put.value, INDEX_POSITION_VALUE_MAX);
	ret = each_partition(k, put_position, &put, err);
	buf_release(&put.key);
	buf_release(&put.value);
	k->batches[k->nbatches++] = k->given - k->closed;
	k->closed = k->given;
	k->news = 0;
	return ret;
}

static int kafka_committed(struct ingest_source *base, struct err *err)
{
	struct kafka_source *k = (struct kafka_source *)base;

	size_t n = k->batches[0];

	(void)err;
	k->nbatches--;
	memmove(k->batches, k->batches + 1, k->nbatches * sizeof(*k->batches));
	k->closed -= n;
	drop_messages(k, n);
	return 0;
}

static int add_lag(struct kafka_source *k, struct partition *p, void *ctx,
		   struct err *err)
{
	int64_t low, high, at = p->next == NOTHING_STORED ? 0 : p->next;
	uint64_t *sum = ctx;

	(void)err;
	if (rd_kafka_get_watermark_offsets(k->rk, k->o.topics[p->topic].name, p->id,
					   &low, &high) == 0 && high > at)
		*sum += (uint64_t)(high - (at > low ? at : low));
	return 0;
}

static uint64_t kafka_lag(struct ingest_source *base)
{
	uint64_t sum = 0;

	if (each_partition((struct kafka_source *)base, add_lag, &sum, NULL) < 0)
		return UINT64_MAX;
	return sum;
}

static void kafka_close(struct ingest_source *base)
{
	struct kafka_source *k = (struct kafka_source *)base;

	ingest_kafka_watch_close(k->watch);
	/* A message that is left makes the client wait for ever. */
	k->given = k->taken;
	if (k->held)
		drop_messages(k, k->taken);
	if (k->queue)
		rd_kafka_queue_destroy(k->queue);
	if (k->rk)
		rd_kafka_destroy_flags(k->rk, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
	for (size_t i = 0; k->topics && i < k->o.ntopics; i++) {
		for (int32_t j = 0; j < k->topics[i].npartitions; j++)
			mem_free(k->topics[i].partitions[j]);
		mem_free(k->topics[i].partitions);
	}
	mem_free(k->topics);
	mem_free(k->held);
	mem_free(k);
}

static const struct ingest_source_ops kafka_ops = {
	.kind = "kafka",
	.next = kafka_next,
	.positions = kafka_positions,
	.committed = kafka_committed,
	.lag = kafka_lag,
	.lag_unit = "messages",
	.close = kafka_close,
};

static int start(struct kafka_source *k, struct err *err)
{
	int ret;

	k->topics = mem_calloc(k->o.ntopics, sizeof(*k->topics));
	k->held = mem_calloc(HELD_MAX, sizeof(*k->held));
	if (!k->topics || !k->held)
		return err_nomem(err);
	ret = ingest_kafka_watch_open(&k->watch, &k->o, err);
	if (ret == 0)
		ret = ingest_kafka_client(&k->rk, &k->o, INGEST_KAFKA_READER,
					  &k->trouble, err);
	if (ret < 0)
		return ret;
	k->queue = rd_kafka_queue_get_consumer(k->rk);
	ret = grow(k, err);
	return ret < 0 ? ret : assign(k, err);
}

int ingest_kafka_open(struct ingest_source **out,
		      const struct ingest_kafka_options *o, struct err *err)
{
	struct kafka_source *k = mem_calloc(1, sizeof(*k));
	int ret;

	if (!k)
		return err_nomem(err);
	k->base = (struct ingest_source){ .ops = &kafka_ops, .name = o->name };
	k->o = *o;
	ret = start(k, err);
	if (ret < 0) {
		kafka_close(&k->base);
		return ret;
	}
	*out = &k->base;
	return 0;
}
