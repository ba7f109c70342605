/*
 * index/merge_rows.c - what a merged segment keeps of its rows beside values:
 * their order, templates, kept texts, sequence numbers, times received.
 */
#include <stdlib.h>
#include <string.h>

#include "index/bits_int.h"
#include "index/descriptor_int.h"
#include "index/merge_int.h"
#include "index/sort_int.h"

static int times_of(struct index_merge *m, uint32_t from, uint32_t to,
		    int64_t *out, struct err *err)
{
	const struct index_column *c;
	uint32_t i;
	int ret;

	for (i = 0; i < m->nin; i++) {
		struct index_segment *seg = m->in[i].seg;
		uint32_t base = m->in[i].base, end = base + seg->desc.rows;
		uint32_t a = from > base ? from : base, z = to < end ? to : end;

		if (a >= z)
			continue;
		ret = index_column_open(seg, m->ds->time, &c, err);
		if (ret < 0)
			return ret;
		if (!c || c->values != c->rows)
			return index_segment_corrupt(seg, m->ds->time,
						     PART_VALUES, 0, err);
		index_column_nums(c, a - base, z - a, out + (a - from));
	}
	return 0;
}

/* Sorts rows [from, to) by time, ties by sequence. */
static int sort_run(struct index_merge *m, uint32_t from, uint32_t to,
		    struct err *err)
{
	struct arena_mark mark = arena_mark(&m->b->scratch);
	uint32_t n = to - from, k, *order = m->rows.order + from;
	int64_t *times = arena_alloc(&m->b->scratch, n * sizeof(*times));
	int ret;

	if (!times)
		return err_nomem(err);
	ret = times_of(m, from, to, times, err);
	if (ret < 0)
		return ret;
	if (index_sort_times(times, n, &m->b->scratch, order) < 0)
		return err_nomem(err);
	for (k = 0; k < n; k++)
		order[k] += from;
	arena_rewind(&m->b->scratch, mark);
	return 0;
}

/* Neighbouring small runs become one, until it is no longer small. */
static int join_runs(struct index_merge *m, struct err *err)
{
	uint32_t i, k, joined = 0;
	int ret = 0;

	for (i = 0; ret == 0 && i < m->nin; i++) {
		const struct index_segment *seg = m->in[i].seg;

		for (k = 0; ret == 0 && k < seg->nruns; k++) {
			struct index_run run = seg->runs[k], *last;

			run.first += m->in[i].base;
			last = m->nruns ? &m->runs[m->nruns - 1] : NULL;
			if (!last || last->rows >= MERGE_SMALL_RUN ||
			    run.rows >= MERGE_SMALL_RUN) {
				if (joined)
					ret = sort_run(m, last->first,
						       run.first, err);
				m->runs[m->nruns++] = run;
				joined = 0;
				continue;
			}
			last->rows += run.rows;
			if (run.time_min < last->time_min)
				last->time_min = run.time_min;
			if (run.time_max > last->time_max)
				last->time_max = run.time_max;
			if (run.received > last->received)
				last->received = run.received;
			joined++;
		}
	}
	if (ret == 0 && joined)
		ret = sort_run(m, m->runs[m->nruns - 1].first, m->rows.n, err);
	return ret;
}

int index_merge_sort(struct index_merge *m, struct err *err)
{
	struct arena *a = &m->b->scratch;
	uint32_t k, nruns = 0;
	bool stay = true;
	int ret;

	for (k = 0; k < m->nin; k++)
		nruns += m->in[k].seg->nruns;
	m->runs = arena_alloc(a, nruns * sizeof(*m->runs));
	m->rows.order = arena_alloc(a, m->rows.n * sizeof(*m->rows.order));
	m->place = arena_alloc(a, m->rows.n * sizeof(*m->place));
	if (!m->runs || !m->rows.order || !m->place)
		return err_nomem(err);
	for (k = 0; k < m->rows.n; k++)
		m->rows.order[k] = k;
	ret = join_runs(m, err);
	if (ret < 0)
		return ret;
	for (k = 0; k < m->rows.n; k++) {
		m->place[m->rows.order[k]] = k;
		stay &= m->rows.order[k] == k;
	}
	if (stay) {
		m->rows.order = NULL;
		m->place = NULL;
	}
	return 0;
}

