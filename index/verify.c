/*
 * index/verify.c - full check of a store: the parent of the walking child.
 *
 * The child may die of what it finds.  Its standard error is a pipe too, so
 * that the line of the guard, or of the C library, tells what it died of.
 */
#include "index/verify.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "index/env_int.h"
#include "index/verify_int.h"

struct parent {
	struct index_verify_result result;
	index_finding_fn *finding;
	index_progress_fn *progress;
	void *ctx;
	bool done;
	bool failed; /* `err` is the child's */
	struct err err;
};

static void tell(struct parent *p, const char *line)
{
	p->result.damaged++;
	if (p->finding)
		p->finding(p->ctx, slice_str(line));
}

/* The whole of `n` bytes; false at the end of the pipe. */
static bool read_all(int fd, void *to, size_t n)
{
	char *p = to;

	while (n > 0) {
		ssize_t got = read(fd, p, n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		p += got;
		n -= (size_t)got;
	}
	return true;
}

static void take(struct parent *p, unsigned kind, const char *body, size_t n)
{
	struct index_verify_result r;
	uint64_t progress[2];
	uint64_t damaged = p->result.damaged;

	switch (kind) {
	case INDEX_VERIFY_FINDING:
		tell(p, body);
		break;
	case INDEX_VERIFY_PROGRESS:
	case INDEX_VERIFY_DONE:
		assert(n == sizeof(progress) + sizeof(r));
		memcpy(progress, body, sizeof(progress));
		memcpy(&r, body + sizeof(progress), sizeof(r));
		p->result = r;
		p->result.damaged = damaged;
		p->done = kind == INDEX_VERIFY_DONE;
		if (p->progress)
			p->progress(p->ctx, progress[0], progress[1]);
		break;
	default:
		assert(n == sizeof(p->err));
		memcpy(&p->err, body, sizeof(p->err));
		p->failed = true;
	}
}

static void listen_to(struct parent *p, int fd)
{
	char body[sizeof(struct err) + INDEX_VERIFY_LINE_MAX + 1];
	unsigned char kind;
	uint16_t n;

	while (read_all(fd, &kind, 1) && read_all(fd, &n, sizeof(n)) &&
	       n < sizeof(body) && read_all(fd, body, n)) {
		body[n] = '\0';
		take(p, kind, body, n);
	}
}

/* The child did not come to its end: the guard ended it, or a signal. */
static void explain_death(struct parent *p, int last_words, int status)
{
	char line[INDEX_VERIFY_LINE_MAX], text[512] = "";
	ssize_t n = read(last_words, text, sizeof(text) - 1);
	char *end;

	text[n > 0 ? n : 0] = '\0';
	end = strchr(text, '\n');
	if (end)
		*end = '\0';
	if (WIFSIGNALED(status))
		snprintf(line, sizeof(line),
			 "the page structure is damaged: the walk "
			 "ended with signal %d%s%s",
			 WTERMSIG(status), text[0] ? ": " : "", text);
	else
		snprintf(line, sizeof(line),
			 "the page structure is damaged or the "
			 "disk cannot be read: the walk ended there");
	tell(p, line);
}

static _Noreturn void child(const char *dir, int to_parent, int last_words)
{
	sigset_t none;

	/* Not longer than the parent, and killable as ever. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	dup2(last_words, STDERR_FILENO);
	index_verify_walk(dir, to_parent);
	_exit(0);
}

static int start(const char *dir, pid_t *pid, int *from_child, int *last_words,
		 struct err *err)
{
	int talk[2] = { -1, -1 }, words[2] = { -1, -1 };
	int ret = 0;

	if (pipe2(talk, O_CLOEXEC) < 0 || pipe2(words, O_CLOEXEC) < 0) {
		ret = err_errno(err, ERR_IO, errno, "could not make a pipe");
		goto out;
	}
	/* What nobody reads before the end must not stop the child. */
	fcntl(words[1], F_SETFL, O_NONBLOCK);
	*pid = fork();
	if (*pid < 0) {
		ret = err_errno(err, ERR_IO, errno,
				"could not start a process");
		goto out;
	}
	if (*pid == 0)
		child(dir, talk[1], words[1]);
	*from_child = talk[0];
	*last_words = words[0];
	talk[0] = words[0] = -1;
out:
	for (int i = 0; i < 2; i++) {
		if (talk[i] >= 0)
			close(talk[i]);
		if (words[i] >= 0)
			close(words[i]);
	}
	return ret;
}

int index_verify(const char *dir, struct index_verify_result *out,
		 index_finding_fn *finding, index_progress_fn *progress,
		 void *ctx, struct err *err)
{
	struct parent p = { .finding = finding,
			    .progress = progress,
			    .ctx = ctx };
	int from_child = -1, last_words = -1;
	int status = 0;
	pid_t pid = 0;
	int ret;

	ret = start(dir, &pid, &from_child, &last_words, err);
	if (ret < 0)
		return ret;
	listen_to(&p, from_child);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (p.failed) {
		ret = p.err.code;
		if (err)
			*err = p.err;
		goto out;
	}
	if (!p.done)
		explain_death(&p, last_words, status);
	*out = p.result;
out:
	close(from_child);
	close(last_words);
	return ret;
}
