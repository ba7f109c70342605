/*
 * index/descriptor_int.h - a segment's descriptor as bytes in `segs`.
 */
#ifndef INDEX_DESCRIPTOR_INT_H
#define INDEX_DESCRIPTOR_INT_H

#include "base/compiler.h"
#include "base/err.h"
#include "base/slice.h"
#include "index/snapshot.h"

enum {
	INDEX_DESCRIPTOR_KEY = 2 + 8,
	INDEX_DESCRIPTOR_SIZE = 100,
	INDEX_PACK_KEY = 8 + 4,
};

void index_descriptor_encode(const struct index_descriptor *d,
			     char key[INDEX_DESCRIPTOR_KEY],
			     char value[INDEX_DESCRIPTOR_SIZE]);
/* ERR_CORRUPT naming dataset and sequence, and the segment if the checksum
 * lets it be known. */
MUST_CHECK int index_descriptor_decode(struct index_descriptor *out,
				       struct slice key, struct slice value,
				       struct err *err);

void index_pack_key(char out[INDEX_PACK_KEY], uint64_t segment, uint32_t pack);

#endif
