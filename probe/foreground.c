/*
 * probe/foreground.c - the process that was started by the user.
 *
 * The command is in our process group, so what the terminal sends (Ctrl-C,
 * Ctrl-Z, a new size) reaches it without us; only what somebody sends to us
 * alone is passed on.
 */
#include "probe/foreground.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe/control.h"

struct foreground {
	int control, signals;
	pid_t command; /* 0: not started yet */
	pid_t keeper;
	void (*print_line)(const char *text);
	struct probe_foreground_result *result;
};

static void pass_on(const struct foreground *f)
{
	struct signalfd_siginfo info;

	while (read(f->signals, &info, sizeof(info)) == sizeof(info)) {
		int sig = (int)info.ssi_signo;

		/* > 0: from the kernel, to the whole group.  What the command
		 * itself sends to its group it has had already. */
		if (sig == SIGCHLD || info.ssi_code > 0 || f->command <= 0 ||
		    (pid_t)info.ssi_pid == f->command)
			continue;
		(void)kill(f->command, sig);
	}
}

/* The command stopped: so do we, and the shell sees it. */
static void stop_too(const struct foreground *f)
{
	(void)kill(getpid(), SIGSTOP);
	(void)kill(f->command, SIGCONT);
}

/* Without a keeper the command goes on, badly; its end is still ours. */
static int keeper_is_gone(struct foreground *f, struct err *err)
{
	/* Only then is the command our child. */
	(void)waitpid(f->keeper, NULL, 0);
	if (f->command <= 0)
		return err_set(err, ERR_IO,
			       "the watching process died at start");
	f->print_line(
		"the watching process died: what was watched can open no files now");
	while (waitpid(f->command, &f->result->status, 0) < 0)
		if (errno != EINTR)
			return err_set(err, ERR_IO,
				       "the command's end could not be seen");
	return 0;
}

/* 1: go on; 0: the command is over; negative: it never was. */
static int take_message(struct foreground *f, struct err *err)
{
	struct probe_control c;

	if (!probe_control_receive(f->control, &c))
		return keeper_is_gone(f, err);
	switch (c.kind) {
	case PROBE_CONTROL_STARTED:
		f->command = c.value;
		f->result->started = true;
		return 1;
	case PROBE_CONTROL_LINE:
		f->print_line(c.text);
		return 1;
	case PROBE_CONTROL_STOPPED:
		stop_too(f);
		return 1;
	case PROBE_CONTROL_FINISHED:
	case PROBE_CONTROL_LEFT_BEHIND:
		if (c.kind == PROBE_CONTROL_FINISHED)
			(void)waitpid(f->keeper, NULL, 0);
		f->result->status = c.value;
		f->result->exec_errno = c.extra;
		return 0;
	case PROBE_CONTROL_UNSUPPORTED:
	case PROBE_CONTROL_FAILED:
		break;
	}
	err_set(err,
		c.kind == PROBE_CONTROL_UNSUPPORTED ? ERR_UNSUPPORTED : ERR_IO,
		"%s", c.text);
	if (c.hint[0])
		err_hint(err, "%s", c.hint);
	return c.kind == PROBE_CONTROL_UNSUPPORTED ? ERR_UNSUPPORTED : ERR_IO;
}

static int stand_by(struct foreground *f, struct err *err)
{
	struct pollfd fds[] = {
		{ .fd = f->control, .events = POLLIN },
		{ .fd = f->signals, .events = POLLIN },
	};
	int ret = 1;

	while (ret > 0) {
		if (poll(fds, 2, -1) < 0)
			continue;
		if (fds[1].revents & POLLIN)
			pass_on(f);
		if (fds[0].revents)
			ret = take_message(f, err);
	}
	return ret;
}

int probe_foreground_run(struct probe_keeper_options *o,
			 struct probe_foreground_result *out,
			 void (*print_line)(const char *text), struct err *err)
{
	struct foreground f = { .signals = -1,
				.print_line = print_line,
				.result = out };
	int pair[2];
	sigset_t all;
	int ret;

	*out = (struct probe_foreground_result){ .started = false };
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return err_errno(err, ERR_IO, errno, "could not make sockets");
	sigfillset(&all);
	/* These stop a background job that uses the terminal; so they shall. */
	sigdelset(&all, SIGTTIN);
	sigdelset(&all, SIGTTOU);
	sigprocmask(SIG_BLOCK, &all, &o->start.mask);
	sigaction(SIGCHLD, NULL, &o->start.on_child);
	f.control = pair[0];
	f.signals = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	/* Should the keeper die, the command becomes our child. */
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	f.keeper = fork();
	if (f.keeper == 0) {
		close(pair[0]);
		close(f.signals);
		probe_keeper_run(o, pair[1]);
		_exit(0);
	}
	close(pair[1]);
	if (f.keeper < 0 || f.signals < 0)
		ret = err_errno(err, ERR_IO, errno, "could not fork");
	else
		ret = stand_by(&f, err);
	close(f.control);
	if (f.signals >= 0)
		close(f.signals);
	if (ret < 0)
		sigprocmask(SIG_SETMASK, &o->start.mask, NULL);
	return ret;
}

void probe_foreground_die(int sig)
{
	struct rlimit no_core = { 0, 0 };
	sigset_t set;

	(void)setrlimit(RLIMIT_CORE, &no_core); /* the command left one */
	(void)signal(sig, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, sig);
	(void)raise(sig);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}
