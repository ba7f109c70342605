#include "tests/unit/schemas/helper_record.h"

#include <string.h>

#include "base/json.h"

static void put_item_value(struct buf *out, const struct dataset *ds,
			   const struct record *rec, const struct item *it)
{
	const struct field *f;
	bool list = it->kind == ITEM_LIST && !(it->form & LIST_FORM_SCALAR);

	if (it->form == FORM_RAW || it->kind == ITEM_RAW) {
		buf_put_slice(out, it->raw);
		return;
	}
	f = &ds->fields[it->field];
	if (list)
		buf_putc(out, '[');
	for (uint32_t i = 0; i < it->n; i++) {
		if (i)
			buf_puts(out, rec->spaced ? ", " : ",");
		value_render(out, f, &rec->values[it->first + i],
			     (value_form)(it->form & ~LIST_FORM_SCALAR));
	}
	if (list)
		buf_putc(out, ']');
}

void record_rebuild(struct buf *out, const struct dataset *ds,
		    const struct record *rec)
{
	bool first = true;

	buf_putc(out, '{');
	for (uint32_t i = 0; i < rec->nitems; i++) {
		const struct item *it = &rec->items[i];

		if (it->kind == ITEM_CLOSE) {
			buf_putc(out, '}');
			first = false;
			continue;
		}
		if (!first)
			buf_puts(out, rec->spaced ? ", " : ",");
		first = it->kind == ITEM_OPEN;
		json_quote(out, it->key);
		buf_puts(out, rec->spaced ? ": " : ":");
		if (it->kind == ITEM_OPEN)
			buf_putc(out, '{');
		else if (it->kind == ITEM_NULL)
			buf_puts(out, "null");
		else
			put_item_value(out, ds, rec, it);
	}
	buf_putc(out, '}');
}

static void put_name(struct buf *out, const struct dataset *ds, field_id id)
{
	buf_put_slice(out, ds->fields[id].name);
}

static void put_names(struct buf *out, const struct dataset *ds,
		      const char *what, const field_id *ids, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		buf_puts(out, out->len ? " " : "");
		buf_puts(out, what);
		buf_putc(out, '=');
		put_name(out, ds, ids[i]);
	}
}

static void put_items(struct buf *out, const struct dataset *ds,
		      const struct record *rec)
{
	for (uint32_t i = 0; i < rec->nitems; i++) {
		const struct item *it = &rec->items[i];

		if (it->kind != ITEM_VALUE && it->kind != ITEM_LIST)
			continue;
		buf_puts(out, out->len ? " " : "");
		put_name(out, ds, it->field);
		buf_puts(out, it->kind == ITEM_LIST ? "=[" : "=");
		for (uint32_t k = 0; k < it->n; k++) {
			buf_puts(out, k ? "," : "");
			value_print(out, &ds->fields[it->field],
				    &rec->values[it->first + k]);
		}
		buf_puts(out, it->kind == ITEM_LIST ? "]" : "");
	}
}

static void put_members(struct buf *out, const struct dataset *ds,
			const struct record *rec)
{
	for (uint32_t o = 0; o < ds->nobjects; o++) {
		bool first = true;

		if (rec->elements[o] == 0)
			continue;
		buf_puts(out, out->len ? " " : "");
		buf_put_slice(out, ds->objects[o].name);
		buf_putc(out, '{');
		for (uint32_t i = 0; i < rec->nmembers; i++) {
			const struct member *m = &rec->members[i];
			const struct field *f = &ds->fields[m->field];

			if (f->object != o)
				continue;
			buf_printf(out, "%s%u:", first ? "" : " ", m->element);
			first = false;
			put_name(out, ds, m->field);
			buf_putc(out, '=');
			value_print(out, f, &m->value);
		}
		buf_printf(out, "}/%u", rec->elements[o]);
	}
}

void record_describe(struct buf *out, const struct dataset *ds,
		     const struct record *rec)
{
	put_items(out, ds, rec);
	put_members(out, ds, rec);
	put_names(out, ds, "invalid", rec->invalid, rec->ninvalid);
	put_names(out, ds, "truncated", rec->truncated, rec->ntruncated);
}

static bool same_item(const struct item *a, const struct item *b)
{
	return a->kind == b->kind && a->field == b->field &&
	       a->object == b->object && a->form == b->form &&
	       slice_eq(a->key, b->key) && slice_eq(a->raw, b->raw) &&
	       a->first == b->first && a->n == b->n;
}

bool record_same(const struct dataset *ds, const struct record *a,
		 const struct record *b)
{
	struct buf x, y;
	bool same = a->regular == b->regular && a->spaced == b->spaced &&
		    a->deleted == b->deleted && a->has_time == b->has_time &&
		    a->time == b->time && a->nitems == b->nitems &&
		    a->nvalues == b->nvalues && a->nmembers == b->nmembers;

	for (uint32_t i = 0; same && i < a->nitems; i++)
		same = same_item(&a->items[i], &b->items[i]);
	buf_init(&x, SIZE_MAX);
	buf_init(&y, SIZE_MAX);
	record_describe(&x, ds, a);
	record_describe(&y, ds, b);
	same = same && slice_eq(buf_slice(&x), buf_slice(&y));
	buf_release(&x);
	buf_release(&y);
	return same;
}
