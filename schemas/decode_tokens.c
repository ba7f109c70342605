/*
 * schemas/decode_tokens.c - a message's tokens to a record: plain objects, and
 * what all places share.
 *
 * Only separators stand between two tokens, so the bytes between the end of
 * one and the start of the next prove whether the source can be written again
 * from the items.
 */
#include <string.h>

#include "base/mem.h"
#include "schemas/decode_int.h"

void decode_begin(struct decoder *d, struct slice message)
{
	d->rec = (struct record){
		.source = message,
		.regular = true,
		.items = d->items,
		.elements = d->elements,
		.invalid = d->invalid,
		.truncated = d->truncated,
	};
	if (d->ds->nobjects)
		memset(d->elements, 0, d->ds->nobjects * sizeof(*d->elements));
	d->values.n = 0;
	d->members.n = 0;
	d->scratch_used = 0;
	d->end = message.p;
	d->message = d->serial + 1;
	d->depth = 0;
	d->nkeys = 0;
	d->last_key = KEY_ROOT;
	d->place = PLACE_TOP;
	d->escapes = memchr(message.p, '\\', message.len) != NULL;
	d->is_object = false;
	d->styled = false;
	d->has_key = false;
	d->no_memory = false;
}

void *decode_pool_add(struct decoder *d, struct pool *pool, size_t size)
{
	if (pool->n == pool->cap) {
		uint32_t cap = pool->cap ? 2 * pool->cap : 256;
		void *p;

		if (pool->n == LIMIT_VALUES)
			return NULL;
		p = mem_realloc_array(pool->p, cap, size);
		if (!p) {
			d->no_memory = true;
			return NULL;
		}
		pool->p = p;
		pool->cap = cap;
	}
	return (char *)pool->p + pool->n++ * size;
}

bool decode_gap_is(const struct decoder *d, const char *start, char c)
{
	size_t n = (size_t)(start - d->end);

	/* With the grammar kept, a single byte can only be `c`. */
	if (c == 0)
		return n == 0;
	if (d->rec.spaced)
		return n == 2 && d->end[0] == c && d->end[1] == ' ';
	return n == 1;
}

/* What stands before a key's value; the first one decides for the others. */
static void check_colon(struct decoder *d, const char *start)
{
	if (unlikely(!d->styled)) {
		d->styled = true;
		d->rec.spaced = start - d->end == 2;
	}
	d->rec.regular &= decode_gap_is(d, start, ':');
}

static inline struct slice decode_string(struct decoder *d, struct slice text)
{
	struct slice inside = slice_of(text.p + 1, text.len - 2);
	char *out = d->scratch + d->scratch_used;
	bool lossy = false;
	size_t len;

	if (!d->escapes || !memchr(inside.p, '\\', inside.len))
		return inside;
	len = json_unescape(inside, out, &lossy);
	d->scratch_used += len;
	return slice_of(out, len);
}

static void mark(field_id id, uint64_t *marked_in, uint64_t message,
		 field_id *list, uint32_t *n)
{
	if (marked_in[id] == message)
		return;
	marked_in[id] = message;
	list[(*n)++] = id;
}

void decode_mark_invalid(struct decoder *d, field_id id)
{
	mark(id, d->invalid_in, d->message, d->invalid, &d->rec.ninvalid);
}

void decode_mark_truncated(struct decoder *d, field_id id)
{
	mark(id, d->truncated_in, d->message, d->truncated, &d->rec.ntruncated);
}

void decode_mark_below(struct decoder *d, uint32_t key)
{
	const struct keys *k = &d->keys;

	for (uint32_t i = 1; i < k->nschema; i++) {
		uint32_t above = i;

		if (k->at[i].kind != KEY_FIELD)
			continue;
		while (above != key && above != KEY_ROOT)
			above = k->at[above].parent;
		if (above == key)
			decode_mark_invalid(d, k->at[i].field);
	}
}

void decode_push_frame(struct decoder *d, uint32_t key, uint32_t item)
{
	d->frames[d->depth++] = (struct frame){
		.key = key,
		.item = item,
		.serial = ++d->serial,
	};
}

