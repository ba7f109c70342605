/*
 * schemas/decode.c - a message's bytes to a record: what is checked before and
 * after its tokens are read.
 *
 * A literal key "a.b" stands for the nested form only where that is absent,
 * which is known at the end.  If both are there and the literal one came
 * first, the message is read once more with the literal one left out.
 */
#include "schemas/decode.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "schemas/decode_int.h"

int decoder_new(struct decoder **out, const struct dataset *ds, struct err *err)
{
	struct decoder *d = mem_calloc(1, sizeof(*d));
	int ret;

	if (!d)
		return err_nomem(err);
	d->ds = ds;
	d->limit = LIMIT_MESSAGE;
	ret = decode_keys_init(&d->keys, ds, err);
	if (ret == 0)
		ret = decode_json_new(&d->parser, d->limit, err);
	if (ret < 0)
		goto out;
	buf_init(&d->list_text, 2 * LIMIT_MESSAGE);
	ret = ERR_NO_MEMORY;
	/* A key makes at most two items; beyond LIMIT_KEYS only fields and
	 * arrays do. */
	d->items = mem_alloc((2 * LIMIT_KEYS + 2 * LIMIT_FIELDS) *
			     sizeof(*d->items));
	d->elements = mem_calloc(ds->nobjects, sizeof(*d->elements));
	d->invalid = mem_calloc(ds->nall, sizeof(*d->invalid));
	d->truncated = mem_calloc(ds->nall, sizeof(*d->truncated));
	d->invalid_in = mem_calloc(ds->nall, sizeof(*d->invalid_in));
	d->truncated_in = mem_calloc(ds->nall, sizeof(*d->truncated_in));
	d->field_in = mem_calloc(ds->nall, sizeof(*d->field_in));
	d->object_in = mem_calloc(ds->nobjects, sizeof(*d->object_in));
	d->nested = mem_calloc(ds->nall + ds->nobjects, sizeof(*d->nested));
	/* Decoding makes no string longer. */
	d->scratch = mem_alloc(LIMIT_MESSAGE);
	if (!d->items || !d->elements || !d->invalid || !d->truncated ||
	    !d->invalid_in || !d->truncated_in || !d->field_in ||
	    !d->object_in || !d->nested || !d->scratch)
		goto out;
	*out = d;
	d = NULL;
	ret = 0;
out:
	if (ret < 0)
		(void)err_nomem(err);
	decoder_free(d);
	return ret;
}

void decoder_free(struct decoder *d)
{
	if (!d)
		return;
	decode_keys_release(&d->keys);
	decode_json_free(d->parser);
	mem_free(d->items);
	mem_free(d->values.p);
	mem_free(d->members.p);
	mem_free(d->elements);
	mem_free(d->invalid);
	mem_free(d->truncated);
	mem_free(d->invalid_in);
	mem_free(d->truncated_in);
	mem_free(d->field_in);
	mem_free(d->object_in);
	mem_free(d->nested);
	mem_free(d->scratch);
	buf_release(&d->list_text);
	mem_free(d);
}

int decoder_set_limit(struct decoder *d, size_t bytes, struct err *err)
{
	struct json_parser *parser = NULL;
	char *scratch = mem_alloc(bytes);
	int ret;

	if (!scratch)
		return err_nomem(err);
	ret = decode_json_new(&parser, bytes, err);
	if (ret < 0) {
		mem_free(scratch);
		return ret;
	}
	decode_json_free(d->parser);
	mem_free(d->scratch);
	d->parser = parser;
	d->scratch = scratch;
	d->limit = bytes;
	d->list_text.max = 2 * bytes;
	return 0;
}

static int refuse(struct decode_refusal *out, enum refusal reason,
		  const char *fmt, ...) PRINTF_LIKE(3, 4);

static int refuse(struct decode_refusal *out, enum refusal reason,
		  const char *fmt, ...)
{
	va_list ap;

	out->reason = reason;
	va_start(ap, fmt);
	vsnprintf(out->detail, sizeof(out->detail), fmt, ap);
	va_end(ap);
	return 1;
}

