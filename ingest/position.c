/*
 * ingest/position.c - encoding of source positions.
 *
 * key    kafka  'k' name(cluster) name(topic) partition:u32 incarnation:u32
 *        file   'f' name(dataset) device:u64 inode:u64 head:hash
 *        spool  's' name(dataset) sensor:16
 * value  kafka  1 next:i64 known:u8 offset:i64 time:i64 hash text(dataset) text(topic)
 *        file   1 offset:u64 head_len:u16 tail_len:u16 tail:hash path:hash finished:u8
 *        spool  1 first:u64 offset:u64
 *
 * name: length:u8 bytes, or 255 and the 128-bit hash of a name above NAME_MAX
 * bytes; text: length:u16 bytes.  The leading 1 of a value is its version.
 */
#include "ingest/position.h"

#include <string.h>

#include "schemas/value.h"

enum {
	VERSION = 1,
	NAME_MAX_BYTES = 100, /* two names and the rest fit a key of 256 bytes */
	NAME_HASHED = 255,
	TEXT_MAX_BYTES = 250, /* a topic has at most 249 */
};

static void put_uint(struct buf *out, uint64_t v, unsigned bytes)
{
	while (bytes-- > 0)
		buf_putc(out, (char)(v >> (8 * bytes)));
}

static void put_hash(struct buf *out, struct hash128 h)
{
	put_uint(out, h.hi, 8);
	put_uint(out, h.lo, 8);
}

static void put_name(struct buf *out, struct slice s)
{
	if (s.len <= NAME_MAX_BYTES) {
		put_uint(out, s.len, 1);
		buf_put_slice(out, s);
	} else {
		put_uint(out, NAME_HASHED, 1);
		put_hash(out, hash128(s.p, s.len));
	}
}

static void put_text(struct buf *out, struct slice s)
{
	size_t len = s.len < TEXT_MAX_BYTES ? s.len : TEXT_MAX_BYTES;

	put_uint(out, len, 2);
	buf_put(out, s.p, len);
}

/* Takes bytes off the front; `ok` falls once they are too few. */
struct input {
	struct slice rest;
	bool ok;
};

static struct slice take(struct input *in, size_t n)
{
	struct slice s = slice_of(in->rest.p, n);

	if (n > in->rest.len) {
		in->ok = false;
		return slice_of("", 0);
	}
	in->rest = slice_of(in->rest.p + n, in->rest.len - n);
	return s;
}

static uint64_t get_uint(struct input *in, unsigned bytes)
{
	struct slice s = take(in, bytes);
	uint64_t v = 0;

	for (size_t i = 0; i < s.len; i++)
		v = v << 8 | (uint8_t)s.p[i];
	return v;
}

static struct hash128 get_hash(struct input *in)
{
	struct hash128 h = { .hi = get_uint(in, 8) };

	h.lo = get_uint(in, 8);
	return h;
}

static struct slice get_name(struct input *in)
{
	uint64_t len = get_uint(in, 1);

	if (len != NAME_HASHED)
		return take(in, len);
	take(in, 16);
	return slice_of(NULL, 0);
}

static struct slice get_text(struct input *in)
{
	return take(in, get_uint(in, 2));
}

static struct input begin(struct slice s, char first)
{
	struct input in = { .rest = s, .ok = true };

	if (get_uint(&in, 1) != (uint64_t)first)
		in.ok = false;
	return in;
}

static bool is_whole(const struct input *in)
{
	return in->ok && in->rest.len == 0;
}

void ingest_kafka_prefix_put(struct buf *out, const struct ingest_kafka_key *k)
{
	buf_putc(out, 'k');
	put_name(out, k->cluster);
	put_name(out, k->topic);
	put_uint(out, k->partition, 4);
}

void ingest_kafka_key_put(struct buf *out, const struct ingest_kafka_key *k)
{
	ingest_kafka_prefix_put(out, k);
	put_uint(out, k->incarnation, 4);
}

bool ingest_kafka_key_get(struct slice key, struct ingest_kafka_key *out)
{
	struct input in = begin(key, 'k');

	out->cluster = get_name(&in);
	out->topic = get_name(&in);
	out->partition = (uint32_t)get_uint(&in, 4);
	out->incarnation = (uint32_t)get_uint(&in, 4);
	return is_whole(&in);
}

void ingest_kafka_value_put(struct buf *out, const struct ingest_kafka_value *v)
{
	put_uint(out, VERSION, 1);
	put_uint(out, (uint64_t)v->next, 8);
	put_uint(out, v->last.known, 1);
	put_uint(out, (uint64_t)v->last.offset, 8);
	put_uint(out, (uint64_t)v->last.timestamp, 8);
	put_hash(out, v->last.hash);
	put_text(out, v->dataset);
	put_text(out, v->topic);
}

