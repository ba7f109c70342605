/*
 * schemas/decode_fast.c - a scanner for the JSON that producers really write.
 *
 * It hands out the same tokens as yajl, some times faster, and knows nothing
 * of errors: at anything it does not take (a fault, too much depth, an odd
 * escape) it gives up, and the message is read again by yajl, whose verdict
 * counts.  So it may refuse what is JSON, but never take what is not.
 *
 * Strings are looked through 16 bytes at a time (SSE2, which every x86-64
 * has; elsewhere byte by byte).
 */
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/compiler.h"
#include "schemas/decode_int.h"

static inline const char *skip_space(const char *p, const char *end)
{
	if (likely(p < end && (unsigned char)*p > ' '))
		return p;
	while (p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
		p++;
	return p;
}

/* The first byte that ends a plain part of a string: a quote, a backslash, a
 * control character; or the end. */
static inline const char *plain_end(const char *p, const char *end)
{
#ifdef __SSE2__
	const __m128i quote = _mm_set1_epi8('"');
	const __m128i back = _mm_set1_epi8('\\');
	const __m128i control = _mm_set1_epi8(0x1f);

	for (; end - p >= 16; p += 16) {
		__m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
		__m128i hit = _mm_or_si128(_mm_cmpeq_epi8(x, quote),
					   _mm_cmpeq_epi8(x, back));
		unsigned mask;

		hit = _mm_or_si128(hit,
				   _mm_cmpeq_epi8(_mm_min_epu8(x, control), x));
		mask = (unsigned)_mm_movemask_epi8(hit);
		if (mask)
			return p + __builtin_ctz(mask);
	}
#endif
	while (p < end && *p != '"' && *p != '\\' && (unsigned char)*p >= 0x20)
		p++;
	return p;
}

static inline bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
	       (c >= 'A' && c <= 'F');
}

/* The end of the escape at p; NULL if it is none. */
static const char *escape_end(const char *p, const char *end)
{
	if (end - p >= 2 && p[1] && strchr("\"\\/bfnrt", p[1]))
		return p + 2;
	if (end - p >= 6 && p[1] == 'u' && is_hex(p[2]) && is_hex(p[3]) &&
	    is_hex(p[4]) && is_hex(p[5]))
		return p + 6;
	return NULL;
}

/* The end of the string whose opening quote is at p; NULL if it is none. */
static inline const char *string_end(const char *p, const char *end)
{
	p++;
	for (;;) {
		p = plain_end(p, end);
		if (p == end)
			return NULL;
		if (likely(*p == '"'))
			return p + 1;
		if (*p != '\\')
			return NULL;
		p = escape_end(p, end);
		if (!p)
			return NULL;
	}
}

static inline bool is_digit(const char *p, const char *end)
{
	return p < end && *p >= '0' && *p <= '9';
}

static inline const char *number_end(const char *p, const char *end)
{
	p += *p == '-';
	if (!is_digit(p, end))
		return NULL;
	if (*p++ != '0')
		while (is_digit(p, end))
			p++;
	if (p < end && *p == '.') {
		if (!is_digit(++p, end))
			return NULL;
		while (is_digit(p, end))
			p++;
	}
	if (p < end && (*p == 'e' || *p == 'E')) {
		p++;
		p += p < end && (*p == '+' || *p == '-');
		if (!is_digit(p, end))
			return NULL;
		while (is_digit(p, end))
			p++;
	}
	return p;
}

static inline const char *word_end(const char *p, const char *end,
				   const char *word, size_t len)
{
	return (size_t)(end - p) >= len && memcmp(p, word, len) == 0 ? p + len :
								       NULL;
}

/* The end of the scalar at p, and which it is. */
static inline const char *scalar_end(const char *p, const char *end,
				     enum json_token *token)
{
	switch (*p) {
	case '"':
		*token = JSON_TOKEN_STRING;
		return string_end(p, end);
	case 't':
		*token = JSON_TOKEN_TRUE;
		return word_end(p, end, "true", 4);
	case 'f':
		*token = JSON_TOKEN_FALSE;
		return word_end(p, end, "false", 5);
	case 'n':
		*token = JSON_TOKEN_NULL;
		return word_end(p, end, "null", 4);
	default:
		*token = JSON_TOKEN_NUMBER;
		return number_end(p, end);
	}
}

