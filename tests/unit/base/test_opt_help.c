#include "base/opt.h"

#include <stdlib.h>

#include "tests/test.h"

static const struct opt options[] = {
	{ .type = OPT_FLAG,
	  .letter = 'v',
	  .name = "verbose",
	  .help = "say more" },
	{ .type = OPT_STRING,
	  .letter = 's',
	  .name = "store",
	  .arg = "DIR",
	  .env = "CRS_STORE",
	  .key = "store",
	  .help = "the directory that holds the events, the dead letters and "
		  "all that belongs to them" },
	{ .type = OPT_HEADING, .help = "Tuning" },
	{ .type = OPT_INT,
	  .name = "a-name-that-is-long",
	  .arg = "NUMBER",
	  .help = "how many" },
	{ .name = NULL },
};

static const struct opt_text commands[] = {
	{ "search", "find events" },
	{ NULL, NULL },
};

static const struct opt_text examples[] = {
	{ "crs-test -v", "say more" },
	{ NULL, NULL },
};

static const struct opt_program program = {
	.name = "crs-test",
	.summary = "test options",
	.synopsis = "[OPTION]... [WORD]...",
	.description = "First paragraph.\n\n.Second, with a \\ and a-dash.",
	.options = options,
	.commands = commands,
	.examples = examples,
	.see_also = "crs(1)",
};

/* What `print` writes; the caller frees it. */
static char *printed(void (*print)(const struct opt_program *, FILE *))
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	print(&program, f);
	assert_int_equal(fclose(f), 0);
	return text;
}

static void test_opt_help__help_is_wrapped_and_aligned(void **state)
{
	char *text = printed(opt_print_help);

	(void)state;
	assert_string_equal(
		text,
		"Usage: crs-test [OPTION]... [WORD]...\n"
		"\n"
		"First paragraph.\n"
		"\n"
		".Second, with a \\ and a-dash.\n"
		"\n"
		"Commands:\n"
		"  search                  find events\n"
		"\n"
		"Options:\n"
		"  -v, --verbose           say more\n"
		"  -s, --store DIR         the directory that holds the events, "
		"the dead letters\n"
		"                          and all that belongs to them\n"
		"\n"
		"Tuning:\n"
		"      --a-name-that-is-long NUMBER\n"
		"                          how many\n"
		"\n"
		"  -h, --help              show this help and exit\n"
		"      --version           show the version and exit\n"
		"\n"
		"Examples:\n"
		"  crs-test -v\n"
		"      say more\n");
	free(text);
}

static void test_opt_help__the_man_page_has_each_row(void **state)
{
	static const char *const parts[] = {
		".TH crs\\-test 1 ",
		".SH NAME\ncrs\\-test \\- test options\n",
		".SH SYNOPSIS\n\\fBcrs\\-test\\fR [OPTION]... [WORD]...\n",
		"First paragraph.\n.PP\n\\&.Second, with a \\e and a\\-dash.\n",
		".SH COMMANDS\n.TP\n\\fBsearch\\fR\nfind events\n",
		".TP\n\\fB\\-v\\fR, \\fB\\-\\-verbose\\fR\nsay more\n",
		".TP\n\\fB\\-s\\fR, \\fB\\-\\-store\\fR \\fIDIR\\fR\n",
		"In the configuration file: \\fBstore\\fR.\n",
		".SS Tuning\n",
		".SH ENVIRONMENT\n.TP\n\\fBCRS_STORE\\fR\n",
		".SH EXIT STATUS\n",
		".SH EXAMPLES\n.TP\n\\fBcrs\\-test \\-v\\fR\nsay more\n",
		".SH SEE ALSO\ncrs(1)\n",
	};
	char *text = printed(opt_print_man);
	const char *at = text;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		test_row("%s", parts[i]);
		at = strstr(at, parts[i]); /* in this order */
		assert_non_null(at);
	}
	free(text);
}

static void test_opt_help__version_names_the_program(void **state)
{
	char *text = printed(opt_print_version);

	(void)state;
	assert_memory_equal(text, "crs-test (CRS) ", 15);
	assert_true(text[15] >= '0' && text[15] <= '9');
	free(text);
}

TEST_MAIN(TEST(test_opt_help__help_is_wrapped_and_aligned),
	  TEST(test_opt_help__the_man_page_has_each_row),
	  TEST(test_opt_help__version_names_the_program))
