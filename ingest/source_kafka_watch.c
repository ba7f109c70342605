/*
 * ingest/source_kafka_watch.c - slow questions to the cluster, asked on a
 * connection and a thread of their own.
 *
 * On the reader's connection each would wait behind a fetch that the broker
 * holds open for half a second.
 */
#include "ingest/source_kafka_int.h"

#include <librdkafka/rdkafka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/time.h"

#define REFRESH_EVERY (2 * NS_PER_S)
#define RETRY_AFTER NS_PER_S /* a question that could not be answered */
#define LOOK_FOR (10 * NS_PER_S)
#define TOPIC_GRACE (3 * NS_PER_S) /* a topic just created is not known at once */

enum {
	CALL_MS = 5000,
	CONTACT_MS = 1000,
	ROUND_MAX = 256, /* questions worked on together */
	/* A new leader may know less of the log for a moment; only when it
	 * says so this often, a second apart, is the log really shorter. */
	SHORTER_TIMES = 3,
};

struct topic {
	const char *name;
	rd_kafka_topic_t *handle;
	int32_t partitions;
	int error; /* rd_kafka_resp_err_t of the last answer */
};

struct slot {
	struct ingest_kafka_question q;
	struct ingest_kafka_verdict verdict;
	unsigned shorter; /* times that the log looked shorter */
	enum { FREE, ASKED, ANSWERED } state;
};

struct ingest_kafka_watch {
	const struct ingest_kafka_options *o;
	struct ingest_kafka_trouble trouble;
	rd_kafka_t *rk;
	char *cluster;
	struct topic *topics;
	pthread_t thread;
	bool started;
	_Atomic bool stop, news, suspicious;
	pthread_mutex_t lock; /* over all below, and topics[].partitions */
	pthread_cond_t wake;
	struct slot *slots;
	size_t nslots, cap;
};

/* A question being worked on, without the lock. */
struct work {
	struct slot slot;
	enum ingest_kafka_seen seen;
	bool looked, answered;
};

const char *ingest_kafka_watch_cluster(const struct ingest_kafka_watch *w)
{
	return w->cluster;
}

bool ingest_kafka_watch_news(struct ingest_kafka_watch *w)
{
	return atomic_load_explicit(&w->news, memory_order_relaxed) &&
	       atomic_exchange(&w->news, false);
}

bool ingest_kafka_watch_suspicious(struct ingest_kafka_watch *w)
{
	return atomic_exchange(&w->suspicious, false);
}

int32_t ingest_kafka_watch_partitions(struct ingest_kafka_watch *w,
				      uint32_t topic)
{
	int32_t n;

	pthread_mutex_lock(&w->lock);
	n = w->topics[topic].partitions;
	pthread_mutex_unlock(&w->lock);
	return n;
}

static struct slot *find_slot(struct ingest_kafka_watch *w, uint32_t topic,
			      int32_t partition)
{
	struct slot *unused = NULL;

	for (size_t i = 0; i < w->nslots; i++) {
		struct slot *s = &w->slots[i];

		if (s->state == FREE)
			unused = s;
		else if (s->q.topic == topic && s->q.partition == partition)
			return s;
	}
	return unused;
}

int ingest_kafka_watch_ask(struct ingest_kafka_watch *w,
			   const struct ingest_kafka_question *q,
			   struct err *err)
{
	struct slot *s;
	int ret = 0;

	pthread_mutex_lock(&w->lock);
	s = find_slot(w, q->topic, q->partition);
	if (!s && w->nslots == w->cap) {
		size_t cap = w->cap ? 2 * w->cap : 16;
		void *p = mem_realloc_array(w->slots, cap, sizeof(*w->slots));

		if (p) {
			w->slots = p;
			w->cap = cap;
		} else {
			ret = err_nomem(err);
		}
	}
	if (!s && ret == 0)
		s = &w->slots[w->nslots++];
	if (ret == 0) {
		*s = (struct slot){ .q = *q, .state = ASKED };
		pthread_cond_signal(&w->wake);
	}
	pthread_mutex_unlock(&w->lock);
	return ret;
}

bool ingest_kafka_watch_answer(struct ingest_kafka_watch *w,
			       struct ingest_kafka_answer *out)
{
	bool found = false;

