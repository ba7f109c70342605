#include "base/buf.h"

#include "base/mem.h"
#include "tests/test.h"

static void test_buf__numbers_are_decimal(void **state)
{
	static const struct {
		int64_t v;
		const char *text;
	} rows[] = {
		{ 0, "0" },
		{ 7, "7" },
		{ 10, "10" },
		{ 99, "99" },
		{ 100, "100" },
		{ 101, "101" },
		{ 12345, "12345" },
		{ -1, "-1" },
		{ -100, "-100" },
		{ INT64_MAX, "9223372036854775807" },
		{ INT64_MIN, "-9223372036854775808" },
	};
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		buf_reset(&b);
		buf_put_i64(&b, rows[i].v);
		assert_string_equal(buf_cstr(&b), rows[i].text);
	}
	buf_reset(&b);
	buf_put_u64(&b, UINT64_MAX);
	assert_string_equal(buf_cstr(&b), "18446744073709551615");
	buf_release(&b);
}

static void test_buf__may_be_filled_to_its_ceiling_and_no_further(void **state)
{
	(void)state;
	for (size_t max = 0; max < 300; max++) {
		struct err err = ERR_INIT;
		struct buf b;

		buf_init(&b, max);
		for (size_t i = 0; i < max; i++)
			buf_putc(&b, 'x');
		assert_int_equal(buf_error(&b, "it", &err), 0);
		assert_int_equal(strlen(buf_cstr(&b)), max);
		buf_putc(&b, 'y');
		assert_int_equal(b.error, ERR_LIMIT);
		assert_int_equal(b.len, max);
		assert_string_equal(buf_cstr(&b), "");
		assert_int_equal(buf_error(&b, "the text", &err), ERR_LIMIT);
		buf_release(&b);
	}
}

static void test_buf__the_error_states_the_number(void **state)
{
	struct err err = ERR_INIT;
	struct buf b;

	(void)state;
	buf_init(&b, 5);
	buf_puts(&b, "123456");
	assert_int_equal(buf_error(&b, "the name", &err), ERR_LIMIT);
	assert_string_equal(err.message, "the name is larger than 5 bytes");
	buf_release(&b);
}

static void test_buf__an_error_sticks_until_reset(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 4);
	buf_puts(&b, "12");
	buf_puts(&b, "345");
	buf_puts(&b, "3");
	buf_printf(&b, "%d", 4);
	buf_put_u64(&b, 5);
	assert_null(buf_grow(&b, 1));
	assert_int_equal(b.len, 2);
	buf_reset(&b);
	buf_puts(&b, "1234");
	assert_string_equal(buf_cstr(&b), "1234");
	buf_release(&b);
}

static void test_buf__printf_grows_exactly_as_needed(void **state)
{
	char text[600];

	(void)state;
	for (size_t n = 0; n < sizeof(text); n += 7) {
		struct buf b;

		memset(text, 'z', n);
		text[n] = '\0';
		buf_init(&b, n + 2);
		buf_printf(&b, "<%s>", text);
		assert_int_equal(b.error, 0);
		assert_int_equal(b.len, n + 2);
		assert_int_equal(buf_cstr(&b)[n + 1], '>');
		buf_release(&b);

		buf_init(&b, n + 1);
		buf_printf(&b, "<%s>", text);
		assert_int_equal(b.error, ERR_LIMIT);
		buf_release(&b);
	}
}

static void test_buf__bytes_may_be_anything(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	assert_string_equal(buf_cstr(&b), "");
	buf_put(&b, NULL, 0);
	buf_put_slice(&b, slice_of(NULL, 0));
	buf_put(&b, "a\0b", 3);
	assert_int_equal(b.len, 3);
	assert_memory_equal(b.p, "a\0b", 3);
	buf_release(&b);
	buf_release(NULL);
}

static void test_buf__a_huge_request_is_refused(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, SIZE_MAX);
	buf_puts(&b, "x");
	assert_null(buf_grow(&b, SIZE_MAX));
	assert_int_equal(b.error, ERR_LIMIT);
	buf_release(&b);
}

static void test_buf__survives_each_failed_allocation(void **state)
{
	(void)state;
	for (uint64_t nth = 1; nth <= 4; nth++) {
		struct err err = ERR_INIT;
		struct buf b;

		test_row("nth %u", (unsigned)nth);
		buf_init(&b, 1 << 20);
		mem_fail_after(nth);
		for (int i = 0; i < 2000; i++)
			buf_printf(&b, "%d,", i);
		mem_fail_after(0);
		assert_int_equal(b.error, ERR_NO_MEMORY);
		assert_int_equal(buf_error(&b, "it", &err), ERR_NO_MEMORY);
		assert_string_equal(err.message, "out of memory");
		assert_string_equal(buf_cstr(&b), "");
		buf_release(&b);
	}
}

static void test_buf__a_warm_buffer_does_not_allocate(void **state)
{
	uint64_t before;
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 20);
	before = mem_count();
	for (int round = 0; round < 2; round++) {
		buf_reset(&b);
		for (int i = 0; i < 10000; i++)
			buf_putc(&b, 'x');
		/* Doubling: 127 to 16255 in eight steps, then none. */
		assert_in_range(mem_count() - before, 0, 8);
	}
	buf_release(&b);
}

TEST_MAIN(TEST(test_buf__numbers_are_decimal),
	  TEST(test_buf__may_be_filled_to_its_ceiling_and_no_further),
	  TEST(test_buf__the_error_states_the_number),
	  TEST(test_buf__an_error_sticks_until_reset),
	  TEST(test_buf__printf_grows_exactly_as_needed),
	  TEST(test_buf__bytes_may_be_anything),
	  TEST(test_buf__a_huge_request_is_refused),
	  TEST(test_buf__survives_each_failed_allocation),
	  TEST(test_buf__a_warm_buffer_does_not_allocate))
