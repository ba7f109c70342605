/*
 * ingest/upkeep.c - the thread that merges, and drops what is too old.
 */
#include "ingest/upkeep.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/time.h"
#include "index/merge.h"
#include "index/retention.h"

/* Between two looks at the store, and after something failed. */
#define LOOK_EVERY (200 * NS_PER_MS)
#define RETRY_AFTER (10 * NS_PER_S)

struct ingest_upkeep {
	struct index_store *store;
	struct ingest_upkeep_options o;
	struct index_merger *merger;
	pthread_t thread;
	pthread_mutex_t lock; /* for what follows */
	pthread_cond_t changed;
	bool stop;
	bool hurry; /* somebody waits for `idle` */
	bool idle;  /* nothing was due at the last look, or it failed */
};

static bool is_hurried(struct ingest_upkeep *u)
{
	bool hurry;

	pthread_mutex_lock(&u->lock);
	hurry = u->hurry;
	pthread_mutex_unlock(&u->lock);
	return hurry;
}

/* Waits if nothing is due, unless somebody is in a hurry; who was so before
 * the last look has what he wants.  False: the thread is to end. */
static bool rest(struct ingest_upkeep *u, int64_t ns, bool idle, bool hurried)
{
	struct timespec until;
	bool stop;

	clock_gettime(CLOCK_MONOTONIC, &until);
	ns += until.tv_nsec;
	until.tv_sec += ns / NS_PER_S;
	until.tv_nsec = (long)(ns % NS_PER_S);
	pthread_mutex_lock(&u->lock);
	if (idle && hurried) {
		u->idle = true;
		u->hurry = false;
		pthread_cond_broadcast(&u->changed);
	}
	while (idle && !u->stop && !u->hurry &&
	       pthread_cond_timedwait(&u->changed, &u->lock, &until) !=
		       ETIMEDOUT)
		;
	stop = u->stop;
	pthread_mutex_unlock(&u->lock);
	return !stop;
}

/* What is dropped need not be merged. */
static int step(struct ingest_upkeep *u, struct err *err)
{
	struct index_retention_done dropped;
	struct index_merge_done merged;
	int ret = index_retention_step(u->store, time_now(), u->o.max_bytes,
				       &dropped, err);

	if (ret == 1)
		log_info("retention\tsegments=%u events=%llu bytes=%llu",
			 dropped.segments, (unsigned long long)dropped.rows,
			 (unsigned long long)dropped.bytes);
	if (ret != 0 || u->o.no_merge)
		return ret;
	return index_merger_step(u->merger, &merged, err);
}

static void *run(void *ctx)
{
	struct ingest_upkeep *u = ctx;
	struct err err = ERR_INIT;
	bool hurried;
	int ret;

	do {
		hurried = is_hurried(u);
		ret = step(u, &err);
		if (ret < 0)
			log_warn("could not look after the store: %s",
				 err.message);
	} while (
		rest(u, ret < 0 ? RETRY_AFTER : LOOK_EVERY, ret != 1, hurried));
	return NULL;
}

/* Signals are the main thread's. */
static int start_thread(struct ingest_upkeep *u)
{
	sigset_t all, before;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&u->thread, NULL, run, u);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc;
}

int ingest_upkeep_start(struct ingest_upkeep **out, struct index_store *store,
			const struct ingest_upkeep_options *o, struct err *err)
{
	struct ingest_upkeep *u = mem_calloc(1, sizeof(*u));
	pthread_condattr_t attr;
	int ret, rc;

	if (!u)
		return err_nomem(err);
	u->store = store;
	u->o = *o;
	ret = index_merger_new(&u->merger, store, err);
	if (ret < 0) {
		mem_free(u);
		return ret;
	}
	pthread_mutex_init(&u->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&u->changed, &attr);
	pthread_condattr_destroy(&attr);
	rc = start_thread(u);
	if (rc) {
		pthread_cond_destroy(&u->changed);
		pthread_mutex_destroy(&u->lock);
		index_merger_free(u->merger);
		mem_free(u);
		return err_errno(err, ERR_NO_MEMORY, rc,
				 "cannot start the thread that merges");
	}
	*out = u;
	return 0;
}

void ingest_upkeep_finish(struct ingest_upkeep *u)
{
	pthread_mutex_lock(&u->lock);
	u->idle = false;
	u->hurry = true;
	pthread_cond_broadcast(&u->changed);
	while (!u->idle)
		pthread_cond_wait(&u->changed, &u->lock);
	pthread_mutex_unlock(&u->lock);
}

void ingest_upkeep_stop(struct ingest_upkeep *u)
{
	if (!u)
		return;
	pthread_mutex_lock(&u->lock);
	u->stop = true;
	pthread_cond_broadcast(&u->changed);
	pthread_mutex_unlock(&u->lock);
	pthread_join(u->thread, NULL);
	pthread_cond_destroy(&u->changed);
	pthread_mutex_destroy(&u->lock);
	index_merger_free(u->merger);
	mem_free(u);
}
