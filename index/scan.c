/*
 * index/scan.c - conditions over columns.
 *
 * A condition is evaluated over the values of a block, a chunk at a time; its
 * bits are then spread from values to rows: by the presence bitmap where rows
 * lack a value, by the list lengths where they have several, by elements and
 * then rows for members of arrays of objects.
 */
#include <assert.h>
#include <string.h>

#include "index/bits_int.h"
#include "index/compare_int.h"
#include "index/scan.h"
#include "index/segment_int.h"

enum {
	CHUNK = LIMIT_BLOCK_ROWS, /* values at a time */
	CHUNK_WORDS = CHUNK / 64,
	RUNS = 4, /* ranges that are faster than a bitmap */
};

struct condition;

/* Bits [0, n) for values [first, first + n) of a block, n <= CHUNK. */
typedef void eval_fn(const struct condition *q,
		     const struct index_column_block *b, uint32_t first,
		     uint32_t n, uint64_t *out);

struct condition {
	const struct index_column *c;
	eval_fn *eval;
	const struct index_idset *set;
	struct {
		uint32_t lo, hi; /* [lo, hi) */
	} runs[RUNS];
	uint32_t nruns; /* 0: the bitmap */
	int64_t lo, hi;
	const uint8_t *lo16, *hi16;
};

static void eval_any(const struct condition *q,
		     const struct index_column_block *b, uint32_t first,
		     uint32_t n, uint64_t *out)
{
	(void)q;
	(void)b;
	(void)first;
	memset(out, 0, (size_t)(n + 63) / 64 * sizeof(*out));
	index_compare_fill(out, 0, n);
}

static void eval_ids(const struct condition *q,
		     const struct index_column_block *b, uint32_t first,
		     uint32_t n, uint64_t *out)
{
	const char *p = b->stored + (size_t)first * b->width;
	uint32_t i;

	if (!q->nruns) {
		index_compare_set(p, b->width, n, q->set->lo, q->set->hi,
				  q->set->bitmap, out);
		return;
	}
	for (i = 0; i < q->nruns; i++)
		index_compare_range(p, b->width, n, q->runs[i].lo,
				    q->runs[i].hi - 1u, i > 0, out);
}

static void eval_b16(const struct condition *q,
		     const struct index_column_block *b, uint32_t first,
		     uint32_t n, uint64_t *out)
{
	index_compare_b16(b->stored + (size_t)first * 16, n, q->lo16, q->hi16,
			  out);
}

/* Part of a mini-block: n of its values from `first` on. */
static void eval_mini(const struct index_frame *f, const struct index_mini *m,
		      uint32_t first, uint32_t n, int64_t lo, int64_t hi,
		      uint64_t *out)
{
	uint64_t scale = f->scale ? f->scale : 1, from = 0, to = 0;

	if (hi < m->base) {
		memset(out, 0, (size_t)(n + 63) / 64 * sizeof(*out));
		return;
	}
	if (lo > m->base) {
		from = (uint64_t)lo - (uint64_t)m->base;
		from = from / scale + (from % scale != 0);
	}
	to = ((uint64_t)hi - (uint64_t)m->base) / scale;
	index_compare_range(m->stored + (size_t)first * m->width, m->width, n,
			    from, to, false, out);
}

static void eval_nums(const struct condition *q,
		      const struct index_column_block *b, uint32_t first,
		      uint32_t n, uint64_t *out)
{
	const struct index_frame *f = &b->nums;
	int64_t v[64];
	uint32_t i, k;

	if (first % 64 == 0) {
		for (i = 0; i < n;) {
			struct index_mini m =
				index_frame_mini(f, (first + i) >> f->shift);
			uint32_t in = first + i - m.first;
			uint32_t take = m.n - in < n - i ? m.n - in : n - i;

			eval_mini(f, &m, in, take, q->lo, q->hi, out + i / 64);
			i += take;
		}
		return;
	}
	/* Chunks of elements may begin anywhere. */
	for (i = 0; i < n; i += 64) {
		uint32_t in = n - i < 64 ? n - i : 64;
		uint64_t bits = 0;

		index_frame_read(f, first + i, in, v);
		for (k = 0; k < in; k++)
			bits |= (uint64_t)(v[k] >= q->lo && v[k] <= q->hi) << k;
		out[i / 64] = bits;
	}
}

/* One bit per position of the block's universe, from position `first` (a
 * multiple of CHUNK) on, n <= CHUNK.  For columns with one value each. */
