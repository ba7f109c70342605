/*
 * index/rebuild.c - a row's message, byte for byte.
 *
 * The steps of the row's template are walked; a key is written if the row has
 * a text, a null or a value for it, an object if one of its keys is.  Sealing
 * runs this for every row, so the common case, a key and a plain text or a
 * number, writes straight to memory that was made sure of before.
 */
#include "index/bits_int.h"
#include "index/source_int.h"
#include "schemas/record.h"

/* Bytes behind the write pointer that are always there. */
enum { SLACK = 64 };

struct rebuild {
	struct index_source *s;
	struct buf *out;
	struct err *err;
	char *p;      /* where the next byte goes, */
	char *end;    /* with SLACK bytes behind it */
	uint32_t row; /* in its block */
	uint32_t block;
	bool spaced;
	bool first;       /* no key stands in this object yet */
	uint32_t depth;   /* objects open in the template, */
	uint32_t written; /* of them in the output */
	const struct index_step *open[SOURCE_DEPTH];
};

/* Hands the bytes written so far to the buffer, */
static void sync_out(struct rebuild *r)
{
	r->out->len = (size_t)(r->p - r->out->p);
}

/* and takes up behind what was appended there.  ERR_NO_MEMORY, ERR_LIMIT. */
static int take_up(struct rebuild *r, size_t need)
{
	char *p = buf_grow(r->out, need + SLACK);

	if (!p)
		return r->out->error;
	r->p = p;
	r->end = r->out->p + r->out->cap - SLACK;
	return 0;
}

static inline int make_sure(struct rebuild *r, size_t need)
{
	/* The slack may be in use already. */
	if (likely((ptrdiff_t)need <= r->end - r->p))
		return 0;
	sync_out(r);
	return take_up(r, need);
}

static int put_bytes(struct rebuild *r, const char *p, size_t n)
{
	int ret = make_sure(r, n);

	if (ret < 0)
		return ret;
	if (n)
		memcpy(r->p, p, n);
	r->p += n;
	return 0;
}

/* Keys have KEY_SLACK bytes behind them, so that short ones need no loop. */
static inline int put_key_text(struct rebuild *r, const struct index_step *step)
{
	uint32_t skip = r->first ? 1 + r->spaced : 0, n = step->key_len - skip;
	int ret = make_sure(r, n);

	if (unlikely(ret < 0))
		return ret;
	r->first = false;
	if (likely(n <= KEY_SLACK))
		memcpy(r->p, step->key + skip, KEY_SLACK);
	else
		memcpy(r->p, step->key + skip, n);
	r->p += n;
	return 0;
}

static int put_objects(struct rebuild *r)
{
	int ret;

	while (r->written < r->depth) {
		ret = put_key_text(r, r->open[r->written++]);
		if (ret < 0)
			return ret;
		*r->p++ = '{'; /* in the slack */
		r->first = true;
	}
	return 0;
}

/* The key, and before it the objects it stands in. */
static inline int put_key(struct rebuild *r, const struct index_step *step)
{
	int ret = unlikely(r->written < r->depth) ? put_objects(r) : 0;

	return ret < 0 ? ret : put_key_text(r, step);
}

static int put_kept(struct rebuild *r, const struct index_step *step,
		    uint32_t i)
{
	const struct index_origin *o = step->from;
	struct slice text;
	int ret = index_raw_text(&o->raws[r->block], &r->s->caches[o->cache], i,
				 &text);

	if (ret == 0)
		ret = put_key(r, step);
	return ret < 0 ? ret : put_bytes(r, text.p, text.len);
}

#define EACH_BYTE(x) (UINT64_C(0x0101010101010101) * (x))

/* High bits are set if one of eight bytes is a control, a quote or a
 * backslash, which canonical JSON escapes. */
static inline uint64_t special(uint64_t v)
{
	uint64_t quote = v ^ EACH_BYTE('"'), slash = v ^ EACH_BYTE('\\');

	return ((v - EACH_BYTE(0x20)) | (quote - EACH_BYTE(1)) |
		(slash - EACH_BYTE(1))) &
	       ~v;
}

