/*
 * probe/text.c - bytes of foreign programs as JSON strings.
 */
#include "probe/text.h"

#include <stdint.h>

#include "base/utf8.h"

enum { PIECE = 4096 };

static const char hex[] = "0123456789abcdef";

static size_t spell_out(struct slice bytes, char *out, size_t cap,
			size_t *taken)
{
	size_t n = 0, i = 0;

	while (i < bytes.len && n + 4 <= cap) {
		uint32_t cp;
		size_t len = utf8_decode(bytes.p + i, bytes.p + bytes.len, &cp);
		uint8_t byte = (uint8_t)bytes.p[i];

		if (len > 0) {
			memcpy(out + n, bytes.p + i, len);
			n += len;
			i += len;
			continue;
		}
		out[n++] = '\\';
		out[n++] = 'x';
		out[n++] = hex[byte >> 4];
		out[n++] = hex[byte & 15];
		i++;
	}
	*taken = i;
	return n;
}

void probe_text_json(struct json_writer *w, struct slice bytes)
{
	char piece[PIECE];
	struct buf clean;

	if (utf8_valid(bytes)) {
		json_string(w, bytes);
		return;
	}
	buf_init(&clean, bytes.len * 4);
	while (bytes.len > 0) {
		size_t taken;
		size_t n = spell_out(bytes, piece, sizeof(piece), &taken);

		buf_put(&clean, piece, n);
		bytes.p += taken;
		bytes.len -= taken;
	}
	if (clean.error)
		w->out->error = clean.error;
	json_string(w, buf_slice(&clean));
	buf_release(&clean);
}

void probe_text_members(struct json_writer *w, struct slice members)
{
	if (members.len == 0)
		return;
	if (w->comma)
		buf_putc(w->out, ',');
	buf_put_slice(w->out, members);
	w->comma = true;
}
