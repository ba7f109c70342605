/*
 * schemas/decode_yajl.c - the only user of yajl.
 *
 * yajl is right about JSON's grammar, and has faults that are handled here:
 *
 * - One handle is kept for all texts, because making one costs a tenth of a
 *   parse.  With several values allowed, a text that ends early would then be
 *   continued by the next.  So exactly one value must be complete when a text
 *   ends and only white space may follow it; otherwise the handle is made
 *   anew, as after every error, which it would return for ever.
 * - It does not check what malloc gives.  It gets its memory from a region
 *   that is reserved once and large enough for the longest text.
 * - It has no depth limit, takes overlong UTF-8 and loses lone surrogates.
 *   Depth is counted here; callers check UTF-8; strings are handed out as they
 *   were written, so what yajl makes of their escapes is never used.
 * - Integers beyond 64 bits are errors unless numbers are taken as text.
 * - Vertical tabs and form feeds pass as white space.
 */
#include "schemas/json_int.h"

#include <assert.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#include "base/limits.h"
#include "base/mem.h"

enum {
	/* yajl holds two buffers that can reach twice a text's length; grown
	 * by doubling, each can leave as much behind.  Pages that are never
	 * used are never touched. */
	REGION_PER_BYTE = 10,
	REGION_BASE = 64 << 10, /* what even an empty text takes */
	REGION_ALIGN = 16,
};

/* Why a callback ended the parse. */
enum stop {
	STOP_NOT,
	STOP_ANSWER, /* `fn` wants no more */
	STOP_DEEP,
	STOP_SPACE,  /* white space that JSON does not know */
	STOP_SECOND, /* another value begins behind the first */
};

struct json_parser {
	yajl_handle handle;
	size_t limit; /* of a text */
	char *region;
	size_t size; /* of the region */
	size_t used;
	size_t last; /* offset of the block handed out last */

	const char *text;
	const char *done; /* end of the token before */
	const char *end;
	unsigned depth;
	unsigned values; /* complete ones at depth 0 */
	enum stop stop;
	int answer;       /* what `fn` returned */
	bool last_number; /* the text ends in a number that is all of it */
	json_token_fn *fn;
	void *ctx;
};

/* The block's size stands before it, for realloc. */
static void *region_alloc(void *ctx, size_t size)
{
	struct json_parser *p = ctx;
	size_t at = p->used + REGION_ALIGN;
	size_t room = (size + REGION_ALIGN - 1) / REGION_ALIGN * REGION_ALIGN;

	assert(at <= p->size && size <= room && room <= p->size - at);
	memcpy(p->region + p->used, &room, sizeof(room));
	p->last = at;
	p->used = at + room;
	return p->region + at;
}

static void region_free(void *ctx, void *block)
{
	struct json_parser *p = ctx;

	if (block && (char *)block == p->region + p->last && p->last)
		p->used = p->last - REGION_ALIGN;
}

static void *region_realloc(void *ctx, void *block, size_t size)
{
	struct json_parser *p = ctx;
	size_t old = 0;
	void *moved;

	if (block)
		memcpy(&old, (char *)block - REGION_ALIGN, sizeof(old));
	if (size <= old)
		return block;
	if (block && (char *)block == p->region + p->last)
		p->used = p->last - REGION_ALIGN; /* grows in place */
	moved = region_alloc(ctx, size);
	if (old && moved != block)
		memcpy(moved, block, old);
	return moved;
}

static inline bool is_gap(char c)
{
	return c == ' ' || c == ',' || c == ':' || c == '\n' || c == '\r' ||
	       c == '\t';
}

static const char *skip_gap(const char *s, const char *end)
{
	while (s < end && is_gap(*s))
		s++;
	return s;
}

static int stop(struct json_parser *p, enum stop why)
{
	p->stop = why;
	return 0;
}

/* What stands between two tokens is only separators, so a token starts at the
 * first byte that is none. */