static void scan_positions(const struct condition *q,
			   const struct index_column_block *b, uint32_t first,
			   uint32_t n, uint64_t *out)
{
	uint64_t bits[CHUNK_WORDS];
	uint32_t value, nvalues;

	if (b->nvalues == 0) {
		memset(out, 0, (size_t)(n + 63) / 64 * sizeof(*out));
		return;
	}
	if (b->present.form == SET_ALL) {
		q->eval(q, b, first, n, out);
		return;
	}
	memset(out, 0, (size_t)(n + 63) / 64 * sizeof(*out));
	nvalues = index_set_span(&b->present, first, n, &value);
	if (nvalues == 0)
		return;
	q->eval(q, b, value, nvalues, bits);
	index_set_deposit(&b->present, first, n, bits, nvalues, out);
}

/* Lists: values to present rows to rows. */
static void scan_lists(const struct condition *q,
		       const struct index_column_block *b, uint64_t *rows)
{
	uint64_t bits[CHUNK_WORDS], present[CHUNK_WORDS];
	uint32_t i;

	memset(rows, 0, (size_t)(b->universe + 63) / 64 * sizeof(*rows));
	if (b->nvalues == 0)
		return;
	memset(present, 0, sizeof(present));
	for (i = 0; i < b->nvalues; i += CHUNK) {
		uint32_t n = b->nvalues - i < CHUNK ? b->nvalues - i : CHUNK;

		q->eval(q, b, i, n, bits);
		index_counts_mark(&b->counts, bits, i, n, present);
	}
	index_set_deposit(&b->present, 0, b->universe, present,
			  b->present.members, rows);
}

/* Members: values to elements to rows. */
static void scan_members(const struct condition *q, uint32_t block,
			 uint64_t *rows)
{
	const struct index_object_block *o = &q->c->object->blocks[block];
	uint64_t elements[CHUNK_WORDS], present[CHUNK_WORDS];
	uint32_t i;

	memset(rows, 0, (size_t)(o->rows + 63) / 64 * sizeof(*rows));
	memset(present, 0, sizeof(present));
	for (i = 0; i < o->elements; i += CHUNK) {
		uint32_t n = o->elements - i < CHUNK ? o->elements - i : CHUNK;

		scan_positions(q, &q->c->blocks[block], i, n, elements);
		index_counts_mark(&o->counts, elements, i, n, present);
	}
	if (o->elements)
		index_set_deposit(&o->present, 0, o->rows, present,
				  o->present.members, rows);
}

static void scan_rows(const struct condition *q, struct index_mask rows)
{
	const struct index_column *c = q->c;
	uint32_t i;

	assert(rows.bits == c->rows);
	for (i = 0; i < c->nblocks; i++) {
		const struct index_column_block *b = &c->blocks[i];
		uint64_t *out = rows.words + (size_t)i * CHUNK_WORDS;

		if (c->object)
			scan_members(q, i, out);
		else if (c->list)
			scan_lists(q, b, out);
		else
			scan_positions(q, b, 0, b->universe, out);
	}
}

static void scan_elements(const struct condition *q, struct index_mask elements)
{
	const struct index_column *c = q->c;
	uint64_t bits[CHUNK_WORDS];
	uint32_t i, k;

	assert(c->object && elements.bits == c->object->elements);
	index_mask_fill(elements, false);
	for (i = 0; i < c->nblocks; i++) {
		const struct index_column_block *b = &c->blocks[i];

		for (k = 0; k < b->universe; k += CHUNK) {
			uint32_t n = b->universe - k < CHUNK ? b->universe - k :
							       CHUNK;

			scan_positions(q, b, k, n, bits);
			index_bits_or(elements.words, b->first + k, bits, n);
		}
	}
}

/* A bitmap with few runs is as many ranges. */
static void find_runs(struct condition *q)
{
	const struct index_idset *set = q->set;
	uint32_t i;

	if (!set->bitmap) {
		q->runs[0].lo = set->lo;
		q->runs[0].hi = set->hi;
		q->nruns = 1;
		return;
	}
	for (i = set->lo; i < set->hi;) {
		if (!index_bit_get(set->bitmap, i)) {
			i++;
			continue;
		}
		if (q->nruns == RUNS) {
			q->nruns = 0;
			return;
		}
		q->runs[q->nruns].lo = i;
		while (i < set->hi && index_bit_get(set->bitmap, i))
			i++;
		q->runs[q->nruns++].hi = i;
	}
}

static struct condition any(const struct index_column *c)
{
	return (struct condition){ .c = c, .eval = eval_any };
}

static struct condition in_set(const struct index_column *c,
			       const struct index_idset *set)
{
	struct condition q = { .c = c, .eval = eval_ids, .set = set };

	assert(c->coding == INDEX_CODED_DICT);
	find_runs(&q);
	return q;
}

