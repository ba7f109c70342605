#include "index/record_int.h"

#include "base/compiler.h"
#include "tests/test.h"

static const struct slice key = { "topic\0key", 9 };

static void test_record__comes_back_as_it_was(void **state)
{
	(void)state;
	for (size_t n = 0; n < 100; n++) {
		char record[104];
		struct err err = ERR_INIT;
		struct slice payload;

		memset(record, (int)n, sizeof(record));
		index_record_seal(INDEX_RECORD_OFFS, key, record, n);
		assert_int_equal(index_record_check(
					 INDEX_RECORD_OFFS, key,
					 slice_of(record, n + INDEX_RECORD_CRC),
					 "a record", &payload, &err),
				 0);
		assert_int_equal(payload.len, n);
		assert_ptr_equal(payload.p, record + INDEX_RECORD_CRC);
	}
}

static void expect_damage(enum index_record_db db, struct slice k,
			  struct slice record)
{
	struct err err = ERR_INIT;
	struct slice payload;

	assert_int_equal(index_record_check(db, k, record, "a record", &payload,
					    &err),
			 ERR_CORRUPT);
	assert_true(strncmp(err.message, "a record is ", 12) == 0);
}

/* Every bit of it, and where it stands, counts. */
static void test_record__damage_is_found(void **state)
{
	char record[] = "....payload", other[9];
	struct slice r = slice_of(record, 11);

	(void)state;
	index_record_seal(INDEX_RECORD_OFFS, key, record, 7);
	for (size_t bit = 0; bit < 8 * r.len; bit++) {
		record[bit / 8] ^= (char)(1 << (bit & 7));
		expect_damage(INDEX_RECORD_OFFS, key, r);
		record[bit / 8] ^= (char)(1 << (bit & 7));
	}
	for (size_t bit = 0; bit < 8 * key.len; bit++) {
		memcpy(other, key.p, key.len);
		other[bit / 8] ^= (char)(1 << (bit & 7));
		expect_damage(INDEX_RECORD_OFFS, slice_of(other, key.len), r);
	}
	for (size_t n = 0; n < r.len; n++)
		expect_damage(INDEX_RECORD_OFFS, key, slice_of(record, n));
	expect_damage(INDEX_RECORD_META, key, r);
	expect_damage(INDEX_RECORD_PEND, key, r);
	expect_damage(INDEX_RECORD_SEGS, key, r);
}

static void test_record__integers_have_the_byte_order_drawn(void **state)
{
	static const char le[] = "\x08\x07\x06\x05\x04\x03\x02\x01";
	static const char be[] = "\x01\x02\x03\x04\x05\x06\x07\x08";
	char out[8];

	(void)state;
	index_set64(out, 0x0102030405060708);
	assert_memory_equal(out, le, 8);
	index_set64be(out, 0x0102030405060708);
	assert_memory_equal(out, be, 8);
	index_set32(out, 0x05060708);
	assert_memory_equal(out, le, 4);
	index_set32be(out, 0x01020304);
	assert_memory_equal(out, be, 4);
	index_set16(out, 0x0708);
	assert_memory_equal(out, le, 2);
	index_set16be(out, 0x0102);
	assert_memory_equal(out, be, 2);
	assert_true(index_get64(le) == 0x0102030405060708);
	assert_true(index_get64be(be) == 0x0102030405060708);
	assert_true(index_get32(le) == 0x05060708);
	assert_true(index_get32be(be) == 0x01020304);
	assert_true(index_get16(le) == 0x0708);
	assert_true(index_get16be(be) == 0x0102);
}

TEST_MAIN(TEST(test_record__comes_back_as_it_was),
	  TEST(test_record__damage_is_found),
	  TEST(test_record__integers_have_the_byte_order_drawn))
