/*
 * index/seal.c - a builder's rows to the packs of a segment, proven.
 *
 * Columns are written first and then read back by the very code that queries
 * use: each row's message is rebuilt and compared with the one that came.
 * What differs is kept whole in the exceptions, which are the last part.
 */
#include "index/seal_int.h"

#include "base/hash.h"
#include "base/mem.h"
#include "index/builder_int.h"
#include "index/encode_int.h"
#include "index/spread_int.h"

struct seal {
	struct index_builder *b;
	struct index_spread spread;
	struct index_field_bounds *bounds;
	uint32_t nbounds;
	struct index_packs packs;
	struct index_raw_text *exceptions;
	uint32_t nexceptions;
};

static int encode_parts(struct seal *s)
{
	struct index_builder *b = s->b;
	uint32_t i;
	int ret = 0;

	for (i = 0; ret == 0 && i < b->ds->nall; i++) {
		ret = index_encode_field(b, &s->spread, (field_id)i,
					 &s->bounds[s->nbounds]);
		s->nbounds += s->spread.cols[i].nvalues != 0;
	}
	for (i = 0; ret == 0 && i < b->ds->nobjects; i++)
		ret = index_encode_object(b, &s->spread, (object_id)i);
	for (i = 0; ret == 0 && i < b->templates.nslots; i++)
		if (s->spread.slot_nraws[i])
			ret = index_encode_raws(
				b, (uint16_t)(PART_FIELD_UNKNOWN + i), PART_RAW,
				s->spread.slot_raws[i], s->spread.slot_nraws[i],
				s->spread.rows);
	return ret == 0 ? index_encode_templates(b, &s->spread) : ret;
}

static int make_packs(struct seal *s, uint32_t first)
{
	struct index_encode_facts facts = {
		.rows = s->spread.rows,
		.bounds = s->bounds,
		.nbounds = s->nbounds,
	};

	return index_packs_make(&s->packs, &s->b->writer, first, &facts);
}

static void time_range(const struct seal *s, int64_t *min, int64_t *max)
{
	const struct index_row *rows = s->b->rows;
	uint32_t i;

	*min = *max = rows[0].time;
	for (i = 1; i < s->b->nrows; i++) {
		*min = rows[i].time < *min ? rows[i].time : *min;
		*max = rows[i].time > *max ? rows[i].time : *max;
	}
}

static int open_own(struct seal *s, struct index_segment **seg, struct err *err)
{
	struct index_descriptor desc = {
		.rows = s->spread.rows,
		.packs = s->packs.n,
		.bytes = index_packs_bytes(&s->packs),
		.stats_crc =
			crc32c(0, s->packs.stats.p, s->packs.stats.len),
	};
	struct index_pack_source source = { index_packs_get, &s->packs };

	time_range(s, &desc.time_min, &desc.time_max);
	return index_segment_open_packs(seg, s->b->ds, NULL, 0, NULL, 0, &desc,
					source, err);
}

/* 1: row k is rebuilt as it came, 0: it is not. */
static int prove_row(struct seal *s, struct index_segment *seg, uint32_t k,
		     struct slice source, struct err *err)
{
	struct buf *out = &s->b->rebuilt;
	int ret;

	buf_reset(out);
	ret = index_segment_source(seg, k, out, err);
	if (ret == ERR_LIMIT)
		return 0;
	if (ret < 0)
		return ret;
	return slice_eq(buf_slice(out), source);
}

static int prove(struct seal *s, struct err *err)
{
	struct index_builder *b = s->b;
	struct index_segment *seg = NULL;
	int ret = open_own(s, &seg, err);
	uint32_t k;

	if (ret < 0)
		return ret;
	for (k = 0; k < s->spread.rows; k++) {
		const struct index_row *row = &b->rows[s->spread.order[k]];
		struct slice source = index_row_source(b, row);

		ret = row->tmpl == TEMPLATE_NONE ?
			      0 :
			      prove_row(s, seg, k, source, err);
		if (ret < 0)
			break;
		if (ret == 0)
			s->exceptions[s->nexceptions++] =
				(struct index_raw_text){ k, source };
	}
	index_segment_close(seg);
	return ret < 0 ? ret : 0;
}

static int make_segment(struct seal *s, struct err *err)
{
	struct index_builder *b = s->b;
	uint32_t first;
	int ret;

	index_writer_reset(&b->writer);
	s->bounds = arena_calloc(&b->scratch, b->ds->nall, sizeof(*s->bounds));
	s->exceptions =
		arena_alloc(&b->scratch, b->nrows * sizeof(*s->exceptions));
	if (!s->bounds || !s->exceptions)
		return err_nomem(err);
	ret = index_spread(b, &s->spread);
	if (ret == 0)
		ret = encode_parts(s);
	if (ret == 0)
		ret = make_packs(s, 0);
	if (ret < 0)
		return ret == ERR_NO_MEMORY ?
			       err_nomem(err) :
			       err_set(err, ret, "a segment is too large");
	ret = prove(s, err);
	if (ret < 0 || s->nexceptions == 0)
		return ret;
	first = b->writer.nparts;
	ret = index_encode_raws(b, PART_FIELD_ROW, PART_EXCEPTIONS,
				s->exceptions, s->nexceptions, s->spread.rows);
	if (ret == 0)
		ret = make_packs(s, first);
	if (ret < 0)
		return ret == ERR_NO_MEMORY ?
			       err_nomem(err) :
			       err_set(err, ret, "a segment is too large");
	return 0;
}

/* The sealed segment takes over the buffers that the packs lie in. */
static int hand_over(struct seal *s, struct index_sealed **out)
{
	struct index_builder *b = s->b;
	struct index_sealed *sealed = mem_calloc(1, sizeof(*sealed));

	if (!sealed)
		return ERR_NO_MEMORY;
	sealed->ds = b->ds;
	sealed->rows = s->spread.rows;
	time_range(s, &sealed->time_min, &sealed->time_max);
	sealed->bytes = index_packs_bytes(&s->packs);
	sealed->source_bytes = b->nsources;
	sealed->exceptions = s->nexceptions;
	sealed->stats_crc = crc32c(0, s->packs.stats.p, s->packs.stats.len);
	sealed->npacks = s->packs.n;
	sealed->packs = s->packs.packs;
	sealed->memory[0] = s->packs.stats.p;
	sealed->memory[1] = b->writer.out.p;
	s->packs.packs = NULL;
	s->packs.stats.p = NULL;
	index_writer_take(&b->writer);
	*out = sealed;
	return 0;
}

int index_builder_seal(struct index_builder *b, struct index_sealed **out,
		       struct err *err)
{
	struct seal s = { .b = b };
	int ret;

	arena_reset(&b->scratch);
	index_packs_init(&s.packs);
	ret = make_segment(&s, err);
	if (ret == 0) {
		ret = hand_over(&s, out);
		if (ret < 0)
			(void)err_nomem(err);
	}
	if (ret == 0)
		index_builder_clear(b);
	index_packs_release(&s.packs);
	return ret;
}

void index_sealed_free(struct index_sealed *s)
{
	if (!s)
		return;
	mem_free(s->memory[0]);
	mem_free(s->memory[1]);
	mem_free(s->packs);
	mem_free(s);
}

uint32_t index_sealed_rows(const struct index_sealed *s)
{
	return s->rows;
}

uint64_t index_sealed_bytes(const struct index_sealed *s)
{
	return s->bytes;
}

uint32_t index_sealed_exceptions(const struct index_sealed *s)
{
	return s->exceptions;
}
