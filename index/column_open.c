/*
 * index/column_open.c - parts to an open column.
 *
 * Sizes, counts and sums are checked here, so that access by a value's number
 * below c->values stays inside the parts.
 */
#include "base/mem.h"
#include "index/segment_int.h"

void index_column_close(struct index_column *c)
{
	if (!c)
		return;
	index_dict_release(&c->dict);
	mem_free(c->blocks);
	mem_free(c);
}

/* 1: found and taken by `set`; 0: no part. */
static int open_present(struct index_segment *seg, uint16_t field,
			uint32_t block, uint32_t universe,
			struct index_set *set, struct err *err)
{
	struct slice part;
	int ret =
		index_segment_part(seg, field, PART_PRESENT, block, &part, err);

	if (ret <= 0)
		return ret;
	if (!index_set_open(set, &part, universe))
		return index_segment_corrupt(seg, field, PART_PRESENT, block,
					     err);
	return 1;
}

static int open_counts(struct index_segment *seg, uint16_t field,
		       uint32_t block, uint32_t n, struct index_counts *counts,
		       struct err *err)
{
	struct slice part;
	int ret =
		index_segment_part(seg, field, PART_COUNTS, block, &part, err);

	if (ret < 0)
		return ret;
	if (ret == 0 || !index_counts_open(counts, &part) || counts->n != n)
		return index_segment_corrupt(seg, field, PART_COUNTS, block,
					     err);
	return 0;
}

static int open_object_block(struct index_segment *seg, object_id object,
			     uint32_t block, struct index_object *o,
			     struct err *err)
{
	uint16_t field = (uint16_t)(PART_FIELD_OBJECT + object);
	struct index_object_block *b = &o->blocks[block];
	struct slice part;
	int ret;

	b->rows = index_block_rows(seg, block);
	b->first = o->elements;
	b->present = index_set_empty(b->rows);
	ret = index_segment_part(seg, field, PART_COUNTS, block, &part, err);
	if (ret <= 0)
		return ret;
	b->present = index_set_all(b->rows);
	ret = open_present(seg, field, block, b->rows, &b->present, err);
	if (ret < 0)
		return ret;
	ret = open_counts(seg, field, block, b->present.members, &b->counts,
			  err);
	if (ret < 0)
		return ret;
	b->elements = b->counts.total;
	if (b->elements > (UINT32_MAX >> 1) - o->elements)
		return index_segment_corrupt(seg, field, PART_COUNTS, block,
					     err);
	o->elements += b->elements;
	return 0;
}

int index_object_open(struct index_segment *seg, object_id object,
		      const struct index_object **out, struct err *err)
{
	uint32_t i, n = index_segment_blocks(seg);
	struct index_object *o = seg->objs[object];
	int ret = 0;

	if (o) {
		*out = o;
		return 0;
	}
	o = mem_calloc(1, sizeof(*o));
	if (!o)
		return err_nomem(err);
	o->blocks = mem_calloc(n, sizeof(*o->blocks));
	if (!o->blocks)
		ret = err_nomem(err);
	for (i = 0; ret == 0 && i < n; i++)
		ret = open_object_block(seg, object, i, o, err);
	if (ret < 0) {
		mem_free(o->blocks);
		mem_free(o);
		return ret;
	}
	seg->objs[object] = o;
	*out = o;
	return 0;
}

static int open_dictionary(struct index_segment *seg, field_id field,
			   struct index_column *c, struct err *err)
{
	struct slice part;
	uint32_t block;
	int ret;

	for (block = 0; block <= UINT16_MAX; block++) {
		ret = index_segment_part(seg, field, PART_DICTIONARY, block,
					 &part, err);
		if (ret < 0)
			return ret;
		if (ret == 0)
			break;
		ret = index_dict_add(&c->dict, part);
		if (ret == ERR_CORRUPT)
			return index_segment_corrupt(
				seg, field, PART_DICTIONARY, block, err);
		if (ret < 0)
			return err_nomem(err);
	}
	return index_dict_finish(&c->dict) < 0 ? err_nomem(err) : 0;
}

/* Ids or 16-byte values: their number and width, then they themselves. */
static bool open_stored(struct index_column *c, struct index_column_block *b,
			struct slice part)
{
	const char *p;

	if (!index_take(&part, 8, &p))
		return false;
	b->nvalues = index_get32(p);
	b->width = index_get32(p + 4);
	if (c->coding == INDEX_CODED_B16 ? b->width != 16 :
					   b->width > 4 || b->width == 3)
		return false;
	if (c->coding == INDEX_CODED_DICT && c->dict.n == 0)
		return false;
	return (uint64_t)b->nvalues * b->width <= part.len &&
	       index_take(&part, (size_t)b->nvalues * b->width, &b->stored);
}

static int open_forms(struct index_segment *seg, field_id field, uint32_t block,
		      struct index_column_block *b, struct err *err)
{
	struct slice part;
	const char *p;
	int ret = index_segment_part(seg, field, PART_FORMS, block, &part, err);