	pthread_mutex_lock(&w->lock);
	for (size_t i = 0; i < w->nslots && !found; i++) {
		struct slot *s = &w->slots[i];

		if (s->state != ANSWERED)
			continue;
		*out = (struct ingest_kafka_answer){
			.topic = s->q.topic,
			.partition = s->q.partition,
			.ticket = s->q.ticket,
			.verdict = s->verdict,
		};
		s->state = FREE;
		found = true;
	}
	pthread_mutex_unlock(&w->lock);
	return found;
}

/* Asks for a topic's partitions.  The topic's own error, or the call's. */
static rd_kafka_resp_err_t ask_topic(struct ingest_kafka_watch *w,
				     struct topic *t, int timeout_ms,
				     int32_t *partitions)
{
	const struct rd_kafka_metadata *md = NULL;
	rd_kafka_resp_err_t e = rd_kafka_metadata(w->rk, 0, t->handle, &md,
						  timeout_ms);

	if (e)
		return e;
	if (md->topic_cnt != 1) {
		e = RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC;
	} else {
		e = md->topics[0].err;
		*partitions = md->topics[0].partition_cnt;
	}
	rd_kafka_metadata_destroy(md);
	return e;
}

static bool is_gone(rd_kafka_resp_err_t e)
{
	return e == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
	       e == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC;
}

/* The broker itself does not answer: error callbacks speak of that. */
static bool is_transport(rd_kafka_resp_err_t e)
{
	return e == RD_KAFKA_RESP_ERR__TRANSPORT ||
	       e == RD_KAFKA_RESP_ERR__TIMED_OUT ||
	       e == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN;
}

static void refresh_topic(struct ingest_kafka_watch *w, struct topic *t)
{
	int32_t partitions = t->partitions;
	rd_kafka_resp_err_t e = ask_topic(w, t, CALL_MS, &partitions);

	if (is_transport(e))
		return;
	if (e && (int)e != t->error)
		log_warn("kafka topic \"%s\": %s; waiting for it", t->name,
			 rd_kafka_err2str(e));
	if (!e && t->error)
		log_info("kafka topic \"%s\" is back", t->name);
	if (!e && (is_gone((rd_kafka_resp_err_t)t->error) ||
		   partitions < t->partitions)) {
		atomic_store(&w->suspicious, true);
		atomic_store(&w->news, true);
	}
	t->error = (int)e;
	if (e || partitions == t->partitions)
		return;
	log_info("kafka topic \"%s\" has %d partitions now", t->name, partitions);
	pthread_mutex_lock(&w->lock);
	t->partitions = partitions;
	pthread_mutex_unlock(&w->lock);
	atomic_store(&w->news, true);
}

static struct work *find_work(struct ingest_kafka_watch *w, struct work *work,
			      size_t n, const rd_kafka_message_t *m)
{
	const char *topic = m->rkt ? rd_kafka_topic_name(m->rkt) : "";

	for (size_t i = 0; i < n; i++) {
		if (work[i].slot.q.partition == m->partition &&
		    strcmp(w->topics[work[i].slot.q.topic].name, topic) == 0)
			return &work[i];
	}
	return NULL;
}

/* What a message, or an error in its place, says. */
static void note(struct work *k, const rd_kafka_message_t *m)
{
	const struct ingest_kafka_last *last = &k->slot.q.last;
	struct hash128 h;

	if (m->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
		k->seen = INGEST_KAFKA_SEEN_MISSING;
	} else if (m->err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET) {
		k->seen = INGEST_KAFKA_SEEN_OUTSIDE;
	} else if (m->err) {
		return; /* asked again later */
	} else if (m->offset != last->offset) {
		k->seen = INGEST_KAFKA_SEEN_MISSING;
	} else {
		h = ingest_kafka_hash(m);
		k->seen = h.hi == last->hash.hi && h.lo == last->hash.lo &&
			  rd_kafka_message_timestamp(m, NULL) == last->timestamp ?
				  INGEST_KAFKA_SEEN_SAME :
				  INGEST_KAFKA_SEEN_OTHER;
	}
	k->looked = true;
}