/* The template's keys as a record would have them. */
static int steps_to_items(struct index_merge *m, struct index_source *s,
			  uint32_t tmpl, struct record *rec, struct err *err)
{
	const struct index_program *p;
	struct item *items;
	uint32_t from, i;
	int ret = index_source_program(s, tmpl, &p, err); /* checks it */

	if (ret < 0)
		return ret;
	items = arena_calloc(&m->b->scratch, p->nsteps, sizeof(*items));
	if (!items)
		return err_nomem(err);
	from = tmpl ? index_get32(s->tmpls + (size_t)(tmpl - 1) * 8) : 0;
	for (i = 0; i < p->nsteps; i++) {
		uint32_t slot = index_get16(s->steps + (size_t)(from + i) * 2);
		const char *e = s->slots + (size_t)slot * 8;
		uint32_t key;

		items[i].field = FIELD_NONE;
		if (p->steps[i].kind == STEP_CLOSE) {
			items[i].kind = ITEM_CLOSE;
			continue;
		}
		key = slot ? index_get32(e - 4) : 0;
		items[i].kind = p->steps[i].kind == STEP_OPEN ? ITEM_OPEN :
								ITEM_RAW;
		if (items[i].kind == ITEM_RAW)
			items[i].field = index_get16(e);
		items[i].key =
			slice_of(s->keys.p + key, index_get32(e + 4) - key);
	}
	*rec = (struct record){ .regular = true,
				.spaced = p->spaced,
				.items = items,
				.nitems = p->nsteps };
	return 0;
}

static int map_template(struct index_merge *m, struct index_merge_input *in,
			uint32_t tmpl, struct err *err)
{
	struct arena_mark mark = arena_mark(&m->b->scratch);
	struct index_source *s = in->source;
	struct record rec;
	uint32_t from, i;
	int ret = steps_to_items(m, s, tmpl, &rec, err);

	if (ret < 0)
		return ret;
	if (index_templates_place(&m->b->templates, &rec, &in->tmpls[tmpl]) < 0)
		return err_nomem(err);
	from = tmpl ? index_get32(s->tmpls + (size_t)(tmpl - 1) * 8) : 0;
	for (i = 0; in->tmpls[tmpl] != TEMPLATE_NONE && i < rec.nitems; i++) {
		uint32_t slot = index_get16(s->steps + (size_t)(from + i) * 2);

		if (slot != SLOT_CLOSE)
			in->slots[m->b->templates.row[i]] = (uint16_t)slot;
	}
	arena_rewind(&m->b->scratch, mark);
	return 0;
}

/* Is the row kept whole, by its own segment? */
static bool is_exception(const struct index_source *s, uint32_t row)
{
	return s->exceptions &&
	       index_set_get(&s->exceptions[row / LIMIT_BLOCK_ROWS].rows,
			     row % LIMIT_BLOCK_ROWS);
}

static uint16_t template_of(const struct index_merge_input *in, uint32_t row)
{
	const struct index_source *s = in->source;
	const struct index_frame *ids = &s->ids[row / LIMIT_BLOCK_ROWS];
	int64_t id;

	if (!ids->n || is_exception(s, row))
		return TEMPLATE_NONE;
	id = index_frame_get(ids, row % LIMIT_BLOCK_ROWS);
	return id >= 0 && id < s->ntmpls ? in->tmpls[id] : TEMPLATE_NONE;
}

static uint32_t placed(const struct index_merge *m, uint32_t row)
{
	return m->place ? m->place[row] : row;
}

int index_merge_templates(struct index_merge *m, struct err *err)
{
	struct arena *a = &m->b->scratch;
	uint32_t i, k;
	int ret;

	m->spread.tmpls = arena_alloc(a, m->rows.n * sizeof(*m->spread.tmpls));
	if (!m->spread.tmpls)
		return err_nomem(err);
	for (i = 0; i < m->nin; i++) {
		struct index_merge_input *in = &m->in[i];

		ret = index_source_open(in->seg, &in->source, err);
		if (ret < 0)
			return ret;
		in->tmpls =
			arena_calloc(a, in->source->ntmpls, sizeof(*in->tmpls));
		in->slots = arena_calloc(a, TEMPLATE_SLOTS, sizeof(*in->slots));
		if (!in->tmpls || !in->slots)
			return err_nomem(err);
		for (k = 0; k < in->source->ntmpls; k++) {
			ret = map_template(m, in, k, err);
			if (ret < 0)
				return ret;
		}
		for (k = 0; k < in->seg->desc.rows; k++)
			m->spread.tmpls[placed(m, in->base + k)] =
				template_of(in, k);
	}
	return 0;
}

static int by_row(const void *a, const void *b)
{
	const struct index_raw_text *x = a, *y = b;

	return (x->row > y->row) - (x->row < y->row);
}

struct texts {
	struct index_raw_text *texts;
	uint32_t n;
};

