/*
 * probe/keeper.c - the process that watches.
 *
 * Order of things:
 *  1. the command's process is forked and filters itself (handover.c), before
 *     any thread of ours exists;
 *  2. the keeper leaves session, terminal and inherited descriptors;
 *  3. the shipper's thread starts; START is queued; the command is let go;
 *  4. calls are answered until the listener says that nobody is left;
 *  5. the ring is emptied, LOSS and END follow, the foreground is told.
 * When the command ends before its daemons do, the events so far are flushed
 * and the foreground is told then.
 */
#include "probe/keeper.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/time.h"
#include "probe/calls.h"
#include "probe/control.h"
#include "probe/shipper.h"

/* Not yet in the headers of Debian 12. */
#ifndef SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (UINT64_C(1) << 0)
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS _IOW('!', 4, uint64_t)
#endif

enum {
	LAST_WORDS_MS = 1000, /* for LOSS and END, after the rest was drained */
};

struct keeper {
	const struct probe_keeper_options *o;
	int control, signals;
	struct probe_handover child;
	struct probe_losses losses;
	struct probe_ring *ring;
	struct probe_shipper *shipper;
	struct probe_supervisor *supervisor;
	int status;      /* of the command */
	bool ended;      /* the command did */
	bool told;       /* and the foreground knows */
	int64_t tell_by; /* it is told then, flushed or not */
};

static void report_line(void *arg, const char *text)
{
	probe_control_send(*(int *)arg, PROBE_CONTROL_LINE, 0, 0, text, NULL);
}

int probe_keeper_open_sink(const struct probe_keeper_options *o,
			   struct probe_losses *losses,
			   const struct probe_reporter *reporter,
			   struct probe_sink **out, struct err *err)
{
	struct probe_kafka_options kafka = {
		.brokers = o->kafka_brokers,
		.topic = o->kafka_topic,
		.key = probe_host_key(o->supervise.host),
		.properties = &o->kafka_properties,
	};
	struct probe_sink *spool = NULL;
	int ret = 0;

	if (o->spool_dir)
		ret = probe_spool_open(&spool, o->spool_dir,
				       o->supervise.host->sensor_uuid,
				       o->spool_cap, losses, err);
	if (ret < 0)
		return ret;
	if (!o->kafka_brokers) {
		*out = spool;
		return 0;
	}
	ret = probe_kafka_open(out, &kafka, spool, losses, reporter, err);
	if (ret < 0 && spool)
		spool->ops->close(spool);
	return ret;
}

/* Descriptors that the command inherits must not be kept open by us: a reader
 * at the other end of a pipe waits for all writers. */
static void leave_terminal(void)
{
	struct rlimit files;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = 0; fd <= 2 && null >= 0; fd++)
		(void)dup2(null, fd);
	(void)setsid();
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
	/* Programs of the same user cannot look into us or trace us. */
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	(void)prctl(PR_SET_NAME, "crs-keeper", 0, 0, 0);
}

/* All of ours are close-on-exec, none of the command's are. */
static void close_inherited(void)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *d;

	while (dir && (d = readdir(dir))) {
		int fd = (int)strtol(d->d_name, NULL, 10);
		int flags = fcntl(fd, F_GETFD);

		if (fd > 2 && flags >= 0 && !(flags & FD_CLOEXEC))
			close(fd);
	}
	if (dir)
		closedir(dir);
}

static void start_text(const struct keeper *k, char *out, size_t cap)
{
	struct utsname u = { .release = "" };

	(void)uname(&u);
	snprintf(out, cap,
		 "seccomp user notification, %zu calls trapped, %s%skernel %s",
		 probe_ncalls, k->child.no_new_privs ? "no_new_privs, " : "",
		 (k->child.flags & SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV) ?
			 "wait_killable, " :
			 "",
		 u.release);
}

/* What can be had before the command exists: the ring and the supervisor. */
static int prepare(struct keeper *k, struct err *err)
{
	sigset_t child;
	int ret;

	ret = probe_ring_new(&k->ring, k->o->ring_size, err);
	if (ret == 0)
		ret = probe_supervisor_new(&k->supervisor, &k->o->supervise,
					   k->ring, &k->losses, err);
	if (ret < 0)
		return ret;
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	k->signals = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
	if (k->signals < 0)
		return err_errno(err, ERR_IO, errno,
				 "could not make a signalfd");
	/* Ignored, it would make children vanish unreaped. */
	(void)signal(SIGCHLD, SIG_DFL);
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0)
		return err_errno(err, ERR_IO, errno,
				 "could not become a reaper");
	return 0;
}

static int start_shipper(struct keeper *k, struct err *err)
{
	struct probe_reporter reporter = { report_line, &k->control };
	struct probe_sink *sink;
	int ret;

	ret = probe_keeper_open_sink(k->o, &k->losses, &reporter, &sink, err);
	if (ret == 0)
		ret = probe_shipper_new(&k->shipper, k->ring, sink, err);
	return ret;
}

static void tell_end(struct keeper *k, enum probe_control_kind kind)
{
	if (k->told)
		return;
	k->told = true;
	probe_control_send(k->control, kind, k->status,
			   probe_handover_exec_errno(&k->child), NULL, NULL);
}

static void command_changed(struct keeper *k, int status)
{
	if (WIFSTOPPED(status)) {
		probe_control_send(k->control, PROBE_CONTROL_STOPPED,
				   WSTOPSIG(status), 0, NULL, NULL);
		return;
	}
	k->status = status;
	k->ended = true;
}

