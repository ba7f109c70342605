#include "base/opt.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/time.h"
#include "tests/test.h"

struct values {
	bool verbose;
	bool quiet;
	const char *store;
	const char *config;
	int64_t threads;
	uint64_t batch;
	int64_t wait;
	struct opt_list schemas;
	struct opt_list extra;
};

static const struct opt options[] = {
	{ .type = OPT_HEADING, .help = "Options" },
	{ OPT_FLAG, 'v', "verbose", NULL, "T_VERBOSE", "verbose", "say more",
	  offsetof(struct values, verbose), 0, 0 },
	{ OPT_FLAG, 'q', "quiet", NULL, NULL, NULL, "say less",
	  offsetof(struct values, quiet), 0, 0 },
	{ OPT_STRING, 's', "store", "DIR", "T_STORE", "store",
	  "where the events are stored", offsetof(struct values, store), 0, 0 },
	{ OPT_STRING, 0, "config", "FILE", "T_CONFIG", NULL, "read FILE",
	  offsetof(struct values, config), 0, 0 },
	{ .type = OPT_HEADING, .help = "Tuning" },
	{ OPT_INT, 't', "threads", "N", NULL, "threads", "use N threads",
	  offsetof(struct values, threads), 1, 64 },
	{ OPT_SIZE, 'b', "batch", "SIZE", NULL, "batch", "bytes of a batch",
	  offsetof(struct values, batch), 1024, 1 << 20 },
	{ OPT_DURATION, 'w', "wait", "TIME", "T_WAIT", "wait",
	  "how long to wait", offsetof(struct values, wait), 0, 0 },
	{ OPT_LIST, 0, "schema", "FILE", "T_SCHEMA", "schema",
	  "one more schema", offsetof(struct values, schemas), 0, 0 },
	{ OPT_LIST, 'X', "extra", "KEY=VALUE", NULL, "test.pass.*",
	  "handed through", offsetof(struct values, extra), 0, 0 },
	{ .name = NULL },
};

static const struct opt_program program = {
	.name = "crs-test",
	.options = options,
};

static char conf_path[] = "/tmp/test_opt_XXXXXX";

struct run {
	struct values v;
	struct opt_result result;
	struct err err;
	struct arena arena;
	char *argv[32];
	int argc;
	int ret;
};

/* Parses `line`, split at blanks, as the command line. */
static void run_with(struct run *r, const struct opt_program *prog,
		     const char *line, const char *config, uint64_t fail_nth)
{
	static char words[1000];
	char *save = NULL;

	*r = (struct run){ .v = { .threads = 2, .batch = 7 } };
	arena_init(&r->arena, 1 << 20);
	snprintf(words, sizeof(words), "crs-test %s", line);
	for (char *w = strtok_r(words, " ", &save); w;
	     w = strtok_r(NULL, " ", &save))
		r->argv[r->argc++] = w;
	mem_fail_after(fail_nth);
	r->ret = opt_parse(prog, &r->v, r->argc, r->argv, config, &r->arena,
			   &r->result, &r->err);
	mem_fail_after(0);
}

static void run(struct run *r, const char *line)
{
	run_with(r, &program, line, NULL, 0);
}

