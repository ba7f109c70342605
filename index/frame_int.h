/*
 * index/frame_int.h - integers coded against a base (frame of reference).
 *
 * Values stand in mini-blocks of 1,024, each with a base (its least value)
 * and a width of 0, 1, 2, 4 or 8 bytes; value = base + scale * stored.  The
 * scale, common to all, takes the zeros off time stamps.  If all values are
 * equal, one mini-block covers all.
 *
 *	u32 n, u8 shift (log2 of the values in a mini-block), 3 zero bytes,
 *	u64 scale
 *	per mini-block: i64 base, u32 offset, u8 width, 3 zero bytes
 *	stored values, unsigned
 */
#ifndef INDEX_FRAME_INT_H
#define INDEX_FRAME_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"
#include "index/part_int.h"

enum {
	FRAME_HEADER = 16,
	FRAME_MINI = 16,
	FRAME_SHIFT = 10,
	FRAME_SHIFT_ALL = 31,
};

struct index_frame {
	const char *minis;
	const char *stored;
	uint64_t scale;
	uint32_t n;
	uint32_t shift;
};

struct index_mini {
	int64_t base;
	const char *stored;
	uint32_t width;
	uint32_t first; /* value */
	uint32_t n;
};

/* Appends a frame, padded to 8 bytes. */
void index_frame_encode(struct buf *out, const int64_t *v, uint32_t n);

/* Takes a frame off the front of a part; false if it is damaged. */
bool index_frame_open(struct index_frame *f, struct slice *part);

static inline uint32_t index_frame_minis(const struct index_frame *f)
{
	return f->n ? ((f->n - 1) >> f->shift) + 1 : 0;
}

/* Mini-block m < index_frame_minis(f). */
static inline struct index_mini index_frame_mini(const struct index_frame *f,
						 uint32_t m)
{
	const char *p = f->minis + (size_t)m * FRAME_MINI;
	uint32_t first = m << f->shift;
	uint32_t left = f->n - first;

	return (struct index_mini){
		.base = (int64_t)index_get64(p),
		.stored = f->stored + index_get32(p + 8),
		.width = (unsigned char)p[12],
		.first = first,
		.n = left < UINT32_C(1) << f->shift ? left :
						      UINT32_C(1) << f->shift,
	};
}

static inline uint64_t index_frame_load(const char *p, uint32_t width,
					uint32_t i)
{
	switch (width) {
	case 1:
		return (unsigned char)p[i];
	case 2:
		return index_get16(p + (size_t)i * 2);
	case 4:
		return index_get32(p + (size_t)i * 4);
	case 8:
		return index_get64(p + (size_t)i * 8);
	default:
		return 0;
	}
}

/* Value i < f->n. */
static inline int64_t index_frame_get(const struct index_frame *f, uint32_t i)
{
	const char *p = f->minis + (size_t)(i >> f->shift) * FRAME_MINI;
	uint32_t in = i & ((UINT32_C(1) << f->shift) - 1);

	return (int64_t)(index_get64(p) +
			 f->scale * index_frame_load(f->stored +
							     index_get32(p + 8),
						     (unsigned char)p[12], in));
}

/* Values [first, first + n). */
void index_frame_read(const struct index_frame *f, uint32_t first, uint32_t n,
		      int64_t *out);

#endif
