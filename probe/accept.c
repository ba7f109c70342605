/*
 * probe/accept.c - accepting in the place of the caller.
 *
 * Another process can take the waiting connection between our look and our
 * accept, which then blocks, on a socket whose flags are not ours to change.  A
 * timer's signal ends that.
 */
#include "probe/accept.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/time.h"
#include "probe/decode.h"
#include "probe/notify.h"

enum {
	BLOCKED_MS = 2, /* an accept that found nobody may take so long */
	LEFT_MAX = 16,  /* connections that wait for another accept */
	LEFT_KEEP_S = 30,
};

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

/* A connection, and the listening socket it came from. */
struct connection {
	int fd; /* -1: none */
	dev_t dev;
	ino_t ino;
	int64_t since;
	struct sockaddr_storage peer;
	socklen_t peer_len;
};

struct probe_acceptor {
	int listener; /* of notifications */
	bool works;   /* the kernel can end a call with a descriptor */
	timer_t timer;
	bool have_timer;
	struct connection now; /* of the call that is looked at */
	struct connection left[LEFT_MAX];
	size_t nleft;
};

static void on_signal(int sig)
{
	(void)sig; /* it only interrupts */
}

/* Before Linux 5.14 a descriptor cannot be handed over and the call ended in
 * one: unknown flags are refused before an id is looked at. */
static bool can_end_with_fd(int listener)
{
	struct seccomp_notif_addfd a = { .flags = SECCOMP_ADDFD_FLAG_SEND };

	a.srcfd = (unsigned)listener;
	return ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &a) < 0 &&
	       errno == ENOENT;
}

static int make_timer(struct probe_acceptor *a, struct err *err)
{
	struct sigaction sa = { .sa_handler = on_signal };
	struct sigevent ev = { .sigev_notify = SIGEV_THREAD_ID,
			       .sigev_signo = SIGRTMIN };
	sigset_t set;

	ev.sigev_notify_thread_id = (pid_t)syscall(SYS_gettid);
	if (sigaction(SIGRTMIN, &sa, NULL) != 0 ||
	    timer_create(CLOCK_MONOTONIC, &ev, &a->timer) != 0)
		return err_errno(err, ERR_IO, errno, "could not make a timer");
	a->have_timer = true;
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	(void)pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	return 0;
}

int probe_acceptor_new(struct probe_acceptor **out, int listener,
		       struct err *err)
{
	struct probe_acceptor *a = mem_calloc(1, sizeof(*a));
	int ret;

	if (!a)
		return err_nomem(err);
	a->listener = listener;
	a->now.fd = -1;
	a->works = can_end_with_fd(listener);
	ret = make_timer(a, err);
	if (ret < 0)
		probe_acceptor_free(a);
	else
		*out = a;
	return ret;
}

static void close_connection(struct connection *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}

void probe_acceptor_free(struct probe_acceptor *a)
{
	if (!a)
		return;
	close_connection(&a->now);
	for (size_t i = 0; i < a->nleft; i++)
		close_connection(&a->left[i]);
	if (a->have_timer)
		timer_delete(a->timer);
	mem_free(a);
}

static void leave(struct probe_acceptor *a)
{
	if (a->nleft == LEFT_MAX) {
		close_connection(&a->left[0]);
		memmove(a->left, a->left + 1, --a->nleft * sizeof(a->left[0]));
	}
	a->now.since = time_monotonic();
	a->left[a->nleft++] = a->now;
	a->now.fd = -1;
}

/* The oldest connection that was left of this socket. */
static bool take_left(struct probe_acceptor *a, const struct stat *listening)
{
	int64_t limit = time_monotonic() - LEFT_KEEP_S * NS_PER_S;
	size_t n = 0;

	for (size_t i = 0; i < a->nleft; i++) {
		struct connection *c = &a->left[i];

		if (c->since < limit)
			close_connection(c);
		else if (a->now.fd < 0 && c->dev == listening->st_dev &&
			 c->ino == listening->st_ino)
			a->now = *c;
		else
			a->left[n++] = *c;
	}
	a->nleft = n;
	return a->now.fd >= 0;
}

static void set_timer(struct probe_acceptor *a, long ms)
{
	struct itimerspec t = { .it_value = { .tv_nsec = ms * 1000000 },
				.it_interval = { .tv_nsec = ms * 1000000 } };

	(void)timer_settime(a->timer, 0, &t, NULL);
}

