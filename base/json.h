/*
 * base/json.h - writing JSON text.
 *
 * A writer appends to a buffer and puts the commas itself.  Strings are
 * written with the shortest escapes of RFC 8259 (\" \\ \b \f \n \r \t, other
 * controls as lower-case \u00xx); all other bytes are copied, so a valid UTF-8
 * string stays valid and comes out in the one canonical form.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"

enum { JSON_WRITER_DEPTH = 64 };

struct json_writer {
	struct buf *out;
	unsigned depth;
	bool comma; /* the next value needs one */
};

void json_init(struct json_writer *w, struct buf *out);
void json_object_begin(struct json_writer *w);
void json_object_end(struct json_writer *w);
void json_array_begin(struct json_writer *w);
void json_array_end(struct json_writer *w);
void json_key(struct json_writer *w, const char *key);
void json_key_slice(struct json_writer *w, struct slice key);
void json_string(struct json_writer *w, struct slice s);
/* Bytes that may not be UTF-8: bad ones become U+FFFD.  Returns true if none
 * was bad. */
bool json_string_lossy(struct json_writer *w, struct slice s);
void json_str(struct json_writer *w, const char *s);
void json_i64(struct json_writer *w, int64_t v);
void json_u64(struct json_writer *w, uint64_t v);
void json_double(struct json_writer *w, double v); /* null if not finite */
void json_bool(struct json_writer *w, bool v);
void json_null(struct json_writer *w);
/* JSON text that is already in place. */
void json_raw(struct json_writer *w, struct slice text);

/* The quoted, escaped form of a string, alone. */
void json_quote(struct buf *out, struct slice s);

#endif
