/*
 * index/frame.c - integers coded against a base.
 *
 * Arithmetic is unsigned and wraps: any 64-bit values round-trip.
 */
#include "index/frame_int.h"

enum { MINI_VALUES = 1 << FRAME_SHIFT };

/* The largest of 1, 1e3, 1e6, 1e9 that divides all differences. */
static uint64_t common_scale(const int64_t *v, uint32_t n)
{
	uint64_t scale = 1000000000;
	uint32_t i;

	for (i = 1; i < n && scale > 1; i++) {
		uint64_t d = v[i] > v[0] ? (uint64_t)v[i] - (uint64_t)v[0] :
					   (uint64_t)v[0] - (uint64_t)v[i];

		while (d % scale)
			scale /= 1000;
	}
	return scale;
}

static uint32_t width_of(uint64_t range)
{
	if (range == 0)
		return 0;
	if (range <= UINT8_MAX)
		return 1;
	if (range <= UINT16_MAX)
		return 2;
	return range <= UINT32_MAX ? 4 : 8;
}

static void store(char *to, const int64_t *v, uint32_t n, uint64_t base,
		  uint64_t scale, uint32_t width)
{
	uint32_t i;

	for (i = 0; i < n; i++) {
		uint64_t d = (uint64_t)v[i] - base;

		if (scale > 1)
			d /= scale;
		switch (width) {
		case 1:
			to[i] = (char)(unsigned char)d;
			break;
		case 2:
			index_set16(to + (size_t)i * 2, (uint16_t)d);
			break;
		case 4:
			index_set32(to + (size_t)i * 4, (uint32_t)d);
			break;
		default:
			index_set64(to + (size_t)i * 8, d);
			break;
		}
	}
}

static void range_of(const int64_t *v, uint32_t n, int64_t *min, int64_t *max)
{
	int64_t lo = v[0], hi = v[0];
	uint32_t i;

	for (i = 1; i < n; i++) {
		lo = v[i] < lo ? v[i] : lo;
		hi = v[i] > hi ? v[i] : hi;
	}
	*min = lo;
	*max = hi;
}

static void put_mini(char *p, int64_t base, uint32_t offset, uint32_t width)
{
	index_set64(p, (uint64_t)base);
	index_set32(p + 8, offset);
	index_set32(p + 12, width);
}

static void put_header(struct buf *out, uint32_t n, uint32_t shift,
		       uint64_t scale)
{
	index_put32(out, n);
	index_put32(out, shift);
	index_put64(out, scale);
}

void index_frame_encode(struct buf *out, const int64_t *v, uint32_t n)
{
	uint32_t minis = (n + MINI_VALUES - 1) / MINI_VALUES;
	uint32_t first, offset = 0;
	size_t start = out->len, directory;
	int64_t min = 0, max = 0;
	uint64_t scale;
	char *p;

	if (n)
		range_of(v, n, &min, &max);
	if (min == max) {
		put_header(out, n, FRAME_SHIFT_ALL, 1);
		p = n ? buf_grow(out, FRAME_MINI) : NULL;
		if (p) {
			put_mini(p, min, 0, 0);
			out->len += FRAME_MINI;
		}
		return;
	}
	scale = common_scale(v, n);
	put_header(out, n, FRAME_SHIFT, scale);
	directory = out->len;
	if (!buf_grow(out, (size_t)minis * FRAME_MINI))
		return;
	out->len += (size_t)minis * FRAME_MINI;
	for (first = 0; first < n; first += MINI_VALUES) {
		uint32_t in = n - first < MINI_VALUES ? n - first : MINI_VALUES;
		uint32_t width;

		range_of(v + first, in, &min, &max);
		width = width_of(((uint64_t)max - (uint64_t)min) / scale);
		p = buf_grow(out, (size_t)in * width);
		if (!p)
			return;
		put_mini(out->p + directory +
				 (size_t)(first >> FRAME_SHIFT) * FRAME_MINI,
			 min, offset, width);
		if (width)
			store(p, v + first, in, (uint64_t)min, scale, width);
		out->len += (size_t)in * width;
		offset += in * width;
	}
	index_put_pad(out, start);
}

bool index_frame_open(struct index_frame *f, struct slice *part)
{
	const char *p, *minis;
	uint64_t total = 0;
	uint32_t m, nminis;

	if (!index_take(part, FRAME_HEADER, &p))
		return false;
	f->n = index_get32(p);
	f->shift = index_get32(p + 4);
	f->scale = index_get64(p + 8);
	if ((f->shift != FRAME_SHIFT && f->shift != FRAME_SHIFT_ALL) ||
	    f->n > UINT32_C(1) << 31)
		return false;
	nminis = index_frame_minis(f);
	if (!index_take(part, (size_t)nminis * FRAME_MINI, &minis))
		return false;
	f->minis = minis;
	f->stored = part->p;
	for (m = 0; m < nminis; m++) {
		const char *e = minis + (size_t)m * FRAME_MINI;
		uint32_t left = f->n - (m << f->shift);
		uint32_t width = index_get32(e + 12);

		if (left > UINT32_C(1) << f->shift)
			left = UINT32_C(1) << f->shift;
		if (width > 8 || (width & (width - 1)) != 0 ||
		    index_get32(e + 8) != total)
			return false;
		total += (uint64_t)left * width;
		if (total > part->len)
			return false;
	}
	return index_take_padded(part, total, &p);
}

static void read_mini(const struct index_mini *m, uint64_t scale,
		      uint32_t first, uint32_t n, int64_t *out)
{
	uint64_t base = (uint64_t)m->base;
	const char *p = m->stored + (size_t)first * m->width;
	uint32_t i;

	switch (m->width) {
	case 0:
		for (i = 0; i < n; i++)
			out[i] = m->base;
		break;
	case 1:
		for (i = 0; i < n; i++)
			out[i] = (int64_t)(base + scale * (unsigned char)p[i]);
		break;
	case 2:
		for (i = 0; i < n; i++)
			out[i] = (int64_t)(base +
					   scale * index_get16(p +
							       (size_t)i * 2));
		break;
	case 4:
		for (i = 0; i < n; i++)
			out[i] = (int64_t)(base +
					   scale * index_get32(p +
							       (size_t)i * 4));
		break;
	default:
		for (i = 0; i < n; i++)
			out[i] = (int64_t)(base +
					   scale * index_get64(p +
							       (size_t)i * 8));
		break;
	}
}

void index_frame_read(const struct index_frame *f, uint32_t first, uint32_t n,
		      int64_t *out)
{
	while (n) {
		struct index_mini m = index_frame_mini(f, first >> f->shift);
		uint32_t in = first - m.first;
		uint32_t take = m.n - in < n ? m.n - in : n;

		read_mini(&m, f->scale, in, take, out);
		first += take;
		out += take;
		n -= take;
	}
}