/* Writes a text in quotes if nothing in it is escaped. */
static inline bool put_plain(struct rebuild *r, struct slice s)
{
	uint64_t v, found = 0;
	char *to = r->p;
	size_t i;

	*to++ = '"';
	if (s.len >= 8) {
		for (i = 0; i + 8 <= s.len; i += 8) {
			memcpy(&v, s.p + i, 8);
			memcpy(to + i, &v, 8);
			found |= special(v);
		}
		memcpy(&v, s.p + s.len - 8, 8);
		memcpy(to + s.len - 8, &v, 8);
		found |= special(v);
	} else {
		/* Bytes that are not there count as letters. */
		v = EACH_BYTE('a');
		memcpy(&v, s.p, s.len);
		memcpy(to, &v, 8);
		found = special(v);
	}
	to[s.len] = '"';
	if (found & EACH_BYTE(0x80))
		return false;
	r->p = to + s.len + 1;
	return true;
}

static int render(struct rebuild *r, const struct field *f,
		  const struct value *v, value_form form)
{
	sync_out(r);
	value_render(r->out, f, v, form);
	return take_up(r, 0);
}

/* A value that is known to be one of its block. */
static inline int put_value(struct rebuild *r, const struct index_column *c,
			    const struct index_column_block *b, uint32_t i,
			    value_form form)
{
	struct value v;
	struct slice s;

	if (c->coding == INDEX_CODED_DICT) {
		s = index_dict_entry(&c->dict, index_block_id(c, b, i));
		if (c->class == CLASS_TEXT) {
			int ret = make_sure(r, s.len);

			if (ret < 0)
				return ret;
			if (likely(form == FORM_CANONICAL && put_plain(r, s)))
				return 0;
			v.text = s;
		} else {
			memcpy(v.b16, s.p, 16);
		}
	} else if (c->coding == INDEX_CODED_NUM) {
		v.num = index_frame_get(&b->nums, i);
	} else {
		memcpy(v.b16, b->stored + (size_t)i * 16, 16);
	}
	return render(r, c->field, &v, form);
}

static int put_list(struct rebuild *r, const struct index_column *c,
		    const struct index_column_block *b, uint32_t first,
		    uint32_t n, value_form form)
{
	bool brackets = !(form & LIST_FORM_SCALAR);
	uint32_t i;
	int ret;

	form &= (value_form)~LIST_FORM_SCALAR;
	if (brackets)
		*r->p++ = '[';
	for (i = 0; i < n; i++) {
		ret = i ? put_bytes(r, ", ", 1 + r->spaced) : 0;
		if (ret == 0)
			ret = put_value(r, c, b, first + i, form);
		if (ret < 0)
			return ret;
	}
	return brackets ? put_bytes(r, "]", 1) : 0;
}

static int put_column(struct rebuild *r, const struct index_step *step,
		      const struct index_column *c)
{
	const struct index_column_block *b = &c->blocks[r->block];
	value_form form = FORM_CANONICAL;
	uint32_t k, first, n;
	int64_t code;
	int ret;

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
	ret = put_key(r, step);
	if (ret < 0)
		return ret;
	if (c->list)
		return put_list(r, c, b, first, n, form);
	return put_value(r, c, b, first, form);
}

static inline int put_field(struct rebuild *r, const struct index_step *step)
{
	const struct index_origin *o = step->from;
	uint32_t i;
	int ret;

	if (o->raws && index_set_lookup(&o->raws[r->block].rows, r->row, &i))
		return put_kept(r, step, i);
	if (o->nulls && index_set_get(&o->nulls[r->block], r->row)) {
		ret = put_key(r, step);
		return ret < 0 ? ret : put_bytes(r, "null", 4);
	}
	return o->col ? put_column(r, step, o->col) : 0;
}

static int walk(struct rebuild *r, const struct index_program *p)
{
	const struct index_step *step = p->steps, *end = step + p->nsteps;
	int ret = take_up(r, 0);

	if (ret < 0)
		return ret;
	r->spaced = p->spaced;
	r->first = true;
	*r->p++ = '{';
	for (; step < end; step++) {
		switch (step->kind) {
		case STEP_FIELD:
			ret = put_field(r, step);
			break;
		case STEP_OPEN:
			r->open[r->depth++] = step;
			break;
		case STEP_CLOSE:
			if (r->written == r->depth) {
				ret = put_bytes(r, "}", 1);
				r->first = false;
				r->written--;
			}
			r->depth--;
			break;
		}
		if (unlikely(ret < 0))
			return ret;
	}
	ret = put_bytes(r, "}", 1);
	sync_out(r);
	return ret;
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
