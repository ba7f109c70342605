/*
 * index/encode_field.c - a spread column to its parts.
 *
 * All blocks of a kind stand together, kinds in the order of their numbers:
 * that is the order in which readers search the directory.
 */
#include <assert.h>
#include <string.h>

#include "index/bits_int.h"
#include "index/counts_int.h"
#include "index/dict_int.h"
#include "index/encode_int.h"
#include "index/frame_int.h"
#include "index/set_int.h"

/* Elements before each block of rows, for an array of objects. */
static int element_starts(struct arena *a, const struct index_spread *s,
			  object_id object, uint32_t **out)
{
	const struct index_spread_obj *o = &s->objs[object];
	uint32_t nblocks = index_row_blocks(s->rows), block, row, k = 0;
	uint32_t *starts = arena_calloc(a, nblocks + 1, sizeof(*starts));

	if (!starts)
		return ERR_NO_MEMORY;
	for (block = 0; block < nblocks; block++) {
		starts[block + 1] = starts[block];
		row = block * LIMIT_BLOCK_ROWS;
		for (; row < s->rows && row < (block + 1) * LIMIT_BLOCK_ROWS;
		     row++)
			if (index_bit_get(o->present, row))
				starts[block + 1] += o->counts[k++];
	}
	*out = starts;
	return 0;
}

static uint32_t count_bits(const uint64_t *words, uint32_t first, uint32_t n)
{
	uint32_t sum = 0, i;

	if (first % 64 == 0)
		return index_bits_count(words + first / 64, n);
	for (i = 0; i < n; i += 64)
		sum += (uint32_t)__builtin_popcountll(index_bits_at(
			words, first + i, n - i < 64 ? n - i : 64));
	return sum;
}

/* `starts` is NULL for columns over rows. */
static int make_extents(struct arena *a, const struct index_spread *s,
			const struct index_spread_col *c,
			const uint32_t *starts, struct index_extent **out)
{
	uint32_t nblocks = index_row_blocks(s->rows), i, k, present = 0,
		 value = 0;
	struct index_extent *x = arena_calloc(a, nblocks, sizeof(*x));

	if (!x)
		return ERR_NO_MEMORY;
	for (i = 0; i < nblocks; i++) {
		uint32_t end = (i + 1) * LIMIT_BLOCK_ROWS;

		x[i].first = starts ? starts[i] : i * LIMIT_BLOCK_ROWS;
		end = starts ? starts[i + 1] : end < s->rows ? end : s->rows;
		x[i].universe = end - x[i].first;
		x[i].present = present;
		x[i].npresent =
			count_bits(c->present, x[i].first, x[i].universe);
		x[i].value = value;
		x[i].nvalues = x[i].npresent;
		if (c->counts) {
			x[i].nvalues = 0;
			for (k = 0; k < x[i].npresent; k++)
				x[i].nvalues += c->counts[present + k];
		}
		present += x[i].npresent;
		value += x[i].nvalues;
	}
	*out = x;
	return 0;
}

/* A set whose first bit may stand anywhere in a word. */
static int put_set(struct index_builder *b, const uint64_t *words,
		   uint32_t first, uint32_t universe)
{
	struct arena_mark mark = arena_mark(&b->scratch);
	uint64_t *moved;
	uint32_t i;

	if (first % 64 == 0) {
		index_set_encode(&b->writer.out, words, first, universe);
		return 0;
	}
	moved = arena_alloc(&b->scratch, (size_t)(universe + 63) / 64 * 8);
	if (!moved)
		return ERR_NO_MEMORY;
	for (i = 0; i < universe; i += 64)
		moved[i / 64] =
			index_bits_at(words, first + i,
				      universe - i < 64 ? universe - i : 64);
	index_set_encode(&b->writer.out, moved, 0, universe);
	arena_rewind(&b->scratch, mark);
	return 0;
}

