/*
 * ingest/crew.c - the threads between sources and store.
 *
 * The batch of ticket t is batches[t % nbatches], and
 *
 *	collected <= durable <= taken <= handed < collected + nbatches
 *
 * but for the last, which is an equality while there is no batch to fill.
 * [durable, taken) are being built or wait for their turn to be stored.
 */
#include "ingest/crew.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/time.h"
#include "ingest/batch_int.h"
#include "ingest/build_int.h"

struct worker {
	struct ingest_crew *crew;
	struct ingest_build *build;
	pthread_t thread;
};

struct ingest_crew {
	struct ingest_crew_options o;
	struct worker workers[LIMIT_INGEST_THREADS];
	unsigned nthreads; /* running */
	struct ingest_batch batches[LIMIT_QUEUE_BATCHES];
	unsigned nbatches;
	uint32_t max_rows;
	size_t max_bytes;
	/* Of the thread of the sources: */
	uint64_t handed, collected;
	/* Under the lock: */
	pthread_mutex_t lock;
	pthread_cond_t work; /* there is a batch to take, or the end has come */
	pthread_cond_t done; /* a batch is durable, or there is an error */
	uint64_t given;      /* `handed`, as the threads know it */
	uint64_t taken, durable;
	bool built[LIMIT_QUEUE_BATCHES];
	bool storing; /* by one of the threads */
	bool quit;
	int failed;
	struct err err;
};

static struct ingest_batch *batch_of(struct ingest_crew *c, uint64_t ticket)
{
	return &c->batches[ticket % c->nbatches];
}

static void init_sync(struct ingest_crew *c)
{
	pthread_condattr_t attr;

	pthread_mutex_init(&c->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&c->work, &attr);
	pthread_cond_init(&c->done, &attr);
	pthread_condattr_destroy(&attr);
}

int ingest_crew_new(struct ingest_crew **out,
		    const struct ingest_crew_options *o, struct err *err)
{
	struct ingest_crew *c = mem_calloc(1, sizeof(*c));
	int ret = 0;

	if (!c)
		return err_nomem(err);
	c->o = *o;
	/* One is filled and one waits while each thread builds one. */
	c->nbatches = o->threads > 1 ? o->threads + 2 : 1;
	c->max_rows = LIMIT_QUEUE_ROWS / c->nbatches;
	c->max_bytes = LIMIT_QUEUE_BYTES / c->nbatches;
	if (c->max_rows > LIMIT_BATCH_ROWS)
		c->max_rows = LIMIT_BATCH_ROWS;
	if (c->max_bytes > LIMIT_BATCH_BYTES)
		c->max_bytes = LIMIT_BATCH_BYTES;
	init_sync(c);
	for (unsigned i = 0; i < c->nbatches; i++)
		ingest_batch_init(&c->batches[i]);
	for (unsigned i = 0; i < o->threads && ret == 0; i++) {
		c->workers[i].crew = c;
		ret = ingest_build_new(&c->workers[i].build, o->deadletters,
				       o->yajl, err);
	}
	if (ret == 0)
		ret = index_store_register(o->store, o->deadletters, err);
	if (ret < 0) {
		ingest_crew_free(c);
		return ret;
	}
	*out = c;
	return 0;
}

void ingest_crew_free(struct ingest_crew *c)
{
	if (!c)
		return;
	pthread_mutex_lock(&c->lock);
	c->quit = true;
	pthread_cond_broadcast(&c->work);
	pthread_mutex_unlock(&c->lock);
	for (unsigned i = 0; i < c->nthreads; i++)
		pthread_join(c->workers[i].thread, NULL);
	for (unsigned i = 0; i < c->o.threads; i++)
		ingest_build_free(c->workers[i].build);
	for (unsigned i = 0; i < c->nbatches; i++)
		ingest_batch_release(&c->batches[i]);
	pthread_cond_destroy(&c->work);
	pthread_cond_destroy(&c->done);
	pthread_mutex_destroy(&c->lock);
	mem_free(c);
}

int ingest_crew_register(struct ingest_crew *c, const struct dataset *ds,
			 struct err *err)
{
	int ret;

	if (ds->kind != DATASET_LOG)
		return err_set(err, ERR_UNSUPPORTED,
			       "dataset \"%.*s\" is a table, which cannot be ingested",
			       SLICE_ARG(ds->name));
	ret = index_store_register(c->o.store, ds, err);
	for (unsigned i = 0; i < c->o.threads && ret == 0; i++)
		ret = ingest_build_register(c->workers[i].build, ds, err);
	return ret;
}

/* Under the lock.  The first error is the one that counts. */
static void fail(struct ingest_crew *c, int ret, const struct err *err)
{
	if (!c->failed) {
		c->failed = ret;
		c->err = *err;
	}
	c->quit = true;
	pthread_cond_broadcast(&c->work);
	pthread_cond_signal(&c->done);
}

