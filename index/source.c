/*
 * index/source.c - opening what rebuilding messages needs: templates as steps,
 * and for each key the columns and texts its value comes from.
 */
#include "index/source_int.h"

#include "base/mem.h"
#include "index/template_int.h"

/* Arrays for at most 16 blocks of every field and slot, and keys. */
static const size_t arena_max = (size_t)256 << 20;

void index_source_close(struct index_source *s)
{
	uint32_t i;

	if (!s)
		return;
	for (i = 0; i < SOURCE_CACHES; i++)
		index_raw_cache_release(&s->caches[i]);
	arena_release(&s->arena);
	mem_free(s);
}

static int damaged(const struct index_source *s, enum index_part_kind kind,
		   struct err *err)
{
	return index_segment_corrupt(s->seg, PART_FIELD_ROW, kind, 0, err);
}

/* Kept texts of all blocks; *out stays NULL if there are none. */
static int open_raws(struct index_source *s, uint16_t field,
		     enum index_part_kind kind, struct index_raw **out,
		     struct err *err)
{
	uint32_t i, n = index_segment_blocks(s->seg);
	struct index_raw *raws = NULL;
	struct slice part;
	int ret;

	for (i = 0; i < n; i++) {
		uint32_t rows = index_block_rows(s->seg, i);

		ret = index_segment_part(s->seg, field, kind, i, &part, err);
		if (ret < 0)
			return ret;
		if (ret == 0)
			continue;
		if (!raws) {
			raws = arena_calloc(&s->arena, n, sizeof(*raws));
			if (!raws)
				return err_nomem(err);
		}
		if (!index_raw_open(&raws[i], part, rows))
			return index_segment_corrupt(s->seg, field, kind, i,
						     err);
	}
	for (i = 0; raws && i < n; i++)
		if (!raws[i].rows.universe)
			raws[i].rows =
				index_set_empty(index_block_rows(s->seg, i));
	*out = raws;
	return 0;
}

static int open_nulls(struct index_source *s, field_id field,
		      struct index_set **out, struct err *err)
{
	uint32_t i, n = index_segment_blocks(s->seg);
	struct index_set *nulls = NULL;
	struct slice part;
	int ret;

	for (i = 0; i < n; i++) {
		ret = index_segment_part(s->seg, field, PART_NULLS, i, &part,
					 err);
		if (ret < 0)
			return ret;
		if (ret == 0)
			continue;
		if (!nulls) {
			nulls = arena_calloc(&s->arena, n, sizeof(*nulls));
			if (!nulls)
				return err_nomem(err);
		}
		if (!index_set_open(&nulls[i], &part,
				    index_block_rows(s->seg, i)))
			return index_segment_corrupt(s->seg, field, PART_NULLS,
						     i, err);
	}
	for (i = 0; nulls && i < n; i++)
		if (!nulls[i].universe)
			nulls[i] = index_set_empty(index_block_rows(s->seg, i));
	*out = nulls;
	return 0;
}

static int open_origin(struct index_source *s, struct index_origin *o,
		       uint16_t field, struct err *err)
{
	struct index_set *nulls = NULL;
	struct index_raw *raws = NULL;
	int ret;

	if (o->open)
		return 0;
	ret = open_raws(s, field, PART_RAW, &raws, err);
	if (ret < 0)
		return ret;
	if (field < s->seg->ds->nall) {
		ret = open_nulls(s, field, &nulls, err);
		if (ret == 0)
			ret = index_column_open(s->seg, field, &o->col, err);
		if (ret < 0)
			return ret;
		o->field = &s->seg->ds->fields[field];
	}
	o->nulls = nulls;
	o->raws = raws;
	o->cache = raws ? s->ncaches++ % SOURCE_CACHES : 0;
	o->open = true;
	return 0;
}

static int open_templates(struct index_source *s, struct err *err)
{
	struct slice part;
	const char *p;
	uint32_t key_bytes;
	int ret = index_segment_part(s->seg, PART_FIELD_ROW, PART_TEMPLATES, 0,
				     &part, err);

	if (ret <= 0)
		return ret;
	if (!index_take(&part, 16, &p))
		return damaged(s, PART_TEMPLATES, err);
	s->nslots = index_get32(p);
	s->ntmpls = index_get32(p + 4);
	s->nsteps = index_get32(p + 8);
	key_bytes = index_get32(p + 12);
	if (s->nslots > TEMPLATE_SLOTS || s->ntmpls > LIMIT_TEMPLATES ||
	    !index_take(&part, (size_t)s->nslots * 8, &s->slots) ||
	    !index_take(&part, (size_t)s->ntmpls * 8, &s->tmpls) ||
	    !index_take_padded(&part, (uint64_t)s->nsteps * 2, &s->steps) ||
	    !index_take(&part, key_bytes, &s->keys.p))
		return damaged(s, PART_TEMPLATES, err);
	s->keys.len = key_bytes;
	return 0;
}

static int open_ids(struct index_source *s, struct err *err)
{
	uint32_t i, n = index_segment_blocks(s->seg);
	struct slice part;
	int ret;

	s->ids = arena_calloc(&s->arena, n, sizeof(*s->ids));
	if (!s->ids)
		return err_nomem(err);
	for (i = 0; s->ntmpls && i < n; i++) {
		ret = index_segment_part(s->seg, PART_FIELD_ROW,
					 PART_TEMPLATE_IDS, i, &part, err);
		if (ret < 0)
			return ret;
		if (ret == 0 || !index_frame_open(&s->ids[i], &part) ||
		    s->ids[i].n != index_block_rows(s->seg, i))
			return index_segment_corrupt(s->seg, PART_FIELD_ROW,
						     PART_TEMPLATE_IDS, i, err);
	}
	return 0;
}