static int put_present(struct index_builder *b, uint16_t field,
		       const uint64_t *present, const struct index_extent *x,
		       uint32_t nblocks)
{
	uint32_t i;
	int ret;

	for (i = 0; i < nblocks; i++) {
		if (x[i].npresent == 0 || x[i].npresent == x[i].universe)
			continue;
		ret = index_part_begin(&b->writer, field, PART_PRESENT, i);
		if (ret < 0)
			return ret;
		ret = put_set(b, present, x[i].first, x[i].universe);
		if (ret < 0)
			return ret;
		ret = index_part_end(&b->writer);
		if (ret < 0)
			return ret;
	}
	return 0;
}

static int put_counts(struct index_builder *b, uint16_t field,
		      const uint32_t *counts, const struct index_extent *x,
		      uint32_t nblocks)
{
	uint32_t i;
	int ret;

	for (i = 0; i < nblocks; i++) {
		if (x[i].npresent == 0)
			continue;
		ret = index_part_begin(&b->writer, field, PART_COUNTS, i);
		if (ret < 0)
			return ret;
		index_counts_encode(&b->writer.out, counts + x[i].present,
				    x[i].npresent);
		ret = index_part_end(&b->writer);
		if (ret < 0)
			return ret;
	}
	return 0;
}

static void put_ids(struct buf *out, const uint32_t *ids, uint32_t n,
		    uint32_t distinct)
{
	uint32_t width = distinct <= 1     ? 0 :
			 distinct <= 256   ? 1 :
			 distinct <= 65536 ? 2 :
					     4;
	char *p;
	uint32_t i;

	index_put32(out, n);
	index_put32(out, width);
	p = buf_grow(out, (size_t)n * width);
	if (!p)
		return;
	for (i = 0; i < n && width == 1; i++)
		p[i] = (char)(unsigned char)ids[i];
	for (i = 0; i < n && width == 2; i++)
		index_set16(p + (size_t)i * 2, (uint16_t)ids[i]);
	for (i = 0; i < n && width == 4; i++)
		index_set32(p + (size_t)i * 4, ids[i]);
	out->len += (size_t)n * width;
}

static int put_values(struct index_builder *b, uint16_t field,
		      enum value_class class, const struct index_spread_col *c,
		      const struct index_encoded_dict *dict,
		      const struct index_extent *x, uint32_t nblocks)
{
	struct buf *out = &b->writer.out;
	uint32_t i;
	int ret;

	for (i = 0; i < nblocks; i++) {
		if (x[i].nvalues == 0)
			continue;
		ret = index_part_begin(&b->writer, field, PART_VALUES, i);
		if (ret < 0)
			return ret;
		if (class == CLASS_NUM) {
			index_frame_encode(out, c->nums + x[i].value,
					   x[i].nvalues);
		} else if (dict->used) {
			put_ids(out, c->ids + x[i].value, x[i].nvalues,
				dict->n);
		} else {
			index_put32(out, x[i].nvalues);
			index_put32(out, 16);
			buf_put(out, c->b16 + (size_t)x[i].value * 16,
				(size_t)x[i].nvalues * 16);
		}
		ret = index_part_end(&b->writer);
		if (ret < 0)
			return ret;
	}
	return 0;
}

static int put_forms(struct index_builder *b, uint16_t field,
		     const struct index_spread_col *c,
		     const struct index_extent *x, uint32_t nblocks)
{
	const struct index_col *from = &b->cols[field];
	struct buf *out = &b->writer.out;
	uint32_t i, k;
	int ret;

	for (i = 0; i < nblocks; i++) {
		struct arena_mark mark = arena_mark(&b->scratch);
		int64_t *codes;

		if (x[i].npresent == 0)
			continue;
		codes = arena_alloc(&b->scratch,
				    x[i].npresent * sizeof(*codes));
		if (!codes)
			return ERR_NO_MEMORY;
		for (k = 0; k < x[i].npresent; k++)
			codes[k] = c->codes[x[i].present + k];
		ret = index_part_begin(&b->writer, field, PART_FORMS, i);
		if (ret < 0)
			return ret;
		index_put64(out, from->nforms);
		for (k = 0; k < from->nforms; k++) {
			char le[2];

			index_set16(le, from->forms[k]);
			buf_put(out, le, sizeof(le));
		}
		index_put_pad(out, 0);
		index_frame_encode(out, codes, x[i].npresent);
		arena_rewind(&b->scratch, mark);
		ret = index_part_end(&b->writer);
		if (ret < 0)
			return ret;
	}
	return 0;
}

