/*
 * base/utf8.c - strict UTF-8, after table 3-7 of the Unicode standard.
 */
#include "base/utf8.h"

#include <string.h>

static inline bool is_continuation(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

size_t utf8_decode(const char *text, const char *end, uint32_t *cp)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t left = (size_t)(end - text);
	unsigned char lo = 0x80, hi = 0xbf; /* what the second byte may be */

	if (p[0] < 0x80) {
		*cp = p[0];
		return 1;
	}
	if (p[0] < 0xc2 || p[0] > 0xf4 || left < 2)
		return 0;
	if (p[0] < 0xe0) {
		if (!is_continuation(p[1]))
			return 0;
		*cp = (uint32_t)(p[0] & 0x1f) << 6 | (p[1] & 0x3f);
		return 2;
	}
	if (p[0] == 0xe0)
		lo = 0xa0; /* below: overlong */
	else if (p[0] == 0xed)
		hi = 0x9f; /* above: surrogates */
	else if (p[0] == 0xf0)
		lo = 0x90; /* below: overlong */
	else if (p[0] == 0xf4)
		hi = 0x8f; /* above: beyond U+10FFFF */
	if (p[1] < lo || p[1] > hi || left < 3 || !is_continuation(p[2]))
		return 0;
	if (p[0] < 0xf0) {
		*cp = (uint32_t)(p[0] & 0x0f) << 12 |
		      (uint32_t)(p[1] & 0x3f) << 6 | (p[2] & 0x3f);
		return 3;
	}
	if (left < 4 || !is_continuation(p[3]))
		return 0;
	*cp = (uint32_t)(p[0] & 0x07) << 18 | (uint32_t)(p[1] & 0x3f) << 12 |
	      (uint32_t)(p[2] & 0x3f) << 6 | (p[3] & 0x3f);
	return 4;
}

size_t utf8_valid_prefix(struct slice s)
{
	const char *p = s.p, *end;
	uint32_t cp;
	size_t n;

	if (s.len == 0)
		return 0; /* perhaps no pointer to add to */
	end = s.p + s.len;
	while (p < end) {
		uint64_t v;

		while (end - p >= 8) {
			memcpy(&v, p, 8);
			if (v & UINT64_C(0x8080808080808080))
				break;
			p += 8;
		}
		while (p < end && (unsigned char)*p < 0x80)
			p++;
		/* Text that is not ASCII tends to go on so. */
		while (p < end && (unsigned char)*p >= 0x80) {
			n = utf8_decode(p, end, &cp);
			if (n == 0)
				return (size_t)(p - s.p);
			p += n;
		}
	}
	return s.len;
}

size_t utf8_encode(uint32_t cp, char out[4])
{
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (char)(0xc0 | cp >> 6);
		out[1] = (char)(0x80 | (cp & 0x3f));
		return 2;
	}
	if (cp < 0x10000) {
		out[0] = (char)(0xe0 | cp >> 12);
		out[1] = (char)(0x80 | (cp >> 6 & 0x3f));
		out[2] = (char)(0x80 | (cp & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | cp >> 18);
	out[1] = (char)(0x80 | (cp >> 12 & 0x3f));
	out[2] = (char)(0x80 | (cp >> 6 & 0x3f));
	out[3] = (char)(0x80 | (cp & 0x3f));
	return 4;
}

size_t utf8_cut(struct slice s, size_t max)
{
	size_t start = max;
	uint32_t cp;

	if (s.len <= max)
		return s.len;
	while (start > 0 && max - start < 3 &&
	       is_continuation((unsigned char)s.p[start]))
		start--;
	if (start < max &&
	    start + utf8_decode(s.p + start, s.p + s.len, &cp) > max)
		return start;
	return max;
}

bool utf8_is_space(uint32_t cp)
{
	if (cp <= 0x20)
		return cp == 0x20 || (cp >= 0x09 && cp <= 0x0d);
	return cp == 0x85 || cp == 0xa0 || cp == 0x1680 ||
	       (cp >= 0x2000 && cp <= 0x200a) || cp == 0x2028 || cp == 0x2029 ||
	       cp == 0x202f || cp == 0x205f || cp == 0x3000;
}
