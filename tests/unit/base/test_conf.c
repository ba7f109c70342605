#include "base/buf.h"
#include "base/compiler.h"
#include "base/conf_int.h"
#include "base/mem.h"
#include "tests/test.h"

static int collect(void *ctx, struct slice key, const char *value,
		   struct err *err)
{
	struct buf *b = ctx;

	if (slice_eq(key, SLICE_LIT("refused")))
		return err_set(err, ERR_USAGE, "no \"%s\"", value);
	buf_printf(b, "%.*s=%s;", SLICE_ARG(key), value);
	return 0;
}

static void test_conf__takes_a_key_and_a_value_from_each_line(void **state)
{
	static const struct {
		struct slice text;
		const char *pairs;
	} rows[] = {
		{ SLICE_INIT(""), "" },
		{ SLICE_INIT("\n\n  \t\n"), "" },
		{ SLICE_INIT("# only a comment"), "" },
		{ SLICE_INIT("a=1"), "a=1;" },
		{ SLICE_INIT("  a = 1  \r\nb =2\r\n"), "a=1;b=2;" },
		{ SLICE_INIT("a = x y z # said"), "a=x y z;" },
		{ SLICE_INIT("a = x#y"), "a=x#y;" },
		{ SLICE_INIT("a ="), "a=;" },
		{ SLICE_INIT("a = # nothing"), "a=;" },
		{ SLICE_INIT("a = b = c"), "a=b = c;" },
		{ SLICE_INIT("a = \" # kept \"  # gone"), "a= # kept ;" },
		{ SLICE_INIT("a = \"\""), "a=;" },
		{ SLICE_INIT("a = C:\\x"), "a=C:\\x;" },
		{ SLICE_INIT("kafka.sasl.mechanism = PLAIN"),
		  "kafka.sasl.mechanism=PLAIN;" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct err err = ERR_INIT;
		struct arena a;
		struct buf b;

		test_row("%zu", i);
		arena_init(&a, 10000);
		buf_init(&b, 1000);
		assert_int_equal(conf_parse("c", rows[i].text, &a, collect, &b,
					    &err),
				 0);
		assert_string_equal(buf_cstr(&b), rows[i].pairs);
		buf_release(&b);
		arena_release(&a);
	}
}

static void test_conf__an_error_names_file_and_line(void **state)
{
	static const struct {
		struct slice text;
		const char *message;
	} rows[] = {
		{ SLICE_INIT("a = 1\nword\n"),
		  "c.conf:2: expected \"key = value\", not \"word\"" },
		{ SLICE_INIT("= 1"),
		  "c.conf:1: expected \"key = value\", not \"= 1\"" },
		{ SLICE_INIT("\n\na = \"x"),
		  "c.conf:3: the closing quote is missing" },
		{ SLICE_INIT("a = \"x\" y"),
		  "c.conf:1: unexpected text \"y\" after the closing quote" },
		{ SLICE_INIT("a = \"x\"y"),
		  "c.conf:1: unexpected text \"y\" after the closing quote" },
		{ SLICE_INIT("a = \xff"),
		  "c.conf:1: not a line of UTF-8 text" },
		{ SLICE_INIT("a = \0"), "c.conf:1: not a line of UTF-8 text" },
		{ SLICE_INIT("refused = me"), "c.conf:1: no \"me\"" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct err err = ERR_INIT;
		struct arena a;
		struct buf b;

		test_row("%zu", i);
		arena_init(&a, 10000);
		buf_init(&b, 1000);
		assert_int_equal(conf_parse("c.conf", rows[i].text, &a, collect,
					    &b, &err),
				 ERR_USAGE);
		assert_string_equal(err.message, rows[i].message);
		buf_release(&b);
		arena_release(&a);
	}
}

static void test_conf__survives_a_failed_allocation(void **state)
{
	struct err err = ERR_INIT;
	struct arena a;
	struct buf b;

	(void)state;
	arena_init(&a, 10000);
	buf_init(&b, 1000);
	mem_fail_after(1);
	assert_int_equal(conf_parse("c", SLICE_LIT("a = 1"), &a, collect, &b,
				    &err),
			 ERR_NO_MEMORY);
	mem_fail_after(0);
	assert_string_equal(err.message, "out of memory");
	buf_release(&b);
	arena_release(&a);
}

TEST_MAIN(TEST(test_conf__takes_a_key_and_a_value_from_each_line),
	  TEST(test_conf__an_error_names_file_and_line),
	  TEST(test_conf__survives_a_failed_allocation))