/* Under the lock, which is let go meanwhile: stores what has its turn. */
static void store_in_turn(struct ingest_crew *c)
{
	while (!c->storing && !c->quit && c->durable < c->taken &&
	       c->built[c->durable % c->nbatches]) {
		struct ingest_batch *b = batch_of(c, c->durable);
		struct err err = ERR_INIT;
		int ret;

		c->built[c->durable % c->nbatches] = false;
		c->storing = true;
		pthread_mutex_unlock(&c->lock);
		ret = ingest_batch_store(b, c->o.store, c->o.stats, &err);
		pthread_mutex_lock(&c->lock);
		c->storing = false;
		if (ret < 0) {
			fail(c, ret, &err);
			return;
		}
		c->durable++;
		pthread_cond_signal(&c->done);
	}
}

static void *work(void *arg)
{
	struct worker *w = arg;
	struct ingest_crew *c = w->crew;

	pthread_mutex_lock(&c->lock);
	while (!c->quit) {
		struct err err = ERR_INIT;
		uint64_t ticket = c->taken;
		int ret;

		if (ticket == c->given) {
			pthread_cond_wait(&c->work, &c->lock);
			continue;
		}
		c->taken++;
		pthread_mutex_unlock(&c->lock);
		ret = ingest_build_run(w->build, batch_of(c, ticket), &err);
		pthread_mutex_lock(&c->lock);
		if (ret < 0) {
			fail(c, ret, &err);
			break;
		}
		c->built[ticket % c->nbatches] = true;
		store_in_turn(c);
	}
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

/* Signals are for the thread of the sources, but for those that say that a
 * page of the store could not be read. */
static int start_thread(struct worker *w, struct err *err)
{
	sigset_t all, old;
	int e;

	sigfillset(&all);
	sigdelset(&all, SIGBUS);
	sigdelset(&all, SIGSEGV);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	e = pthread_create(&w->thread, NULL, work, w);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return e ? err_errno(err, ERR_IO, e, "could not start a thread") : 0;
}

int ingest_crew_start(struct ingest_crew *c, struct err *err)
{
	int ret = 0;

	while (c->o.threads > 1 && c->nthreads < c->o.threads && ret == 0) {
		ret = start_thread(&c->workers[c->nthreads], err);
		if (ret == 0)
			c->nthreads++;
	}
	return ret;
}

bool ingest_crew_has_batch(const struct ingest_crew *c)
{
	return c->handed - c->collected < c->nbatches;
}

bool ingest_crew_has_room(const struct ingest_crew *c)
{
	const struct ingest_batch *b = &c->batches[c->handed % c->nbatches];

	return ingest_crew_has_batch(c) && b->n < c->max_rows &&
	       b->bytes < c->max_bytes;
}

uint32_t ingest_crew_rows(const struct ingest_crew *c)
{
	return ingest_crew_has_batch(c) ? c->batches[c->handed % c->nbatches].n : 0;
}

int ingest_crew_add(struct ingest_crew *c, const char *source,
		    const struct ingest_message *m, struct err *err)
{
	return ingest_batch_add(batch_of(c, c->handed), source, m, err);
}

static int build_and_store(struct ingest_crew *c, struct ingest_batch *b,
			   struct err *err)
{
	int ret = ingest_build_run(c->workers[0].build, b, err);

	if (ret == 0)
		ret = ingest_batch_store(b, c->o.store, c->o.stats, err);
	return ret;
}

int ingest_crew_hand(struct ingest_crew *c, struct ingest_source *const *sources,
		     size_t nsources, struct err *err)
{
	struct ingest_batch *b = batch_of(c, c->handed);
	int ret = 0;

	for (size_t i = 0; i < nsources && ret == 0; i++)
		ret = sources[i]->ops->positions(sources[i], ingest_batch_position,
						 b, err);
	if (ret == 0 && c->o.threads == 1)
		ret = build_and_store(c, b, err);
	if (ret < 0)
		return ret;
	pthread_mutex_lock(&c->lock);
	c->given = ++c->handed;
	if (c->o.threads == 1)
		c->taken = c->durable = c->handed;
	pthread_cond_signal(&c->work);
	pthread_mutex_unlock(&c->lock);
	return 0;
}

unsigned ingest_crew_waiting(const struct ingest_crew *c)
{
	return (unsigned)(c->handed - c->collected);
}

/* Is the oldest batch durable?  Waits for it at most until `end`. */
static int wait_durable(struct ingest_crew *c, int64_t timeout, struct err *err)
{
	int64_t end = time_monotonic() + timeout;
	const struct timespec ts = { .tv_sec = end / NS_PER_S,
				     .tv_nsec = end % NS_PER_S };
	int late = timeout == 0;
	int ret;

	pthread_mutex_lock(&c->lock);
	while (!c->failed && c->durable == c->collected && !late)
		late = pthread_cond_timedwait(&c->done, &c->lock, &ts);
	ret = c->failed ? c->failed : c->durable > c->collected;
	if (c->failed && err)
		*err = c->err;
	pthread_mutex_unlock(&c->lock);
	return ret;
}

int ingest_crew_collect(struct ingest_crew *c, int64_t timeout,
			struct ingest_source *const *sources, size_t nsources,
			struct err *err)
{
	int ret;

	if (ingest_crew_waiting(c) == 0)
		return 0;
	ret = wait_durable(c, timeout, err);
	if (ret <= 0)
		return ret;
	c->collected++;
	ret = 0;
	for (size_t i = 0; i < nsources && ret == 0; i++)
		ret = sources[i]->ops->committed(sources[i], err);
	return ret < 0 ? ret : 1;
}
