/*
 * index/rebuild.c - a row's message, byte for byte.
 *
 * The steps of the row's template are walked; a key is written if the row has
 * a text, a null or a value for it, an object if one of its keys is.
 */
#include "index/source_int.h"
#include "schemas/record.h"

struct rebuild {
	struct index_source *s;
	struct buf *out;
	struct err *err;
	uint32_t row; /* in its block */
	uint32_t block;
	bool spaced;
	bool first;       /* no key stands in this object yet */
	uint32_t depth;   /* objects open in the template, */
	uint32_t written; /* of them in the output */
	const struct index_step *open[SOURCE_DEPTH];
};

static void put_key_text(struct rebuild *r, const struct index_step *step)
{
	uint32_t skip = r->first ? 1 + r->spaced : 0;

	buf_put(r->out, step->key + skip, step->key_len - skip);
	r->first = false;
}

/* The key, and before it the objects it stands in. */
static void put_key(struct rebuild *r, const struct index_step *step)
{
	while (unlikely(r->written < r->depth)) {
		put_key_text(r, r->open[r->written++]);
		buf_putc(r->out, '{');
		r->first = true;
	}
	put_key_text(r, step);
}

static int put_kept(struct rebuild *r, const struct index_step *step,
		    uint32_t i)
{
	const struct index_origin *o = step->from;
	struct slice text;
	int ret = index_raw_text(&o->raws[r->block], &r->s->caches[o->cache], i,
				 &text);

	if (ret < 0)
		return ret;
	put_key(r, step);
	buf_put_slice(r->out, text);
	return 0;
}

/* A value that is known to be one of its block. */
static inline void put_value(struct rebuild *r, const struct index_column *c,
			     const struct index_column_block *b, uint32_t i,
			     value_form form)
{
	struct value v;

	if (c->coding == INDEX_CODED_NUM) {
		v.num = index_frame_get(&b->nums, i);
	} else if (c->coding == INDEX_CODED_B16) {
		memcpy(v.b16, b->stored + (size_t)i * 16, 16);
	} else {
		struct slice s =
			index_dict_entry(&c->dict, index_block_id(c, b, i));

		if (c->class == CLASS_TEXT)
			v.text = s;
		else
			memcpy(v.b16, s.p, 16);
	}
	value_render(r->out, c->field, &v, form);
}

static void put_list(struct rebuild *r, const struct index_column *c,
		     const struct index_column_block *b, uint32_t first,
		     uint32_t n, value_form form)
{
	bool brackets = !(form & LIST_FORM_SCALAR);
	uint32_t i;

	form &= (value_form)~LIST_FORM_SCALAR;
	if (brackets)
		buf_putc(r->out, '[');
	for (i = 0; i < n; i++) {
		if (i)
			buf_put(r->out, ", ", 1 + r->spaced);
		put_value(r, c, b, first + i, form);
	}
	if (brackets)
		buf_putc(r->out, ']');
}

static int put_column(struct rebuild *r, const struct index_step *step)
{
	const struct index_column *c = step->from->col;
	const struct index_column_block *b;
	value_form form = FORM_CANONICAL;
	uint32_t k, first, n;
	int64_t code;

	if (!c || !c->blocks || c->object)
		return 0;
	b = &c->blocks[r->block];
	if (!index_block_row(c, b, r->row, &k, &first, &n))
		return 0;
	if (b->forms) {
		code = index_frame_get(&b->codes, k);
		if (code < 0 || code >= b->nforms)
			return ERR_CORRUPT;
		form = index_get16(b->forms + (size_t)code * 2);
		if (form == FORM_ABSENT)
			return 0;
		if ((form & ~LIST_FORM_SCALAR) == FORM_RAW)
			return ERR_CORRUPT;
	}
	put_key(r, step);
	if (c->field->list)
		put_list(r, c, b, first, n, form);
	else
		put_value(r, c, b, first, form);
	return 0;
}

static int put_field(struct rebuild *r, const struct index_step *step)
{
	const struct index_origin *o = step->from;
	uint32_t i;

	if (o->raws && index_set_lookup(&o->raws[r->block].rows, r->row, &i))
		return put_kept(r, step, i);
	if (o->nulls && index_set_get(&o->nulls[r->block], r->row)) {
		put_key(r, step);
		buf_put(r->out, "null", 4);
		return 0;
	}
	return put_column(r, step);
}

static int walk(struct rebuild *r, const struct index_program *p)
{
	uint32_t i;
	int ret;

	r->spaced = p->spaced;
	r->first = true;
	buf_putc(r->out, '{');
	for (i = 0; i < p->nsteps; i++) {
		const struct index_step *step = &p->steps[i];

		switch (step->kind) {
		case STEP_FIELD:
			ret = put_field(r, step);
			if (ret < 0)
				return ret;
			break;
		case STEP_OPEN:
			r->open[r->depth++] = step;
			break;
		case STEP_CLOSE:
			if (r->written == r->depth) {
				buf_putc(r->out, '}');
				r->first = false;
				r->written--;
			}
			r->depth--;
			break;
		}
	}
	buf_putc(r->out, '}');
	return r->out->error;
}

static int put_exception(struct rebuild *r, uint32_t i)
{
	struct slice text;
	int ret = index_raw_text(&r->s->exceptions[r->block], &r->s->caches[0],
				 i, &text);

	if (ret < 0)
		return ret;
	buf_put_slice(r->out, text);
	return r->out->error;
}

static int rebuild_row(struct rebuild *r)
{
	const struct index_program *program;
	struct index_source *s = r->s;
	uint32_t i;
	int64_t id;
	int ret;

	if (s->exceptions &&
	    index_set_lookup(&s->exceptions[r->block].rows, r->row, &i))
		return put_exception(r, i);
	if (!s->ids[r->block].n)
		return ERR_CORRUPT;
	id = index_frame_get(&s->ids[r->block], r->row);
	if (id < 0 || id >= s->ntmpls)
		return ERR_CORRUPT;
	ret = index_source_program(s, (uint32_t)id, &program, r->err);
	return ret < 0 ? ret : walk(r, program);
}

int index_segment_source(struct index_segment *seg, uint32_t row,
			 struct buf *out, struct err *err)
{
	struct rebuild r = {
		.out = out,
		.err = err,
		.row = row % LIMIT_BLOCK_ROWS,
		.block = row / LIMIT_BLOCK_ROWS,
	};
	int ret = index_source_open(seg, &r.s, err);

	if (ret < 0)
		return ret;
	ret = rebuild_row(&r);
	if (ret == ERR_CORRUPT)
		return err_set(err, ret,
			       "segment %llu: row %u cannot be rebuilt",
			       (unsigned long long)seg->desc.segment, row);
	if (ret == ERR_NO_MEMORY)
		return err_nomem(err);
	return out->error ? buf_error(out, "a message", err) : ret;
}