static int put_nulls(struct index_builder *b, uint16_t field,
		     const uint64_t *nulls, uint32_t rows)
{
	uint32_t i, first;
	int ret;

	for (i = 0, first = 0; first < rows; i++, first += LIMIT_BLOCK_ROWS) {
		uint32_t n = rows - first < LIMIT_BLOCK_ROWS ? rows - first :
							       LIMIT_BLOCK_ROWS;

		if (index_bits_count(nulls + first / 64, n) == 0)
			continue;
		ret = index_part_begin(&b->writer, field, PART_NULLS, i);
		if (ret < 0)
			return ret;
		index_set_encode(&b->writer.out, nulls, first, n);
		ret = index_part_end(&b->writer);
		if (ret < 0)
			return ret;
	}
	return 0;
}

int index_encode_raws(struct index_builder *b, uint16_t field,
		      enum index_part_kind kind,
		      const struct index_raw_text *texts, uint32_t n,
		      uint32_t rows)
{
	uint32_t i = 0, k;
	int ret;

	while (i < n) {
		uint32_t block = texts[i].row / LIMIT_BLOCK_ROWS;
		uint32_t first = block * LIMIT_BLOCK_ROWS, in = rows - first;

		for (k = i; k < n && texts[k].row / LIMIT_BLOCK_ROWS == block;
		     k++)
			;
		in = in < LIMIT_BLOCK_ROWS ? in : LIMIT_BLOCK_ROWS;
		ret = index_part_begin(&b->writer, field, kind, block);
		if (ret < 0)
			return ret;
		ret = index_raw_encode(b->zstd, &b->writer.out, &b->scratch,
				       texts + i, k - i, first, in);
		if (ret < 0)
			return ret;
		ret = index_part_end(&b->writer);
		if (ret < 0)
			return ret;
		i = k;
	}
	return 0;
}

static uint32_t rows_with_member(const struct index_spread *s, object_id object,
				 const uint64_t *elements)
{
	const struct index_spread_obj *o = &s->objs[object];
	uint32_t k, at = 0, rows = 0;

	for (k = 0; k < o->npresent; at += o->counts[k++])
		rows += count_bits(elements, at, o->counts[k]) != 0;
	return rows;
}

static void num_bounds(const int64_t *v, uint32_t n,
		       struct index_field_bounds *bounds)
{
	int64_t min = v[0], max = v[0];
	uint32_t i;

	for (i = 1; i < n; i++) {
		min = v[i] < min ? v[i] : min;
		max = v[i] > max ? v[i] : max;
	}
	bounds->flags |= BOUNDS_HAS_RANGE;
	bounds->min_len = bounds->max_len = 8;
	index_set64(bounds->min, (uint64_t)min);
	index_set64(bounds->max, (uint64_t)max);
}

static int encode_values(struct index_builder *b, struct index_spread *s,
			 field_id field, struct index_field_bounds *bounds)
{
	const struct field *f = &b->ds->fields[field];
	enum value_class class = b->cols[field].class;
	struct index_spread_col *c = &s->cols[field];
	uint32_t nblocks = index_row_blocks(s->rows), *starts = NULL;
	struct index_encoded_dict dict = { .used = false };
	struct index_extent *x;
	int ret = 0;

	*bounds = (struct index_field_bounds){
		.field = field,
		.class = (uint8_t) class,
		.present = f->object == OBJECT_NONE ?
				   c->npresent :
				   rows_with_member(s, f->object, c->present),
		.values = c->nvalues,
	};
	if (class == CLASS_NUM)
		num_bounds(c->nums, c->nvalues, bounds);
	else
		ret = index_encode_ids(b, c, class, &b->cols[field].texts,
				       &dict, bounds);
	if (ret == 0 && f->object != OBJECT_NONE)
		ret = element_starts(&b->scratch, s, f->object, &starts);
	if (ret == 0)
		ret = make_extents(&b->scratch, s, c, starts, &x);
	if (ret == 0)
		ret = put_present(b, field, c->present, x, nblocks);
	if (ret == 0 && c->counts)
		ret = put_counts(b, field, c->counts, x, nblocks);
	if (ret == 0)
		ret = put_values(b, field, class, c, &dict, x, nblocks);
	if (ret == 0 && dict.used)
		ret = index_dict_encode(&b->writer, field, dict.entries,
					dict.order, dict.n);
	if (ret == 0 && c->coded)
		ret = put_forms(b, field, c, x, nblocks);
	return ret;
}