static inline int hand_out(struct json_parser *p, enum json_token token)
{
	const char *start = skip_gap(p->done, p->end);
	const char *end = p->text + yajl_get_bytes_consumed(p->handle);

	if (unlikely((unsigned char)*start < ' '))
		return stop(p, STOP_SPACE);
	if (unlikely(p->last_number))
		end = p->end;
	p->done = end;
	p->answer =
		p->fn(p->ctx, token, slice_of(start, (size_t)(end - start)));
	return p->answer ? stop(p, STOP_ANSWER) : 1;
}

/* yajl would go on with a second value. */
static inline bool is_second(const struct json_parser *p)
{
	return p->depth == 0 && p->values > 0;
}

static inline int hand_out_scalar(struct json_parser *p, enum json_token token)
{
	if (is_second(p))
		return stop(p, STOP_SECOND);
	p->values += p->depth == 0;
	return hand_out(p, token);
}

static int hand_out_begin(struct json_parser *p, enum json_token token)
{
	if (is_second(p))
		return stop(p, STOP_SECOND);
	if (++p->depth > LIMIT_JSON_DEPTH)
		return stop(p, STOP_DEEP);
	return hand_out(p, token);
}

static int hand_out_end(struct json_parser *p, enum json_token token)
{
	p->depth--;
	p->values += p->depth == 0;
	return hand_out(p, token);
}

static int on_null(void *ctx)
{
	return hand_out_scalar(ctx, JSON_TOKEN_NULL);
}

static int on_boolean(void *ctx, int value)
{
	return hand_out_scalar(ctx, value ? JSON_TOKEN_TRUE : JSON_TOKEN_FALSE);
}

static int on_number(void *ctx, const char *text, size_t len)
{
	(void)text;
	(void)len;
	return hand_out_scalar(ctx, JSON_TOKEN_NUMBER);
}

static int on_string(void *ctx, const unsigned char *text, size_t len)
{
	(void)text;
	(void)len;
	return hand_out_scalar(ctx, JSON_TOKEN_STRING);
}

static int on_key(void *ctx, const unsigned char *text, size_t len)
{
	(void)text;
	(void)len;
	return hand_out(ctx, JSON_TOKEN_KEY);
}

static int on_object(void *ctx)
{
	return hand_out_begin(ctx, JSON_TOKEN_OBJECT);
}

static int on_object_end(void *ctx)
{
	return hand_out_end(ctx, JSON_TOKEN_OBJECT_END);
}

static int on_array(void *ctx)
{
	return hand_out_begin(ctx, JSON_TOKEN_ARRAY);
}

static int on_array_end(void *ctx)
{
	return hand_out_end(ctx, JSON_TOKEN_ARRAY_END);
}

static const yajl_callbacks callbacks = {
	.yajl_null = on_null,
	.yajl_boolean = on_boolean,
	.yajl_number = on_number,
	.yajl_string = on_string,
	.yajl_start_map = on_object,
	.yajl_map_key = on_key,
	.yajl_end_map = on_object_end,
	.yajl_start_array = on_array,
	.yajl_end_array = on_array_end,
};

/* A fresh handle in an empty region. */
static void renew(struct json_parser *p)
{
	yajl_alloc_funcs funcs = {
		.malloc = region_alloc,
		.realloc = region_realloc,
		.free = region_free,
		.ctx = p,
	};

	p->used = 0;
	p->last = 0;
	p->handle = yajl_alloc(&callbacks, &funcs, p);
	yajl_config(p->handle, yajl_allow_multiple_values, 1);
	/* Callers have checked it, more strictly. */
	yajl_config(p->handle, yajl_dont_validate_strings, 1);
}

int decode_json_new(struct json_parser **out, size_t limit, struct err *err)
{
	struct json_parser *p = mem_calloc(1, sizeof(*p));

	if (!p)
		return err_nomem(err);
	p->limit = limit;
	p->size = REGION_BASE + REGION_PER_BYTE * limit;
	p->region = mem_alloc(p->size);
	if (!p->region) {
		mem_free(p);
		return err_nomem(err);
	}
	renew(p);
	*out = p;
	return 0;
}

void decode_json_free(struct json_parser *p)
{
	if (!p)
		return;
	mem_free(p->region);
	mem_free(p);
}