void decode_skip(struct decoder *d, enum json_token token, uint32_t item,
		 uint32_t marks)
{
	/* An empty list is null; an empty object is not. */
	if (token == JSON_TOKEN_OBJECT && marks != KEY_NONE) {
		decode_mark_below(d, marks);
		marks = KEY_NONE;
	}
	d->skip = (struct skip_state){
		.from = d->place,
		.item = item,
		.marks = marks,
		.depth = 1,
	};
	d->place = PLACE_SKIP;
}

static void end_raw(struct decoder *d, uint32_t item, struct slice last)
{
	if (item != ITEM_NONE) {
		struct slice *raw = &d->items[item].raw;

		raw->len = (size_t)(last.p + last.len - raw->p);
	}
}

static void in_skip(struct decoder *d, enum json_token token, struct slice text)
{
	struct skip_state *s = &d->skip;

	if (token == JSON_TOKEN_OBJECT_END || token == JSON_TOKEN_ARRAY_END) {
		if (--s->depth == 0) {
			end_raw(d, s->item, text);
			d->place = s->from;
		}
		return;
	}
	if (s->marks != KEY_NONE) {
		decode_mark_below(d, s->marks);
		s->marks = KEY_NONE;
	}
	if (token == JSON_TOKEN_OBJECT || token == JSON_TOKEN_ARRAY)
		s->depth++;
}

/* Was a key that is in no table met in this object before? */
static bool met_before(const struct decoder *d, struct slice name)
{
	uint32_t open = d->frames[d->depth - 1].item;
	uint32_t i = open == ITEM_NONE ? 0 : open + 1;

	for (; i < d->rec.nitems; i++)
		if (slice_eq(d->items[i].key, name))
			return true;
	return false;
}

/* What a known key leads to this time: the first of doubles counts, and a
 * literal key only where the nested form is absent. */
static enum key_kind resolve(struct decoder *d, struct key *k)
{
	const struct frame *frame = &d->frames[d->depth - 1];
	uint64_t scope = d->message;
	uint64_t *met;
	size_t flag;

	if (unlikely(k->seen == frame->serial)) {
		/* An array of objects is kept as it is. */
		d->rec.regular &= d->place != PLACE_OBJECT;
		return KEY_UNKNOWN;
	}
	k->seen = frame->serial;
	if (k->kind == KEY_FIELD) {
		met = &d->field_in[k->field];
		flag = k->field;
	} else if (k->kind == KEY_ARRAY) {
		met = &d->object_in[k->object];
		flag = d->ds->nall + k->object;
	} else {
		k->count += !d->again;
		return k->kind;
	}
	if (d->place == PLACE_ELEMENT)
		scope = d->frames[d->array.depth - 1].serial;
	if (unlikely(*met == scope)) {
		if (!k->literal && d->place == PLACE_OBJECT) {
			d->nested[flag] = true;
			d->literals_clash = true;
		}
		return KEY_UNKNOWN;
	}
	if (k->literal && d->nested[flag])
		return KEY_UNKNOWN;
	*met = scope;
	return k->kind;
}

/* Which key it is; KEY_NONE if nobody knows. */
static uint32_t find_key(struct decoder *d, struct slice name)
{
	uint32_t key;
	struct slice guess = decode_guess(d, &key);

	if (key != KEY_NONE && slice_eq(guess, name))
		return key;
	key = decode_keys_find(&d->keys, d->frames[d->depth - 1].key, name);
	if (key != KEY_NONE) {
		d->keys.at[d->last_key].next = key;
		return key;
	}
	d->keys.others += !d->again;
	d->rec.regular &= d->place != PLACE_OBJECT || !met_before(d, name);
	return KEY_NONE;
}

void decode_key(struct decoder *d, struct slice text, uint32_t known)
{
	struct slice name = known == KEY_NONE ?
				    decode_string(d, text) :
				    slice_of(text.p + 1, text.len - 2);

	if (d->place == PLACE_OBJECT) {
		bool first = d->end[-1] == '{';

		d->nkeys++;
		d->rec.regular &= decode_gap_is(d, text.p, first ? 0 : ',') &&
				  name.len + 2 == text.len &&
				  d->nkeys <= LIMIT_KEYS;
	}
	if (known == KEY_NONE)
		known = find_key(d, name);
	d->now = (struct pending){ .key = known, .name = name };
	if (unlikely(known == KEY_NONE))
		return; /* now.kind is KEY_UNKNOWN */
	d->last_key = known;
	d->now.kind = resolve(d, &d->keys.at[known]);
}

