/*
 * index/merge_make.c - several segments to the packs of one.
 *
 * Field by field, so that no more than one column is in memory at a time.
 */
#include <string.h>

#include "base/hash.h"
#include "index/merge_int.h"

enum { SPOTS = 1024 };

static int prepare(struct index_merge *m, struct err *err)
{
	struct arena *a = &m->b->scratch;
	struct index_spread *s = &m->spread;

	*s = (struct index_spread){ .b = m->b, .rows = m->rows.n };
	s->cols = arena_calloc(a, m->ds->nall, sizeof(*s->cols));
	s->objs = arena_calloc(a, m->ds->nobjects, sizeof(*s->objs));
	m->elements = arena_calloc(a, m->ds->nobjects, sizeof(*m->elements));
	m->bounds = arena_calloc(a, m->ds->nall, sizeof(*m->bounds));
	return s->cols && s->objs && m->elements && m->bounds ? 0 :
								err_nomem(err);
}

static int put_field(struct index_merge *m, field_id field, struct err *err)
{
	struct arena_mark mark = arena_mark(&m->b->scratch);
	struct index_spread_col *c = &m->spread.cols[field];
	int ret = index_merge_column(m, field, err);

	if (ret == 0)
		ret = index_merge_texts(m, field, err);
	if (ret < 0)
		return ret;
	ret = index_encode_field(m->b, &m->spread, field,
				 &m->bounds[m->nbounds]);
	if (ret < 0)
		return err_set(err, ret, "the column of %.*s is too large",
			       SLICE_ARG(m->ds->fields[field].name));
	m->nbounds += c->nvalues != 0;
	*c = (struct index_spread_col){ .present = NULL };
	index_intern_release(&m->b->cols[field].texts);
	arena_rewind(&m->b->scratch, mark);
	return 0;
}

static int put_parts(struct index_merge *m, struct err *err)
{
	struct arena_mark mark;
	uint32_t i;
	int ret = 0;

	for (i = 0; ret == 0 && i < m->ds->nobjects; i++)
		ret = index_merge_object(m, (object_id)i, err);
	for (i = 0; ret == 0 && i < m->ds->nall; i++)
		ret = put_field(m, (field_id)i, err);
	for (i = 0; ret == 0 && i < m->ds->nobjects; i++) {
		ret = index_encode_object(m->b, &m->spread, (object_id)i);
		if (ret < 0)
			err_set(err, ret, "an array is too large");
	}
	for (i = 1; ret == 0 && i < m->b->templates.nslots; i++) {
		if (m->b->templates.slots[i].field != FIELD_NONE ||
		    m->b->templates.slots[i].object)
			continue;
		mark = arena_mark(&m->b->scratch);
		ret = index_merge_texts(m, (uint16_t)(PART_FIELD_UNKNOWN + i),
					err);
		arena_rewind(&m->b->scratch, mark);
	}
	return ret == 0 ? index_merge_row_parts(m, err) : ret;
}

static int open_own(struct index_merge *m, struct index_segment **seg,
		    struct err *err)
{
	const struct slice stats = buf_slice(&m->packs.stats);
	struct index_descriptor desc = {
		.sequence = m->sequence,
		.sequence_end = m->sequence + m->rows.n,
		.rows = m->rows.n,
		.packs = m->packs.n,
		.bytes = index_packs_bytes(&m->packs),
		.stats_crc = crc32c(0, stats.p, stats.len),
	};
	struct index_pack_source source = { index_packs_get, &m->packs };

	return index_segment_open_packs(seg, m->ds, NULL, 0, NULL, 0, &desc,
					source, err);
}

static int same_row(struct index_merge *m, struct index_segment *own,
		    const struct index_merge_input *in, uint32_t row,
		    struct buf *out, struct err *err)
{
	uint32_t all = in->base + row;
	uint32_t at = m->place ? m->place[all] : all;
	int ret;

	buf_reset(out);
	buf_reset(&m->b->rebuilt);
	ret = index_segment_source(in->seg, row, out, err);
	if (ret == 0)
		ret = index_segment_source(own, at, &m->b->rebuilt, err);
	if (ret < 0)
		return ret;
	if (!slice_eq(buf_slice(out), buf_slice(&m->b->rebuilt)) ||
	    index_segment_sequence(own, at) !=
		    index_segment_sequence(in->seg, row) ||
	    index_segment_received(own, at) !=
		    index_segment_received(in->seg, row))
		return err_set(err, ERR_CORRUPT, "row %u would be another one",
			       row);
	return 0;
}

/* Columns were copied, so rows are rebuilt as before: some are looked at, of a
 * small segment all. */
static int spot_check(struct index_merge *m, struct err *err)
{
	uint32_t step = m->rows.n / SPOTS + 1, i, row = 0;
	struct index_segment *own = NULL;
	struct buf out;
	int ret = open_own(m, &own, err);

	buf_init(&out, LIMIT_MESSAGE);
	for (i = 0; ret == 0 && i < m->nin; i++) {
		for (; ret == 0 && row < m->in[i].seg->desc.rows; row += step)
			ret = same_row(m, own, &m->in[i], row, &out, err);
		row -= m->in[i].seg->desc.rows;
	}
	buf_release(&out);
	index_segment_close(own);
	return ret;
}

int index_merge_make(struct index_merge *m, struct err *err)
{
	struct index_encode_facts facts = { .rows = m->rows.n };
	int ret;

	index_builder_clear(m->b);
	arena_reset(&m->b->scratch);
	index_writer_reset(&m->b->writer);
	ret = prepare(m, err);
	if (ret == 0)
		ret = index_merge_sort(m, err);
	if (ret == 0)
		ret = index_merge_templates(m, err);
	if (ret == 0)
		ret = put_parts(m, err);
	if (ret < 0)
		return ret;
	facts.runs = m->runs;
	facts.nruns = m->nruns;
	facts.bounds = m->bounds;
	facts.nbounds = m->nbounds;
	ret = index_packs_make(&m->packs, &m->b->writer, 0, &facts);
	if (ret < 0)
		return err_set(err, ret, "a merged segment is too large");
	return spot_check(m, err);
}
