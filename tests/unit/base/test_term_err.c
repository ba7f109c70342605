#include "base/compiler.h"
#include "base/mem.h"
#include "base/term.h"
#include "tests/test.h"

static void test_term_err__width_is_in_cells_after_escaping(void **state)
{
	static const struct {
		struct slice text;
		size_t width;
	} rows[] = {
		{ SLICE_INIT(""), 0 },
		{ SLICE_INIT("abc"), 3 },
		{ SLICE_INIT("\x1b"), 4 },
		{ SLICE_INIT("\xc2\x9b"), 8 },
		{ SLICE_INIT("\xc3\xa4"), 1 },
		{ SLICE_INIT("a\xcc\x88"), 1 },                /* combining */
		{ SLICE_INIT("\xe6\x97\xa5\xe6\x9c\xac"), 4 }, /* wide */
		{ SLICE_INIT("\xff\xff"), 8 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		test_row("%zu", i);
		assert_int_equal(term_width(rows[i].text), rows[i].width);
	}
}

static const struct {
	const char *program, *message, *hint, *query; /* NULL: none */
	struct span span;
	const char *text;
} prints[] = {
	{ "qql",
	  "unknown token \"sevrity\" in dataset events",
	  "did you mean \"severity\"?",
	  "action:DENY and sevrity >= 4",
	  { 16, 23 },
	  "qql: unknown token \"sevrity\" in dataset events\n"
	  "    action:DENY and sevrity >= 4\n"
	  "                    ^^^^^^^\n"
	  "hint: did you mean \"severity\"?\n" },
	/* the end of the query is a place of its own */
	{ NULL,
	  "unexpected end",
	  NULL,
	  "(a:1",
	  { 4, 4 },
	  "unexpected end\n"
	  "    (a:1\n"
	  "        ^\n" },
	{ "qql",
	  "empty",
	  NULL,
	  "",
	  { 0, 0 },
	  "qql: empty\n"
	  "    \n"
	  "    ^\n" },
	/* only the line of the place; a span ends with its line */
	{ "qql",
	  "bad",
	  NULL,
	  "a:1\nand b:2\r\nor c",
	  { 8, 17 },
	  "qql: bad\n"
	  "    and b:2\n"
	  "        ^^^\n" },
	/* wide and escaped characters before the place */
	{ "qql",
	  "bad",
	  NULL,
	  "\xe6\x97\xa5\x1b z",
	  { 5, 6 },
	  "qql: bad\n"
	  "    \xe6\x97\xa5\\x1b z\n"
	  "           ^\n" },
	/* hostile bytes in all parts */
	{ "qql",
	  "no \x1b]0;x\x07",
	  "try \xc2\x9b",
	  NULL,
	  { 0, 0 },
	  "qql: no \\x1b]0;x\\x07\n"
	  "hint: try \\xc2\\x9b\n" },
	/* a span beyond the query is taken to its end */
	{ "qql",
	  "bad",
	  NULL,
	  "ab",
	  { 7, 9 },
	  "qql: bad\n"
	  "    ab\n"
	  "      ^\n" },
};

static void test_term_err__shows_message_place_and_hint(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 10000);
	for (size_t i = 0; i < ARRAY_SIZE(prints); i++) {
		struct err err = ERR_INIT;

		test_row("%zu", i);
		err_set(&err, ERR_SYNTAX, "%s", prints[i].message);
		if (prints[i].query)
			err_at(&err, prints[i].span);
		if (prints[i].hint)
			err_hint(&err, "%s", prints[i].hint);
		buf_reset(&b);
		term_format_err(&b, prints[i].program, &err,
				slice_str(prints[i].query));
		assert_string_equal(buf_cstr(&b), prints[i].text);
	}
	buf_release(&b);
}

static void test_term_err__a_long_line_is_shown_around_the_place(void **state)
{
	static char query[100000];
	struct err err = ERR_INIT;
	struct buf b;
	const char *caret, *line;

	(void)state;
	memset(query, 'a', sizeof(query));
	memcpy(query + 70000, "BAD", 3);
	buf_init(&b, 10000);
	err_set(&err, ERR_SYNTAX, "bad");
	err_at(&err, (struct span){ 70000, 70003 });
	term_format_err(&b, NULL, &err, slice_of(query, sizeof(query)));
	assert_true(b.len > 0 && b.len < 1000);
	line = strchr(buf_cstr(&b), '\n') + 1;
	caret = strchr(strchr(line, '\n'), '^');
	assert_memory_equal(line + (caret - strchr(line, '\n') - 1), "BAD", 3);
	assert_string_equal(caret, "^^^\n");
	buf_release(&b);
}

static void
test_term_err__without_memory_the_message_is_still_said(void **state)
{
	char text[200] = "";
	struct err err = ERR_INIT;
	FILE *f = fmemopen(text, sizeof(text), "w");

	(void)state;
	assert_non_null(f);
	err_set(&err, ERR_IO, "it \x1b broke");
	mem_fail_after(1);
	term_print_err(f, "crs", &err, slice_of(NULL, 0));
	mem_fail_after(0);
	fclose(f);
	assert_string_equal(text, "crs: it \\x1b broke\n");
}

TEST_MAIN(TEST(test_term_err__width_is_in_cells_after_escaping),
	  TEST(test_term_err__shows_message_place_and_hint),
	  TEST(test_term_err__a_long_line_is_shown_around_the_place),
	  TEST(test_term_err__without_memory_the_message_is_still_said))
