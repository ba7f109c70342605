/*
 * probe/shipper.c - the thread that brings events from the ring to the sink.
 */
#include "probe/shipper.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/time.h"

enum { LINGER_MS = 20 };

enum request { NONE, FLUSH, FLUSH_FINAL };

struct probe_shipper {
	struct probe_ring *ring;
	struct probe_sink *sink;
	pthread_t thread;
	bool running;
	int done_fd;
	_Atomic int request;
	_Atomic int64_t deadline;
	_Atomic bool stop;
};

static void drain(struct probe_shipper *s)
{
	struct slice line;
	uint64_t seq;

	while (probe_ring_peek(s->ring, &seq, &line)) {
		s->sink->ops->write(s->sink, seq, line);
		probe_ring_pop(s->ring);
	}
}

static void serve_request(struct probe_shipper *s)
{
	uint64_t one = 1;
	int request = atomic_load(&s->request);

	if (request == NONE)
		return;
	drain(s); /* what was pushed before the request */
	s->sink->ops->flush(s->sink, atomic_load(&s->deadline),
			    request == FLUSH_FINAL);
	atomic_store(&s->request, NONE);
	if (write(s->done_fd, &one, sizeof(one)) < 0)
		return; /* it is readable already */
}

static int wait_ms(int64_t now, int64_t due)
{
	if (due == INT64_MAX)
		return -1;
	return due <= now ? 0 : (int)((due - now) / NS_PER_MS) + 1;
}

static void *run(void *arg)
{
	struct probe_shipper *s = arg;
	int64_t now = time_monotonic(), due = INT64_MAX;

	while (!atomic_load(&s->stop)) {
		probe_ring_wait(s->ring, wait_ms(now, due));
		if (!atomic_load(&s->stop) && atomic_load(&s->request) == NONE)
			probe_ring_linger(s->ring, LINGER_MS);
		drain(s);
		serve_request(s);
		now = time_monotonic();
		due = s->sink->ops->tick(s->sink, now);
	}
	drain(s);
	return NULL;
}

int probe_shipper_new(struct probe_shipper **out, struct probe_ring *ring,
		      struct probe_sink *sink, struct err *err)
{
	struct probe_shipper *s = mem_calloc(1, sizeof(*s));
	int ret;

	if (!s) {
		sink->ops->close(sink);
		return err_nomem(err);
	}
	s->ring = ring;
	s->sink = sink;
	s->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->done_fd < 0) {
		ret = err_errno(err, ERR_IO, errno,
				"could not make an eventfd");
		goto out;
	}
	ret = pthread_create(&s->thread, NULL, run, s);
	if (ret != 0) {
		ret = err_errno(err, ERR_IO, ret, "could not start a thread");
		goto out;
	}
	s->running = true;
	*out = s;
	s = NULL;
out:
	probe_shipper_free(s);
	return ret;
}

void probe_shipper_free(struct probe_shipper *s)
{
	if (!s)
		return;
	if (s->running) {
		atomic_store(&s->stop, true);
		probe_ring_kick(s->ring);
		pthread_join(s->thread, NULL);
	}
	s->sink->ops->close(s->sink);
	if (s->done_fd >= 0)
		close(s->done_fd);
	mem_free(s);
}

void probe_shipper_request(struct probe_shipper *s, int64_t timeout, bool final)
{
	uint64_t count;

	if (read(s->done_fd, &count, sizeof(count)) < 0)
		errno = 0; /* nobody asked before, or nobody looked */
	atomic_store(&s->deadline, time_monotonic() + timeout);
	atomic_store(&s->request, final ? FLUSH_FINAL : FLUSH);
	probe_ring_kick(s->ring);
}

bool probe_shipper_done(struct probe_shipper *s)
{
	return atomic_load(&s->request) == NONE;
}

int probe_shipper_fd(const struct probe_shipper *s)
{
	return s->done_fd;
}

void probe_shipper_wait(struct probe_shipper *s, int64_t timeout)
{
	struct pollfd p = { .fd = s->done_fd, .events = POLLIN };

	if (!probe_shipper_done(s))
		(void)poll(&p, 1, (int)(timeout / NS_PER_MS));
}
