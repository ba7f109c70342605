/*
 * schemas/decode_list.c - tokens in a list field's array.
 *
 * A list can be written again if its elements share one form and stand apart
 * as everything in the message does.  Where elements look different, the one
 * form that may give them all is tried on the whole list.
 */
#include <string.h>

#include "schemas/decode_int.h"
#include "schemas/value_int.h"

void decode_list_begin(struct decoder *d, uint32_t item)
{
	d->items[item].kind = ITEM_LIST;
	d->list = (struct list_state){ .item = item, .empty = true };
	d->place = PLACE_LIST;
}

static void add_form(struct list_state *l, const struct field *f,
		     value_form form)
{
	if (l->empty) {
		l->form = form;
	} else if (l->form != form) {
		l->form = value_form_join(f, l->form, form);
		l->mixed = true;
	}
	l->empty = false;
	l->raw |= l->form == FORM_RAW || form == FORM_RAW;
}

static void list_scalar(struct decoder *d, const struct field *f,
			enum json_token token, struct slice text)
{
	struct list_state *l = &d->list;
	field_id id = d->items[l->item].field;
	enum value_status status;
	value_form form;
	struct value *v;

	if (token == JSON_TOKEN_NULL) {
		l->raw = true;
		return;
	}
	v = decode_pool_add(d, &d->values, sizeof(*v));
	if (unlikely(!v)) {
		decode_mark_truncated(d, id);
		l->raw = true;
		return;
	}
	status = decode_scalar(d, f, token, text, v, &form);
	if (status == VALUE_INVALID)
		decode_mark_invalid(d, id);
	if (status == VALUE_TRUNCATED)
		decode_mark_truncated(d, id);
	if (status == VALUE_INVALID || status == VALUE_NULL)
		d->values.n--;
	else
		d->items[l->item].n++;
	add_form(l, f, form);
}

/* Does the one form give the whole list? */
static bool list_renders(struct decoder *d, const struct field *f,
			 const struct item *it)
{
	const struct value *v = (const struct value *)d->values.p + it->first;
	struct buf *b = &d->list_text;
	bool same;

	buf_reset(b);
	buf_putc(b, '[');
	for (uint32_t i = 0; i < it->n && !b->error; i++) {
		if (i)
			buf_puts(b, d->rec.spaced ? ", " : ",");
		value_render(b, f, &v[i], d->list.form);
	}
	buf_putc(b, ']');
	same = !b->error && slice_eq(buf_slice(b), it->raw);
	return same;
}

static void list_end(struct decoder *d, const struct field *f,
		     struct slice text)
{
	struct list_state *l = &d->list;
	struct item *it = &d->items[l->item];

	it->raw.len = (size_t)(text.p + 1 - it->raw.p);
	l->raw |= !decode_gap_is(d, text.p, 0);
	if (!l->raw && l->mixed)
		l->raw = !list_renders(d, f, it);
	it->form = l->raw ? FORM_RAW : l->empty ? FORM_CANONICAL : l->form;
	d->place = PLACE_OBJECT;
}

void decode_in_list(struct decoder *d, enum json_token token, struct slice text)
{
	struct list_state *l = &d->list;
	field_id id = d->items[l->item].field;
	const struct field *f = &d->ds->fields[id];

	if (token == JSON_TOKEN_ARRAY_END) {
		list_end(d, f, text);
		return;
	}
	l->raw |= !decode_gap_is(d, text.p, d->end[-1] == '[' ? 0 : ',');
	if (token == JSON_TOKEN_OBJECT || token == JSON_TOKEN_ARRAY) {
		decode_mark_invalid(d, id);
		l->raw = true;
		decode_skip(d, token, ITEM_NONE, KEY_NONE);
	} else {
		list_scalar(d, f, token, text);
	}
}
