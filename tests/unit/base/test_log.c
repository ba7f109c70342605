#include "base/log.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "tests/test.h"

/* What `act` writes to stderr. */
static void capture(void (*act)(void), char *out, size_t size)
{
	FILE *f = tmpfile();
	int saved = dup(STDERR_FILENO);
	size_t n;

	assert_non_null(f);
	assert_true(saved >= 0);
	assert_true(dup2(fileno(f), STDERR_FILENO) >= 0);
	log_init("crs-test", LOG_INFO);
	act();
	assert_true(dup2(saved, STDERR_FILENO) >= 0);
	close(saved);
	rewind(f);
	n = fread(out, 1, size - 1, f);
	out[n] = '\0';
	fclose(f);
}

static void say_plain(void)
{
	log_info("stored %d events\tbatch=%d ms=%d", 3, 1, 20);
}

static void say_hostile(void)
{
	log_warn("topic \"%s\"", "a\x1b[2J\n\"level=error\tx=1");
}

static void say_below_level(void)
{
	log_debug("never");
	log_error("always");
}

static void say_err(void)
{
	struct err err = ERR_INIT;

	err_set(&err, ERR_IO, "cannot read");
	err_hint(&err, "look");
	log_err(&err);
}

static void say_long(void)
{
	char text[10000];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	log_info("%s", text);
}

static void say_without_memory(void)
{
	mem_fail_after(1);
	log_info("unsaid");
	mem_fail_after(0);
}

static void test_log__a_line_has_level_program_message_and_pairs(void **state)
{
	static const struct {
		void (*act)(void);
		const char *text;
	} rows[] = {
		{ say_plain, "level=info prog=crs-test msg=\"stored 3 events\" "
			     "batch=1 ms=20\n" },
		/* An argument can forge neither a line nor a pair. */
		{ say_hostile, "level=warn prog=crs-test msg=\"topic "
			       "\\\"a\\\\x1b[2J\\\\x0a\\\"level=error\\\\x09x=1"
			       "\\\"\"\n" },
		{ say_below_level,
		  "level=error prog=crs-test msg=\"always\"\n" },
		{ say_err, "level=error prog=crs-test "
			   "msg=\"cannot read (hint: look)\"\n" },
		{ say_without_memory, "a log line was lost: out of memory\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char out[1000];

		test_row("%zu", i);
		capture(rows[i].act, out, sizeof(out));
		assert_string_equal(out, rows[i].text);
	}
}

static void test_log__a_long_line_is_cut_and_says_so(void **state)
{
	char out[20000];

	(void)state;
	capture(say_long, out, sizeof(out));
	assert_in_range(strlen(out), 4000, 4200);
	assert_string_equal(out + strlen(out) - 6, "x...\"\n");
}

static void test_log__keeps_errno(void **state)
{
	char out[1000];

	(void)state;
	errno = ENOSPC;
	capture(say_below_level, out, sizeof(out));
	errno = ENOSPC;
	log_debug("not shown");
	assert_int_equal(errno, ENOSPC);
	assert_int_equal(log_level_get(), LOG_INFO);
}

TEST_MAIN(TEST(test_log__a_line_has_level_program_message_and_pairs),
	  TEST(test_log__a_long_line_is_cut_and_says_so),
	  TEST(test_log__keeps_errno))
