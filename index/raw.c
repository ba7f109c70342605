/*
 * index/raw.c - JSON texts that are kept themselves.
 */
#include "index/raw_int.h"

#include <zstd.h>

#include "base/mem.h"
#include "index/bits_int.h"

struct index_zstd {
	ZSTD_CCtx *ctx;
	struct buf plain; /* the chunk being filled */
};

int index_zstd_new(struct index_zstd **out)
{
	struct index_zstd *z = mem_calloc(1, sizeof(*z));

	if (!z)
		return ERR_NO_MEMORY;
	buf_init(&z->plain, (size_t)RAW_TEXT + RAW_CHUNK_BYTES);
	z->ctx = ZSTD_createCCtx();
	if (!z->ctx) {
		index_zstd_free(z);
		return ERR_NO_MEMORY;
	}
	*out = z;
	return 0;
}

void index_zstd_free(struct index_zstd *z)
{
	if (!z)
		return;
	ZSTD_freeCCtx(z->ctx);
	buf_release(&z->plain);
	mem_free(z);
}

static uint32_t chunk_texts(const struct index_raw_text *texts, uint32_t n)
{
	size_t bytes = texts[0].text.len;
	uint32_t i;

	for (i = 1; i < n && i < RAW_CHUNK_TEXTS; i++) {
		bytes += texts[i].text.len;
		if (bytes > RAW_CHUNK_BYTES)
			break;
	}
	return i;
}

/* Appends the bytes of one chunk and fills its entry in the directory. */
static int put_chunk(struct index_zstd *z, struct buf *out, size_t entry,
		     size_t data, const struct index_raw_text *texts,
		     uint32_t first, uint32_t n)
{
	size_t bound, size;
	uint32_t i;
	char *to;

	buf_reset(&z->plain);
	for (i = first; i < first + n; i++)
		buf_put_slice(&z->plain, texts[i].text);
	if (z->plain.error)
		return z->plain.error;
	bound = ZSTD_compressBound(z->plain.len);
	to = buf_grow(out, bound);
	if (!to)
		return out->error;
	size = ZSTD_compressCCtx(z->ctx, to, bound, z->plain.p, z->plain.len,
				 RAW_LEVEL);
	if (ZSTD_isError(size) || size >= z->plain.len) {
		size = z->plain.len;
		if (size)
			memcpy(to, z->plain.p, size);
	}
	index_set32(out->p + entry, first);
	index_set32(out->p + entry + 4, (uint32_t)(out->len - data));
	index_set32(out->p + entry + 8, (uint32_t)size);
	index_set32(out->p + entry + 12, (uint32_t)z->plain.len);
	out->len += size;
	return 0;
}

