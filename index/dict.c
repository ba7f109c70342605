/*
 * index/dict.c - reading a dictionary.
 *
 * Offsets are not proven when a dictionary is opened, there may be a million:
 * each entry is checked against the blob where it is read.
 */
#include "index/dict_int.h"

#include <sched.h>
#include <string.h>

#include "base/mem.h"

enum { TEXT_EMPTY, TEXT_BUSY, TEXT_READY };

static bool open_block(struct index_dict_block *b, struct slice part)
{
	const char *p;
	uint32_t prefix;
	uint64_t blob;

	if (!index_take(&part, DICT_HEADER, &p))
		return false;
	b->first = index_get32(p);
	b->n = index_get32(p + 4);
	b->form = (enum index_dict_form)index_get32(p + 8);
	prefix = index_get32(p + 12);
	b->width = index_get32(p + 16);
	blob = index_get32(p + 20);
	switch (b->form) {
	case DICT_NEAR:
		if (!index_take_padded(&part,
				       ((uint64_t)b->n / DICT_GROUP + 1) * 4,
				       &b->bases) ||
		    !index_take_padded(&part, ((uint64_t)b->n + 1) * 2,
				       &b->offsets))
			return false;
		break;
	case DICT_FAR:
		if (!index_take_padded(&part, ((uint64_t)b->n + 1) * 4,
				       &b->offsets))
			return false;
		break;
	case DICT_FIXED:
		if ((uint64_t)b->n * b->width != blob)
			return false;
		break;
	case DICT_HEX:
		if (prefix > DICT_HEX_PREFIX ||
		    b->width > DICT_HEX_MAX - prefix || b->width % 2 ||
		    (uint64_t)b->n * (b->width / 2) != blob ||
		    !index_take_padded(&part, prefix, &b->prefix.p))
			return false;
		b->prefix.len = prefix;
		break;
	default:
		return false;
	}
	b->blob.len = (size_t)blob;
	return index_take(&part, (size_t)blob, &b->blob.p);
}

int index_dict_add(struct index_dict *d, struct slice part)
{
	struct index_dict_block b = { .n = 0 }, *blocks;

	if (!open_block(&b, part) || b.n == 0 || b.first != d->n ||
	    b.n > UINT32_MAX - 1 - d->n)
		return ERR_CORRUPT;
	/* The hex form is that of all blocks. */
	if (d->nblocks &&
	    (b.form == DICT_HEX || d->blocks[0].form == DICT_HEX) &&
	    (b.form != d->blocks[0].form || b.width != d->blocks[0].width ||
	     !slice_eq(b.prefix, d->blocks[0].prefix)))
		return ERR_CORRUPT;
	blocks = mem_realloc_array(d->blocks, d->nblocks + 1, sizeof(*blocks));
	if (!blocks)
		return ERR_NO_MEMORY;
	d->blocks = blocks;
	blocks[d->nblocks++] = b;
	d->n += b.n;
	return 0;
}

int index_dict_finish(struct index_dict *d)
{
	size_t groups = d->n / DICT_GROUP + 1, i;
	const struct index_dict_block *b = d->blocks;

	if (!d->nblocks || b->form != DICT_HEX)
		return 0;
	/* Pages of it are only touched when entries are asked for. */
	d->text_len = (uint32_t)(b->prefix.len + b->width);
	d->text = mem_alloc((size_t)d->n * d->text_len);
	d->ready = mem_alloc(groups * sizeof(*d->ready));
	if (!d->text || !d->ready)
		return ERR_NO_MEMORY;
	for (i = 0; i < groups; i++)
		atomic_init(&d->ready[i], TEXT_EMPTY);
	return 0;
}

void index_dict_release(struct index_dict *d)
{
	mem_free(d->blocks);
	mem_free(d->text);
	mem_free(d->ready);
	*d = (struct index_dict){ .n = 0 };
}

static const struct index_dict_block *find_block(const struct index_dict *d,
						 uint32_t id)
{
	uint32_t lo = 0, hi = d->nblocks;

	while (hi - lo > 1) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (d->blocks[mid].first <= id)
			lo = mid;
		else
			hi = mid;
	}
	return &d->blocks[lo];
}

static void write_hex(const struct index_dict_block *b, uint32_t i, char *to)
{
	static const char digits[16] = "0123456789abcdef";
	const char *from = b->blob.p + (size_t)i * (b->width / 2);
	uint32_t k;

	if (b->prefix.len)
		memcpy(to, b->prefix.p, b->prefix.len);
	to += b->prefix.len;
	for (k = 0; k < b->width / 2; k++) {
		unsigned char c = (unsigned char)from[k];

		to[2 * k] = digits[c >> 4];
		to[2 * k + 1] = digits[c & 15];
	}
}

static void fill_group(const struct index_dict *d, uint32_t group)
{
	uint32_t id = group * DICT_GROUP, end = id + DICT_GROUP;

	for (; id < end && id < d->n; id++) {
		const struct index_dict_block *b = find_block(d, id);

		write_hex(b, id - b->first, d->text + (size_t)id * d->text_len);
	}
}

static struct slice hex_entry(const struct index_dict *d, uint32_t id)
{
	_Atomic unsigned char *ready = &d->ready[id / DICT_GROUP];
	unsigned char empty = TEXT_EMPTY;

	if (atomic_load_explicit(ready, memory_order_acquire) != TEXT_READY) {
		if (atomic_compare_exchange_strong(ready, &empty, TEXT_BUSY)) {
			fill_group(d, id / DICT_GROUP);
			atomic_store_explicit(ready, TEXT_READY,
					      memory_order_release);
		}
		while (atomic_load_explicit(ready, memory_order_acquire) !=
		       TEXT_READY)
			sched_yield();
	}
	return slice_of(d->text + (size_t)id * d->text_len, d->text_len);
}

struct slice index_dict_entry_of_many(const struct index_dict *d, uint32_t id)
{
	const struct index_dict_block *b = find_block(d, id);

	return d->text ? hex_entry(d, id) :
			 index_dict_block_entry(b, id - b->first);
}

struct slice index_dict_peek(const struct index_dict *d, uint32_t id,
			     char scratch[DICT_HEX_MAX])
{
	const struct index_dict_block *b = find_block(d, id);

	if (b->form != DICT_HEX)
		return index_dict_block_entry(b, id - b->first);
	write_hex(b, id - b->first, scratch);
	return slice_of(scratch, b->prefix.len + b->width);
}

/* Entries from i on whose offsets ascend: damaged ones do not lie end to end. */
static struct slice ascending_run(const struct index_dict_block *b, uint32_t i,
				  uint32_t *n)
{
	struct slice run = index_dict_block_entry(b, i);
	uint32_t k = i + 1;

	for (; k < b->n; k++) {
		struct slice next = index_dict_block_entry(b, k);

		if (next.p != run.p + run.len)
			break;
		run.len += next.len;
	}
	*n = k - i;
	return run;
}

struct slice index_dict_run(const struct index_dict *d, uint32_t id,
			    uint32_t *n)
{
	const struct index_dict_block *b = find_block(d, id);
	struct slice first = index_dict_entry(d, id);
	uint32_t left = b->n - (id - b->first);

	if (d->text) {
		/* What index_dict_entry() has just made ready. */
		uint32_t group = DICT_GROUP - id % DICT_GROUP;

		*n = left < group ? left : group;
		return slice_of(first.p, (size_t)*n * d->text_len);
	}
	if (b->form != DICT_FIXED)
		return ascending_run(b, id - b->first, n);
	*n = left;
	return slice_of(first.p, (size_t)*n * b->width);
}
