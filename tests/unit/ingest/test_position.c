/* tests of ingest/position.c */
#include "ingest/position.h"

#include "index/commit.h"
#include "tests/test.h"

static char name_249[250];

static void fill_name(void)
{
	memset(name_249, 'n', 249);
}

static void test_position__kafka_comes_back(void **state)
{
	struct ingest_kafka_key k = { .cluster = SLICE_LIT("AAAAAAAAAAAAAAAAAAAAAQ"),
				      .partition = 7, .incarnation = 2 };
	struct ingest_kafka_value v = {
		.next = INT64_C(1) << 40,
		.last = { true, (INT64_C(1) << 40) - 3, -5, { 1, UINT64_MAX } },
		.dataset = SLICE_LIT("events"),
	};
	const char *topics[] = { "crs.events", name_249 };
	struct ingest_kafka_key kk;
	struct ingest_kafka_value vv;
	struct buf key, value;

	(void)state;
	fill_name();
	for (size_t i = 0; i < 2; i++) {
		buf_init(&key, INDEX_POSITION_KEY_MAX);
		buf_init(&value, INDEX_POSITION_VALUE_MAX);
		k.topic = v.topic = slice_str(topics[i]);
		ingest_kafka_key_put(&key, &k);
		ingest_kafka_value_put(&value, &v);
		assert_int_equal(key.error | value.error, 0);
		assert_true(ingest_kafka_key_get(buf_slice(&key), &kk));
		assert_true(ingest_kafka_value_get(buf_slice(&value), &vv));
		assert_int_equal(kk.partition, 7);
		assert_int_equal(kk.incarnation, 2);
		assert_true(i == 1 ? !kk.topic.p : slice_eq(kk.topic, k.topic));
		assert_true(slice_eq(vv.topic, v.topic));
		assert_true(slice_eq(vv.dataset, v.dataset));
		assert_int_equal(vv.next, v.next);
		assert_true(vv.last.known);
		assert_int_equal(vv.last.offset, v.last.offset);
		assert_int_equal(vv.last.timestamp, -5);
		assert_int_equal(vv.last.hash.lo, UINT64_MAX);
		buf_release(&key);
		buf_release(&value);
	}
}

static void test_position__keys_sort_by_partition_then_incarnation(void **state)
{
	static const uint32_t order[][2] = { { 0, 0 }, { 0, 1 }, { 1, 0 }, { 255, 9 },
					     { 256, 0 }, { 65536, 0 } };
	struct buf before, now;

	(void)state;
	buf_init(&before, INDEX_POSITION_KEY_MAX);
	buf_init(&now, INDEX_POSITION_KEY_MAX);
	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		struct ingest_kafka_key k = { .cluster = SLICE_LIT("c"),
					      .topic = SLICE_LIT("t"),
					      .partition = order[i][0],
					      .incarnation = order[i][1] };

		buf_reset(&now);
		ingest_kafka_key_put(&now, &k);
		assert_true(slice_cmp(buf_slice(&before), buf_slice(&now)) < 0);
		buf_reset(&before);
		buf_put_slice(&before, buf_slice(&now));
	}
	buf_release(&before);
	buf_release(&now);
}

static void test_position__file_and_spool_come_back(void **state)
{
	struct ingest_file_key fk = { SLICE_LIT("events"), 1, 2, { 3, 4 } }, fk2;
	struct ingest_file_value fv = { .offset = 5000, .head_len = 1024,
					.tail_len = 256, .tail = { 5, 6 },
					.path = { 7, 8 }, .finished = true }, fv2;
	struct ingest_spool_key sk = { SLICE_LIT("events"), "0123456789abcde" }, sk2;
	struct ingest_spool_value sv = { .first = 77, .offset = 4096 }, sv2;
	struct buf key, value;

	(void)state;
	buf_init(&key, INDEX_POSITION_KEY_MAX);
	buf_init(&value, INDEX_POSITION_VALUE_MAX);
	ingest_file_key_put(&key, &fk);
	ingest_file_value_put(&value, &fv);
	assert_true(ingest_file_key_get(buf_slice(&key), &fk2));
	assert_true(ingest_file_value_get(buf_slice(&value), &fv2));
	assert_int_equal(fk2.inode, 2);
	assert_int_equal(fk2.head.lo, 4);
	assert_int_equal(fv2.offset, 5000);
	assert_true(fv2.finished);
	assert_int_equal(fv2.path.hi, 7);
	buf_reset(&key);
	buf_reset(&value);
	ingest_spool_key_put(&key, &sk);
	ingest_spool_value_put(&value, &sv);
	assert_true(ingest_spool_key_get(buf_slice(&key), &sk2));
	assert_true(ingest_spool_value_get(buf_slice(&value), &sv2));
	assert_memory_equal(sk2.sensor, sk.sensor, 16);
	assert_int_equal(sv2.first, 77);
	assert_int_equal(sv2.offset, 4096);
	buf_release(&key);
	buf_release(&value);
}

/* Every shortened, lengthened or foreign value is refused, never overread. */
static void test_position__damaged_bytes_are_refused(void **state)
{
	struct ingest_kafka_value v = { .next = 1, .dataset = SLICE_LIT("events"),
					.topic = SLICE_LIT("t") }, got;
	struct ingest_file_value fv = { .offset = 10, .head_len = 10 }, fgot;
	struct buf b;

	(void)state;
	buf_init(&b, INDEX_POSITION_VALUE_MAX);
	ingest_kafka_value_put(&b, &v);
	for (size_t n = 0; n < b.len; n++)
		assert_false(ingest_kafka_value_get(slice_of(b.p, n), &got));
	buf_putc(&b, 0);
	assert_false(ingest_kafka_value_get(buf_slice(&b), &got));
	b.len--;
	b.p[0] = 2;
	assert_false(ingest_kafka_value_get(buf_slice(&b), &got));
	buf_reset(&b);
	ingest_file_value_put(&b, &fv);
	assert_true(ingest_file_value_get(buf_slice(&b), &fgot));
	b.p[9] = 11; /* head_len, more than the offset (big-endian low byte at 10) */
	assert_false(ingest_file_value_get(buf_slice(&b), &fgot));
	buf_release(&b);
}

TEST_MAIN(TEST(test_position__kafka_comes_back),
	  TEST(test_position__keys_sort_by_partition_then_incarnation),
	  TEST(test_position__file_and_spool_come_back),
	  TEST(test_position__damaged_bytes_are_refused))