static int add_texts(struct index_merge *m, const struct index_merge_input *in,
		     const struct index_origin *o, struct texts *t,
		     struct err *err)
{
	uint32_t block, row, i;
	struct slice text;
	int ret = 0;

	for (block = 0; block < index_segment_blocks(in->seg); block++) {
		const struct index_raw *raw = &o->raws[block];

		for (row = 0; row < raw->rows.universe; row++) {
			if (!index_set_lookup(&raw->rows, row, &i))
				continue;
			ret = index_raw_text(raw, &in->source->caches[o->cache],
					     i, &text);
			if (ret == ERR_CORRUPT)
				return index_segment_corrupt(in->seg,
							     PART_FIELD_ROW,
							     PART_RAW, block,
							     err);
			if (ret == 0)
				text = arena_dup(&m->b->scratch, text);
			if (ret < 0 || !text.p)
				return err_nomem(err);
			t->texts[t->n++] = (struct index_raw_text){
				placed(m, in->base + block * LIMIT_BLOCK_ROWS +
						  row),
				text
			};
		}
	}
	return 0;
}

static void add_nulls(struct index_merge *m, const struct index_merge_input *in,
		      const struct index_set *nulls, uint64_t *out)
{
	uint32_t row;

	for (row = 0; row < in->seg->desc.rows; row++)
		if (index_set_get(&nulls[row / LIMIT_BLOCK_ROWS],
				  row % LIMIT_BLOCK_ROWS))
			index_bit_set(out, placed(m, in->base + row));
}

/* Where an input has the field, or what became the slot; NULL: nowhere. */
static int origin_of(const struct index_merge_input *in, uint16_t field,
		     const struct index_origin **out, struct err *err)
{
	uint32_t slot;

	*out = NULL;
	if (field < PART_FIELD_UNKNOWN)
		return index_source_origin(in->source, field, out, err);
	slot = in->slots[field - PART_FIELD_UNKNOWN];
	if (!slot ||
	    index_get16(in->source->slots + (size_t)slot * 8) != FIELD_NONE)
		return 0;
	return index_source_origin(
		in->source, (uint16_t)(PART_FIELD_UNKNOWN + slot), out, err);
}

static uint32_t count_texts(const struct index_merge_input *in,
			    const struct index_origin *o)
{
	uint32_t block, n = 0;

	for (block = 0; o->raws && block < index_segment_blocks(in->seg);
	     block++)
		n += o->raws[block].rows.members;
	return n;
}

/* Two passes: how many there are, then they. */
static int walk_texts(struct index_merge *m, uint16_t field, struct texts *t,
		      uint64_t **nulls, uint32_t *count, struct err *err)
{
	const struct index_origin *o;
	uint32_t i;
	int ret;

	for (i = 0; i < m->nin; i++) {
		ret = origin_of(&m->in[i], field, &o, err);
		if (ret < 0)
			return ret;
		if (!o)
			continue;
		*count += count_texts(&m->in[i], o);
		if (o->nulls && !*nulls) {
			*nulls = arena_calloc(&m->b->scratch,
					      (m->rows.n + 63) / 64, 8);
			if (!*nulls)
				return err_nomem(err);
		}
		if (t && o->nulls)
			add_nulls(m, &m->in[i], o->nulls, *nulls);
		if (t && o->raws)
			ret = add_texts(m, &m->in[i], o, t, err);
		if (ret < 0)
			return ret;
	}
	return 0;
}

int index_merge_texts(struct index_merge *m, uint16_t field, struct err *err)
{
	struct texts t = { NULL, 0 };
	uint64_t *nulls = NULL;
	uint32_t count = 0;
	int ret = walk_texts(m, field, NULL, &nulls, &count, err);

	if (ret < 0 || (count == 0 && !nulls))
		return ret;
	t.texts = arena_alloc(&m->b->scratch, count * sizeof(*t.texts));
	if (!t.texts)
		return err_nomem(err);
	ret = walk_texts(m, field, &t, &nulls, &count, err);
	if (ret < 0)
		return ret;
	if (m->place && t.n)
		qsort(t.texts, t.n, sizeof(*t.texts), by_row);
	if (field < m->ds->nall) {
		m->spread.cols[field].nulls = nulls;
		m->spread.cols[field].raws = t.texts;
		m->spread.cols[field].nraws = t.n;
		return 0;
	}
	if (t.n == 0)
		return 0;
	ret = index_encode_raws(m->b, field, PART_RAW, t.texts, t.n, m->rows.n);
	return ret < 0 ? err_set(err, ret, "kept texts are too large") : 0;
}