/* Re-reads the last stored record of each partition. */
static void look(struct ingest_kafka_watch *w, struct work *work, size_t n)
{
	rd_kafka_topic_partition_list_t *list =
		rd_kafka_topic_partition_list_new((int)n);
	int64_t until = time_monotonic() + LOOK_FOR;
	size_t waiting = 0;

	for (size_t i = 0; i < n; i++) {
		const struct ingest_kafka_question *q = &work[i].slot.q;

		if (!q->last.known) {
			work[i].seen = INGEST_KAFKA_NOT_LOOKED;
			work[i].looked = true;
			continue;
		}
		rd_kafka_topic_partition_list_add(list, w->topics[q->topic].name,
						  q->partition)->offset = q->last.offset;
		waiting++;
	}
	if (waiting > 0 && rd_kafka_assign(w->rk, list) == 0) {
		while (waiting > 0 && !w->stop && time_monotonic() < until) {
			rd_kafka_message_t *m = rd_kafka_consumer_poll(w->rk, 100);
			struct work *k = m ? find_work(w, work, n, m) : NULL;

			if (k && !k->looked) {
				note(k, m);
				waiting -= k->looked;
			}
			if (m)
				rd_kafka_message_destroy(m);
		}
		rd_kafka_assign(w->rk, NULL);
	}
	rd_kafka_topic_partition_list_destroy(list);
}

static enum ingest_kafka_compacted
policy_of(const rd_kafka_ConfigResource_t *resource)
{
	size_t n = 0;
	const rd_kafka_ConfigEntry_t **entries =
		rd_kafka_ConfigResource_configs(resource, &n);

	for (size_t i = 0; i < n; i++) {
		const char *value = rd_kafka_ConfigEntry_value(entries[i]);

		if (value && strcmp(rd_kafka_ConfigEntry_name(entries[i]),
				    "cleanup.policy") == 0)
			return strstr(value, "compact") ? INGEST_KAFKA_COMPACTED_YES :
							  INGEST_KAFKA_COMPACTED_NO;
	}
	return INGEST_KAFKA_COMPACTED_UNKNOWN;
}

/* Reads the topic's cleanup.policy. */
static enum ingest_kafka_compacted is_compacted(struct ingest_kafka_watch *w,
						const char *topic)
{
	enum ingest_kafka_compacted ret = INGEST_KAFKA_COMPACTED_UNKNOWN;
	rd_kafka_ConfigResource_t *want =
		rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic);
	rd_kafka_queue_t *queue = rd_kafka_queue_new(w->rk);
	const rd_kafka_DescribeConfigs_result_t *result;
	const rd_kafka_ConfigResource_t **got;
	rd_kafka_event_t *event;
	size_t n = 0;

	rd_kafka_DescribeConfigs(w->rk, &want, 1, NULL, queue);
	event = rd_kafka_queue_poll(queue, CALL_MS);
	result = event ? rd_kafka_event_DescribeConfigs_result(event) : NULL;
	if (result && !rd_kafka_event_error(event)) {
		got = rd_kafka_DescribeConfigs_result_resources(result, &n);
		if (n == 1 && !rd_kafka_ConfigResource_error(got[0]))
			ret = policy_of(got[0]);
	}
	if (event)
		rd_kafka_event_destroy(event);
	rd_kafka_queue_destroy(queue);
	rd_kafka_ConfigResource_destroy(want);
	return ret;
}

/* From what was seen to a verdict; without one it is asked again. */
static void judge(struct ingest_kafka_watch *w, struct work *k)
{
	const struct ingest_kafka_question *q = &k->slot.q;
	const char *topic = w->topics[q->topic].name;
	struct ingest_kafka_evidence e = {
		.next = q->next,
		.last = q->last,
		.seen = k->seen,
		.compacted = INGEST_KAFKA_COMPACTED_UNKNOWN,
	};

	if (!k->looked)
		return;
	if (k->seen != INGEST_KAFKA_SEEN_SAME &&
	    rd_kafka_query_watermark_offsets(w->rk, topic, q->partition, &e.low,
					     &e.high, CALL_MS) != 0)
		return;
	k->slot.verdict = ingest_kafka_decide(&e);
	if (k->slot.verdict.reason == INGEST_KAFKA_UNPROVEN) {
		e.compacted = is_compacted(w, topic);
		k->slot.verdict = ingest_kafka_decide(&e);
	}
	if (k->slot.verdict.reason == INGEST_KAFKA_SHORTER)
		k->answered = ++k->slot.shorter >= SHORTER_TIMES;
	else
		k->answered = true;
}

static size_t take_work(struct ingest_kafka_watch *w, struct work *work)
{
	size_t n = 0;

	pthread_mutex_lock(&w->lock);
	for (size_t i = 0; i < w->nslots && n < ROUND_MAX; i++) {
		if (w->slots[i].state == ASKED)
			work[n++] = (struct work){ .slot = w->slots[i] };
	}
	pthread_mutex_unlock(&w->lock);
	return n;
}

