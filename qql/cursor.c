/*
 * qql/cursor.c - "TIME.SEQUENCE.NOW": three numbers, so that a cursor can be
 * typed, copied and put into a URL.
 */
#include "qql/run.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/buf.h"

size_t qql_cursor_format(const struct qql_cursor *c, char out[QQL_CURSOR_MAX])
{
	int n = snprintf(out, QQL_CURSOR_MAX,
			 "%" PRId64 ".%" PRIu64 ".%" PRId64, c->time,
			 c->sequence, c->now);

	return (size_t)n;
}

/* Digits up to `end` or the end of the text, and past it. */
static bool take_number(struct slice *s, bool is_signed, char end,
			uint64_t *out)
{
	uint64_t max = is_signed ? INT64_MAX : UINT64_MAX, v = 0;
	bool minus = false;
	size_t i = 0, first;

	if (is_signed && s->len && s->p[0] == '-') {
		minus = true;
		max++;
		i++;
	}
	for (first = i; i < s->len && s->p[i] >= '0' && s->p[i] <= '9'; i++) {
		unsigned digit = (unsigned)(s->p[i] - '0');

		if (v > (max - digit) / 10)
			return false;
		v = v * 10 + digit;
	}
	if (i == first || (end ? i == s->len || s->p[i] != end : i != s->len))
		return false;
	*out = minus ? -v : v;
	s->p += i + (end != 0);
	s->len -= i + (end != 0);
	return true;
}

int qql_cursor_parse(struct slice text, struct qql_cursor *out, struct err *err)
{
	struct slice rest = text;
	uint64_t time, sequence, now;

	if (take_number(&rest, true, '.', &time) &&
	    take_number(&rest, false, '.', &sequence) &&
	    take_number(&rest, true, 0, &now)) {
		*out = (struct qql_cursor){ (int64_t)time, sequence,
					    (int64_t)now };
		return 0;
	}
	err_set(err, ERR_USAGE, "\"%.*s\" is no cursor", SLICE_ARG(text));
	err_hint(err, "take the one printed at the end of the page before");
	return ERR_USAGE;
}
