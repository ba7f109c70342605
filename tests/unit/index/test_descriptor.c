#include "index/descriptor_int.h"

#include "index/record_int.h"
#include "tests/test.h"

static const struct index_descriptor sample = {
	.segment = 0x0102030405060708,
	.dataset = 3,
	.level = 2,
	.rows = 1000,
	.schema = 4,
	.packs = 60,
	.sequence = 0x1122334455667788,
	.sequence_end = 0x1122334455667788 + 1000,
	.time_min = -5,
	.time_max = 7,
	.received_min = 100,
	.received_max = 200,
	.bytes = 123456,
	.source_bytes = 654321,
	.exceptions = 9,
	.stats_crc = 0xdeadbeef,
};

static char key[INDEX_DESCRIPTOR_KEY], value[INDEX_DESCRIPTOR_SIZE];

static struct slice key_slice(void)
{
	return slice_of(key, sizeof(key));
}

static struct slice value_slice(void)
{
	return slice_of(value, sizeof(value));
}

static void test_descriptor__comes_back_as_it_was(void **state)
{
	struct index_descriptor d;
	struct err err = ERR_INIT;

	(void)state;
	assert_true(INDEX_DESCRIPTOR_SIZE <= 256);
	index_descriptor_encode(&sample, key, value);
	assert_int_equal(index_descriptor_decode(&d, key_slice(), value_slice(),
						 &err),
			 0);
	/* No padding in the struct but after `dataset`, `level`. */
	assert_int_equal(d.segment, sample.segment);
	assert_int_equal(d.dataset, sample.dataset);
	assert_int_equal(d.level, sample.level);
	assert_int_equal(d.rows, sample.rows);
	assert_int_equal(d.schema, sample.schema);
	assert_int_equal(d.packs, sample.packs);
	assert_int_equal(d.sequence, sample.sequence);
	assert_int_equal(d.sequence_end, sample.sequence_end);
	assert_true(d.time_min == -5 && d.time_max == 7);
	assert_true(d.received_min == 100 && d.received_max == 200);
	assert_int_equal(d.bytes, sample.bytes);
	assert_int_equal(d.source_bytes, sample.source_bytes);
	assert_int_equal(d.exceptions, sample.exceptions);
	assert_int_equal(d.stats_crc, sample.stats_crc);
}

static void test_descriptor__keys_sort_by_dataset_and_sequence(void **state)
{
	struct index_descriptor a = sample, b = sample;
	char ka[INDEX_DESCRIPTOR_KEY], kb[INDEX_DESCRIPTOR_KEY];

	(void)state;
	a.sequence = 255;
	b.sequence = 256;
	index_descriptor_encode(&a, ka, value);
	index_descriptor_encode(&b, kb, value);
	assert_true(memcmp(ka, kb, sizeof(ka)) < 0);
	b.sequence = 0;
	b.dataset = 4;
	index_descriptor_encode(&b, kb, value);
	assert_true(memcmp(ka, kb, sizeof(ka)) < 0);
}

static void test_descriptor__every_flipped_bit_is_found(void **state)
{
	struct index_descriptor d;

	(void)state;
	index_descriptor_encode(&sample, key, value);
	for (size_t bit = 0; bit < 8 * (sizeof(key) + sizeof(value)); bit++) {
		struct err err = ERR_INIT;
		char *at = bit / 8 < sizeof(key) ?
				   key + bit / 8 :
				   value + bit / 8 - sizeof(key);

		*at ^= (char)(1 << (bit & 7));
		assert_int_equal(index_descriptor_decode(&d, key_slice(),
							 value_slice(), &err),
				 ERR_CORRUPT);
		assert_non_null(strstr(err.message, "segment at sequence"));
		*at ^= (char)(1 << (bit & 7));
	}
}

static void test_descriptor__lengths_that_are_not_ours_are_damage(void **state)
{
	struct index_descriptor d;
	struct err err = ERR_INIT;

	(void)state;
	index_descriptor_encode(&sample, key, value);
	for (size_t n = 0; n < sizeof(value); n++)
		assert_int_equal(index_descriptor_decode(&d, key_slice(),
							 slice_of(value, n),
							 &err),
				 ERR_CORRUPT);
	for (size_t n = 0; n < sizeof(key); n++)
		assert_int_equal(index_descriptor_decode(&d, slice_of(key, n),
							 value_slice(), &err),
				 ERR_CORRUPT);
}

static void test_descriptor__what_cannot_be_is_damage(void **state)
{
	static const struct {
		const char *what;
		struct index_descriptor d;
	} rows[] = {
		{ "it is empty", { .rows = 0, .packs = 1 } },
		{ "it is empty", { .rows = 1, .sequence_end = 1 } },
		{ "more rows than sequence",
		  { .rows = 5,
		    .packs = 1,
		    .sequence = 10,
		    .sequence_end = 14 } },
		{ "more rows than sequence",
		  { .rows = 5, .packs = 1, .sequence = 10, .sequence_end = 9 } },
		{ "more exceptions",
		  { .rows = 1,
		    .packs = 1,
		    .sequence_end = 1,
		    .exceptions = 2 } },
		{ "turned round",
		  { .rows = 1, .packs = 1, .sequence_end = 1, .time_min = 1 } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct index_descriptor d;
		struct err err = ERR_INIT;

		test_row("%s", rows[i].what);
		index_descriptor_encode(&rows[i].d, key, value);
		assert_int_equal(index_descriptor_decode(&d, key_slice(),
							 value_slice(), &err),
				 ERR_CORRUPT);
		assert_non_null(strstr(err.message, rows[i].what));
	}
}

static void test_descriptor__pack_keys_sort_by_segment_and_pack(void **state)
{
	char a[INDEX_PACK_KEY], b[INDEX_PACK_KEY];

	(void)state;
	index_pack_key(a, 1, 0xffffffff);
	index_pack_key(b, 2, 0);
	assert_true(memcmp(a, b, sizeof(a)) < 0);
	index_pack_key(a, 2, 255);
	index_pack_key(b, 2, 256);
	assert_true(memcmp(a, b, sizeof(a)) < 0);
}

TEST_MAIN(TEST(test_descriptor__comes_back_as_it_was),
	  TEST(test_descriptor__keys_sort_by_dataset_and_sequence),
	  TEST(test_descriptor__every_flipped_bit_is_found),
	  TEST(test_descriptor__lengths_that_are_not_ours_are_damage),
	  TEST(test_descriptor__what_cannot_be_is_damage),
	  TEST(test_descriptor__pack_keys_sort_by_segment_and_pack))