static int fail(struct json_parser *p, struct json_fault *fault,
		enum json_fault_kind kind, const char *at, const char *what)
{
	size_t len = strnlen(what, sizeof(fault->what) - 1);

	fault->kind = kind;
	fault->at = (size_t)(at - p->text);
	memcpy(fault->what, what, len);
	fault->what[len] = '\0';
	renew(p);
	return 1;
}

/* yajl's own words for an error, without its kind and full stop. */
static int fail_syntax(struct json_parser *p, struct json_fault *fault)
{
	unsigned char *text = yajl_get_error(p->handle, 0, NULL, 0);
	const char *what = (const char *)text;
	const char *colon = strstr(what, ": ");
	size_t consumed = yajl_get_bytes_consumed(p->handle);
	const char *at = skip_gap(p->done, p->end);
	char words[sizeof(fault->what)] = "";
	size_t len;

	/* The lexer stops at the very byte, the parser after a token. */
	if (strncmp(what, "lexical", 7) == 0 && consumed)
		at = p->text + consumed - 1;
	what = colon ? colon + 2 : what;
	len = strcspn(what, ".\n");
	memcpy(words, what, len < sizeof(words) - 1 ? len : sizeof(words) - 1);
	if (p->end - p->text >= 3 && memcmp(p->text, "\xef\xbb\xbf", 3) == 0)
		return fail(p, fault, JSON_SYNTAX, p->text,
			    "starts with a byte order mark");
	if (p->values)
		return fail(p, fault, JSON_SYNTAX, at,
			    "something follows the end of the value");
	return fail(p, fault, JSON_SYNTAX, at < p->end ? at : p->end, words);
}

static const char *skip_space(const char *s, const char *end)
{
	while (s < end && (*s == ' ' || *s == '\n' || *s == '\r' || *s == '\t'))
		s++;
	return s;
}

/* A callback has ended the parse. */
static int stopped(struct json_parser *p, struct json_fault *fault)
{
	const char *at = skip_gap(p->done, p->end);

	switch (p->stop) {
	case STOP_DEEP:
		return fail(p, fault, JSON_TOO_DEEP, at, "nested too deep");
	case STOP_SPACE:
		return fail(p, fault, JSON_SYNTAX, at,
			    "white space that JSON does not know");
	case STOP_SECOND:
		return fail(p, fault, JSON_SYNTAX, at,
			    "something follows the end of the value");
	case STOP_NOT:
	case STOP_ANSWER:
		break;
	}
	renew(p);
	return p->answer;
}

/* The text is over.  A number alone is whole only now that no more can come;
 * whatever else is not whole by now is cut short. */
static int ended(struct json_parser *p, struct json_fault *fault)
{
	const char *rest;

	if (p->values == 0 && p->depth == 0) {
		p->last_number = true;
		if (yajl_complete_parse(p->handle) == yajl_status_ok &&
		    p->values == 1) {
			renew(p);
			return 0;
		}
		if (p->stop == STOP_ANSWER)
			return stopped(p, fault);
	}
	if (p->values == 0)
		return fail(p, fault, JSON_SYNTAX, p->end,
			    "ends before its value does");
	rest = skip_space(p->done, p->end);
	if (rest < p->end)
		return fail(p, fault, JSON_SYNTAX, rest,
			    "something follows the end of the value");
	return 0;
}

int decode_json(struct json_parser *p, struct slice text, json_token_fn *fn,
		void *ctx, struct json_fault *fault)
{
	yajl_status status;

	assert(text.len <= p->limit);
	p->text = text.p ? text.p : "";
	p->done = p->text;
	p->end = p->text + text.len;
	p->depth = 0;
	p->values = 0;
	p->stop = STOP_NOT;
	p->last_number = false;
	p->fn = fn;
	p->ctx = ctx;

	status =
		yajl_parse(p->handle, (const unsigned char *)p->text, text.len);
	if (p->stop != STOP_NOT)
		return stopped(p, fault);
	if (status != yajl_status_ok)
		return fail_syntax(p, fault);
	return ended(p, fault);
}