static struct condition in_range(const struct index_column *c, int64_t lo,
				 int64_t hi)
{
	assert(c->coding == INDEX_CODED_NUM);
	return (struct condition){
		.c = c, .eval = eval_nums, .lo = lo, .hi = hi
	};
}

static struct condition in_range16(const struct index_column *c,
				   const uint8_t *lo, const uint8_t *hi)
{
	assert(c->coding == INDEX_CODED_B16);
	return (struct condition){
		.c = c, .eval = eval_b16, .lo16 = lo, .hi16 = hi
	};
}

void index_scan_present(const struct index_column *c, struct index_mask rows)
{
	struct condition q = any(c);

	if (!c->blocks)
		index_mask_fill(rows, true);
	else
		scan_rows(&q, rows);
}

void index_scan_ids(const struct index_column *c, const struct index_idset *set,
		    struct index_mask rows)
{
	struct condition q = in_set(c, set);

	if (set->lo >= set->hi)
		index_mask_fill(rows, false);
	else
		scan_rows(&q, rows);
}

/* Batches whose rows stand as they came. */
static void scan_received(const struct index_segment *seg, int64_t lo,
			  int64_t hi, struct index_mask rows)
{
	uint32_t i = 0, n = seg->batches.n;
	uint64_t from, to;
	int64_t v;

	do {
		v = n ? index_frame_get(&seg->received, i) :
			seg->runs[0].received;
		from = i ? (uint64_t)index_frame_get(&seg->batches, i) : 0;
		to = i + 1 < n ?
			     (uint64_t)index_frame_get(&seg->batches, i + 1) :
			     seg->desc.rows;
		to = to < seg->desc.rows ? to : seg->desc.rows;
		if (v >= lo && v <= hi && from < to)
			index_compare_fill(rows.words, (uint32_t)from,
					   (uint32_t)(to - from));
	} while (++i < n);
}

/* _seq and _received, which no block holds: ranges of rows, unless the rows
 * were sorted anew. */
static void scan_computed(const struct index_column *c, int64_t lo, int64_t hi,
			  struct index_mask rows)
{
	const struct index_segment *seg = c->seg;
	uint64_t first = seg->desc.sequence, from, to;
	uint32_t i;
	int64_t v;

	index_mask_fill(rows, false);
	if (c->field->is_virtual == VIRTUAL_RECEIVED && !seg->sequence) {
		scan_received(seg, lo, hi, rows);
		return;
	}
	if (c->field->is_virtual == VIRTUAL_SEQ && !seg->sequence) {
		from = lo > (int64_t)first ? (uint64_t)lo - first : 0;
		to = hi < (int64_t)first ? 0 : (uint64_t)hi - first + 1;
		to = to < c->rows ? to : c->rows;
		if (from < to)
			index_compare_fill(rows.words, (uint32_t)from,
					   (uint32_t)(to - from));
		return;
	}
	for (i = 0; i < c->rows; i++) {
		index_column_nums(c, i, 1, &v);
		if (v >= lo && v <= hi)
			index_bit_set(rows.words, i);
	}
}

void index_scan_nums(const struct index_column *c, int64_t lo, int64_t hi,
		     struct index_mask rows)
{
	struct condition q = in_range(c, lo, hi);

	if (lo > hi)
		index_mask_fill(rows, false);
	else if (!c->blocks)
		scan_computed(c, lo, hi, rows);
	else
		scan_rows(&q, rows);
}

void index_scan_b16(const struct index_column *c, const uint8_t lo[16],
		    const uint8_t hi[16], struct index_mask rows)
{
	struct condition q = in_range16(c, lo, hi);

	if (memcmp(lo, hi, 16) > 0)
		index_mask_fill(rows, false);
	else
		scan_rows(&q, rows);
}

void index_scan_present_elements(const struct index_column *c,
				 struct index_mask elements)
{
	struct condition q = any(c);

	scan_elements(&q, elements);
}

void index_scan_ids_elements(const struct index_column *c,
			     const struct index_idset *set,
			     struct index_mask elements)
{
	struct condition q = in_set(c, set);

	if (set->lo >= set->hi)
		index_mask_fill(elements, false);
	else
		scan_elements(&q, elements);
}

void index_scan_nums_elements(const struct index_column *c, int64_t lo,
			      int64_t hi, struct index_mask elements)
{
	struct condition q = in_range(c, lo, hi);

	if (lo > hi)
		index_mask_fill(elements, false);
	else
		scan_elements(&q, elements);
}

void index_scan_b16_elements(const struct index_column *c, const uint8_t lo[16],
			     const uint8_t hi[16], struct index_mask elements)
{
	struct condition q = in_range16(c, lo, hi);

	if (memcmp(lo, hi, 16) > 0)
		index_mask_fill(elements, false);
	else
		scan_elements(&q, elements);
}
