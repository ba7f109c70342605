/*
 * ingest/deadletter.c - the record of a message that cannot be an event.
 *
 * The bytes must come back: text that is UTF-8 stands in `raw` as it is; other
 * bytes stand in `rawBase64`, and `raw` holds a readable form to search in.
 * Of a message above LIMIT_DEADLETTER_RAW the first LIMIT_DEADLETTER_CUT bytes
 * are kept, with length and SHA-256 of the whole.
 */
#include "ingest/deadletter.h"

#include "base/json.h"
#include "base/limits.h"
#include "base/time.h"
#include "base/utf8.h"
#include "ingest/digest_int.h"

enum {
	KEY_MAX = 64 << 10,   /* bytes of a message key that are shown */
	LOSSY_MAX = 64 << 10, /* bytes of the readable form */
};

static void put_base64(struct json_writer *w, struct buf *out, struct slice s)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *p = (const unsigned char *)s.p;

	json_raw(w, SLICE_LIT("\""));
	for (size_t i = 0; i < s.len; i += 3) {
		size_t left = s.len - i;
		uint32_t v = (uint32_t)p[i] << 16 |
			     (left > 1 ? (uint32_t)p[i + 1] << 8 : 0) |
			     (left > 2 ? (uint32_t)p[i + 2] : 0);

		buf_putc(out, digits[v >> 18]);
		buf_putc(out, digits[v >> 12 & 63]);
		buf_putc(out, left > 1 ? digits[v >> 6 & 63] : '=');
		buf_putc(out, left > 2 ? digits[v & 63] : '=');
	}
	buf_putc(out, '"');
}

static int put_sha256(struct json_writer *w, const struct ingest_message *m,
		      struct err *err)
{
	static const char hex[] = "0123456789abcdef";
	uint8_t own[INGEST_SHA256_LEN];
	const uint8_t *sum = m->sha256;
	char text[2 * INGEST_SHA256_LEN];
	int ret = 0;

	if (!sum) {
		ret = ingest_digest_of(m->payload, own, err);
		sum = own;
	}
	if (ret < 0)
		return ret;
	for (size_t i = 0; i < INGEST_SHA256_LEN; i++) {
		text[2 * i] = hex[sum[i] >> 4];
		text[2 * i + 1] = hex[sum[i] & 15];
	}
	json_key(w, "rawSha256");
	json_string(w, slice_of(text, sizeof(text)));
	return 0;
}

static int put_raw(struct json_writer *w, const struct ingest_message *m,
		   struct err *err)
{
	struct slice raw = m->payload;
	uint64_t length = m->length > raw.len ? m->length : raw.len;
	int ret = 0;

	if (length > LIMIT_DEADLETTER_RAW && raw.len > LIMIT_DEADLETTER_CUT)
		raw.len = LIMIT_DEADLETTER_CUT;
	if (length > raw.len) {
		/* Not in the middle of a character: it would look like a
		 * message that is not UTF-8. */
		size_t whole = utf8_valid_prefix(raw);

		if (raw.len - whole < 4)
			raw.len = whole;
	}
	json_key(w, "raw");
	if (utf8_valid(raw)) {
		json_string(w, raw);
	} else {
		struct slice start = slice_of(raw.p, raw.len < LOSSY_MAX ?
							     raw.len : LOSSY_MAX);

		json_string_lossy(w, start);
		json_key(w, "rawBase64");
		put_base64(w, w->out, raw);
	}
	json_key(w, "rawBytes");
	json_u64(w, length);
	if (length > raw.len)
		ret = put_sha256(w, m, err);
	return ret;
}

int ingest_deadletter_write(struct buf *out, const struct ingest_deadletter *d,
			    struct err *err)
{
	const struct ingest_message *m = d->message;
	char time[TIME_TEXT_MAX];
	struct json_writer w;
	int ret = 0;

	buf_reset(out);
	json_init(&w, out);
	json_object_begin(&w);
	json_key(&w, "time");
	json_string(&w, slice_of(time, time_format_utc(d->time, time)));
	json_key(&w, "reason");
	json_str(&w, refusal_name(d->reason));
	json_key(&w, "detail");
	json_string_lossy(&w, d->detail);
	json_key(&w, "dataset");
	json_string(&w, m->dataset->name);
	json_key(&w, "source");
	json_str(&w, d->source);
	json_key(&w, "topic");
	json_string_lossy(&w, m->origin);
	if (m->partition >= 0) {
		json_key(&w, "partition");
		json_i64(&w, m->partition);
	}
	json_key(&w, "offset");
	json_i64(&w, m->offset);
	if (m->key.p) {
		json_key(&w, "messageKey");
		json_string_lossy(&w, slice_of(m->key.p, m->key.len < KEY_MAX ?
								 m->key.len : KEY_MAX));
	}
	if (m->payload.p)
		ret = put_raw(&w, m, err);
	json_object_end(&w);
	return ret < 0 ? ret : buf_error(out, "a dead letter", err);
}
