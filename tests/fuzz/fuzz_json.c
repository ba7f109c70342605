/*
 * tests/fuzz/fuzz_json.c - schemas/: any bytes as a message of a log and of a
 * table.
 *
 * The fast scanner and yajl must give the same record or the same refusal, a
 * regular record must give its bytes back, and the next message must be
 * unharmed.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "schemas/catalog.h"
#include "schemas/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool condition)
{
	if (!condition)
		abort();
}

static const char schema[] =
	"{\"dataset\":\"t\",\"time\":\"at\",\"fields\":["
	"{\"name\":\"at\",\"type\":\"date\"},{\"name\":\"k\"},"
	"{\"name\":\"t\",\"type\":\"text\"},{\"name\":\"n\",\"type\":\"int\"},"
	"{\"name\":\"d\",\"type\":\"double\"},{\"name\":\"b\",\"type\":\"bool\"},"
	"{\"name\":\"ip\",\"type\":\"ip\"},{\"name\":\"u\",\"type\":\"uuid\"},"
	"{\"name\":\"e\",\"type\":\"enum\",\"values\":[\"ON\",\"OFF\"]},"
	"{\"name\":\"l\",\"list\":true},"
	"{\"name\":\"nl\",\"type\":\"int\",\"list\":true},"
	"{\"name\":\"dl\",\"type\":\"double\",\"list\":true},"
	"{\"name\":\"al\",\"type\":\"date\",\"list\":true},"
	"{\"name\":\"a.b\"},{\"name\":\"a.c.d\"},{\"path\":\"v[].q\",\"type\":\"int\"},"
	"{\"path\":\"v[].s.x\"},{\"name\":\"w.y\",\"path\":\"a.w[].y\"}]}";

static struct dataset *ds;
static struct decoder *fast, *yajl;

static void open_once(void)
{
	if (ds)
		return;
	must(dataset_new(&ds, slice_str(schema), "fuzz", NULL) == 0);
	must(decoder_new(&fast, ds, NULL) == 0);
	must(decoder_new(&yajl, ds, NULL) == 0);
	decoder_use_yajl(yajl);
}

static void put_values(struct buf *out, const struct record *rec,
		       const struct item *it)
{
	bool list = it->kind == ITEM_LIST && !(it->form & LIST_FORM_SCALAR);

	buf_puts(out, list ? "[" : "");
	for (uint32_t i = 0; i < it->n; i++) {
		if (i)
			buf_puts(out, rec->spaced ? ", " : ",");
		value_render(out, &ds->fields[it->field],
			     &rec->values[it->first + i],
			     (value_form)(it->form & ~LIST_FORM_SCALAR));
	}
	buf_puts(out, list ? "]" : "");
}

static void rebuild(struct buf *out, const struct record *rec)
{
	bool first = true;

	buf_putc(out, '{');
	for (uint32_t i = 0; i < rec->nitems; i++) {
		const struct item *it = &rec->items[i];

		if (it->kind != ITEM_CLOSE) {
			if (!first)
				buf_puts(out, rec->spaced ? ", " : ",");
			json_quote(out, it->key);
			buf_puts(out, rec->spaced ? ": " : ":");
		}
		first = it->kind == ITEM_OPEN;
		if (it->kind == ITEM_OPEN)
			buf_putc(out, '{');
		else if (it->kind == ITEM_CLOSE)
			buf_putc(out, '}');
		else if (it->kind == ITEM_NULL)
			buf_puts(out, "null");
		else if (it->kind == ITEM_RAW || it->form == FORM_RAW)
			buf_put_slice(out, it->raw);
		else
			put_values(out, rec, it);
	}
	buf_putc(out, '}');
}

static void check_values(const struct record *rec)
{
	struct buf b;

	buf_init(&b, SIZE_MAX);
	for (uint32_t i = 0; i < rec->nitems; i++) {
		const struct item *it = &rec->items[i];

		if (it->kind != ITEM_VALUE && it->kind != ITEM_LIST)
			continue;
		must(it->field < ds->nfields);
		must(it->first + it->n <= rec->nvalues);
		for (uint32_t k = 0; k < it->n; k++)
			value_print(&b, &ds->fields[it->field],
				    &rec->values[it->first + k]);
	}
	for (uint32_t i = 0; i < rec->nmembers; i++) {
		const struct member *m = &rec->members[i];
		const struct field *f = &ds->fields[m->field];

		must(m->element < rec->elements[f->object]);
		value_print(&b, f, &m->value);
	}
	buf_release(&b);
}

static void compare(const struct record *a, const struct record *b)
{
	must(a->regular == b->regular && a->spaced == b->spaced);
	must(a->has_time == b->has_time && a->time == b->time);
	must(a->nitems == b->nitems && a->nvalues == b->nvalues);
	must(a->nmembers == b->nmembers && a->ninvalid == b->ninvalid);
	must(a->ntruncated == b->ntruncated);
	for (uint32_t i = 0; i < a->nitems; i++) {
		const struct item *x = &a->items[i], *y = &b->items[i];

		must(x->kind == y->kind && x->field == y->field &&
		     x->form == y->form && x->first == y->first &&
		     x->n == y->n && slice_eq(x->key, y->key) &&
		     x->raw.p == y->raw.p && x->raw.len == y->raw.len);
	}
	for (uint32_t i = 0; i < a->ninvalid; i++)
		must(a->invalid[i] == b->invalid[i]);
}

static void check_next(struct decoder *d)
{
	static const char good[] = "{\"at\":0,\"k\":\"x\",\"l\":[\"y\"]}";
	struct decode_refusal why;
	const struct record *rec;

	must(decode_message(d, slice_str(good), &rec, &why, NULL) == 0);
	must(rec->regular && rec->nvalues == 3 && rec->ninvalid == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice message = slice_of((const char *)data, size);
	struct decode_refusal why_a = { .reason = REFUSED_NOT };
	struct decode_refusal why_b = { .reason = REFUSED_NOT };
	const struct record *a, *b;
	struct buf text;
	int ret;

	open_once();
	ret = decode_message(fast, message, &a, &why_a, NULL);
	must(ret == decode_message(yajl, message, &b, &why_b, NULL));
	must(why_a.reason == why_b.reason);
	must(ret > 0 ? why_a.reason != REFUSED_NOT : ret == 0);
	if (ret == 0) {
		compare(a, b);
		check_values(a);
		buf_init(&text, SIZE_MAX);
		rebuild(&text, a);
		if (a->regular)
			must(slice_eq(buf_slice(&text), message));
		buf_release(&text);
	}
	check_next(fast);
	check_next(yajl);
	return 0;
}
