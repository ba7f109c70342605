/*
 * probe/supervise.c - answering the calls that are trapped.
 *
 * Invariants:
 * (V1) Every notification that is received is answered, unless its caller is
 *      gone; by the watchdog if we are stuck.
 * (V2) Events are made only of answered calls.  That the answer was taken shows
 *      that what was read before was the caller's and not that of a later
 *      owner of its number; a call that was interrupted while we looked comes
 *      again as a new notification.
 * (V3) The call goes on before its events are written as JSON.
 */
#include "probe/supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/time.h"
#include "probe/accept.h"
#include "probe/calls.h"
#include "probe/decode.h"
#include "probe/event.h"
#include "probe/facts.h"
#include "probe/filter.h"
#include "probe/notify.h"
#include "probe/socket.h"
#include "probe/watchdog.h"

enum {
	SCRATCH_MAX = 1 << 20,
	LOSS_EVERY_MS = 1000, /* losses are told at most so often */
};

struct probe_supervisor {
	struct probe_supervise_options o;
	struct probe_ring *ring;
	struct probe_losses *losses;
	struct probe_facts *facts;
	struct probe_events events;
	struct arena arena;
	struct probe_losses_now told;
	int self_fd, listener;
	int64_t heartbeat_at, loss_at;
	int64_t second; /* of the rate limit */
	uint64_t this_second;
	uint64_t calls, kept, quiet, gone;
	struct probe_busy busy;
	struct probe_watchdog *watchdog;
	struct probe_sockets *sockets;
	struct probe_acceptor *acceptor;
	struct probe_seen seen;
};

int probe_supervisor_new(struct probe_supervisor **out,
			 const struct probe_supervise_options *o,
			 struct probe_ring *ring, struct probe_losses *losses,
			 struct err *err)
{
	struct probe_supervisor *s = mem_calloc(1, sizeof(*s));
	int ret;

	if (!s)
		return err_nomem(err);
	s->o = *o;
	s->ring = ring;
	s->losses = losses;
	probe_busy_init(&s->busy);
	arena_init(&s->arena, SCRATCH_MAX);
	s->self_fd = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ret = s->self_fd < 0 ?
		      err_errno(err, ERR_IO, errno, "cannot use /proc") :
		      0;
	if (ret == 0)
		ret = probe_facts_new(&s->facts, err);
	if (ret == 0)
		ret = probe_sockets_new(&s->sockets, err);
	if (ret == 0)
		ret = probe_events_init(&s->events, o->host, o->labels, err);
	if (ret == 0) {
		s->heartbeat_at = time_monotonic() + o->heartbeat;
		*out = s;
		s = NULL;
	}
	probe_supervisor_free(s);
	return ret;
}

void probe_supervisor_free(struct probe_supervisor *s)
{
	if (!s)
		return;
	probe_watchdog_free(s->watchdog);
	probe_acceptor_free(s->acceptor);
	probe_sockets_free(s->sockets);
	probe_facts_free(s->facts);
	probe_events_release(&s->events);
	arena_release(&s->arena);
	probe_busy_release(&s->busy);
	if (s->self_fd >= 0)
		close(s->self_fd);
	mem_free(s);
}

static bool push(struct probe_supervisor *s, struct slice line)
{
	if (!line.p || !probe_ring_push(s->ring, s->events.seq, line))
		return false;
	probe_events_taken(&s->events);
	return true;
}

static struct probe_losses_now losses_now(const struct probe_supervisor *s)
{
	return (struct probe_losses_now){
		.ring = atomic_load(&s->losses->ring),
		.spool = atomic_load(&s->losses->spool),
		.rate = atomic_load(&s->losses->rate),
	};
}

static bool tell(struct probe_supervisor *s, const char *kind,
		 const char *message)
{
	struct probe_losses_now losses = losses_now(s);

	if (!push(s, probe_events_sensor(&s->events, kind, &losses, message,
					 time_now())))
		return false;
	s->told = losses;
	return true;
}

/* Whether the limit of events per second leaves room for one more. */
static bool within_rate(struct probe_supervisor *s, int64_t when)
{
	if (!s->o.rate)
		return true;
	if (when / NS_PER_S != s->second) {
		s->second = when / NS_PER_S;
		s->this_second = 0;
	}
	return s->this_second++ < s->o.rate;
}

static void emit(struct probe_supervisor *s, int64_t when)
{
	if (s->seen.nattempts == 0)
		s->quiet++;
	for (size_t i = 0; i < s->seen.nattempts; i++) {
		const struct probe_attempt *a = &s->seen.attempts[i];

		if (!within_rate(s, when))
			atomic_fetch_add(&s->losses->rate, 1);
		else if (push(s, probe_events_attempt(&s->events, &s->seen, a,
						      when)))
			s->kept++;
		else
			atomic_fetch_add(&s->losses->ring, 1);
	}
}

static const char *foreign_name(const struct seccomp_data *d)
{
	if (d->arch == AUDIT_ARCH_I386)
		return "sys_i386";
	return d->arch == probe_filter_arch() ? "sys_x32" : "sys_foreign";
}