static void reap(struct keeper *k)
{
	struct signalfd_siginfo info;
	int status;
	pid_t pid;

	while (read(k->signals, &info, sizeof(info)) > 0)
		;
	while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0)
		if (pid == k->child.pid)
			command_changed(k, status);
}

/* The command is over and others are not: its events are flushed, then the
 * foreground may leave. */
static void part_with_foreground(struct keeper *k, int64_t now)
{
	if (!k->ended || k->told)
		return;
	if (!k->tell_by) {
		k->tell_by = now + k->o->drain;
		probe_shipper_request(k->shipper, k->o->drain, false);
		return;
	}
	if (probe_shipper_done(k->shipper) || now >= k->tell_by)
		tell_end(k, PROBE_CONTROL_LEFT_BEHIND);
}

static int64_t next_due(const struct keeper *k, int64_t due)
{
	if (k->ended && !k->told && k->tell_by && k->tell_by < due)
		return k->tell_by;
	return due;
}

/* The caller waits for us: better here than on a processor that sleeps. */
static void wake_up_near(int listener)
{
	uint64_t flags = SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP;

	/* Since Linux 6.6; before, nothing is lost. */
	(void)ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, flags);
}

static void watch(struct keeper *k)
{
	struct pollfd fds[] = {
		{ .fd = k->child.listener, .events = POLLIN },
		{ .fd = k->signals, .events = POLLIN },
		{ .fd = -1, .events = POLLIN },
	};

	wake_up_near(k->child.listener);
	for (;;) {
		int64_t now = time_monotonic();
		int64_t due = probe_supervisor_tick(k->supervisor, now);
		int64_t wait;

		part_with_foreground(k, now);
		fds[2].fd = k->ended && !k->told ?
				    probe_shipper_fd(k->shipper) :
				    -1;
		wait = (next_due(k, due) - now) / NS_PER_MS + 1;
		if (wait < 0)
			wait = 0;
		if (poll(fds, 3, wait < 60000 ? (int)wait : 60000) < 0)
			continue;
		if (fds[0].revents & POLLIN)
			probe_supervisor_serve(k->supervisor);
		if (fds[1].revents & POLLIN)
			reap(k);
		/* The last one under the filter is gone. */
		if ((fds[0].revents & POLLHUP) && !(fds[0].revents & POLLIN))
			return;
	}
}

static void finish(struct keeper *k)
{
	int status;

	/* Nobody is left under the filter: the command is dead, if not yet
	 * reaped. */
	while (!k->ended && k->child.pid > 0) {
		if (waitpid(k->child.pid, &status, 0) < 0)
			break;
		command_changed(k, status);
	}
	probe_shipper_wait(k->shipper, k->o->drain);
	probe_shipper_request(k->shipper, k->o->drain, true);
	probe_shipper_wait(k->shipper, k->o->drain + NS_PER_S);
	probe_supervisor_end(k->supervisor);
	probe_shipper_request(k->shipper, LAST_WORDS_MS * NS_PER_MS, true);
	probe_shipper_wait(k->shipper, 2 * LAST_WORDS_MS * NS_PER_MS);
	probe_shipper_free(k->shipper);
	tell_end(k, PROBE_CONTROL_FINISHED);
}

/* The sink is told what became of it, even if nothing can be watched. */
static void tell_unwatched(struct keeper *k, const struct err *why)
{
	struct err err = ERR_INIT;

	if (start_shipper(k, &err) < 0)
		return;
	probe_supervisor_start(k->supervisor, why->message);
	probe_supervisor_end(k->supervisor);
	probe_shipper_request(k->shipper, k->o->drain, true);
	probe_shipper_wait(k->shipper, k->o->drain + NS_PER_S);
	probe_shipper_free(k->shipper);
}

void probe_keeper_run(const struct probe_keeper_options *o, int control)
{
	struct keeper k = { .o = o, .control = control, .signals = -1 };
	enum probe_control_kind kind = PROBE_CONTROL_FAILED;
	struct err err = ERR_INIT;
	char text[160];
	int ret;

	ret = prepare(&k, &err);
	if (ret < 0)
		goto failed;
	ret = probe_handover_begin(&k.child, &o->start, &err);
	if (ret < 0) {
		if (ret == ERR_UNSUPPORTED) {
			kind = PROBE_CONTROL_UNSUPPORTED;
			tell_unwatched(&k, &err);
		}
		goto failed;
	}
	leave_terminal();
	close_inherited();
	ret = probe_supervisor_attach(k.supervisor, k.child.listener, &err);
	if (ret == 0)
		ret = start_shipper(&k, &err);
	if (ret < 0) {
		(void)kill(k.child.pid, SIGKILL);
		(void)waitpid(k.child.pid, NULL, 0);
		goto failed;
	}
	/* Paths of the options were relative to it until now. */
	if (chdir("/") != 0)
		report_line(&k.control, "cannot leave the working directory");
	start_text(&k, text, sizeof(text));
	probe_supervisor_start(k.supervisor, text);
	probe_control_send(control, PROBE_CONTROL_STARTED, k.child.pid, 0, NULL,
			   NULL);
	probe_handover_go(&k.child);
	watch(&k);
	finish(&k);
	goto out;
failed:
	probe_control_send(control, kind, 0, 0, err.message, err.hint);
out:
	probe_supervisor_free(k.supervisor);
	probe_ring_free(k.ring);
}
