#include "base/err.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>

#include "tests/test.h"

static void
test_err__codes_are_negative_and_have_a_name_and_a_status(void **state)
{
	static const struct {
		int code;
		const char *name;
		int status;
	} rows[] = {
		{ 0, "OK", 0 },
		{ 1, "OK", 0 }, /* a walker's "item" is no error */
#define X(name, status, text) { ERR_##name, #name, status },
#include "base/errors.def"
#undef X
		{ -1, "UNKNOWN", 3 },
		{ ERR_FIRST_, "UNKNOWN", 3 },
		{ ERR_END_, "UNKNOWN", 3 },
		{ INT_MIN, "UNKNOWN", 3 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		test_row("%d", rows[i].code);
		assert_string_equal(err_name(rows[i].code), rows[i].name);
		assert_int_equal(err_exit_status(rows[i].code), rows[i].status);
	}
	assert_true(ERR_END_ < 0);
}

static void test_err__a_null_err_still_gives_the_code(void **state)
{
	(void)state;
	assert_int_equal(err_set(NULL, ERR_IO, "x"), ERR_IO);
	assert_int_equal(err_errno(NULL, ERR_FULL, ENOSPC, "x"), ERR_FULL);
	assert_int_equal(err_nomem(NULL), ERR_NO_MEMORY);
	err_hint(NULL, "x");
	err_prefix(NULL, "x");
	err_at(NULL, (struct span){ 1, 2 });
}

static void test_err__set_replaces_all_that_was_there(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(err_set(&err, ERR_SYNTAX, "bad \"%s\"", "x"),
			 ERR_SYNTAX);
	err_hint(&err, "try %d", 7);
	err_at(&err, (struct span){ 3, 5 });
	assert_string_equal(err.message, "bad \"x\"");
	assert_string_equal(err.hint, "try 7");
	assert_int_equal(err.flags, ERR_HAS_SPAN);
	assert_int_equal(err.span.start, 3);
	assert_int_equal(err.span.end, 5);

	assert_int_equal(err_nomem(&err), ERR_NO_MEMORY);
	assert_string_equal(err.message, "out of memory");
	assert_string_equal(err.hint, "");
	assert_int_equal(err.flags, 0);
}

static void test_err__errno_is_put_into_words(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(err_errno(&err, ERR_IO, ENOENT, "cannot open \"%s\"",
				   "a"),
			 ERR_IO);
	assert_string_equal(err.message,
			    "cannot open \"a\": No such file or directory");
}

static void test_err__prefixes_nest(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	err_set(&err, ERR_USAGE, "wrong");
	err_prefix(&err, "line %d", 3);
	err_prefix(&err, "%s", "a.conf");
	assert_string_equal(err.message, "a.conf: line 3: wrong");
}

static void test_err__what_does_not_fit_is_cut_and_says_so(void **state)
{
	char text[2 * ERR_MESSAGE_MAX];
	struct err err = ERR_INIT;

	(void)state;
	for (int way = 0; way < 4; way++) {
		/* Around the edge: the last that fits, the first that does not. */
		size_t len = ERR_MESSAGE_MAX - 3 + (size_t)way;
		bool cut = len >= ERR_MESSAGE_MAX;

		test_row("%zu bytes", len);
		memset(text, 'a', len);
		text[len] = '\0';
		err_set(&err, ERR_IO, "%s", text);
		assert_int_equal(strlen(err.message),
				 cut ? ERR_MESSAGE_MAX - 1 : len);
		assert_int_equal(!strcmp(err.message + strlen(err.message) - 3,
					 "..."),
				 cut);
	}
	memset(text, 'b', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	err_set(&err, ERR_IO, "short");
	err_prefix(&err, "%s", text);
	assert_int_equal(strlen(err.message), ERR_MESSAGE_MAX - 1);
	err_errno(&err, ERR_IO, EIO, "%s", text);
	assert_int_equal(strlen(err.message), ERR_MESSAGE_MAX - 1);
	err_hint(&err, "%s", text);
	assert_int_equal(strlen(err.hint), ERR_HINT_MAX - 1);
}

TEST_MAIN(TEST(test_err__codes_are_negative_and_have_a_name_and_a_status),
	  TEST(test_err__a_null_err_still_gives_the_code),
	  TEST(test_err__set_replaces_all_that_was_there),
	  TEST(test_err__errno_is_put_into_words),
	  TEST(test_err__prefixes_nest),
	  TEST(test_err__what_does_not_fit_is_cut_and_says_so))