static int open_all(struct index_source *s, struct err *err)
{
	uint32_t nall = s->seg->ds->nall;
	int ret = open_templates(s, err);

	if (ret == 0)
		ret = open_ids(s, err);
	if (ret == 0)
		ret = open_raws(s, PART_FIELD_ROW, PART_EXCEPTIONS,
				&s->exceptions, err);
	if (ret < 0)
		return ret;
	s->fields = arena_calloc(&s->arena, nall, sizeof(*s->fields));
	s->unknown = arena_calloc(&s->arena, s->nslots, sizeof(*s->unknown));
	s->programs = arena_calloc(&s->arena, s->ntmpls, sizeof(*s->programs));
	return s->fields && s->unknown && s->programs ? 0 : err_nomem(err);
}

int index_source_open(struct index_segment *seg, struct index_source **out,
		      struct err *err)
{
	struct index_source *s = seg->sources;
	uint32_t i;
	int ret;

	if (s) {
		*out = s;
		return 0;
	}
	s = mem_calloc(1, sizeof(*s));
	if (!s)
		return err_nomem(err);
	s->seg = seg;
	s->ncaches = 1; /* cache 0 is that of the exceptions */
	arena_init(&s->arena, arena_max);
	for (i = 0; i < SOURCE_CACHES; i++)
		index_raw_cache_init(&s->caches[i]);
	ret = open_all(s, err);
	if (ret < 0) {
		index_source_close(s);
		return ret;
	}
	seg->sources = s;
	*out = s;
	return 0;
}

/* A slot's key as it is written: `,"name":` or `, "name": `. */
static int make_key(struct index_source *s, uint32_t slot, bool spaced,
		    struct index_step *step, struct err *err)
{
	uint32_t from =
		slot ? index_get32(s->slots + (size_t)(slot - 1) * 8 + 4) : 0;
	uint32_t to = index_get32(s->slots + (size_t)slot * 8 + 4);
	char *p;

	if (from > to || to > s->keys.len)
		return damaged(s, PART_TEMPLATES, err);
	/* `, "": ` is six bytes. */
	p = arena_calloc(&s->arena, (size_t)(to - from) + 6 + KEY_SLACK, 1);
	if (!p)
		return err_nomem(err);
	step->key = p;
	*p++ = ',';
	if (spaced)
		*p++ = ' ';
	*p++ = '"';
	if (to > from)
		memcpy(p, s->keys.p + from, to - from);
	p += to - from;
	*p++ = '"';
	*p++ = ':';
	if (spaced)
		*p++ = ' ';
	step->key_len = (uint32_t)(p - step->key);
	return 0;
}

int index_source_origin(struct index_source *s, uint16_t field,
			const struct index_origin **out, struct err *err)
{
	struct index_origin *o =
		field < s->seg->ds->nall ?
			&s->fields[field] :
			&s->unknown[field - PART_FIELD_UNKNOWN];

	*out = o;
	return open_origin(s, o, field, err);
}

/* One step; *depth counts the objects that are open. */
static int make_step(struct index_source *s, uint32_t slot, bool spaced,
		     uint32_t *depth, struct index_step *step, struct err *err)
{
	const char *e = s->slots + (size_t)slot * 8;
	field_id field;
	int ret;

	if (slot == SLOT_CLOSE) {
		step->kind = STEP_CLOSE;
		return (*depth)-- ? 0 : damaged(s, PART_TEMPLATES, err);
	}
	if (slot >= s->nslots)
		return damaged(s, PART_TEMPLATES, err);
	ret = make_key(s, slot, spaced, step, err);
	if (ret < 0)
		return ret;
	field = index_get16(e);
	if (index_get16(e + 2)) {
		step->kind = STEP_OPEN;
		return ++*depth < SOURCE_DEPTH ?
			       0 :
			       damaged(s, PART_TEMPLATES, err);
	}
	step->kind = STEP_FIELD;
	if (field == FIELD_NONE) {
		step->from = &s->unknown[slot];
		return open_origin(s, &s->unknown[slot],
				   (uint16_t)(PART_FIELD_UNKNOWN + slot), err);
	}
	if (field >= s->seg->ds->nall)
		return damaged(s, PART_TEMPLATES, err);
	step->from = &s->fields[field];
	return open_origin(s, &s->fields[field], field, err);
}

int index_source_program(struct index_source *s, uint32_t tmpl,
			 const struct index_program **out, struct err *err)
{
	uint32_t from, to, i, depth = 0;
	struct index_program *p = s->programs[tmpl];
	int ret = 0;

	if (p) {
		*out = p;
		return 0;
	}
	from = tmpl ? index_get32(s->tmpls + (size_t)(tmpl - 1) * 8) : 0;
	to = index_get32(s->tmpls + (size_t)tmpl * 8);
	if (from > to || to > s->nsteps)
		return damaged(s, PART_TEMPLATES, err);
	p = arena_alloc(&s->arena, sizeof(*p));
	if (!p)
		return err_nomem(err);
	p->spaced = index_get32(s->tmpls + (size_t)tmpl * 8 + 4);
	p->nsteps = to - from;
	p->steps = arena_calloc(&s->arena, p->nsteps, sizeof(*p->steps));
	if (!p->steps)
		return err_nomem(err);
	for (i = 0; ret == 0 && i < p->nsteps; i++)
		ret = make_step(s,
				index_get16(s->steps + (size_t)(from + i) * 2),
				p->spaced, &depth, &p->steps[i], err);
	if (ret < 0)
		return ret;
	if (depth)
		return damaged(s, PART_TEMPLATES, err);
	s->programs[tmpl] = p;
	*out = p;
	return 0;
}
