/*
 * base/term.c - the one sanitiser, and what is known of a terminal.
 */
#include "base/term.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/term_int.h"
#include "base/utf8.h"

static bool cp_is_safe(uint32_t cp)
{
	if (cp < 0xa0)
		return cp >= 0x20 && cp < 0x7f;
	return cp != 0x061c && cp != 0x200e && cp != 0x200f &&
	       !(cp >= 0x2028 && cp <= 0x202e) &&
	       !(cp >= 0x2066 && cp <= 0x2069);
}

#define EACH_BYTE(x) (UINT64_C(0x0101010101010101) * (x))

/* Eight bytes, all of them printable ASCII: none has its high bit set, is
 * below a blank, or reaches 0x80 by adding one. */
static inline bool is_plain(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return !((v | (v - EACH_BYTE(0x20)) | (v + EACH_BYTE(1))) &
		 EACH_BYTE(0x80));
}

struct slice term_run(struct slice s, unsigned keep, bool *safe)
{
	const char *p = s.p, *end = s.p + s.len;

	while (p < end) {
		unsigned char c = (unsigned char)*p;
		uint32_t cp = c;
		size_t n = 1;
		bool ok;

		if (end - p >= 8 && is_plain(p)) {
			p += 8;
			continue;
		}
		if (c < 0x80) {
			ok = (c >= 0x20 && c != 0x7f) ||
			     (c == '\n' && (keep & TERM_KEEP_NEWLINE)) ||
			     (c == '\t' && (keep & TERM_KEEP_TAB));
		} else {
			n = utf8_decode(p, end, &cp);
			ok = n > 0 && cp_is_safe(cp);
		}
		if (!ok && p > s.p)
			break;
		if (!ok) {
			*safe = false;
			return slice_of(s.p, n ? n : 1);
		}
		p += n;
	}
	*safe = true;
	return slice_of(s.p, (size_t)(p - s.p));
}

/* "\x1b" for one byte. */
static void hex_byte(char out[4], char byte)
{
	static const char hex[] = "0123456789abcdef";
	unsigned char c = (unsigned char)byte;

	out[0] = '\\';
	out[1] = 'x';
	out[2] = hex[c >> 4];
	out[3] = hex[c & 15];
}

void term_escape(struct buf *out, struct slice s, unsigned keep)
{
	while (s.len > 0) {
		bool safe;
		struct slice run = term_run(s, keep, &safe);

		if (safe) {
			buf_put_slice(out, run);
		} else {
			for (size_t i = 0; i < run.len; i++) {
				char text[4];

				hex_byte(text, run.p[i]);
				buf_put(out, text, sizeof(text));
			}
		}
		s = slice_of(s.p + run.len, s.len - run.len);
	}
}

void term_write(FILE *f, struct slice s, unsigned keep)
{
	while (s.len > 0) {
		bool safe;
		struct slice run = term_run(s, keep, &safe);

		if (safe) {
			(void)fwrite(run.p, 1, run.len, f);
		} else {
			for (size_t i = 0; i < run.len; i++) {
				char text[4];

				hex_byte(text, run.p[i]);
				(void)fwrite(text, 1, sizeof(text), f);
			}
		}
		s = slice_of(s.p + run.len, s.len - run.len);
	}
}

bool term_color(FILE *f)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	if (no_color && *no_color)
		return false;
	return term && *term && strcmp(term, "dumb") != 0 && isatty(fileno(f));
}

int term_columns(FILE *f)
{
	struct winsize ws;

	if (ioctl(fileno(f), TIOCGWINSZ, &ws) == 0 && ws.ws_col > 0)
		return ws.ws_col;
	return 80;
}