/* Works on what was asked; false if some of it must be tried again. */
static bool answer_questions(struct ingest_kafka_watch *w, struct work *work)
{
	size_t n = take_work(w, work);
	bool all = true;

	if (n == 0)
		return true;
	look(w, work, n);
	for (size_t i = 0; i < n && !w->stop; i++)
		judge(w, &work[i]);
	pthread_mutex_lock(&w->lock);
	for (size_t i = 0; i < n; i++) {
		const struct slot *from = &work[i].slot;
		struct slot *s = find_slot(w, from->q.topic, from->q.partition);

		/* It may have been asked anew meanwhile. */
		if (!s || s->state != ASKED || s->q.ticket != from->q.ticket)
			continue;
		s->verdict = from->verdict;
		s->shorter = from->shorter;
		if (work[i].answered)
			s->state = ANSWERED;
		else
			all = false;
	}
	pthread_mutex_unlock(&w->lock);
	atomic_store(&w->news, true);
	return all && n < ROUND_MAX;
}

static bool is_asked(const struct ingest_kafka_watch *w)
{
	for (size_t i = 0; i < w->nslots; i++) {
		if (w->slots[i].state == ASKED)
			return true;
	}
	return false;
}

/* Sleeps until `until`, or until a question comes if `questions` may wake. */
static void sleep_until(struct ingest_kafka_watch *w, int64_t until,
			bool questions)
{
	const struct timespec ts = { .tv_sec = until / NS_PER_S,
				     .tv_nsec = until % NS_PER_S };

	pthread_mutex_lock(&w->lock);
	while (!w->stop && !(questions && is_asked(w)) &&
	       pthread_cond_timedwait(&w->wake, &w->lock, &ts) == 0)
		;
	pthread_mutex_unlock(&w->lock);
}

static void *watch(void *ctx)
{
	struct ingest_kafka_watch *w = ctx;
	struct work *work = mem_calloc(ROUND_MAX, sizeof(*work));
	int64_t refresh_at = 0;

	while (work && !w->stop) {
		int64_t now = time_monotonic();
		rd_kafka_message_t *m;
		bool all;

		if (now >= refresh_at) {
			for (size_t i = 0; i < w->o->ntopics && !w->stop; i++)
				refresh_topic(w, &w->topics[i]);
			refresh_at = now + REFRESH_EVERY;
		}
		all = answer_questions(w, work);
		m = rd_kafka_consumer_poll(w->rk, 0); /* serves the callbacks */
		if (m)
			rd_kafka_message_destroy(m);
		now = time_monotonic();
		sleep_until(w, all ? refresh_at : now + RETRY_AFTER, all);
	}
	if (!work)
		log_error("kafka: out of memory; new partitions will not be found");
	mem_free(work);
	return NULL;
}

static int no_contact(struct ingest_kafka_watch *w, struct err *err)
{
	const char *last = w->trouble.last;
	int ret;

	if (w->trouble.denied)
		ret = err_set(err, ERR_DENIED, "kafka: %s", last);
	else
		ret = err_set(err, ERR_UNREACHABLE,
			      "kafka: no broker could be reached within %lld s%s%s",
			      (long long)(w->o->patience / NS_PER_S),
			      last[0] ? ": " : "", last);
	if (w->trouble.denied)
		err_hint(err, "check security.protocol, sasl.mechanism, "
			      "sasl.username and sasl.password");
	else
		err_hint(err, "check bootstrap.servers and security.protocol");
	return ret;
}

static int topic_error(const struct topic *t, rd_kafka_resp_err_t e,
		       struct err *err)
{
	int code = is_gone(e) ? ERR_INPUT :
		   e == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED ||
		   e == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED ||
		   e == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED ?
			ERR_DENIED : ERR_UNREACHABLE;
	int ret;

	if (code == ERR_INPUT)
		ret = err_set(err, code, "kafka topic \"%s\" does not exist", t->name);
	else
		ret = err_set(err, code, "kafka topic \"%s\": %s", t->name,
			      rd_kafka_err2str(e));
	if (code == ERR_INPUT)
		err_hint(err, "create it, or check its name and bootstrap.servers");
	else if (code == ERR_DENIED)
		err_hint(err, "the user needs the rights Describe and Read on it");
	return ret;
}

/* 1: the topic is there.  0: not yet. */
static int contact_topic(struct ingest_kafka_watch *w, struct topic *t,
			 int64_t began, struct err *err)
{
	int64_t waited = time_monotonic() - began;
	rd_kafka_resp_err_t e = ask_topic(w, t, CONTACT_MS, &t->partitions);

	if (!e)
		return 1;
	if (waited >= w->o->patience ||
	    (is_gone(e) && waited >= TOPIC_GRACE) ||
	    e == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)
		return topic_error(t, e, err);
	return 0;
}

