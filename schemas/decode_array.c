/*
 * schemas/decode_array.c - tokens in an array of objects.
 *
 * Its text is kept as it is; the members of its elements are taken out.  Each
 * element counts, also one that is null or no object, so that positions stay
 * those of the source.  One object in the place of the array is one element.
 */
#include "schemas/decode_int.h"

static void element_begin(struct decoder *d)
{
	struct array_state *a = &d->array;

	/* Its members are found under the array's own key, whichever of its
	 * two spellings that is. */
	decode_push_frame(d, a->key, ITEM_NONE);
	a->depth = d->depth;
	d->place = PLACE_ELEMENT;
}

/* The array's text ends with `last`. */
static void array_end(struct decoder *d, struct slice last)
{
	const struct array_state *a = &d->array;
	struct item *it = &d->items[a->item];

	it->raw.len = (size_t)(last.p + last.len - it->raw.p);
	d->elements[a->object] = a->element;
	d->place = PLACE_OBJECT;
}

void decode_array_begin(struct decoder *d, enum json_token token, uint32_t item)
{
	d->array = (struct array_state){
		.item = item,
		.key = d->now.key,
		.object = d->keys.at[d->now.key].object,
		.single = token == JSON_TOKEN_OBJECT,
	};
	d->items[item].object = d->array.object;
	d->place = PLACE_ARRAY;
	if (d->array.single)
		element_begin(d);
}

static void element_end(struct decoder *d, struct slice text)
{
	struct array_state *a = &d->array;

	a->element++;
	if (a->single)
		array_end(d, text);
	else
		d->place = PLACE_ARRAY;
}

void decode_in_array(struct decoder *d, enum json_token token,
		     struct slice text)
{
	struct array_state *a = &d->array;

	if (token == JSON_TOKEN_ARRAY_END) {
		array_end(d, text);
		return;
	}
	if (unlikely(a->element == LIMIT_VALUES)) {
		for (field_id id = 0; id < d->ds->nfields; id++)
			if (d->ds->fields[id].object == a->object)
				decode_mark_truncated(d, id);
		if (token == JSON_TOKEN_OBJECT || token == JSON_TOKEN_ARRAY)
			decode_skip(d, token, ITEM_NONE, KEY_NONE);
		return;
	}
	if (token == JSON_TOKEN_OBJECT) {
		element_begin(d);
		return;
	}
	a->element++;
	if (token != JSON_TOKEN_NULL)
		decode_mark_below(d, a->key);
	if (token == JSON_TOKEN_ARRAY)
		decode_skip(d, token, ITEM_NONE, KEY_NONE);
}

static void member_scalar(struct decoder *d, enum json_token token,
			  struct slice text)
{
	field_id id = d->keys.at[d->now.key].field;
	enum value_status status;
	value_form form;
	struct member *m;

	m = decode_pool_add(d, &d->members, sizeof(*m));
	if (unlikely(!m)) {
		decode_mark_truncated(d, id);
		return;
	}
	m->field = id;
	m->element = d->array.element;
	status = decode_scalar(d, &d->ds->fields[id], token, text, &m->value,
			       &form);
	if (status == VALUE_INVALID)
		decode_mark_invalid(d, id);
	if (status == VALUE_TRUNCATED)
		decode_mark_truncated(d, id);
	if (status == VALUE_INVALID || status == VALUE_NULL)
		d->members.n--;
}

static void element_container(struct decoder *d, enum json_token token)
{
	if (d->now.kind == KEY_INNER && token == JSON_TOKEN_OBJECT)
		decode_push_frame(d, d->now.key, ITEM_NONE);
	else
		decode_skip(d, token, ITEM_NONE,
			    d->now.kind == KEY_UNKNOWN ? KEY_NONE : d->now.key);
}

void decode_in_element(struct decoder *d, enum json_token token,
		       struct slice text)
{
	switch (token) {
	case JSON_TOKEN_KEY:
		decode_key(d, text, KEY_NONE);
		break;
	case JSON_TOKEN_OBJECT_END:
		if (d->depth-- == d->array.depth)
			element_end(d, text);
		break;
	case JSON_TOKEN_OBJECT:
	case JSON_TOKEN_ARRAY:
		element_container(d, token);
		break;
	case JSON_TOKEN_FALSE:
	case JSON_TOKEN_TRUE:
	case JSON_TOKEN_NUMBER:
	case JSON_TOKEN_STRING:
		if (d->now.kind == KEY_FIELD)
			member_scalar(d, token, text);
		else if (d->now.kind == KEY_INNER)
			decode_mark_below(d, d->now.key);
		break;
	case JSON_TOKEN_NULL:
	case JSON_TOKEN_ARRAY_END:
		break;
	}
}