static int put_chunks(struct index_zstd *z, struct buf *out,
		      const struct index_raw_text *texts, uint32_t n,
		      uint32_t *nchunks)
{
	size_t directory = out->len, data;
	uint32_t i, chunks = 0;
	int ret;

	for (i = 0; i < n; i += chunk_texts(texts + i, n - i), chunks++)
		buf_put(out, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", RAW_CHUNK);
	if (out->error)
		return out->error;
	data = out->len;
	*nchunks = chunks;
	for (i = 0; i < n; directory += RAW_CHUNK) {
		uint32_t in = chunk_texts(texts + i, n - i);

		ret = put_chunk(z, out, directory, data, texts, i, in);
		if (ret < 0)
			return ret;
		i += in;
	}
	return 0;
}

int index_raw_encode(struct index_zstd *z, struct buf *out,
		     struct arena *scratch, const struct index_raw_text *texts,
		     uint32_t n, uint32_t first, uint32_t rows)
{
	struct arena_mark mark = arena_mark(scratch);
	size_t start = out->len, set, lengths, chunks;
	uint32_t i, nchunks = 0;
	uint64_t *words;
	int64_t *lens;
	int ret = ERR_NO_MEMORY;

	words = arena_calloc(scratch, (rows + 63) / 64, sizeof(*words));
	lens = arena_alloc(scratch, n * sizeof(*lens));
	if (!words || !lens)
		goto out;
	for (i = 0; i < n; i++) {
		index_bit_set(words, texts[i].row - first);
		lens[i] = (int64_t)texts[i].text.len;
	}
	for (i = 0; i < RAW_HEADER / 8; i++)
		index_put64(out, 0);
	set = out->len;
	if (n < rows)
		index_set_encode(out, words, 0, rows);
	lengths = out->len;
	index_frame_encode(out, lens, n);
	chunks = out->len;
	ret = put_chunks(z, out, texts, n, &nchunks);
	if (ret < 0)
		goto out;
	index_set32(out->p + start, (uint32_t)(lengths - set));
	index_set32(out->p + start + 4, (uint32_t)(chunks - lengths));
	index_set32(out->p + start + 8, nchunks);
	index_put_pad(out, start);
	ret = out->error;
out:
	arena_rewind(scratch, mark);
	return ret;
}

bool index_raw_open(struct index_raw *r, struct slice part, uint32_t rows)
{
	uint32_t set, lengths, nchunks;
	struct slice section;
	const char *p;

	if (!index_take(&part, RAW_HEADER, &p))
		return false;
	set = index_get32(p);
	lengths = index_get32(p + 4);
	nchunks = index_get32(p + 8);
	if (!index_take(&part, set, &section.p))
		return false;
	section.len = set;
	r->rows = index_set_all(rows);
	if (set && !index_set_open(&r->rows, &section, rows))
		return false;
	if (!index_take(&part, lengths, &section.p))
		return false;
	section.len = lengths;
	if (!index_frame_open(&r->lengths, &section) ||
	    r->lengths.n != r->rows.members)
		return false;
	if (nchunks > part.len / RAW_CHUNK ||
	    !index_take(&part, (size_t)nchunks * RAW_CHUNK, &r->chunks))
		return false;
	r->nchunks = nchunks;
	r->stored = part;
	return true;
}

void index_raw_cache_init(struct index_raw_cache *c)
{
	c->raw = NULL;
	c->n = 0;
	buf_init(&c->bytes, (size_t)RAW_TEXT + RAW_CHUNK_BYTES);
}

void index_raw_cache_release(struct index_raw_cache *c)
{
	buf_release(&c->bytes);
}

static uint32_t chunk_first(const struct index_raw *r, uint32_t chunk)
{
	return index_get32(r->chunks + (size_t)chunk * RAW_CHUNK);
}

/* The last chunk that begins at or before text i. */
static uint32_t find_chunk(const struct index_raw *r, uint32_t i)
{
	uint32_t lo = 0, hi = r->nchunks;

	while (hi - lo > 1) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (chunk_first(r, mid) <= i)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

/* Texts of the chunk and where each ends; false if they do not add up. */
static bool measure(const struct index_raw *r, struct index_raw_cache *c,
		    uint32_t chunk, uint32_t bytes)
{
	uint32_t end = chunk + 1 < r->nchunks ? chunk_first(r, chunk + 1) :
						r->lengths.n;
	int64_t lens[RAW_CHUNK_TEXTS];
	uint64_t sum = 0;
	uint32_t i;

	c->first = chunk_first(r, chunk);
	if (end <= c->first || end > r->lengths.n ||
	    end - c->first > RAW_CHUNK_TEXTS)
		return false;
	c->n = end - c->first;
	index_frame_read(&r->lengths, c->first, c->n, lens);
	for (i = 0; i < c->n; i++) {
		if (lens[i] < 0 || lens[i] > bytes)
			return false;
		sum += (uint64_t)lens[i];
		c->ends[i] = (uint32_t)sum;
	}
	return sum == bytes;
}

static int load_chunk(const struct index_raw *r, struct index_raw_cache *c,
		      uint32_t chunk)
{
	const char *e = r->chunks + (size_t)chunk * RAW_CHUNK;
	uint32_t offset = index_get32(e + 4), stored = index_get32(e + 8);
	uint32_t bytes = index_get32(e + 12);
	const char *from;
	char *to;

	c->raw = NULL;
	if (offset > r->stored.len || stored > r->stored.len - offset ||
	    bytes > c->bytes.max || !measure(r, c, chunk, bytes))
		return ERR_CORRUPT;
	buf_reset(&c->bytes);
	to = buf_grow(&c->bytes, bytes);
	if (!to)
		return c->bytes.error;
	from = r->stored.p + offset;
	if (stored == bytes)
		memcpy(to, from, bytes);
	else if (ZSTD_decompress(to, bytes, from, stored) != bytes)
		return ERR_CORRUPT;
	c->bytes.len = bytes;
	c->raw = r;
	c->chunk = chunk;
	return 0;
}

int index_raw_text(const struct index_raw *r, struct index_raw_cache *c,
		   uint32_t i, struct slice *out)
{
	uint32_t in, start;
	int ret;

	if (c->raw != r || i < c->first || i - c->first >= c->n) {
		if (r->nchunks == 0)
			return ERR_CORRUPT;
		ret = load_chunk(r, c, find_chunk(r, i));
		if (ret < 0)
			return ret;
		if (i < c->first || i - c->first >= c->n)
			return ERR_CORRUPT;
	}
	in = i - c->first;
	start = in ? c->ends[in - 1] : 0;
	*out = slice_of(c->bytes.p + start, c->ends[in] - start);
	return 0;
}
