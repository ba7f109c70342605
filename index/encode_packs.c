/*
 * index/encode_packs.c - the parts that were written, cut into packs.
 */
#include "base/mem.h"
#include "index/encode_int.h"

/* Of the statistics part. */
static const size_t stats_max = (size_t)64 << 20;

void index_packs_init(struct index_packs *p)
{
	*p = (struct index_packs){ .n = 0 };
	buf_init(&p->stats, stats_max);
}

void index_packs_release(struct index_packs *p)
{
	buf_release(&p->stats);
	mem_free(p->packs);
	p->packs = NULL;
	p->n = 0;
}

int index_packs_make(struct index_packs *p, struct index_writer *w,
		     uint32_t first, struct index_encode_facts *facts)
{
	uint32_t n = index_writer_pack(w, first, p->n ? p->n : 1), i;
	struct slice *packs = mem_realloc_array(p->packs, n, sizeof(*packs));
	int ret;

	if (!packs)
		return ERR_NO_MEMORY;
	p->packs = packs;
	p->n = n;
	buf_reset(&p->stats);
	facts->packs = n;
	ret = index_encode_stats(w, facts, &p->stats);
	if (ret < 0)
		return ret;
	packs[0] = buf_slice(&p->stats);
	/* The buffer may have moved. */
	for (i = 1; i < n; i++)
		packs[i] = slice_of(NULL, 0);
	for (i = 0; i < w->nparts; i++) {
		const struct index_part *part = &w->parts[i];

		if (part->offset == 0)
			packs[part->pack].p = w->out.p + part->start;
		packs[part->pack].len = (size_t)part->offset + part->length;
	}
	return 0;
}

uint64_t index_packs_bytes(const struct index_packs *p)
{
	uint64_t sum = 0;
	uint32_t i;

	for (i = 0; i < p->n; i++)
		sum += p->packs[i].len;
	return sum;
}

int index_packs_get(void *ctx, uint32_t pack, struct slice *out,
		    struct err *err)
{
	const struct index_packs *p = ctx;

	(void)err;
	*out = p->packs[pack];
	return 0;
}
