/*
 * qql/out.c - buffered, sanitised output.
 */
#include "qql/out.h"

#include <errno.h>
#include <unistd.h>

#include "base/term.h"

enum {
	FLUSH_BYTES = 64 << 10,
	/* A row of the largest message, escaped byte by byte. */
	TEXT_MAX = 64 << 20,
	SAFE_MAX = 4 * TEXT_MAX,
};

void qql_out_init(struct qql_out *o, int fd, bool sanitise,
		  const volatile sig_atomic_t *stop)
{
	*o = (struct qql_out){ .fd = fd, .sanitise = sanitise, .stop = stop };
	buf_init(&o->text, TEXT_MAX);
	buf_init(&o->safe, SAFE_MAX);
}

void qql_out_release(struct qql_out *o)
{
	buf_release(&o->text);
	buf_release(&o->safe);
}

static int write_all(struct qql_out *o, struct slice s, struct err *err)
{
	while (s.len) {
		ssize_t n = write(o->fd, s.p, s.len);

		if (n > 0) {
			s = slice_of(s.p + n, s.len - (size_t)n);
			continue;
		}
		if (n < 0 && errno == EINTR) {
			if (o->stop && *o->stop)
				return err_set(err, ERR_INTERRUPTED,
					       "interrupted");
			continue;
		}
		if (n < 0 && errno == EPIPE) {
			o->gone = true;
			return QQL_OUT_GONE;
		}
		return err_errno(err, errno == ENOSPC ? ERR_FULL : ERR_IO,
				 errno, "could not write the results");
	}
	return 0;
}

int qql_out_flush(struct qql_out *o, struct err *err)
{
	struct buf *from = &o->text;
	int ret;

	if (o->gone)
		return QQL_OUT_GONE;
	if (o->sanitise) {
		buf_reset(&o->safe);
		term_escape(&o->safe, buf_slice(&o->text),
			    TERM_KEEP_NEWLINE | TERM_KEEP_TAB);
		from = &o->safe;
	}
	ret = buf_error(&o->text, "the output", err);
	if (ret == 0)
		ret = buf_error(from, "the output", err);
	if (ret == 0)
		ret = write_all(o, buf_slice(from), err);
	buf_reset(&o->text);
	return ret;
}

int qql_out_drain(struct qql_out *o, struct err *err)
{
	return o->text.len < FLUSH_BYTES ? 0 : qql_out_flush(o, err);
}
