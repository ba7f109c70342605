/*
 * index/bounds.c - bounds of fields, and the sizes and checksums of parts.
 */
#include <stdio.h>

#include "base/hash.h"
#include "base/mem.h"
#include "index/segment_int.h"

const char *index_segment_bounds_of(const struct index_segment *seg,
				    field_id field)
{
	uint32_t lo = 0, hi = seg->nbounds;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (index_get16(seg->bounds + (size_t)mid * STATS_BOUNDS) <
		    field)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == seg->nbounds ||
	    index_get16(seg->bounds + (size_t)lo * STATS_BOUNDS) != field)
		return NULL;
	return seg->bounds + (size_t)lo * STATS_BOUNDS;
}

static void virtual_bounds(const struct index_segment *seg,
			   const struct field *f, struct index_bounds *out)
{
	out->present = seg->desc.rows;
	out->values = seg->desc.rows;
	/* A sequence that was re-sorted has gaps: unknown. */
	out->has_range = f->is_virtual == VIRTUAL_RECEIVED || !seg->sequence;
	if (f->is_virtual == VIRTUAL_RECEIVED) {
		out->num_min = seg->desc.received_min;
		out->num_max = seg->desc.received_max;
	} else {
		out->num_min = (int64_t)seg->desc.sequence;
		out->num_max =
			(int64_t)(seg->desc.sequence + seg->desc.rows - 1);
	}
}

int index_segment_bounds(struct index_segment *seg, field_id field,
			 struct index_bounds *out, struct err *err)
{
	const struct field *f;
	const char *p, *bytes;
	uint32_t offset, min, max;

	*out = (struct index_bounds){ .present = 0 };
	field = index_segment_field(seg, field);
	if (field == FIELD_NONE)
		return 0;
	f = &seg->ds->fields[field];
	if (f->is_virtual == VIRTUAL_RECEIVED || f->is_virtual == VIRTUAL_SEQ) {
		virtual_bounds(seg, f, out);
		return 0;
	}
	p = index_segment_bounds_of(seg, field);
	if (!p)
		return 0;
	min = (unsigned char)p[4];
	max = (unsigned char)p[5];
	offset = index_get32(p + 24);
	if ((unsigned char)p[2] != field_class(f->type) ||
	    offset > seg->bounds_bytes.len ||
	    min + max > seg->bounds_bytes.len - offset)
		return index_segment_corrupt(seg, field, PART_VALUES, 0, err);
	bytes = seg->bounds_bytes.p + offset;
	out->present = index_get32(p + 8);
	out->distinct = index_get32(p + 12);
	out->values = index_get64(p + 16);
	out->has_range = p[3] & BOUNDS_HAS_RANGE;
	if (!out->has_range)
		return 0;
	switch (field_class(f->type)) {
	case CLASS_TEXT:
		out->text_min = slice_of(bytes, min);
		out->text_max = slice_of(bytes + min, max);
		out->max_cut = p[3] & BOUNDS_MAX_CUT;
		return 0;
	case CLASS_NUM:
		if (min != 8 || max != 8)
			return index_segment_corrupt(seg, field, PART_VALUES, 0,
						     err);
		out->num_min = (int64_t)index_get64(bytes);
		out->num_max = (int64_t)index_get64(bytes + 8);
		return 0;
	case CLASS_B16:
	default:
		if (min != 16 || max != 16)
			return index_segment_corrupt(seg, field, PART_VALUES, 0,
						     err);
		memcpy(out->b16_min, bytes, 16);
		memcpy(out->b16_max, bytes + 16, 16);
		return 0;
	}
}

/* The caller's id of a field of the segment. */
static field_id callers_field(const struct index_segment *seg, uint16_t field)
{
	uint32_t i;

	if (field >= seg->ds->nall)
		return FIELD_NONE;
	if (!seg->map)
		return field;
	for (i = 0; i < seg->nmap; i++)
		if (seg->map[i] == field)
			return (field_id)i;
	return FIELD_NONE;
}

int index_segment_sizes(struct index_segment *seg,
			const struct index_part_size **out, uint32_t *n,
			struct err *err)
{
	uint32_t i;

	if (!seg->sizes) {
		seg->sizes = mem_calloc((size_t)seg->nparts + 1,
					sizeof(*seg->sizes));
		if (!seg->sizes)
			return err_nomem(err);
		seg->sizes[0] = (struct index_part_size){ FIELD_NONE,
							  "statistics",
							  seg->packs[0].len };
		for (i = 0; i < seg->nparts; i++) {
			struct index_part_entry e =
				index_segment_part_at(seg, i);
			bool unknown = e.field >= PART_FIELD_UNKNOWN &&
				       e.field != PART_FIELD_ROW;

			seg->sizes[i + 1] = (struct index_part_size){
				callers_field(seg, e.field),
				unknown ? "unknown keys" :
					  index_part_name(e.kind),
				e.length,
			};
		}
		seg->nsizes = seg->nparts + 1;
	}
	*out = seg->sizes;
	*n = seg->nsizes;
	return 0;
}

static void report(const struct index_segment *seg,
		   const struct index_part_entry *e,
		   void (*bad)(void *ctx, const char *line), void *ctx)
{
	struct err why = ERR_INIT;

	(void)index_segment_corrupt(
		seg, e->field, (enum index_part_kind)e->kind, e->block, &why);
	bad(ctx, why.message);
}

int index_segment_check(struct index_segment *seg, uint64_t *parts,
			void (*bad)(void *ctx, const char *line), void *ctx,
			struct err *err)
{
	struct err why = ERR_INIT;
	struct slice bytes;
	uint32_t i;
	int ret;

	/* The statistics were checked when the segment was opened. */
	*parts = (uint64_t)seg->nparts + 1;
	for (i = 0; i < seg->nparts; i++) {
		struct index_part_entry e = index_segment_part_at(seg, i);

		ret = index_segment_part_bytes(seg, &e, &bytes, &why);
		if (ret == ERR_CORRUPT || ret == ERR_NOT_FOUND) {
			bad(ctx, why.message);
		} else if (ret < 0) {
			if (err)
				*err = why;
			return ret;
		} else if (crc32c(0, bytes.p, bytes.len) != e.crc) {
			report(seg, &e, bad, ctx);
		}
	}
	return 0;
}
