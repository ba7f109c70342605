/*
 * ingest/pipeline.c - sources to store, until they end or are told to stop.
 *
 * This thread has the sources: it fills batches, hands them to the crew and
 * tells the sources when one is durable.
 *
 * Invariants:
 *
 * I1. A transaction holds either all of a batch - events, dead letters and the
 *     position behind each of its messages - or nothing of it.
 * I2. The position in the store is the only one: what a source gives after a
 *     restart begins exactly behind the last durable message, whatever the
 *     broker or the file system remembers.
 * I3. Every message given out ends up as an event or as a dead letter; there
 *     is no third way, and no message may stop those behind it.
 * I4. A source is told `committed` only after the transaction is durable; it
 *     destroys nothing (spool files, message memory) before that.
 * I5. A batch is bounded in rows and bytes, so is what all batches hold
 *     together, and a batch waits no longer than BATCH_LATEST until it is
 *     handed over, or until there is a thread for it.
 * I6. Batches become durable in the order in which they were closed, and none
 *     after one that failed: a position never passes a message that is not
 *     stored.
 */
#include "ingest/pipeline.h"

#include <stdbool.h>
#include <time.h>

#include "base/time.h"

/* A batch is handed over when the input has been idle for IDLE and the last
 * commit is COMMIT_EVERY ago, at the latest BATCH_LATEST after its first
 * message. */
#define IDLE (5 * NS_PER_MS)
#define COMMIT_EVERY (50 * NS_PER_MS)
#define BATCH_LATEST (100 * NS_PER_MS)
#define TICK_EVERY (200 * NS_PER_MS)
#define NAP NS_PER_MS

enum {
	BURST = 256, /* messages between two looks at the clock */
};

struct run {
	struct ingest_pipeline *p;
	struct ingest_crew *crew;
	bool ended[INGEST_SOURCES_MAX];
	size_t live;
	bool moved; /* a position is worth a commit without messages */
	int64_t now;
	int64_t began;      /* first message of the batch; 0: none */
	int64_t heard;      /* last message */
	int64_t committed;
	int64_t ticked;
};

static bool has_work(const struct run *r)
{
	return ingest_crew_rows(r->crew) > 0 || r->moved;
}

static int hand(struct run *r, struct err *err)
{
	r->began = 0;
	r->moved = false;
	return ingest_crew_hand(r->crew, r->p->sources, r->p->nsources, err);
}

/* Tells the sources of what has become durable; waits for one batch. */
static int collect(struct run *r, int64_t timeout, struct err *err)
{
	int ret = 1;

	while (ret == 1) {
		ret = ingest_crew_collect(r->crew, timeout, r->p->sources,
					  r->p->nsources, err);
		timeout = 0;
		if (ret == 1)
			r->committed = time_monotonic();
	}
	return ret;
}

static bool is_due(const struct run *r)
{
	if (!has_work(r) || !ingest_crew_has_batch(r->crew))
		return false;
	if (!ingest_crew_has_room(r->crew) || r->live == 0 || *r->p->stop)
		return true;
	if (r->now - r->heard >= IDLE && r->now - r->committed >= COMMIT_EVERY)
		return true;
	return r->began && r->now - r->began >= BATCH_LATEST;
}

/* How long the next wait for input may last. */
static int64_t patience(const struct run *r)
{
	if (r->live > 1)
		return 0;
	return has_work(r) || ingest_crew_waiting(r->crew) ? IDLE : BATCH_LATEST;
}

/* Up to BURST messages of one source.  1: it gave some.  0: nothing there. */
static int drain(struct run *r, size_t i, struct err *err)
{
	struct ingest_source *s = r->p->sources[i];
	int64_t timeout = patience(r);
	int next = INGEST_MESSAGE;
	struct ingest_message m;
	unsigned n = 0;

	while (next == INGEST_MESSAGE && n < BURST &&
	       ingest_crew_has_room(r->crew)) {
		int ret = 0;

		next = s->ops->next(s, n == 0 ? timeout : 0, &m, err);
		if (next == INGEST_MESSAGE) {
			ret = ingest_crew_add(r->crew, s->ops->kind, &m, err);
			n++;
		}
		if (ret < 0)
			return ret;
	}
	if (next < 0)
		return next;
	if (next == INGEST_MOVED)
		r->moved = true;
	if (next == INGEST_END) {
		r->ended[i] = true;
		r->live--;
	}
	return n > 0;
}

static int drain_all(struct run *r, bool *busy, struct err *err)
{
	*busy = false;
	for (size_t i = 0; i < r->p->nsources; i++) {
		int ret = r->ended[i] ? 0 : drain(r, i, err);

		if (ret < 0)
			return ret;
		*busy |= ret == 1;
	}
	r->now = time_monotonic();
	if (*busy) {
		r->heard = r->now;
		if (!r->began)
			r->began = r->now;
	}
	return 0;
}

static void nap(void)
{
	const struct timespec ts = { .tv_nsec = NAP };

	nanosleep(&ts, NULL);
}

/* No source had anything, or there is no batch for it. */
static int wait_for_news(struct run *r, struct err *err)
{
	if (ingest_crew_waiting(r->crew) > 0)
		return collect(r, ingest_crew_has_batch(r->crew) ? NAP : TICK_EVERY,
			       err);
	if (r->live > 1 || r->moved)
		nap(); /* no source waited for us */
	return 0;
}

static void tick(struct run *r)
{
	if (r->now - r->ticked < TICK_EVERY)
		return;
	r->ticked = r->now;
	r->p->tick(r->p->ctx, r->now);
}

/* All that was given out becomes durable. */
static int finish(struct run *r, struct err *err)
{
	int ret = 0;

	while (ret == 0 && (has_work(r) || ingest_crew_waiting(r->crew) > 0)) {
		if (has_work(r) && ingest_crew_has_batch(r->crew))
			ret = hand(r, err);
		if (ret == 0)
			ret = collect(r, TICK_EVERY, err);
		r->now = time_monotonic();
		tick(r);
	}
	return ret;
}

int ingest_pipeline_run(struct ingest_pipeline *p, struct err *err)
{
	struct run r = { .p = p, .crew = p->crew, .live = p->nsources };
	bool busy;
	int ret = ingest_crew_start(r.crew, err);

	while (ret == 0 && r.live > 0 && !*p->stop) {
		ret = drain_all(&r, &busy, err);
		if (ret == 0 && is_due(&r))
			ret = hand(&r, err);
		else if (ret == 0 && !busy)
			ret = wait_for_news(&r, err);
		if (ret == 0)
			ret = collect(&r, 0, err);
		tick(&r);
	}
	return ret < 0 ? ret : finish(&r, err);
}