bool ingest_kafka_value_get(struct slice value, struct ingest_kafka_value *out)
{
	struct input in = begin(value, VERSION);

	out->next = (int64_t)get_uint(&in, 8);
	out->last.known = get_uint(&in, 1) != 0;
	out->last.offset = (int64_t)get_uint(&in, 8);
	out->last.timestamp = (int64_t)get_uint(&in, 8);
	out->last.hash = get_hash(&in);
	out->dataset = get_text(&in);
	out->topic = get_text(&in);
	return is_whole(&in) && out->next >= 0;
}

void ingest_file_prefix_put(struct buf *out, struct slice dataset)
{
	buf_putc(out, 'f');
	put_name(out, dataset);
}

void ingest_file_key_put(struct buf *out, const struct ingest_file_key *k)
{
	ingest_file_prefix_put(out, k->dataset);
	put_uint(out, k->device, 8);
	put_uint(out, k->inode, 8);
	put_hash(out, k->head);
}

bool ingest_file_key_get(struct slice key, struct ingest_file_key *out)
{
	struct input in = begin(key, 'f');

	out->dataset = get_name(&in);
	out->device = get_uint(&in, 8);
	out->inode = get_uint(&in, 8);
	out->head = get_hash(&in);
	return is_whole(&in);
}

void ingest_file_value_put(struct buf *out, const struct ingest_file_value *v)
{
	put_uint(out, VERSION, 1);
	put_uint(out, v->offset, 8);
	put_uint(out, v->head_len, 2);
	put_uint(out, v->tail_len, 2);
	put_hash(out, v->tail);
	put_hash(out, v->path);
	put_uint(out, v->finished, 1);
}

bool ingest_file_value_get(struct slice value, struct ingest_file_value *out)
{
	struct input in = begin(value, VERSION);

	out->offset = get_uint(&in, 8);
	out->head_len = (uint16_t)get_uint(&in, 2);
	out->tail_len = (uint16_t)get_uint(&in, 2);
	out->tail = get_hash(&in);
	out->path = get_hash(&in);
	out->finished = get_uint(&in, 1) != 0;
	return is_whole(&in) && out->offset <= INT64_MAX &&
	       out->tail_len <= out->offset && out->head_len <= out->offset;
}

void ingest_spool_key_put(struct buf *out, const struct ingest_spool_key *k)
{
	buf_putc(out, 's');
	put_name(out, k->dataset);
	buf_put(out, k->sensor, sizeof(k->sensor));
}

bool ingest_spool_key_get(struct slice key, struct ingest_spool_key *out)
{
	struct input in = begin(key, 's');
	struct slice sensor;

	out->dataset = get_name(&in);
	sensor = take(&in, sizeof(out->sensor));
	if (!is_whole(&in))
		return false;
	memcpy(out->sensor, sensor.p, sizeof(out->sensor));
	return true;
}

void ingest_spool_value_put(struct buf *out, const struct ingest_spool_value *v)
{
	put_uint(out, VERSION, 1);
	put_uint(out, v->first, 8);
	put_uint(out, v->offset, 8);
}

bool ingest_spool_value_get(struct slice value, struct ingest_spool_value *out)
{
	struct input in = begin(value, VERSION);

	out->first = get_uint(&in, 8);
	out->offset = get_uint(&in, 8);
	return is_whole(&in) && out->offset <= INT64_MAX;
}

void ingest_position_print(struct buf *out, struct slice key,
			   struct slice value)
{
	struct ingest_kafka_key kk;
	struct ingest_kafka_value kv;
	struct ingest_file_key fk;
	struct ingest_file_value fv;
	struct ingest_spool_key sk;
	struct ingest_spool_value sv;
	char uuid[VALUE_UUID_LEN];

	if (ingest_kafka_key_get(key, &kk) && ingest_kafka_value_get(value, &kv)) {
		buf_printf(out, "kafka %.*s %u incarnation=%u next=%lld dataset=%.*s",
			   SLICE_ARG(kv.topic), kk.partition, kk.incarnation,
			   (long long)kv.next, SLICE_ARG(kv.dataset));
	} else if (ingest_file_key_get(key, &fk) && ingest_file_value_get(value, &fv)) {
		buf_printf(out, "file %llu:%llu offset=%llu finished=%d dataset=%.*s",
			   (unsigned long long)fk.device, (unsigned long long)fk.inode,
			   (unsigned long long)fv.offset, fv.finished,
			   SLICE_ARG(fk.dataset));
	} else if (ingest_spool_key_get(key, &sk) && ingest_spool_value_get(value, &sv)) {
		value_format_uuid(sk.sensor, uuid);
		buf_printf(out, "spool %.*s first=%llu offset=%llu dataset=%.*s",
			   VALUE_UUID_LEN, uuid, (unsigned long long)sv.first,
			   (unsigned long long)sv.offset, SLICE_ARG(sk.dataset));
	} else {
		buf_puts(out, "unreadable");
	}
}