enum value_status decode_scalar(struct decoder *d, const struct field *f,
				enum json_token token, struct slice text,
				struct value *v, value_form *form)
{
	struct slice content = text;
	enum json_kind kind = JSON_NUMBER;

	if (token == JSON_TOKEN_STRING) {
		kind = JSON_STRING;
		content = decode_string(d, text);
		/* What most values are, without the way through value.c. */
		if (f->type <= FIELD_TEXT && content.len + 2 == text.len &&
		    content.len <= LIMIT_VALUE) {
			v->text = content;
			*form = FORM_CANONICAL;
			return VALUE_OK;
		}
	} else if (token == JSON_TOKEN_TRUE) {
		kind = JSON_TRUE;
	} else if (token == JSON_TOKEN_FALSE) {
		kind = JSON_FALSE;
	}
	return value_decode(f, kind, content, text, v, form);
}

/* The key's item; ITEM_NONE for what is not kept beyond LIMIT_KEYS. */
static inline uint32_t add_item(struct decoder *d, enum item_kind kind,
				struct slice raw)
{
	bool known = d->now.kind == KEY_FIELD || d->now.kind == KEY_ARRAY;

	if (unlikely(d->nkeys > LIMIT_KEYS && !known))
		return ITEM_NONE;
	d->items[d->rec.nitems] = (struct item){
		.kind = kind,
		.field = FIELD_NONE,
		.object = OBJECT_NONE,
		.form = FORM_RAW,
		.key = d->now.name,
		.raw = raw,
		.first = d->values.n,
	};
	return d->rec.nitems++;
}

static void keep_roles(struct decoder *d, field_id id, const struct value *v)
{
	if (id == d->ds->time) {
		d->rec.has_time = true;
		d->rec.time = v->num;
	}
	if (id == d->ds->key)
		d->has_key = field_class(d->ds->fields[id].type) !=
				     CLASS_TEXT ||
			     v->text.len > 0;
}

static void field_scalar(struct decoder *d, enum json_token token,
			 struct slice text)
{
	field_id id = d->keys.at[d->now.key].field;
	const struct field *f = &d->ds->fields[id];
	struct item *it = &d->items[add_item(d, ITEM_RAW, text)];
	enum value_status status;
	struct value *v;

	it->field = id;
	if (token == JSON_TOKEN_NULL) {
		it->kind = ITEM_NULL;
		return;
	}
	v = decode_pool_add(d, &d->values, sizeof(*v));
	if (unlikely(!v)) {
		decode_mark_truncated(d, id);
		return;
	}
	status = decode_scalar(d, f, token, text, v, &it->form);
	if (unlikely(status == VALUE_INVALID || status == VALUE_NULL)) {
		d->values.n--;
		if (status == VALUE_INVALID)
			decode_mark_invalid(d, id);
		return;
	}
	if (unlikely(status == VALUE_TRUNCATED))
		decode_mark_truncated(d, id);
	it->kind = f->list ? ITEM_LIST : ITEM_VALUE;
	it->n = 1;
	if (f->list && it->form != FORM_RAW)
		it->form |= LIST_FORM_SCALAR;
	keep_roles(d, id, v);
}

static void object_scalar(struct decoder *d, enum json_token token,
			  struct slice text)
{
	uint32_t item;

	check_colon(d, text.p);
	if (likely(d->now.kind == KEY_FIELD)) {
		field_scalar(d, token, text);
		return;
	}
	item = add_item(d, ITEM_RAW, text);
	if (d->now.kind == KEY_ARRAY)
		d->items[item].object = d->keys.at[d->now.key].object;
	if (d->now.kind == KEY_DELETED)
		d->rec.deleted = token == JSON_TOKEN_TRUE;
	if (token != JSON_TOKEN_NULL &&
	    (d->now.kind == KEY_ARRAY || d->now.kind == KEY_INNER))
		decode_mark_below(d, d->now.key);
}

