/*
 * index/seal_int.h - a sealed segment as the store sees it: numbered packs.
 *
 * The segment code (builder, segment reader) knows what is inside a pack; the
 * store code (commit, snapshot) knows where packs lie.  Pack 0 is the
 * statistics part: directory of parts, bounds, runs, CRCs of all other packs'
 * parts.  The descriptor carries the CRC32C of pack 0.
 */
#ifndef INDEX_SEAL_INT_H
#define INDEX_SEAL_INT_H

#include <stdint.h>

#include "base/compiler.h"
#include "base/err.h"
#include "base/slice.h"
#include "index/builder.h"
#include "index/segment.h"

struct index_sealed {
	const struct dataset *ds;
	uint32_t rows;
	int64_t time_min, time_max;
	uint64_t bytes;
	uint64_t source_bytes;
	uint32_t exceptions;
	uint32_t stats_crc;
	uint32_t npacks;
	struct slice *packs;
	char *memory[2]; /* what the packs lie in */
};

/* Where a segment reader gets its packs from: the map, or memory. */
struct index_pack_source {
	int (*get)(void *ctx, uint32_t pack, struct slice *out, struct err *err);
	void *ctx;
};

/* `ds` is the version the segment was written with; `map` translates a
 * caller's field id into it (NULL: the same; FIELD_NONE: not there), `nmap`
 * entries long; `omap` likewise for objects. */
MUST_CHECK int index_segment_open_packs(struct index_segment **out,
					const struct dataset *ds,
					const field_id *map, uint32_t nmap,
					const object_id *omap, uint32_t nomap,
					const struct index_descriptor *desc,
					struct index_pack_source source,
					struct err *err);

/* Checks the CRC of every part; each bad one is given to `bad` as a line. */
MUST_CHECK int index_segment_check(struct index_segment *seg, uint64_t *parts,
				   void (*bad)(void *ctx, const char *line),
				   void *ctx, struct err *err);

#endif
