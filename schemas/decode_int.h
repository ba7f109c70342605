/*
 * schemas/decode_int.h - the inside of a decoder.
 *
 * Three parts: the keys (decode_keys.c) say what stands where, the tokens
 * (decode_tokens.c) are turned into a record one by one, decode.c does what is
 * before and after.
 */
#ifndef SCHEMAS_DECODE_INT_H
#define SCHEMAS_DECODE_INT_H

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "schemas/decode.h"
#include "schemas/json_int.h"

/* What a key leads to. */
enum key_kind {
	KEY_UNKNOWN,
	KEY_FIELD,
	KEY_INNER,   /* a plain object with fields below */
	KEY_ARRAY,   /* an array of objects */
	KEY_DELETED, /* "_deleted" of a table's record */
};

enum { KEY_ROOT = 0 };
#define KEY_NONE UINT32_MAX

/* A key at one place of a message, known from the schema or met before. */
struct key {
	struct slice name; /* the key alone */
	uint32_t parent;
	uint32_t next;  /* which key came after this one last time */
	uint64_t seen;  /* the object it was last met in (frame serial) */
	uint64_t count; /* KEY_UNKNOWN: how often */
	enum key_kind kind;
	bool literal; /* a dotted path as one key */
	bool plain;   /* stands in a message as it is: nothing to escape */
	field_id field;
	object_id object;
};

struct keys {
	struct key *at;
	uint32_t n;
	uint32_t nschema; /* those of the schema come first */
	uint32_t *slots;  /* hash table of indexes, KEY_NONE: empty */
	uint32_t mask;
	struct decode_unknown *unknown; /* as decoder_unknown() hands out */
	uint32_t nunknown;
	uint64_t others; /* unknown keys met beyond LIMIT_UNKNOWN_NAMES */
	struct arena arena;
};

MUST_CHECK int decode_keys_init(struct keys *k, const struct dataset *ds,
				struct err *err);
void decode_keys_release(struct keys *k);
/* The key `name` under `parent`; KEY_NONE if it is not known and there is no
 * room to remember it. */
uint32_t decode_keys_find(struct keys *k, uint32_t parent, struct slice name);

/* Where in the message the tokens are. */
enum place {
	PLACE_TOP,     /* before the value, and after it */
	PLACE_OBJECT,  /* in the root object or a plain nested one */
	PLACE_LIST,    /* in a list field's array */
	PLACE_ARRAY,   /* in an array of objects, between its elements */
	PLACE_ELEMENT, /* in an element, or an object nested in one */
	PLACE_SKIP,    /* in something that is kept as it is */
};

#define ITEM_NONE UINT32_MAX

/* An object around the present token. */
struct frame {
	uint32_t key;    /* the object's own */
	uint32_t item;   /* its ITEM_OPEN, or ITEM_NONE */
	uint64_t serial; /* unlike any other object's */
};

/* A growing array of a message's values or members. */
struct pool {
	void *p;
	uint32_t n;
	uint32_t cap;
};

/* The key whose value comes. */
struct pending {
	uint32_t key;       /* KEY_NONE: known to nobody */
	enum key_kind kind; /* KEY_UNKNOWN also for what is not taken */
	struct slice name;
};

/* The list field's array being read. */
struct list_state {
	uint32_t item;
	value_form form;
	bool empty;
	bool mixed; /* elements of different forms */
	bool raw;   /* must be kept as it is */
};

/* The array of objects being read. */
struct array_state {
	uint32_t item;
	uint32_t key;
	object_id object;
	uint32_t element;
	unsigned depth; /* of frames, in an element's own object */
	bool single;    /* one object that stands for an array of one */
};

/* The value being skipped. */
struct skip_state {
	enum place from;
	uint32_t item;  /* whose text it is, or ITEM_NONE */
	uint32_t marks; /* the key whose fields are invalid unless it is empty */
	unsigned depth;
};

struct decoder {
	const struct dataset *ds;
	struct json_parser *parser;
	struct keys keys;
	size_t limit; /* bytes of a message */