/* What can be said before the first token. */
static int check_bytes(struct slice message, size_t limit,
		       struct decode_refusal *refused)
{
	size_t valid;

	if (message.len > limit)
		return refuse(refused, REFUSED_TOO_LARGE,
			      "%zu bytes are more than the limit of %zu",
			      message.len, limit);
	if (message.len == 0)
		return refuse(refused, REFUSED_NO_VALUE, "an empty message");
	valid = utf8_valid_prefix(message);
	if (valid < message.len)
		return refuse(refused, REFUSED_NOT_UTF8,
			      "no UTF-8 at byte %zu: 0x%02x", valid,
			      (unsigned char)message.p[valid]);
	return 0;
}

/* yajl's verdict on a message. */
static int parse_strictly(struct decoder *d, struct slice message,
			  struct decode_refusal *refused, struct err *err)
{
	struct json_fault fault;
	int ret;

	decode_begin(d, message);
	ret = decode_json(d->parser, message, decode_token, d, &fault);
	if (ret < 0)
		return err_nomem(err);
	if (ret == 0)
		return 0;
	if (fault.kind == JSON_TOO_DEEP)
		return refuse(refused, REFUSED_TOO_DEEP,
			      "nested deeper than the limit of %d at byte %zu",
			      (int)LIMIT_JSON_DEPTH, fault.at);
	return refuse(refused, REFUSED_NOT_JSON, "%s at byte %zu", fault.what,
		      fault.at);
}

static int parse(struct decoder *d, struct slice message,
		 struct decode_refusal *refused, struct err *err)
{
	bool again = d->again;
	int ret = 0;

	decode_begin(d, message);
	if (d->only_yajl || !decode_fast(d, message)) {
		d->again |= !d->only_yajl;
		ret = parse_strictly(d, message, refused, err);
		d->again = again;
	}
	if (ret == 0 && !d->is_object)
		return refuse(refused, REFUSED_NOT_OBJECT,
			      "JSON, but not an object");
	return ret;
}

static void note_missing_time(struct decoder *d)
{
	field_id time = d->ds->time;

	if (time == FIELD_NONE || d->rec.has_time ||
	    d->invalid_in[time] == d->message)
		return;
	d->invalid_in[time] = d->message;
	d->invalid[d->rec.ninvalid++] = time;
}

int decode_message(struct decoder *d, struct slice message,
		   const struct record **rec, struct decode_refusal *refused,
		   struct err *err)
{
	const struct dataset *ds = d->ds;
	int ret = check_bytes(message, d->limit, refused);

	if (ret == 0)
		ret = parse(d, message, refused, err);
	if (unlikely(d->literals_clash)) {
		d->again = true;
		if (ret == 0)
			ret = parse(d, message, refused, err);
		memset(d->nested, 0, ds->nall + ds->nobjects);
		d->literals_clash = false;
		d->again = false;
	}
	if (ret != 0)
		return ret;
	if (ds->key != FIELD_NONE && !d->has_key)
		return refuse(refused, REFUSED_NO_KEY,
			      "no value in its key field \"%.*s\"",
			      SLICE_ARG(ds->fields[ds->key].name));
	note_missing_time(d);
	d->rec.values = d->values.p;
	d->rec.nvalues = d->values.n;
	d->rec.members = d->members.p;
	d->rec.nmembers = d->members.n;
	*rec = &d->rec;
	return 0;
}

void decoder_use_yajl(struct decoder *d)
{
	d->only_yajl = true;
}

size_t decoder_unknown(const struct decoder *d,
		       const struct decode_unknown **out)
{
	const struct keys *k = &d->keys;
	struct decode_unknown *u = k->unknown;
	size_t n = k->nunknown;

	for (size_t i = 0; i < n; i++)
		u[i].count = k->at[k->nschema + i].count;
	if (k->others)
		u[n++] = (struct decode_unknown){ .count = k->others };
	*out = u;
	return n;
}
