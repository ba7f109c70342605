/*
 * schemas/json_tree.c - a JSON text as a tree in an arena, for schema files;
 * and the decoding of strings.
 *
 * Depth is limited by the parser, size by LIMIT_SCHEMA.
 */
#include "schemas/json_int.h"

#include <string.h>

#include "base/limits.h"
#include "base/utf8.h"

struct builder {
	struct arena *arena;
	struct json_node *root;
	struct json_node *open[LIMIT_JSON_DEPTH]; /* the containers around */
	struct json_node *
		*tail[LIMIT_JSON_DEPTH]; /* where their next child goes */
	unsigned depth;
	struct slice key;
};

static unsigned hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	return (unsigned)((c | 0x20) - 'a') + 10;
}

/* The four digits of \uXXXX; the grammar was checked by the parser. */
static uint32_t hex4(const char *p)
{
	return hex_digit(p[0]) << 12 | hex_digit(p[1]) << 8 |
	       hex_digit(p[2]) << 4 | hex_digit(p[3]);
}

/* The code point of the escape "\uXXXX" at *p, with its low half if it has
 * one; moves *p behind it. */
static uint32_t unicode_escape(const char **p, const char *end, bool *lossy)
{
	uint32_t cp = hex4(*p + 2);

	*p += 6;
	if (cp < 0xd800 || cp > 0xdfff)
		return cp;
	if (cp < 0xdc00 && end - *p >= 6 && (*p)[0] == '\\' && (*p)[1] == 'u') {
		uint32_t low = hex4(*p + 2);

		if (low >= 0xdc00 && low <= 0xdfff) {
			*p += 6;
			return 0x10000 + ((cp - 0xd800) << 10) + (low - 0xdc00);
		}
	}
	*lossy = true;
	return 0xfffd;
}

static char simple_escape(char c)
{
	switch (c) {
	case 'b':
		return '\b';
	case 'f':
		return '\f';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	default:
		return c;
	}
}

size_t json_unescape(struct slice text, char *out, bool *lossy)
{
	const char *p = text.p, *end = text.p + text.len;
	char *o = out;

	while (p < end) {
		const char *back = memchr(p, '\\', (size_t)(end - p));
		size_t plain = (size_t)((back ? back : end) - p);

		memcpy(o, p, plain);
		o += plain;
		p += plain;
		if (!back)
			break;
		if (p[1] == 'u') {
			o += utf8_encode(unicode_escape(&p, end, lossy), o);
		} else {
			*o++ = simple_escape(p[1]);
			p += 2;
		}
	}
	return (size_t)(o - out);
}

/* A string token without its quotes, decoded. */
static bool decode(struct builder *b, struct slice text, struct slice *out)
{
	struct slice inside = slice_of(text.p + 1, text.len - 2);
	char *copy = arena_alloc(b->arena, inside.len + 1);
	bool lossy = false;

	if (!copy)
		return false;
	*out = slice_of(copy, json_unescape(inside, copy, &lossy));
	return true;
}

static enum json_node_kind kind_of(enum json_token token)
{
	switch (token) {
	case JSON_TOKEN_FALSE:
	case JSON_TOKEN_TRUE:
		return JSON_NODE_BOOL;
	case JSON_TOKEN_NUMBER:
		return JSON_NODE_NUMBER;
	case JSON_TOKEN_STRING:
		return JSON_NODE_STRING;
	case JSON_TOKEN_OBJECT:
		return JSON_NODE_OBJECT;
	case JSON_TOKEN_ARRAY:
		return JSON_NODE_ARRAY;
	case JSON_TOKEN_NULL:
	case JSON_TOKEN_KEY:
	case JSON_TOKEN_OBJECT_END:
	case JSON_TOKEN_ARRAY_END:
		break;
	}
	return JSON_NODE_NULL;
}

static int add(void *ctx, enum json_token token, struct slice text)
{
	struct builder *b = ctx;
	struct json_node *n;

	if (token == JSON_TOKEN_OBJECT_END || token == JSON_TOKEN_ARRAY_END) {
		b->depth--;
		return 0;
	}
	if (token == JSON_TOKEN_KEY)
		return decode(b, text, &b->key) ? 0 : ERR_NO_MEMORY;
	n = arena_calloc(b->arena, 1, sizeof(*n));
	if (!n)
		return ERR_NO_MEMORY;
	n->kind = kind_of(token);
	n->text = text;
	if (token == JSON_TOKEN_STRING && !decode(b, text, &n->text))
		return ERR_NO_MEMORY;
	if (!b->root) {
		b->root = n;
	} else {
		if (b->open[b->depth - 1]->kind == JSON_NODE_OBJECT)
			n->key = b->key;
		*b->tail[b->depth - 1] = n;
		b->tail[b->depth - 1] = &n->next;
	}
	if (n->kind == JSON_NODE_OBJECT || n->kind == JSON_NODE_ARRAY) {
		b->open[b->depth] = n;
		b->tail[b->depth++] = &n->first;
	}
	return 0;
}

static int refuse_bytes(struct slice text, struct err *err)
{
	size_t valid = utf8_valid_prefix(text);

	if (text.len > LIMIT_SCHEMA)
		return err_set(err, ERR_LIMIT,
			       "%zu bytes are more than the limit of %d",
			       text.len, (int)LIMIT_SCHEMA);
	if (valid < text.len)
		return err_set(err, ERR_SCHEMA, "not UTF-8 at byte %zu", valid);
	return 0;
}

int json_tree(struct arena *a, struct slice text, const struct json_node **out,
	      struct err *err)
{
	struct builder b = { .arena = a };
	struct json_parser *p = NULL;
	struct json_fault fault;
	int ret = refuse_bytes(text, err);

	if (ret < 0)
		return ret;
	ret = decode_json_new(&p, LIMIT_SCHEMA, err);
	if (ret < 0)
		return ret;
	ret = decode_json(p, text, add, &b, &fault);
	decode_json_free(p);
	if (ret < 0)
		return err_nomem(err);
	if (ret > 0)
		return err_set(err, ERR_SCHEMA, "not JSON: %s at byte %zu",
			       fault.what, fault.at);
	*out = b.root;
	return 0;
}

const struct json_node *json_member(const struct json_node *object,
				    const char *key)
{
	for (const struct json_node *n = object->first; n; n = n->next)
		if (slice_eq(n->key, slice_str(key)))
			return n;
	return NULL;
}