static bool accept_one(struct probe_acceptor *a, int listening, int flags)
{
	a->now.peer_len = sizeof(a->now.peer);
	set_timer(a, BLOCKED_MS);
	a->now.fd = accept4(listening, (struct sockaddr *)&a->now.peer,
			    &a->now.peer_len, flags | SOCK_CLOEXEC);
	set_timer(a, 0);
	return a->now.fd >= 0;
}

/* accept4's flags; accept has none, whatever its fourth register holds. */
static int flags_of(const struct probe_seen *seen)
{
	return seen->notif->data.nr == SYS_accept4 ? probe_seen_fd(seen, 3) : 0;
}

enum probe_take probe_acceptor_take(struct probe_acceptor *a,
				    const struct probe_seen *seen,
				    int listening, bool pending,
				    struct probe_endpoint *peer)
{
	enum probe_take ret = pending ? PROBE_TAKE_CANNOT : PROBE_TAKE_NOBODY;
	int flags = flags_of(seen), nonblock = flags & SOCK_NONBLOCK;
	struct stat st;

	/* Wrong flags are the kernel's to refuse. */
	if (!a->works || (flags & ~(SOCK_NONBLOCK | SOCK_CLOEXEC)) ||
	    fstat(listening, &st) != 0)
		goto out;
	ret = PROBE_TAKE_NOBODY;
	if (take_left(a, &st)) {
		(void)fcntl(a->now.fd, F_SETFL, nonblock ? O_NONBLOCK : 0);
		ret = PROBE_TAKE_DONE;
	} else if (pending) {
		a->now.dev = st.st_dev;
		a->now.ino = st.st_ino;
		if (accept_one(a, listening, nonblock))
			ret = PROBE_TAKE_DONE;
	}
out:
	close(listening);
	if (ret == PROBE_TAKE_DONE)
		(void)probe_sockaddr_decode(&a->now.peer, a->now.peer_len,
					    peer);
	return ret;
}

static bool write_all(pid_t pid, uint64_t addr, const void *p, size_t n)
{
	struct iovec local = { (void *)(uintptr_t)p, n };
	struct iovec remote = { (void *)(uintptr_t)addr, n };

	return n == 0 ||
	       process_vm_writev(pid, &local, 1, &remote, 1, 0) == (ssize_t)n;
}

/* The address where the caller wants it, cut to its room, and its true length;
 * 0 or an errno, as the kernel has it. */
static int write_peer(const struct probe_acceptor *a,
		      const struct probe_seen *seen)
{
	uint64_t addr = probe_seen_arg(seen, 1), at = probe_seen_arg(seen, 2);
	int room, len = (int)a->now.peer_len;

	if (!addr)
		return 0;
	if (!probe_target_read_all(&seen->target, at, &room, sizeof(room)))
		return EFAULT;
	if (room < 0)
		return EINVAL;
	if (room > len)
		room = len;
	if (!write_all(seen->target.tid, addr, &a->now.peer, (size_t)room) ||
	    !write_all(seen->target.tid, at, &len, sizeof(len)))
		return EFAULT;
	return 0;
}

static bool end_with_error(const struct probe_acceptor *a, uint64_t id,
			   int error)
{
	struct seccomp_notif_resp r = { .id = id, .error = -error };

	return probe_notify_send(a->listener, &r);
}

bool probe_acceptor_answer(struct probe_acceptor *a,
			   const struct probe_seen *seen, int *result)
{
	struct seccomp_notif_addfd add = {
		.id = seen->notif->id,
		.flags = SECCOMP_ADDFD_FLAG_SEND,
		.srcfd = (unsigned)a->now.fd,
	};
	int error = write_peer(a, seen), fd;

	if (flags_of(seen) & SOCK_CLOEXEC)
		add.newfd_flags = O_CLOEXEC;
	if (error) { /* the kernel drops the connection, too */
		close_connection(&a->now);
		*result = -error;
		return end_with_error(a, add.id, error);
	}
	do {
		fd = ioctl(a->listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add);
	} while (fd < 0 && errno == EINTR);
	if (fd >= 0) {
		close_connection(&a->now);
		*result = fd;
		return true;
	}
	*result = -errno;
	leave(a);
	return *result != -ENOENT && end_with_error(a, add.id, -*result);
}
