/*
 * index/encode_stats.c - the statistics part, pack 0 of every segment.
 */
#include "index/encode_int.h"
#include "index/store.h"

static void put_bytes(char **p, uint64_t v, uint32_t n)
{
	char le[8];

	index_set64(le, v);
	memcpy(*p, le, n);
	*p += n;
}

static void put_part(struct buf *out, const struct index_part *part)
{
	char *p = buf_grow(out, STATS_PART);

	if (!p)
		return;
	put_bytes(&p, part->field, 2);
	put_bytes(&p, part->block, 2);
	put_bytes(&p, part->kind, 4);
	put_bytes(&p, part->pack, 4);
	put_bytes(&p, part->offset, 4);
	put_bytes(&p, part->length, 4);
	put_bytes(&p, part->crc, 4);
	out->len += STATS_PART;
}

static void put_bounds(struct buf *out, const struct index_field_bounds *b,
		       uint32_t offset)
{
	char *p = buf_grow(out, STATS_BOUNDS);

	if (!p)
		return;
	put_bytes(&p, b->field, 2);
	put_bytes(&p, b->class, 1);
	put_bytes(&p, b->flags, 1);
	put_bytes(&p, b->min_len, 1);
	put_bytes(&p, b->max_len, 1);
	put_bytes(&p, 0, 2);
	put_bytes(&p, b->present, 4);
	put_bytes(&p, b->distinct, 4);
	put_bytes(&p, b->values, 8);
	put_bytes(&p, offset, 4);
	put_bytes(&p, 0, 4);
	out->len += STATS_BOUNDS;
}

static void put_run(struct buf *out, const struct index_run *r)
{
	index_put32(out, r->first);
	index_put32(out, r->rows);
	index_put64(out, (uint64_t)r->time_min);
	index_put64(out, (uint64_t)r->time_max);
	index_put64(out, (uint64_t)r->received);
}

int index_encode_stats(const struct index_writer *w,
		       const struct index_encode_facts *facts, struct buf *out)
{
	const struct index_field_bounds *bounds = facts->bounds;
	uint32_t i, bytes = 0;

	for (i = 0; i < facts->nbounds; i++)
		bytes += bounds[i].min_len + bounds[i].max_len;
	index_put32(out, STATS_MAGIC);
	index_put32(out, INDEX_FORMAT_VERSION);
	index_put32(out, facts->rows);
	index_put32(out, facts->packs);
	index_put32(out, w->nparts);
	index_put32(out, facts->nruns);
	index_put32(out, facts->nbounds);
	index_put32(out, bytes);
	for (i = 0; i < w->nparts; i++)
		put_part(out, &w->parts[i]);
	for (i = 0; i < facts->nruns; i++)
		put_run(out, &facts->runs[i]);
	for (i = 0, bytes = 0; i < facts->nbounds; i++) {
		put_bounds(out, &bounds[i], bytes);
		bytes += bounds[i].min_len + bounds[i].max_len;
	}
	for (i = 0; i < facts->nbounds; i++) {
		buf_put(out, bounds[i].min, bounds[i].min_len);
		buf_put(out, bounds[i].max, bounds[i].max_len);
	}
	return out->error;
}