static int stopped(const struct ingest_kafka_watch *w, struct err *err)
{
	return w->o->stop && *w->o->stop ?
		       err_set(err, ERR_INTERRUPTED, "interrupted") : 0;
}

static void pause_ms(long ms)
{
	const struct timespec ts = { .tv_nsec = ms * NS_PER_MS };

	nanosleep(&ts, NULL);
}

static int contact_cluster(struct ingest_kafka_watch *w, struct err *err)
{
	int64_t began = time_monotonic();

	for (;;) {
		rd_kafka_message_t *m = rd_kafka_consumer_poll(w->rk, 0);
		char *id;
		int ret = stopped(w, err);

		if (m)
			rd_kafka_message_destroy(m);
		if (ret < 0)
			return ret;
		id = rd_kafka_clusterid(w->rk, CONTACT_MS);
		if (id) {
			w->cluster = mem_strdup(id);
			rd_kafka_mem_free(w->rk, id);
			return w->cluster ? 0 : err_nomem(err);
		}
		if (w->trouble.denied ||
		    time_monotonic() - began >= w->o->patience)
			return no_contact(w, err);
		pause_ms(50);
	}
}

static int contact(struct ingest_kafka_watch *w, struct err *err)
{
	int64_t began;
	int ret = contact_cluster(w, err);

	began = time_monotonic();
	for (size_t i = 0; i < w->o->ntopics && ret >= 0; i++) {
		do {
			ret = stopped(w, err);
			if (ret == 0)
				ret = contact_topic(w, &w->topics[i], began, err);
			if (ret == 0)
				pause_ms(100);
		} while (ret == 0);
	}
	return ret < 0 ? ret : 0;
}

static int open_topics(struct ingest_kafka_watch *w, struct err *err)
{
	w->topics = mem_calloc(w->o->ntopics, sizeof(*w->topics));
	if (!w->topics)
		return err_nomem(err);
	for (size_t i = 0; i < w->o->ntopics; i++) {
		struct topic *t = &w->topics[i];

		t->name = w->o->topics[i].name;
		t->handle = rd_kafka_topic_new(w->rk, t->name, NULL);
		if (!t->handle)
			return err_set(err, ERR_USAGE, "kafka topic \"%s\": %s", t->name,
				       rd_kafka_err2str(rd_kafka_last_error()));
	}
	return 0;
}

static int start_thread(struct ingest_kafka_watch *w, struct err *err)
{
	int e = pthread_create(&w->thread, NULL, watch, w);

	if (e)
		return err_errno(err, ERR_IO, e, "could not start a thread");
	w->started = true;
	return 0;
}

int ingest_kafka_watch_open(struct ingest_kafka_watch **out,
			    const struct ingest_kafka_options *o,
			    struct err *err)
{
	struct ingest_kafka_watch *w = mem_calloc(1, sizeof(*w));
	pthread_condattr_t attr;
	int ret;

	if (!w)
		return err_nomem(err);
	w->o = o;
	pthread_mutex_init(&w->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&w->wake, &attr);
	pthread_condattr_destroy(&attr);
	ret = ingest_kafka_client(&w->rk, o, INGEST_KAFKA_WATCH, &w->trouble, err);
	if (ret == 0)
		ret = open_topics(w, err);
	if (ret == 0)
		ret = contact(w, err);
	if (ret == 0)
		ret = start_thread(w, err);
	if (ret < 0) {
		ingest_kafka_watch_close(w);
		return ret;
	}
	*out = w;
	return 0;
}

void ingest_kafka_watch_close(struct ingest_kafka_watch *w)
{
	if (!w)
		return;
	pthread_mutex_lock(&w->lock);
	w->stop = true;
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
	if (w->started)
		pthread_join(w->thread, NULL);
	for (size_t i = 0; w->topics && i < w->o->ntopics; i++) {
		if (w->topics[i].handle)
			rd_kafka_topic_destroy(w->topics[i].handle);
	}
	if (w->rk)
		rd_kafka_destroy_flags(w->rk, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
	pthread_cond_destroy(&w->wake);
	pthread_mutex_destroy(&w->lock);
	mem_free(w->cluster);
	mem_free(w->topics);
	mem_free(w->slots);
	mem_free(w);
}
