/*
 * index/descriptor.c - a segment's descriptor as bytes in `segs`.
 *
 * The key is (dataset, first sequence number), so that a walk meets each
 * dataset's segments in the order of their rows.
 */
#include "index/descriptor_int.h"

#include <inttypes.h>
#include <string.h>

#include "index/record_int.h"

void index_descriptor_encode(const struct index_descriptor *d,
			     char key[INDEX_DESCRIPTOR_KEY],
			     char value[INDEX_DESCRIPTOR_SIZE])
{
	memset(value, 0, INDEX_DESCRIPTOR_SIZE);
	index_set16be(key, d->dataset);
	index_set64be(key + 2, d->sequence);
	index_set64(value + 4, d->segment);
	index_set64(value + 12, d->sequence_end);
	index_set32(value + 20, d->rows);
	index_set32(value + 24, d->packs);
	index_set32(value + 28, d->schema);
	index_set16(value + 32, d->level);
	index_set32(value + 36, d->exceptions);
	index_set32(value + 40, d->stats_crc);
	index_set64(value + 44, (uint64_t)d->time_min);
	index_set64(value + 52, (uint64_t)d->time_max);
	index_set64(value + 60, (uint64_t)d->received_min);
	index_set64(value + 68, (uint64_t)d->received_max);
	index_set64(value + 76, d->bytes);
	index_set64(value + 84, d->source_bytes);
	index_record_seal(INDEX_RECORD_SEGS,
			  slice_of(key, INDEX_DESCRIPTOR_KEY), value,
			  INDEX_DESCRIPTOR_SIZE - INDEX_RECORD_CRC);
}

/* What a right checksum does not promise: bytes of another program's hand. */
static const char *impossible(const struct index_descriptor *d)
{
	if (d->rows == 0 || d->packs == 0)
		return "it is empty";
	if (d->sequence_end <= d->sequence ||
	    d->sequence_end - d->sequence < d->rows)
		return "it has more rows than sequence numbers";
	if (d->exceptions > d->rows)
		return "it has more exceptions than rows";
	if (d->time_min > d->time_max || d->received_min > d->received_max)
		return "its times are turned round";
	return NULL;
}

int index_descriptor_decode(struct index_descriptor *out, struct slice key,
			    struct slice value, struct err *err)
{
	struct index_descriptor d = { 0 };
	struct slice payload;
	const char *why;
	int ret;

	if (key.len != INDEX_DESCRIPTOR_KEY)
		return err_set(err, ERR_CORRUPT,
			       "a descriptor has an impossible key");
	d.dataset = index_get16be(key.p);
	d.sequence = index_get64be(key.p + 2);
	ret = index_record_check(INDEX_RECORD_SEGS, key, value,
				 "the descriptor", &payload, err);
	if (ret == 0 && value.len != INDEX_DESCRIPTOR_SIZE)
		ret = err_set(err, ERR_CORRUPT,
			      "the descriptor has another size");
	if (ret < 0) {
		err_prefix(err, "dataset %u, segment at sequence %" PRIu64,
			   d.dataset, d.sequence);
		return ret;
	}
	d.segment = index_get64(value.p + 4);
	d.sequence_end = index_get64(value.p + 12);
	d.rows = index_get32(value.p + 20);
	d.packs = index_get32(value.p + 24);
	d.schema = index_get32(value.p + 28);
	d.level = index_get16(value.p + 32);
	d.exceptions = index_get32(value.p + 36);
	d.stats_crc = index_get32(value.p + 40);
	d.time_min = (int64_t)index_get64(value.p + 44);
	d.time_max = (int64_t)index_get64(value.p + 52);
	d.received_min = (int64_t)index_get64(value.p + 60);
	d.received_max = (int64_t)index_get64(value.p + 68);
	d.bytes = index_get64(value.p + 76);
	d.source_bytes = index_get64(value.p + 84);
	why = impossible(&d);
	if (why)
		return err_set(err, ERR_CORRUPT,
			       "segment %" PRIu64 ": the descriptor "
			       "makes no sense: %s",
			       d.segment, why);
	*out = d;
	return 0;
}

void index_pack_key(char out[INDEX_PACK_KEY], uint64_t segment, uint32_t pack)
{
	index_set64be(out, segment);
	index_set32be(out + 8, pack);
}