static void write_conf(const char *text)
{
	FILE *f = fopen(conf_path, "w");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

/* The arguments that are left, with a blank after each. */
static void assert_args(const struct run *r, const char *expected)
{
	char text[1000] = "";

	for (int i = 0; i < r->result.nargs; i++) {
		size_t n = strlen(text);

		snprintf(text + n, sizeof(text) - n, "%s ",
			 r->argv[r->result.first_arg + i]);
	}
	assert_string_equal(text, expected);
}

static void test_opt__each_way_to_write_an_option(void **state)
{
	static const char *const lines[] = {
		"-v -q -s D -t 8 -b 64k -w 5s a b",
		"-vqsD -t8 -b64k --wait=5s a b",
		"-vqs D -t8 -b64k -w5s a b",
		"--verbose --quiet --store D --threads 8 --batch 64k --wait 5s a b",
		"--verbose --quiet --store=D --threads=+8 --batch=64KiB -w5000ms a b",
		"a -v --quiet -s D b -t 8 -b 64k -w 5s",
		"-vq a -sD -t8 -b64k -w5s -- b",
		"-s wrong -vq -s D -t 3 -t 8 -b64k -w5s a b",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct run r;

		test_row("%s", lines[i]);
		run(&r, lines[i]);
		assert_int_equal(r.ret, 0);
		assert_true(r.v.verbose && r.v.quiet);
		assert_string_equal(r.v.store, "D");
		assert_int_equal(r.v.threads, 8);
		assert_int_equal(r.v.batch, 65536);
		assert_int_equal(r.v.wait, 5 * NS_PER_S);
		assert_args(&r, "a b ");
		arena_release(&r.arena);
	}
}

static void test_opt__arguments_keep_their_order(void **state)
{
	static const struct {
		const char *line;
		unsigned flags;
		const char *args;
	} rows[] = {
		{ "", 0, "" },
		{ "a b c", 0, "a b c " },
		{ "a -v b -s D c -q d", 0, "a b c d " },
		{ "- a", 0, "- a " },
		{ "a -- -v --nosuch", 0, "a -v --nosuch " },
		{ "-v -- a", 0, "a " },
		{ "--", 0, "" },
		{ "-v a -q", OPT_STOP_AT_ARGUMENT, "a -q " },
		{ "-v -- -q a", OPT_STOP_AT_ARGUMENT, "-q a " },
		{ "-v -- a -- b", OPT_STOP_AT_ARGUMENT, "a -- b " },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct opt_program prog = program;
		struct run r;

		test_row("%s", rows[i].line);
		prog.flags = rows[i].flags;
		run_with(&r, &prog, rows[i].line, NULL, 0);
		assert_int_equal(r.ret, 0);
		assert_args(&r, rows[i].args);
		arena_release(&r.arena);
	}
}

static void test_opt__wrong_usage_is_explained(void **state)
{
	static const struct {
		const char *line, *message, *hint;
	} rows[] = {
		{ "--stroe x", "unknown option \"--stroe\"",
		  "did you mean \"--store\"?" },
		{ "--verison", "unknown option \"--verison\"",
		  "did you mean \"--version\"?" },
		{ "--completely-else", "unknown option \"--completely-else\"",
		  "try \"crs-test --help\"" },
		{ "--=x", "unknown option \"--\"", "try \"crs-test --help\"" },
		{ "-vZ", "unknown option \"-Z\"", "try \"crs-test --help\"" },
		{ "--store", "option --store needs a value DIR",
		  "try \"crs-test --help\"" },
		{ "-vs", "option --store needs a value DIR",
		  "try \"crs-test --help\"" },
		{ "--verbose=yes", "option --verbose takes no value", "" },
		{ "--help=x", "option --help takes no value", "" },
		{ "-t x", "option --threads: \"x\" is not a whole number", "" },
		{ "-t 8x", "option --threads: \"8x\" is not a whole number",
		  "" },
		{ "-t 99999999999999999999",
		  "option --threads: \"99999999999999999999\" is not a whole "
		  "number",
		  "" },
		{ "-t 0", "option --threads: \"0\" is not between 1 and 64",
		  "" },
		{ "-t -1", "option --threads: \"-1\" is not between 1 and 64",
		  "" },
		{ "-t 65", "option --threads: \"65\" is not between 1 and 64",
		  "" },
		{ "-b 1",
		  "option --batch: \"1\" is not between 1024 and 1048576", "" },
		{ "-b 2M",
		  "option --batch: \"2M\" is not between 1024 and "
		  "1048576",
		  "" },
		{ "-b 16000000T",
		  "option --batch: \"16000000T\" is not between "
		  "1024 and 1048576",
		  "" },
		{ "-w 5", "option --wait: \"5\" is not a duration",
		  "write a whole number and its unit: 500ms, 10s, 5m, 2h, 30d" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct run r;

		test_row("%s", rows[i].line);
		run(&r, rows[i].line);
		assert_int_equal(r.ret, ERR_USAGE);
		assert_string_equal(r.err.message, rows[i].message);
		assert_string_equal(r.err.hint, rows[i].hint);
		arena_release(&r.arena);
	}
}

static void test_opt__a_list_collects_and_has_an_end(void **state)
{
	char *argv[2 * OPT_LIST_MAX + 4] = { [0] = (char[]){ "crs-test" } };
	static char name[] = "--schema", value[] = "x";
	struct values v = { .threads = 1 };
	struct opt_result result;
	struct err err = ERR_INIT;
	struct arena arena;
	int argc = 1;

	(void)state;
	arena_init(&arena, 1000);
	for (int i = 0; i <= OPT_LIST_MAX; i++) {
		argv[argc++] = name;
		argv[argc++] = value;
	}
	assert_int_equal(opt_parse(&program, &v, argc - 2, argv, NULL, &arena,
				   &result, &err),
			 0);
	assert_int_equal(v.schemas.n, OPT_LIST_MAX);
	v.schemas.n = 0;
	assert_int_equal(opt_parse(&program, &v, argc, argv, NULL, &arena,
				   &result, &err),
			 ERR_USAGE);
	assert_string_equal(err.message,
			    "option --schema: given more than 256 times");
	arena_release(&arena);
}

static void
test_opt__command_line_goes_before_environment_before_file(void **state)
{
	struct run r;

	(void)state;
	write_conf(
		"store = F # file\nthreads = 5\nschema = f1\nschema = f2\n"
		"verbose = yes\ntest.pass.acks = all\ntest.pass.x.y = \"a b\"\n");
	run_with(&r, &program, "", conf_path, 0);
	assert_int_equal(r.ret, 0);
	assert_string_equal(r.v.store, "F");
	assert_int_equal(r.v.threads, 5);
	assert_true(r.v.verbose);
	assert_int_equal(r.v.schemas.n, 2);
	assert_string_equal(r.v.schemas.items[1], "f2");
	assert_int_equal(r.v.extra.n, 2);
	assert_string_equal(r.v.extra.items[0], "acks=all");
	assert_string_equal(r.v.extra.items[1], "x.y=a b");
	arena_release(&r.arena);

	setenv("T_STORE", "E", 1);
	setenv("T_SCHEMA", "e1", 1);
	setenv("T_VERBOSE", "off", 1);
	setenv("T_WAIT", "", 1); /* empty is not set */
	run_with(&r, &program, "-t 9", conf_path, 0);
	assert_int_equal(r.ret, 0);
	assert_string_equal(r.v.store, "E");
	assert_int_equal(r.v.threads, 9);
	assert_false(r.v.verbose);
	assert_int_equal(r.v.schemas.n, 1);
	assert_string_equal(r.v.schemas.items[0], "e1");
	arena_release(&r.arena);

	run_with(&r, &program, "--schema c1 --schema c2 -s C -v", conf_path, 0);
	assert_int_equal(r.ret, 0);
	assert_string_equal(r.v.store, "C");
	assert_true(r.v.verbose);
	assert_int_equal(r.v.schemas.n, 2);
	assert_string_equal(r.v.schemas.items[0], "c1");
	arena_release(&r.arena);
	unsetenv("T_STORE");
	unsetenv("T_SCHEMA");
	unsetenv("T_VERBOSE");
	unsetenv("T_WAIT");
}

static void
test_opt__an_option_or_the_environment_can_name_the_file(void **state)
{
	char line[100];
	struct run r;

	(void)state;
	write_conf("threads = 33\n");
	snprintf(line, sizeof(line), "--config %s", conf_path);
	run_with(&r, &program, line, "/nonexistent", 0);
	assert_int_equal(r.ret, 0);
	assert_int_equal(r.v.threads, 33);
	arena_release(&r.arena);

	setenv("T_CONFIG", conf_path, 1);
	run(&r, "");
	assert_int_equal(r.ret, 0);
	assert_int_equal(r.v.threads, 33);
	unsetenv("T_CONFIG");
	arena_release(&r.arena);

	run_with(&r, &program, "", "/nonexistent/crs.conf", 0);
	assert_int_equal(r.ret, ERR_INPUT);
	assert_string_equal(r.err.message,
			    "cannot read \"/nonexistent/crs.conf\": "
			    "No such file or directory");
	arena_release(&r.arena);
}

static void test_opt__a_wrong_value_names_where_it_stands(void **state)
{
	static const struct {
		const char *conf, *message, *hint;
	} rows[] = {
		{ "\nstroe = x\n", "1: unknown key \"stroe\"",
		  "did you mean \"store\"?" },
		{ "zzzzzzzz = x\n", "unknown key \"zzzzzzzz\"", "" },
		{ "threads = many\n", "threads: \"many\" is not a whole number",
		  "" },
		{ "verbose = perhaps\n",
		  "verbose: \"perhaps\" is neither yes nor no", "" },
		{ "test.pass. = x\n", "unknown key \"test.pass.\"", "" },
	};
	struct run r;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char message[300];

		test_row("%s", rows[i].conf);
		write_conf(rows[i].conf);
		run_with(&r, &program, "", conf_path, 0);
		assert_int_equal(r.ret, ERR_USAGE);
		if (i == 0)
			snprintf(message, sizeof(message), "%s:2: %s",
				 conf_path, rows[i].message + 3);
		else
			snprintf(message, sizeof(message), "%s:1: %s",
				 conf_path, rows[i].message);
		assert_string_equal(r.err.message, message);
		assert_string_equal(r.err.hint, rows[i].hint);
		arena_release(&r.arena);
	}
	setenv("T_WAIT", "soon", 1);
	run(&r, "");
	assert_int_equal(r.ret, ERR_USAGE);
	assert_string_equal(r.err.message,
			    "environment variable T_WAIT: \"soon\" "
			    "is not a duration");
	unsetenv("T_WAIT");
	arena_release(&r.arena);
}

static void test_opt__help_needs_nothing_else_to_be_right(void **state)
{
	static const char *const lines[] = { "--help", "-h", "-vh", "--version",
					     "--man" };

	(void)state;
	setenv("T_WAIT", "soon", 1);
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct run r;

		test_row("%s", lines[i]);
		run_with(&r, &program, lines[i], "/nonexistent", 0);
		assert_int_equal(r.ret, 0);
		assert_int_equal(r.result.help, i < 3);
		assert_int_equal(r.result.version, i == 3);
		assert_int_equal(r.result.man, i == 4);
		arena_release(&r.arena);
	}
	unsetenv("T_WAIT");
}

static void test_opt__survives_each_failed_allocation(void **state)
{
	int ret = ERR_NO_MEMORY;
	uint64_t nth;

	(void)state;
	write_conf("store = F\ntest.pass.acks = all\n");
	for (nth = 1; ret == ERR_NO_MEMORY; nth++) {
		struct run r;

		test_row("nth %u", (unsigned)nth);
		run_with(&r, &program, "-v", conf_path, nth);
		ret = r.ret;
		arena_release(&r.arena);
	}
	assert_int_equal(ret, 0);
	assert_true(nth > 2);
}

static int setup(void **state)
{
	int fd = mkstemp(conf_path);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int teardown(void **state)
{
	(void)state;
	return unlink(conf_path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_opt__each_way_to_write_an_option),
		TEST(test_opt__arguments_keep_their_order),
		TEST(test_opt__wrong_usage_is_explained),
		TEST(test_opt__a_list_collects_and_has_an_end),
		TEST(test_opt__command_line_goes_before_environment_before_file),
		TEST(test_opt__an_option_or_the_environment_can_name_the_file),
		TEST(test_opt__a_wrong_value_names_where_it_stands),
		TEST(test_opt__help_needs_nothing_else_to_be_right),
		TEST(test_opt__survives_each_failed_allocation),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
