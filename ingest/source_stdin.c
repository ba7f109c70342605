/*
 * ingest/source_stdin.c - records from standard input, one a line.
 */
#include "ingest/source_stdin.h"

#include <errno.h>
#include <poll.h>

#include "base/mem.h"
#include "base/time.h"
#include "ingest/lines_int.h"

struct stdin_source {
	struct ingest_source base;
	struct ingest_lines lines;
	const struct dataset *dataset;
	int fd;
	bool ended;
};

static int give(struct stdin_source *s, const struct ingest_line *line,
		struct ingest_message *msg)
{
	*msg = (struct ingest_message){
		.dataset = s->dataset,
		.payload = line->text,
		.timestamp = INGEST_NO_TIME,
		.origin = SLICE_LIT("-"),
		.partition = -1,
		.offset = line->offset,
		.refused = line->sha256 ? REFUSED_TOO_LARGE : REFUSED_NOT,
		.length = line->length,
		.sha256 = line->sha256,
	};
	return INGEST_MESSAGE;
}

static int wait_and_fill(struct stdin_source *s, int64_t timeout,
			 struct err *err)
{
	struct pollfd p = { .fd = s->fd, .events = POLLIN };
	struct timespec ts = { .tv_sec = timeout / NS_PER_S,
			       .tv_nsec = timeout % NS_PER_S };
	int n = ppoll(&p, 1, &ts, NULL);

	if (n < 0 && errno != EINTR)
		return err_errno(err, ERR_IO, errno, "could not wait for input");
	return n > 0 ? ingest_lines_fill(&s->lines, s->fd, err) : INGEST_LINES_LATER;
}

static int stdin_next(struct ingest_source *base, int64_t timeout,
		      struct ingest_message *msg, struct err *err)
{
	struct stdin_source *s = (struct stdin_source *)base;
	struct ingest_line line;

	for (;;) {
		int ret = ingest_lines_next(&s->lines, &line, err);

		if (ret == 0 && s->ended)
			ret = ingest_lines_rest(&s->lines, &line, err);
		if (ret < 0)
			return ret;
		if (ret == 1)
			return give(s, &line, msg);
		if (s->ended)
			return INGEST_END;
		if (ingest_lines_full(&s->lines))
			return INGEST_IDLE; /* a commit makes room */
		ret = wait_and_fill(s, timeout, err);
		if (ret < 0)
			return ret;
		if (ret == INGEST_LINES_LATER)
			return INGEST_IDLE;
		s->ended = ret == INGEST_LINES_END;
	}
}

static int stdin_positions(struct ingest_source *base, ingest_position_fn *fn,
			   void *ctx, struct err *err)
{
	struct stdin_source *s = (struct stdin_source *)base;

	(void)fn;
	(void)ctx;
	(void)err;
	ingest_lines_cut(&s->lines);
	return 0;
}

static int stdin_committed(struct ingest_source *base, struct err *err)
{
	struct stdin_source *s = (struct stdin_source *)base;

	(void)err;
	ingest_lines_committed(&s->lines);
	return 0;
}

static uint64_t stdin_lag(struct ingest_source *base)
{
	(void)base;
	return UINT64_MAX;
}

static void stdin_close(struct ingest_source *base)
{
	struct stdin_source *s = (struct stdin_source *)base;

	ingest_lines_release(&s->lines);
	mem_free(s);
}

static const struct ingest_source_ops stdin_ops = {
	.kind = "stdin",
	.next = stdin_next,
	.positions = stdin_positions,
	.committed = stdin_committed,
	.lag = stdin_lag,
	.lag_unit = "bytes",
	.close = stdin_close,
};

int ingest_stdin_open(struct ingest_source **out, int fd,
		      const struct dataset *ds, struct err *err)
{
	struct stdin_source *s = mem_calloc(1, sizeof(*s));
	int ret;

	if (!s)
		return err_nomem(err);
	s->base = (struct ingest_source){ .ops = &stdin_ops, .name = "-" };
	s->dataset = ds;
	s->fd = fd;
	ret = ingest_lines_init(&s->lines, err);
	if (ret < 0) {
		stdin_close(&s->base);
		return ret;
	}
	*out = &s->base;
	return 0;
}
