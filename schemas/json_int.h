/*
 * schemas/json_int.h - reading JSON: the door before yajl, and a small tree
 * for schema files.
 *
 * A parser hands out the tokens of one text at a time with the bytes they
 * stand in.  Strings and keys come as written, quotes and escapes included;
 * json_unescape() decodes them.  The text must be valid UTF-8.
 *
 * After any fault the parser is ready for the next text, and parsing allocates
 * nothing: all memory is taken in decode_json_new().
 */
#ifndef SCHEMAS_JSON_INT_H
#define SCHEMAS_JSON_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/err.h"
#include "base/slice.h"

enum json_token {
	JSON_TOKEN_NULL,
	JSON_TOKEN_FALSE,
	JSON_TOKEN_TRUE,
	JSON_TOKEN_NUMBER,
	JSON_TOKEN_STRING,
	JSON_TOKEN_KEY,
	JSON_TOKEN_OBJECT, /* { */
	JSON_TOKEN_OBJECT_END,
	JSON_TOKEN_ARRAY, /* [ */
	JSON_TOKEN_ARRAY_END,
};

/* 0: go on; anything else ends the parse, which then returns that. */
typedef int json_token_fn(void *ctx, enum json_token token, struct slice text);

enum json_fault_kind { JSON_TOO_DEEP = 1, JSON_SYNTAX };

struct json_fault {
	enum json_fault_kind kind;
	size_t at;     /* byte offset */
	char what[96]; /* "invalid string in json text" */
};

struct json_parser;

/* For texts of at most `limit` bytes. */
MUST_CHECK int decode_json_new(struct json_parser **out, size_t limit,
			       struct err *err);
void decode_json_free(struct json_parser *p);

/* Feeds the tokens of exactly one value to `fn`.  0: done.  1: not JSON, or
 * nested deeper than LIMIT_JSON_DEPTH; *fault says what and where.  Otherwise
 * what `fn` returned, which must not be 1. */
MUST_CHECK int decode_json(struct json_parser *p, struct slice text,
			   json_token_fn *fn, void *ctx,
			   struct json_fault *fault);

/* Decodes a string's inside (without its quotes) to `out`, which has room for
 * text.len bytes; returns the length.  A lone surrogate becomes U+FFFD and
 * sets *lossy. */
size_t json_unescape(struct slice text, char *out, bool *lossy);

enum json_node_kind {
	JSON_NODE_NULL,
	JSON_NODE_BOOL,
	JSON_NODE_NUMBER,
	JSON_NODE_STRING,
	JSON_NODE_OBJECT,
	JSON_NODE_ARRAY,
};

struct json_node {
	enum json_node_kind kind;
	struct slice key;        /* member of an object: decoded */
	struct slice text;       /* string: decoded; number, bool: as written */
	struct json_node *first; /* object, array */
	struct json_node *next;
};

/* The tree of a whole text, in the arena.  ERR_SCHEMA naming what and the byte
 * offset, ERR_NO_MEMORY. */
MUST_CHECK int json_tree(struct arena *a, struct slice text,
			 const struct json_node **out, struct err *err);
/* The member `key` of an object; NULL. */
const struct json_node *json_member(const struct json_node *object,
				    const char *key);

#endif
