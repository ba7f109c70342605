/*
 * probe/watchdog.c - calls are answered even if the supervisor is stuck.
 */
#include "probe/watchdog.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/time.h"
#include "probe/filter.h"
#include "probe/notify.h"

enum {
	LOOK_EVERY_MS = 250,
	STAND_IN_MS = 20, /* between two looks at whether it moves again */
};

struct probe_watchdog {
	int listener, stop_fd;
	struct probe_busy *busy;
	bool run_foreign, running;
	struct probe_losses *losses;
	pthread_t thread;
};

int probe_refusal(const struct seccomp_data *call, bool run_foreign)
{
	if (call->arch != probe_filter_arch() ||
	    probe_filter_is_foreign(call->nr))
		return run_foreign ? 0 : ENOSYS;
	return call->nr == SYS_io_uring_setup ? ENOSYS : 0;
}

static void answer(struct probe_watchdog *w, uint64_t id, int refuse)
{
	struct seccomp_notif_resp a = { .id = id, .error = -refuse };

	if (!refuse)
		a.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	if (probe_notify_send(w->listener, &a))
		atomic_fetch_add(&w->losses->ring, 1);
}

/* One call in the place of the supervisor; false once that moves again. */
static bool take_one(struct probe_watchdog *w, uint64_t stuck_at)
{
	struct pollfd p = { .fd = w->listener, .events = POLLIN };
	struct seccomp_notif n;
	bool stuck, got = false;

	memset(&n, 0, sizeof(n));
	pthread_mutex_lock(&w->busy->lock);
	stuck = w->busy->id == stuck_at;
	if (stuck && poll(&p, 1, 0) > 0 && (p.revents & POLLIN))
		got = ioctl(w->listener, SECCOMP_IOCTL_NOTIF_RECV, &n) == 0;
	pthread_mutex_unlock(&w->busy->lock);
	if (got)
		answer(w, n.id, probe_refusal(&n.data, w->run_foreign));
	return stuck;
}

static void look(struct probe_watchdog *w)
{
	struct pollfd p[] = {
		{ .fd = w->stop_fd, .events = POLLIN },
		{ .fd = w->listener, .events = POLLIN },
	};
	struct probe_busy *b = w->busy;
	int64_t limit = time_monotonic() - PROBE_STUCK_MS * NS_PER_MS;
	uint64_t id;
	int refuse;

	pthread_mutex_lock(&b->lock);
	id = b->since < limit ? b->id : 0;
	refuse = b->refuse;
	pthread_mutex_unlock(&b->lock);
	if (!id)
		return;
	answer(w, id, refuse);
	while (take_one(w, id) && !(p[0].revents & POLLIN))
		(void)poll(p, 2, STAND_IN_MS);
}

static void *run(void *arg)
{
	struct probe_watchdog *w = arg;
	struct pollfd stop = { .fd = w->stop_fd, .events = POLLIN };

	while (poll(&stop, 1, LOOK_EVERY_MS) <= 0)
		look(w);
	return NULL;
}

void probe_busy_init(struct probe_busy *b)
{
	*b = (struct probe_busy){ .id = 0 };
	(void)pthread_mutex_init(&b->lock, NULL); /* cannot fail on Linux */
}

void probe_busy_release(struct probe_busy *b)
{
	(void)pthread_mutex_destroy(&b->lock);
}

void probe_busy_begin(struct probe_busy *b, uint64_t id, int refuse)
{
	int64_t now = time_monotonic();

	pthread_mutex_lock(&b->lock);
	b->id = id;
	b->refuse = refuse;
	b->since = now;
	pthread_mutex_unlock(&b->lock);
}

void probe_busy_end(struct probe_busy *b)
{
	pthread_mutex_lock(&b->lock);
	b->id = 0;
	pthread_mutex_unlock(&b->lock);
}

int probe_watchdog_new(struct probe_watchdog **out, int listener,
		       struct probe_busy *busy, bool run_foreign,
		       struct probe_losses *losses, struct err *err)
{
	struct probe_watchdog *w = mem_calloc(1, sizeof(*w));
	int ret = 0;

	if (!w)
		return err_nomem(err);
	w->listener = listener;
	w->busy = busy;
	w->run_foreign = run_foreign;
	w->losses = losses;
	w->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (w->stop_fd < 0)
		ret = err_errno(err, ERR_IO, errno,
				"could not make an eventfd");
	else if ((ret = pthread_create(&w->thread, NULL, run, w)) != 0)
		ret = err_errno(err, ERR_IO, ret, "could not start a thread");
	if (ret == 0) {
		w->running = true;
		*out = w;
		w = NULL;
	}
	probe_watchdog_free(w);
	return ret;
}

void probe_watchdog_free(struct probe_watchdog *w)
{
	uint64_t one = 1;

	if (!w)
		return;
	if (w->running) {
		if (write(w->stop_fd, &one, sizeof(one)) < 0)
			errno = 0; /* it is full: readable all the same */
		pthread_join(w->thread, NULL);
	}
	if (w->stop_fd >= 0)
		close(w->stop_fd);
	mem_free(w);
}