/*
 * The number means another call than in our table.  Refused, each one is an
 * event; let go, the first of a program says that the rest is not seen.
 */
static void decode_foreign(struct probe_supervisor *s)
{
	struct probe_seen *seen = &s->seen;
	struct probe_attempt *a;

	if (!seen->refuse && seen->process->foreign_told)
		return;
	seen->process->foreign_told = true;
	a = probe_seen_add(seen, PROBE_RULE_SYSCALL,
			   foreign_name(&seen->notif->data));
	if (!a)
		return;
	a->refused = seen->refuse != 0;
	a->message = a->refused ?
			     "refused: a call of a foreign architecture" :
			     "a program of a foreign architecture runs unseen";
}

static void decode(struct probe_supervisor *s, const struct seccomp_notif *n)
{
	struct probe_seen *seen = &s->seen;

	arena_reset(&s->arena);
	seen->notif = n;
	seen->nattempts = 0;
	seen->renames = seen->accepted = false;
	seen->sockets = s->sockets;
	seen->acceptor = s->acceptor;
	seen->arena = &s->arena;
	seen->now = time_monotonic();
	seen->self_fd = s->self_fd;
	seen->process = probe_facts_get(s->facts, (pid_t)n->pid, seen->now);
	seen->target = (struct probe_target){ .tid = (pid_t)n->pid,
					      .mem_fd = seen->process->mem_fd };
	seen->call = NULL;
	if (n->data.arch == probe_filter_arch())
		seen->call = probe_call_by_nr(n->data.nr);
	if (seen->call)
		seen->call->decode(seen);
	else
		decode_foreign(s);
	if (seen->renames)
		probe_facts_will_rename(s->facts, seen->now);
}

/* ENOENT, as from NOTIF_ID_VALID: the caller is gone (V2). */
static bool answer(struct probe_supervisor *s)
{
	struct seccomp_notif_resp r = { .id = s->seen.notif->id,
					.error = -s->seen.refuse };

	if (s->seen.accepted) {
		struct probe_attempt *a = &s->seen.attempts[0];

		a->has_return = true;
		return probe_acceptor_answer(s->acceptor, &s->seen,
					     &a->return_code);
	}
	if (!s->seen.refuse)
		r.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	return probe_notify_send(s->listener, &r);
}

void probe_supervisor_serve(struct probe_supervisor *s)
{
	struct seccomp_notif n;
	int64_t when;

	memset(&n, 0, sizeof(n));
	/* ENOENT: the caller died, or was interrupted, before we came. */
	if (ioctl(s->listener, SECCOMP_IOCTL_NOTIF_RECV, &n) != 0)
		return;
	when = time_now();
	s->calls++;
	s->seen.refuse = probe_refusal(&n.data, s->o.run_foreign);
	probe_busy_begin(&s->busy, n.id, s->seen.refuse);
	decode(s, &n);
	probe_busy_end(&s->busy);
	if (answer(s))
		emit(s, when);
	else
		s->gone++;
}

int probe_supervisor_attach(struct probe_supervisor *s, int listener,
			    struct err *err)
{
	int ret = probe_watchdog_new(&s->watchdog, listener, &s->busy,
				     s->o.run_foreign, s->losses, err);

	s->listener = listener;
	if (ret == 0)
		ret = probe_acceptor_new(&s->acceptor, listener, err);
	return ret;
}

void probe_supervisor_start(struct probe_supervisor *s, const char *message)
{
	(void)tell(s, "START", message);
}

static bool new_losses(const struct probe_supervisor *s)
{
	struct probe_losses_now now = losses_now(s);

	return now.ring != s->told.ring || now.spool != s->told.spool ||
	       now.rate != s->told.rate;
}

static const char *summary(const struct probe_supervisor *s, char *out,
			   size_t cap)
{
	snprintf(out, cap,
		 "%" PRIu64 " calls looked at, %" PRIu64 " events, %" PRIu64
		 " calls without event, %" PRIu64 " callers gone",
		 s->calls, s->kept, s->quiet, s->gone);
	return out;
}

int64_t probe_supervisor_tick(struct probe_supervisor *s, int64_t now)
{
	char text[160];

	if (now >= s->heartbeat_at) {
		(void)tell(s, "HEARTBEAT", summary(s, text, sizeof(text)));
		s->heartbeat_at = now + s->o.heartbeat;
	}
	if (now >= s->loss_at && new_losses(s)) {
		(void)tell(s, "LOSS", NULL);
		s->loss_at = now + LOSS_EVERY_MS * NS_PER_MS;
	}
	if (!new_losses(s))
		return s->heartbeat_at;
	return s->loss_at < s->heartbeat_at ? s->loss_at : s->heartbeat_at;
}

void probe_supervisor_end(struct probe_supervisor *s)
{
	char text[160];

	if (new_losses(s))
		(void)tell(s, "LOSS", NULL);
	(void)tell(s, "END", summary(s, text, sizeof(text)));
}