/* Messages that were kept whole, and those of rows without a template. */
static int put_exceptions(struct index_merge *m, struct err *err)
{
	struct index_raw_text *texts;
	uint32_t i, row, n = 0;
	struct buf *out = &m->b->rebuilt;
	int ret;

	for (row = 0; row < m->rows.n; row++)
		n += m->spread.tmpls[row] == TEMPLATE_NONE;
	m->exceptions = n;
	if (n == 0)
		return 0;
	texts = arena_alloc(&m->b->scratch, n * sizeof(*texts));
	if (!texts)
		return err_nomem(err);
	for (i = 0, n = 0; i < m->nin; i++) {
		const struct index_merge_input *in = &m->in[i];

		for (row = 0; row < in->seg->desc.rows; row++) {
			uint32_t at = placed(m, in->base + row);

			if (m->spread.tmpls[at] != TEMPLATE_NONE)
				continue;
			buf_reset(out);
			ret = index_segment_source(in->seg, row, out, err);
			if (ret < 0)
				return ret;
			texts[n].row = at;
			texts[n].text =
				arena_dup(&m->b->scratch, buf_slice(out));
			if (!texts[n++].text.p)
				return err_nomem(err);
		}
	}
	if (m->place)
		qsort(texts, n, sizeof(*texts), by_row);
	ret = index_encode_raws(m->b, PART_FIELD_ROW, PART_EXCEPTIONS, texts, n,
				m->rows.n);
	return ret < 0 ? err_set(err, ret, "exceptions are too large") : 0;
}

/* Numbers less the first and the row: small, and all 0 where nothing moved. */
static int put_sequence(struct index_merge *m)
{
	int64_t *v = arena_alloc(&m->b->scratch, m->rows.n * sizeof(*v));
	struct index_writer *w = &m->b->writer;
	uint32_t i, row, n;
	bool moved = false;
	int ret = 0;

	if (!v)
		return ERR_NO_MEMORY;
	for (i = 0; i < m->nin; i++) {
		const struct index_segment *seg = m->in[i].seg;

		for (row = 0; row < seg->desc.rows; row++) {
			uint32_t at = placed(m, m->in[i].base + row);

			v[at] = (int64_t)(index_segment_sequence(seg, row) -
					  m->sequence - at);
			moved |= v[at] != 0;
		}
	}
	for (i = 0; moved && ret == 0 && i < m->rows.n; i += LIMIT_BLOCK_ROWS) {
		n = m->rows.n - i;
		n = n < LIMIT_BLOCK_ROWS ? n : LIMIT_BLOCK_ROWS;
		ret = index_part_begin(w, PART_FIELD_ROW, PART_SEQUENCE,
				       i / LIMIT_BLOCK_ROWS);
		if (ret < 0)
			break;
		index_frame_encode(&w->out, v + i, n);
		ret = index_part_end(w);
	}
	return ret;
}

/* Each batch's first sequence number and time, equal neighbours joined. */
static int put_received(struct index_merge *m)
{
	struct index_writer *w = &m->b->writer;
	uint32_t i, k, n = 0, most = 0;
	int64_t *first, *received;
	int ret;

	for (i = 0; i < m->nin; i++)
		most += m->in[i].seg->batches.n + 1;
	first = arena_alloc(&m->b->scratch, most * sizeof(*first));
	received = arena_alloc(&m->b->scratch, most * sizeof(*received));
	if (!first || !received)
		return ERR_NO_MEMORY;
	for (i = 0; i < m->nin; i++) {
		const struct index_segment *seg = m->in[i].seg;

		for (k = 0; k == 0 || k < seg->batches.n; k++) {
			first[n] = (int64_t)(seg->desc.sequence - m->sequence);
			received[n] = seg->runs[0].received;
			if (seg->batches.n) {
				first[n] += index_frame_get(&seg->batches, k);
				received[n] =
					index_frame_get(&seg->received, k);
			}
			n += n == 0 || received[n] != received[n - 1];
		}
	}
	ret = index_part_begin(w, PART_FIELD_ROW, PART_RECEIVED, 0);
	if (ret < 0)
		return ret;
	index_frame_encode(&w->out, first, n);
	index_frame_encode(&w->out, received, n);
	return index_part_end(w);
}

int index_merge_row_parts(struct index_merge *m, struct err *err)
{
	int ret = index_encode_templates(m->b, &m->spread);

	if (ret < 0)
		return err_set(err, ret, "templates are too large");
	ret = put_exceptions(m, err);
	if (ret < 0)
		return ret;
	ret = put_sequence(m);
	if (ret == 0)
		ret = put_received(m);
	return ret < 0 ? err_set(err, ret, "rows are too large") : 0;
}