int index_encode_field(struct index_builder *b, struct index_spread *s,
		       field_id field, struct index_field_bounds *bounds)
{
	struct index_spread_col *c = &s->cols[field];
	struct arena_mark mark = arena_mark(&b->scratch);
	int ret = 0;

	if (c->nvalues)
		ret = encode_values(b, s, field, bounds);
	if (ret == 0 && c->nulls)
		ret = put_nulls(b, field, c->nulls, s->rows);
	if (ret == 0 && c->nraws)
		ret = index_encode_raws(b, field, PART_RAW, c->raws, c->nraws,
					s->rows);
	arena_rewind(&b->scratch, mark);
	return ret;
}

int index_encode_object(struct index_builder *b, const struct index_spread *s,
			object_id object)
{
	const struct index_spread_obj *o = &s->objs[object];
	uint16_t field = (uint16_t)(PART_FIELD_OBJECT + object);
	struct arena_mark mark = arena_mark(&b->scratch);
	struct index_spread_col c = { .present = o->present,
				      .counts = o->counts };
	struct index_extent *x;
	int ret;

	if (o->elements == 0)
		return 0;
	ret = make_extents(&b->scratch, s, &c, NULL, &x);
	if (ret == 0)
		ret = put_present(b, field, o->present, x,
				  index_row_blocks(s->rows));
	if (ret == 0)
		ret = put_counts(b, field, o->counts, x,
				 index_row_blocks(s->rows));
	arena_rewind(&b->scratch, mark);
	return ret;
}

int index_encode_templates(struct index_builder *b,
			   const struct index_spread *s)
{
	struct arena_mark mark = arena_mark(&b->scratch);
	int64_t *ids, last = 0;
	uint32_t i, k;
	int ret;

	if (b->templates.ntmpls == 0)
		return 0;
	ret = index_part_begin(&b->writer, PART_FIELD_ROW, PART_TEMPLATES, 0);
	if (ret == 0)
		ret = index_templates_encode(&b->templates, &b->scratch,
					     &b->writer.out);
	if (ret == 0)
		ret = index_part_end(&b->writer);
	ids = arena_alloc(&b->scratch, LIMIT_BLOCK_ROWS * sizeof(*ids));
	if (ret == 0 && !ids)
		ret = ERR_NO_MEMORY;
	for (i = 0; ret == 0 && i < s->rows; i += LIMIT_BLOCK_ROWS) {
		uint32_t n = s->rows - i < LIMIT_BLOCK_ROWS ? s->rows - i :
							      LIMIT_BLOCK_ROWS;

		for (k = 0; k < n; k++) {
			uint16_t tmpl = s->tmpls[i + k];

			/* An exception's is never looked at. */
			last = tmpl == TEMPLATE_NONE ? last : tmpl;
			ids[k] = last;
		}
		ret = index_part_begin(&b->writer, PART_FIELD_ROW,
				       PART_TEMPLATE_IDS, i / LIMIT_BLOCK_ROWS);
		if (ret < 0)
			break;
		index_frame_encode(&b->writer.out, ids, n);
		ret = index_part_end(&b->writer);
	}
	arena_rewind(&b->scratch, mark);
	return ret;
}