static void field_container(struct decoder *d, enum json_token token,
			    uint32_t item)
{
	field_id id = d->keys.at[d->now.key].field;

	d->items[item].field = id;
	if (token == JSON_TOKEN_ARRAY && d->ds->fields[id].list)
		decode_list_begin(d, item);
	else
		decode_skip(d, token, item, d->now.key);
}

static void object_container(struct decoder *d, enum json_token token,
			     struct slice text)
{
	uint32_t item;

	check_colon(d, text.p);
	item = add_item(d, ITEM_RAW, text);
	switch (d->now.kind) {
	case KEY_FIELD:
		field_container(d, token, item);
		break;
	case KEY_ARRAY:
		decode_array_begin(d, token, item);
		break;
	case KEY_INNER:
		if (token == JSON_TOKEN_ARRAY) {
			decode_skip(d, token, item, d->now.key);
			break;
		}
		if (item != ITEM_NONE)
			d->items[item].kind = ITEM_OPEN;
		decode_push_frame(d, d->now.key, item);
		break;
	case KEY_UNKNOWN:
	case KEY_DELETED:
		decode_skip(d, token, item, KEY_NONE);
		break;
	}
}

static void object_end(struct decoder *d, struct slice text)
{
	uint32_t open = d->frames[--d->depth].item;

	if (d->depth == 0) {
		d->rec.regular &= decode_gap_is(d, text.p, 0);
		d->rec.regular &= text.p + 1 ==
				  d->rec.source.p + d->rec.source.len;
		d->place = PLACE_TOP;
		return;
	}
	if (open == ITEM_NONE)
		return;
	if (open + 1 == d->rec.nitems) {
		/* Nothing in it: kept as it is. */
		d->items[open].kind = ITEM_RAW;
		end_raw(d, open, text);
		return;
	}
	d->rec.regular &= decode_gap_is(d, text.p, 0);
	d->now.kind = KEY_FIELD; /* its begin is there, so its end must be */
	d->now.name = slice_of("", 0);
	(void)add_item(d, ITEM_CLOSE, text);
}

static void in_object(struct decoder *d, enum json_token token,
		      struct slice text)
{
	switch (token) {
	case JSON_TOKEN_KEY:
		decode_key(d, text, KEY_NONE);
		break;
	case JSON_TOKEN_OBJECT_END:
		object_end(d, text);
		break;
	case JSON_TOKEN_OBJECT:
	case JSON_TOKEN_ARRAY:
		object_container(d, token, text);
		break;
	case JSON_TOKEN_NULL:
	case JSON_TOKEN_FALSE:
	case JSON_TOKEN_TRUE:
	case JSON_TOKEN_NUMBER:
	case JSON_TOKEN_STRING:
		object_scalar(d, token, text);
		break;
	case JSON_TOKEN_ARRAY_END:
		break; /* not in an object: the parser has seen to it */
	}
}

static void at_top(struct decoder *d, enum json_token token, struct slice text)
{
	d->is_object = token == JSON_TOKEN_OBJECT;
	if (d->is_object) {
		d->rec.regular &= decode_gap_is(d, text.p, 0);
		decode_push_frame(d, KEY_ROOT, ITEM_NONE);
		d->place = PLACE_OBJECT;
	} else if (token == JSON_TOKEN_ARRAY) {
		decode_skip(d, token, ITEM_NONE, KEY_NONE);
	}
}

int decode_token(void *ctx, enum json_token token, struct slice text)
{
	struct decoder *d = ctx;

	switch (d->place) {
	case PLACE_OBJECT:
		in_object(d, token, text);
		break;
	case PLACE_LIST:
		decode_in_list(d, token, text);
		break;
	case PLACE_SKIP:
		in_skip(d, token, text);
		break;
	case PLACE_ARRAY:
		decode_in_array(d, token, text);
		break;
	case PLACE_ELEMENT:
		decode_in_element(d, token, text);
		break;
	case PLACE_TOP:
		at_top(d, token, text);
		break;
	}
	d->end = text.p + text.len;
	return unlikely(d->no_memory) ? ERR_NO_MEMORY : 0;
}
