/*
 * index/writer.c - the parts of a segment while they are written.
 */
#include "index/writer_int.h"

#include <assert.h>

#include "base/hash.h"
#include "base/mem.h"

enum { PARTS_FIRST = 256 };
/* Far above what a batch makes, below what 32-bit lengths hold. */
static const size_t writer_max = (size_t)2 << 30;

void index_writer_init(struct index_writer *w)
{
	*w = (struct index_writer){ .nparts = 0 };
	buf_init(&w->out, writer_max);
}

void index_writer_release(struct index_writer *w)
{
	buf_release(&w->out);
	mem_free(w->parts);
	w->parts = NULL;
	w->nparts = w->cap = 0;
}

void index_writer_reset(struct index_writer *w)
{
	buf_reset(&w->out);
	w->nparts = 0;
	/* Growing by doubling would copy half of it once more; a failure shows
	 * when it is written to. */
	(void)buf_grow(&w->out, w->expected + w->expected / 8);
}

int index_part_begin(struct index_writer *w, uint16_t field,
		     enum index_part_kind kind, uint32_t block)
{
	struct index_part *p;

	if (w->nparts == w->cap) {
		uint32_t cap = w->cap ? w->cap * 2 : PARTS_FIRST;

		p = mem_realloc_array(w->parts, cap, sizeof(*p));
		if (!p)
			return ERR_NO_MEMORY;
		w->parts = p;
		w->cap = cap;
	}
	assert(w->out.error || w->out.len % 8 == 0);
	w->parts[w->nparts] = (struct index_part){
		.field = field,
		.kind = kind,
		.block = (uint16_t)block,
		.start = w->out.len,
	};
	return w->out.error;
}

int index_part_end(struct index_writer *w)
{
	struct index_part *p = &w->parts[w->nparts++];

	if (w->out.error)
		return w->out.error;
	p->length = (uint32_t)(w->out.len - p->start);
	p->crc = crc32c(0, w->out.p + p->start, p->length);
	index_put_pad(&w->out, 0);
	return w->out.error;
}

uint32_t index_writer_pack(struct index_writer *w, uint32_t first,
			   uint32_t pack)
{
	size_t start = 0;
	uint32_t i;

	for (i = first; i < w->nparts; i++) {
		struct index_part *p = &w->parts[i];

		if (i > first && p->start - start >= PACK_TARGET) {
			pack++;
			start = p->start;
		} else if (i == first) {
			start = p->start;
		}
		p->pack = pack;
		p->offset = (uint32_t)(p->start - start);
	}
	return w->nparts > first ? pack + 1 : pack;
}

void index_writer_take(struct index_writer *w)
{
	w->expected = w->out.len;
	buf_init(&w->out, writer_max);
	w->nparts = 0;
}