	/* The record being filled, and what it is made of. */
	struct record rec;
	struct item *items;
	struct pool values;  /* struct value */
	struct pool members; /* struct member */
	uint32_t *elements;
	field_id *invalid;
	field_id *truncated;
	/* Per field or array of objects: the serial of the message it was
	 * named in, of the message or element it was met in. */
	uint64_t *invalid_in;
	uint64_t *truncated_in;
	uint64_t *field_in;
	uint64_t *object_in;
	bool *nested; /* fields, then arrays: its literal key is to be ignored */
	char *scratch; /* decoded strings */
	size_t scratch_used;
	struct buf list_text; /* a list written again */

	const char *end;  /* of the last token */
	uint64_t serial;  /* of the last object opened */
	uint64_t message; /* of the root object */
	struct frame frames[LIMIT_JSON_DEPTH + 1];
	unsigned depth; /* frames open */
	uint32_t nkeys;
	uint32_t last_key; /* for the guess at the next one */
	enum place place;
	bool escapes;   /* the message has a backslash */
	bool is_object; /* the root is one */
	bool styled;    /* the first colon has been seen */
	bool has_key;   /* the key field has a value */
	bool again;     /* second reading: literal keys clashed */
	bool literals_clash;
	bool no_memory;
	bool only_yajl;
	struct pending now;
	struct list_state list;
	struct array_state array;
	struct skip_state skip;
};

json_token_fn decode_token;
/* Readies d for the tokens of `message`. */
void decode_begin(struct decoder *d, struct slice message);

/* Names are short, so that calling memcmp() costs more than comparing. */
static inline bool decode_same_bytes(const char *a, const char *b, size_t n)
{
	uint64_t x, y;

	if (n < 8) {
		for (size_t i = 0; i < n; i++)
			if (a[i] != b[i])
				return false;
		return true;
	}
	/* The last eight bytes may overlap what was compared before. */
	for (size_t i = 0;; i = i + 16 <= n ? i + 8 : n - 8) {
		memcpy(&x, a + i, 8);
		memcpy(&y, b + i, 8);
		if (x != y || i == n - 8)
			return x == y;
	}
}

/* The key that came behind the last one the last time, if that was in the
 * object that is open now; else *key is KEY_NONE. */
static inline struct slice decode_guess(const struct decoder *d, uint32_t *key)
{
	uint32_t guess = d->keys.at[d->last_key].next;

	if (guess != KEY_NONE &&
	    d->keys.at[guess].parent != d->frames[d->depth - 1].key)
		guess = KEY_NONE;
	*key = guess;
	return guess == KEY_NONE ? slice_of("", 0) : d->keys.at[guess].name;
}

/* Reads a message without yajl.  False: it could not be, read it with yajl. */
bool decode_fast(struct decoder *d, struct slice message);

/* What both kinds of objects do with a key and a scalar (decode_tokens.c). */
/* `known`: which key it is, or KEY_NONE. */
void decode_key(struct decoder *d, struct slice text, uint32_t known);
enum value_status decode_scalar(struct decoder *d, const struct field *f,
				enum json_token token, struct slice text,
				struct value *v, value_form *form);
void decode_mark_invalid(struct decoder *d, field_id id);
void decode_mark_truncated(struct decoder *d, field_id id);
/* All fields at or below a key. */
void decode_mark_below(struct decoder *d, uint32_t key);
void decode_push_frame(struct decoder *d, uint32_t key, uint32_t item);
/* Reads over what `token` begins; `marks` may be KEY_NONE. */
void decode_skip(struct decoder *d, enum json_token token, uint32_t item,
		 uint32_t marks);
/* Room for one more; NULL when LIMIT_VALUES are there or memory is out. */
void *decode_pool_add(struct decoder *d, struct pool *pool, size_t size);
/* Is it exactly `c`, or nothing for 0, that stands before `start`? */
bool decode_gap_is(const struct decoder *d, const char *start, char c);

/* Tokens in arrays of objects (decode_array.c) and lists (decode_list.c). */
void decode_array_begin(struct decoder *d, enum json_token token,
			uint32_t item);
void decode_in_array(struct decoder *d, enum json_token token,
		     struct slice text);
void decode_in_element(struct decoder *d, enum json_token token,
		       struct slice text);
void decode_list_begin(struct decoder *d, uint32_t item);
void decode_in_list(struct decoder *d, enum json_token token,
		    struct slice text);

#endif
