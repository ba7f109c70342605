/*
 * index/column.c - values of an open column.
 *
 * _received and _seq have no blocks: their values are computed.
 */
#include <assert.h>
#include <string.h>

#include "index/segment_int.h"

enum index_coding index_column_coding(const struct index_column *c)
{
	return c->coding;
}

uint32_t index_column_rows(const struct index_column *c)
{
	return c->rows;
}

uint32_t index_column_present(const struct index_column *c)
{
	return c->present;
}

uint32_t index_column_values(const struct index_column *c)
{
	return c->values;
}

uint32_t index_column_distinct(const struct index_column *c)
{
	return c->dict.n;
}

struct slice index_column_entry(const struct index_column *c, uint32_t id)
{
	assert(id < c->dict.n);
	return index_dict_entry(&c->dict, id);
}

struct slice index_column_run(const struct index_column *c, uint32_t id,
			      uint32_t *n)
{
	assert(id < c->dict.n);
	return index_dict_run(&c->dict, id, n);
}

/* The values of all elements of a row. */
static void member_row(const struct index_column *c, uint32_t row,
		       uint32_t *first, uint32_t *n)
{
	const struct index_object_block *o =
		&c->object->blocks[row / LIMIT_BLOCK_ROWS];
	const struct index_column_block *b = &c->blocks[row / LIMIT_BLOCK_ROWS];
	uint32_t k, from, elements;

	*n = 0;
	if (!index_set_lookup(&o->present, row % LIMIT_BLOCK_ROWS, &k))
		return;
	from = index_counts_before(&o->counts, k);
	elements = index_counts_get(&o->counts, k);
	if (elements > o->elements - from)
		elements = o->elements - from;
	*n = index_set_span(&b->present, from, elements, first);
	*first += b->value;
}

void index_column_row(const struct index_column *c, uint32_t row,
		      uint32_t *first, uint32_t *n)
{
	const struct index_column_block *b;
	uint32_t k;

	assert(row < c->rows);
	*first = row;
	*n = 1;
	if (!c->blocks)
		return;
	if (c->object) {
		member_row(c, row, first, n);
		return;
	}
	b = &c->blocks[row / LIMIT_BLOCK_ROWS];
	if (!index_block_row(c, b, row % LIMIT_BLOCK_ROWS, &k, first, n))
		*n = 0;
	*first += b->value;
}

uint32_t index_column_id(const struct index_column *c, uint32_t i)
{
	const struct index_column_block *b = index_column_block_of(c, i);

	assert(i < c->values && c->coding == INDEX_CODED_DICT);
	return index_block_id(c, b, i - b->value);
}

void index_column_value(const struct index_column *c, uint32_t i,
			struct value *out)
{
	const struct index_column_block *b;
	struct slice s;

	assert(i < c->values);
	if (!c->blocks) {
		index_column_nums(c, i, 1, &out->num);
		return;
	}
	b = index_column_block_of(c, i);
	i -= b->value;
	if (c->coding == INDEX_CODED_NUM) {
		out->num = index_frame_get(&b->nums, i);
	} else if (c->coding == INDEX_CODED_B16) {
		memcpy(out->b16, b->stored + (size_t)i * 16, 16);
	} else {
		s = index_dict_entry(&c->dict, index_block_id(c, b, i));
		if (c->class == CLASS_TEXT)
			out->text = s;
		else
			memcpy(out->b16, s.p, 16);
	}
}

/* Ids as stored, widened; none reaches past the dictionary. */
static void widen(const struct index_column_block *b, uint32_t first,
		  uint32_t n, uint32_t last, uint32_t *out)
{
	const char *p = b->stored + (size_t)first * b->width;
	uint32_t i, id;

	switch (b->width) {
	case 1:
		for (i = 0; i < n; i++) {
			id = (unsigned char)p[i];
			out[i] = id < last ? id : last;
		}
		break;
	case 2:
		for (i = 0; i < n; i++) {
			id = index_get16(p + (size_t)i * 2);
			out[i] = id < last ? id : last;
		}
		break;
	case 4:
		for (i = 0; i < n; i++) {
			id = index_get32(p + (size_t)i * 4);
			out[i] = id < last ? id : last;
		}
		break;
	default:
		memset(out, 0, n * sizeof(*out));
		break;
	}
}

void index_column_ids(const struct index_column *c, uint32_t first, uint32_t n,
		      uint32_t *out)
{
	assert(c->coding == INDEX_CODED_DICT && first <= c->values &&
	       n <= c->values - first);
	while (n) {
		const struct index_column_block *b =
			index_column_block_of(c, first);
		uint32_t in = first - b->value;
		uint32_t take = b->nvalues - in < n ? b->nvalues - in : n;

		widen(b, in, take, c->dict.n - 1, out);
		first += take;
		out += take;
		n -= take;
	}
}

static void computed_nums(const struct index_column *c, uint32_t first,
			  uint32_t n, int64_t *out)
{
	bool seq = c->field->is_virtual == VIRTUAL_SEQ;
	uint32_t i;

	for (i = 0; i < n; i++)
		out[i] = seq ? (int64_t)index_segment_sequence(c->seg,
							       first + i) :
			       index_segment_received(c->seg, first + i);
}

void index_column_nums(const struct index_column *c, uint32_t first, uint32_t n,
		       int64_t *out)
{
	assert(c->coding == INDEX_CODED_NUM && first <= c->values &&
	       n <= c->values - first);
	if (!c->blocks) {
		computed_nums(c, first, n, out);
		return;
	}
	while (n) {
		const struct index_column_block *b =
			index_column_block_of(c, first);
		uint32_t in = first - b->value;
		uint32_t take = b->nvalues - in < n ? b->nvalues - in : n;

		index_frame_read(&b->nums, in, take, out);
		first += take;
		out += take;
		n -= take;
	}
}