/* Hands out p..stop; where to go on, NULL if the decoder wants no more. */
static inline const char *hand_out(struct decoder *d, enum json_token token,
				   const char *p, const char *stop)
{
	if (!stop || decode_token(d, token, slice_of(p, (size_t)(stop - p))))
		return NULL;
	return stop;
}

/* The end of a key that begins at p, looked for first where the key that came
 * next the last time would end. */
static inline const char *key_end(struct decoder *d, const char *p,
				  const char *end, uint32_t *guess)
{
	struct slice name = decode_guess(d, guess);

	if (likely(*guess != KEY_NONE && d->keys.at[*guess].plain &&
		   name.len + 2 <= (size_t)(end - p) &&
		   p[name.len + 1] == '"' &&
		   decode_same_bytes(p + 1, name.p, name.len)))
		return p + name.len + 2;
	*guess = KEY_NONE;
	return string_end(p, end);
}

/* A key and its colon. */
static inline const char *take_key(struct decoder *d, const char *p,
				   const char *end)
{
	const char *stop;
	uint32_t guess;

	if (p == end || *p != '"')
		return NULL;
	if (likely(d->place == PLACE_OBJECT)) {
		stop = key_end(d, p, end, &guess);
		if (!stop)
			return NULL;
		decode_key(d, slice_of(p, (size_t)(stop - p)), guess);
		d->end = stop;
		p = stop;
	} else {
		p = hand_out(d, JSON_TOKEN_KEY, p, string_end(p, end));
		if (!p)
			return NULL;
	}
	p = skip_space(p, end);
	if (p == end || *p != ':')
		return NULL;
	return skip_space(p + 1, end);
}

/* What follows a value inside containers, up to the next value.  Bit i of
 * `objects` says that the container at depth i + 1 is an object. */
static const char *after_value(struct decoder *d, const char *p,
			       const char *end, unsigned *depth,
			       uint32_t objects)
{
	for (;;) {
		bool object = *depth && objects >> (*depth - 1) & 1;

		if (*depth == 0)
			return p;
		p = skip_space(p, end);
		if (p == end)
			return NULL;
		if (*p == ',') {
			p = skip_space(p + 1, end);
			return object ? take_key(d, p, end) : p;
		}
		if (*p != (object ? '}' : ']'))
			return NULL;
		p = hand_out(d,
			     object ? JSON_TOKEN_OBJECT_END :
				      JSON_TOKEN_ARRAY_END,
			     p, p + 1);
		if (!p)
			return NULL;
		--*depth;
	}
}

/* A container's begin, and in an object the first key.  *empty: it ends at
 * once. */
static inline const char *take_begin(struct decoder *d, const char *p,
				     const char *end, bool object, bool *empty)
{
	p = hand_out(d, object ? JSON_TOKEN_OBJECT : JSON_TOKEN_ARRAY, p,
		     p + 1);
	if (!p)
		return NULL;
	p = skip_space(p, end);
	*empty = p < end && *p == (object ? '}' : ']');
	return object && !*empty ? take_key(d, p, end) : p;
}

bool decode_fast(struct decoder *d, struct slice message)
{
	const char *end = message.p + message.len;
	const char *p = skip_space(message.p, end);
	uint32_t objects = 0;
	unsigned depth = 0;

	do {
		bool more = false; /* a value follows at once */

		if (!p || p == end)
			return false;
		if (*p == '{' || *p == '[') {
			bool object = *p == '{', empty = false;

			if (depth == LIMIT_JSON_DEPTH)
				return false;
			objects &= ~(1u << depth);
			objects |= (uint32_t)object << depth++;
			p = take_begin(d, p, end, object, &empty);
			more = !empty;
		} else {
			enum json_token token;
			const char *stop = scalar_end(p, end, &token);

			p = hand_out(d, token, p, stop);
		}
		if (p && !more)
			p = after_value(d, p, end, &depth, objects);
	} while (depth);
	return p && skip_space(p, end) == end;
}