	if (ret <= 0)
		return ret;
	if (!index_take(&part, 8, &p))
		return index_segment_corrupt(seg, field, PART_FORMS, block,
					     err);
	b->nforms = index_get32(p);
	if (!index_take_padded(&part, (uint64_t)b->nforms * 2, &b->forms) ||
	    !index_frame_open(&b->codes, &part) ||
	    b->codes.n != b->present.members)
		return index_segment_corrupt(seg, field, PART_FORMS, block,
					     err);
	return 0;
}

static int open_block(struct index_segment *seg, field_id field,
		      struct index_column *c, uint32_t block, struct err *err)
{
	struct index_column_block *b = &c->blocks[block];
	uint32_t expected;
	struct slice part;
	bool good;
	int ret;

	if (c->object) {
		b->first = c->object->blocks[block].first;
		b->universe = c->object->blocks[block].elements;
	} else {
		b->first = block * LIMIT_BLOCK_ROWS;
		b->universe = index_block_rows(seg, block);
	}
	b->value = c->values;
	b->present = index_set_empty(b->universe);
	ret = index_segment_part(seg, field, PART_VALUES, block, &part, err);
	if (ret <= 0)
		return ret;
	b->present = index_set_all(b->universe);
	ret = open_present(seg, field, block, b->universe, &b->present, err);
	if (ret < 0)
		return ret;
	expected = b->present.members;
	if (c->list) {
		ret = open_counts(seg, field, block, expected, &b->counts, err);
		if (ret < 0)
			return ret;
		expected = b->counts.total;
	}
	if (c->coding == INDEX_CODED_NUM) {
		good = index_frame_open(&b->nums, &part);
		b->nvalues = b->nums.n;
	} else {
		good = open_stored(c, b, part);
	}
	if (!good || b->nvalues != expected ||
	    b->nvalues > (UINT32_MAX >> 1) - c->values)
		return index_segment_corrupt(seg, field, PART_VALUES, block,
					     err);
	c->values += b->nvalues;
	if (!c->object)
		c->present += b->present.members;
	return open_forms(seg, field, block, b, err);
}

static int open_parts(struct index_segment *seg, field_id field,
		      struct index_column *c, const char *bounds,
		      struct err *err)
{
	uint32_t i;
	int ret;

	if (c->field->object != OBJECT_NONE) {
		ret = index_object_open(seg, c->field->object, &c->object, err);
		if (ret < 0)
			return ret;
	}
	switch (c->class) {
	case CLASS_NUM:
		c->coding = INDEX_CODED_NUM;
		break;
	case CLASS_TEXT:
	case CLASS_B16:
	default:
		ret = open_dictionary(seg, field, c, err);
		if (ret < 0)
			return ret;
		c->coding = c->class == CLASS_TEXT || c->dict.n ?
				    INDEX_CODED_DICT :
				    INDEX_CODED_B16;
		break;
	}
	for (i = 0; i < c->nblocks; i++) {
		ret = open_block(seg, field, c, i, err);
		if (ret < 0)
			return ret;
	}
	if (c->object)
		c->present = index_get32(bounds + 8);
	if (c->values != index_get64(bounds + 16) ||
	    c->present != index_get32(bounds + 8) ||
	    c->dict.n != index_get32(bounds + 12) || c->present > c->rows)
		return index_segment_corrupt(seg, field, PART_VALUES, 0, err);
	for (i = 0; i < c->dict.nblocks && c->class == CLASS_B16; i++)
		if (c->dict.blocks[i].form != DICT_FIXED ||
		    c->dict.blocks[i].width != 16)
			return index_segment_corrupt(seg, field,
						     PART_DICTIONARY, i, err);
	return 0;
}

int index_column_open(struct index_segment *seg, field_id field,
		      const struct index_column **out, struct err *err)
{
	const struct field *f = &seg->ds->fields[field];
	const char *bounds = index_segment_bounds_of(seg, field);
	bool computed = f->is_virtual == VIRTUAL_RECEIVED ||
			f->is_virtual == VIRTUAL_SEQ;
	struct index_column *c = seg->cols[field];
	int ret = 0;

	if (c || (!bounds && !computed)) {
		*out = c;
		return 0;
	}
	c = mem_calloc(1, sizeof(*c));
	if (!c)
		return err_nomem(err);
	c->seg = seg;
	c->field = f;
	c->list = f->list;
	c->class = field_class(f->type);
	c->rows = seg->desc.rows;
	if (computed) {
		c->coding = INDEX_CODED_NUM;
		c->present = c->values = c->rows;
	} else {
		c->nblocks = index_segment_blocks(seg);
		c->blocks = mem_calloc(c->nblocks, sizeof(*c->blocks));
		ret = c->blocks ? open_parts(seg, field, c, bounds, err) :
				  err_nomem(err);
	}
	if (ret < 0) {
		index_column_close(c);
		return ret;
	}
	seg->cols[field] = c;
	*out = c;
	return 0;
}

int index_segment_column(struct index_segment *seg, field_id field,
			 const struct index_column **col, struct err *err)
{
	field = index_segment_field(seg, field);
	if (field == FIELD_NONE) {
		*col = NULL;
		return 0;
	}
	return index_column_open(seg, field, col, err);
}
