/*
 * schemas/decode.h - a message's bytes to a record.
 *
 * The decoder owns the buffers a record borrows from; one decoder serves one
 * thread and one dataset.  After warm-up decoding allocates nothing.
 *
 * A refused message is not an error of the program: decode_message() then
 * returns 1 with the reason for its dead letter, and the next message is
 * unharmed.
 */
#ifndef SCHEMAS_DECODE_H
#define SCHEMAS_DECODE_H

#include "base/compiler.h"
#include "base/err.h"
#include "schemas/dataset.h"
#include "schemas/record.h"

/* Why a message cannot be an event, in the order they are looked for. */
enum refusal {
	REFUSED_NOT,
	REFUSED_TOO_LARGE,
	REFUSED_NOT_UTF8,
	REFUSED_TOO_DEEP,
	REFUSED_NOT_JSON,
	REFUSED_NOT_OBJECT,
	REFUSED_NO_VALUE,
	REFUSED_NO_KEY,
	REFUSED_GAP, /* not a message: records missing at the source */
};
const char *refusal_name(enum refusal r); /* "TOO_LARGE", ... */

struct decoder;

MUST_CHECK int decoder_new(struct decoder **out, const struct dataset *ds,
			   struct err *err);
void decoder_free(struct decoder *d);
/* The largest message, in bytes; LIMIT_MESSAGE unless set. */
MUST_CHECK int decoder_set_limit(struct decoder *d, size_t bytes,
				 struct err *err);

enum { DECODE_DETAIL_MAX = 160 };
struct decode_refusal {
	enum refusal reason;
	char detail[DECODE_DETAIL_MAX]; /* what and at which byte */
};

/* 0: *rec is filled (valid until the next call).  1: refused.  Negative: out
 * of memory.  `message` need not be terminated. */
MUST_CHECK int decode_message(struct decoder *d, struct slice message,
			      const struct record **rec,
			      struct decode_refusal *refused, struct err *err);

/* Leaves the fast scanner out.  Records and refusals are the same; tests show
 * that with this. */
void decoder_use_yajl(struct decoder *d);

/* Unknown keys met so far: name and count, by decoder, for `stat` and metrics. */
struct decode_unknown {
	struct slice name; /* .p NULL: all beyond LIMIT_UNKNOWN_NAMES together */
	uint64_t count;
};
size_t decoder_unknown(const struct decoder *d,
		       const struct decode_unknown **out);

#endif
