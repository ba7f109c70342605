/*
 * qql/cli/main_qql.c - the program `qql`: finds the command, reads its
 * options, opens what it needs, reports.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/near.h"
#include "base/term.h"
#include "index/verify.h"
#include "qql/cli/cli.h"
#include "qql/cli/rows.h"
#include "qql/cli/session.h"
#include "qql/print.h"

enum { ARENA_MAX = 256 << 20, EXIT_SIGNAL = 128 };

#define CONFIG_FILE "/etc/crs/crs.conf"

static volatile sig_atomic_t stop;

static const struct cli_command *const commands[] = {
#define CLI_COMMAND(name) &cmd_##name,
#include "qql/cli/commands.def"
#undef CLI_COMMAND
};

static const struct opt all_options[] = {
	{ .type = OPT_HEADING, .help = "Store and dataset" },
	CLI_STORE_OPTIONS,
	{ .type = OPT_HEADING, .help = "Query" },
	CLI_QUERY_OPTIONS,
	{ .type = OPT_HEADING, .help = "Rows (search, tail)" },
	{ .type = OPT_STRING,
	  .letter = 'n',
	  .name = "limit",
	  .arg = "N",
	  .help = "search: at most this many rows, or \"all\" (default 50)",
	  CLI_AT(limit) },
	{ .type = OPT_STRING,
	  .name = "after",
	  .arg = "CURSOR",
	  .help = "search: go on where a page ended",
	  CLI_AT(after) },
	{ .type = OPT_LIST,
	  .name = "sort",
	  .arg = "FIELD[:asc]",
	  .help = "search: largest first by this field",
	  CLI_AT(sort) },
	CLI_ROWS_OPTIONS,
	{ .type = OPT_FLAG,
	  .letter = 'a',
	  .name = "all",
	  .help = "explain, stat: leave nothing out",
	  CLI_AT(all) },
	CLI_END_OPTIONS,
};

static const struct opt_text command_texts[] = {
	{ "search", "rows that match, newest first; the default" },
	{ "count", "how many rows match" },
	{ "tail", "rows that match, as they are committed" },
	{ "explain", "how a query is understood and run" },
	{ "check", "is a query valid? messages only" },
	{ "tokens", "every token of a dataset, with examples" },
	{ "help", "how to search, or one token with its values" },
	{ "datasets", "what the store holds" },
	{ "stat", "sizes per dataset, field and part" },
	{ "verify", "check every byte of the store" },
	{ NULL, NULL },
};

static const struct opt_text examples[] = {
	{ "qql 'action:DENY and severity >= 4'", "the newest 50 such events" },
	{ "qql count --since now-1d processName:curl", "how often in a day" },
	{ "qql tail -o ndjson 'ruleType:NETWORK_OUTBOUND'",
	  "follow outbound connections" },
	{ "qql help containerName", "what the token means, and its values" },
	{ NULL, NULL },
};

static const struct opt_text files[] = {
	{ "/var/lib/crs", "the store" },
	{ CONFIG_FILE, "\"key = value\" lines; the key here is store" },
	{ NULL, NULL },
};

static const struct opt_program program = {
	.name = "qql",
	.summary = "search container runtime events",
	.synopsis = "[-s STORE] [-d DATASET] [COMMAND] [OPTION]... [QUERY]",
	.description =
		"Finds rows in a store of container runtime events with QQL. Without a "
		"command, searches.\n\n"
		"\"qql help\" says how queries are written, \"qql COMMAND --help\" which "
		"options a command has.",
	.options = all_options,
	.commands = command_texts,
	.examples = examples,
	.files = files,
	.see_also = "crs-ingest(1), crs-probe(1)",
};

static void on_signal(int number)
{
	stop = number;
}

/* The second signal of a kind acts as ever. */
static void catch_signals(void)
{
	struct sigaction act = { .sa_handler = on_signal,
				 .sa_flags = (int)SA_RESETHAND };

	(void)sigaction(SIGINT, &act, NULL);
	(void)sigaction(SIGTERM, &act, NULL);
	act.sa_handler = SIG_IGN;
	(void)sigaction(SIGPIPE, &act, NULL);
}

static const struct cli_command *find_command(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (strcmp(commands[i]->name, word) == 0)
			return commands[i];
	return NULL;
}

bool cli_near_command(struct slice word, struct slice *name)
{
	struct near near;

	near_init(&near, word);
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		near_offer(&near, slice_str(commands[i]->name));
	*name = near.best;
	return near.best.p != NULL;
}

static struct opt_program program_of(const struct cli_command *cmd,
				     char name[32])
{
	(void)snprintf(name, 32, "qql %s", cmd->name);
	return (struct opt_program){
		.name = name,
		.summary = cmd->summary,
		.synopsis = cmd->usage,
		.description = cmd->description,
		.options = cmd->options,
		.examples = cmd->examples,
	};
}

bool cli_command_help(const char *name)
{
	const struct cli_command *cmd = find_command(name);
	struct opt_program own;
	char full[32];

	if (!cmd)
		return false;
	own = program_of(cmd, full);
	opt_print_help(&own, stdout);
	return true;
}

static struct cli_options defaults(void)
{
	return (struct cli_options){ .store = "/var/lib/crs",
				     .dataset = "events" };
}

/* Takes the word at `at` out of argv. */
static void remove_word(char **argv, int *argc, const char *word)
{
	int i = 1;

	while (i < *argc && argv[i] != word)
		i++;
	for (; i < *argc; i++)
		argv[i] = argv[i + 1];
	--*argc;
}

/* The arguments with blanks between them. */
static int join_query(struct cli *c, struct err *err)
{
	struct buf text;
	int ret;

	buf_init(&text, ARENA_MAX / 2);
	for (int i = 0; i < c->nargs; i++) {
		if (i)
			buf_putc(&text, ' ');
		buf_puts(&text, c->args[i]);
	}
	c->query = arena_dup(&c->arena, buf_slice(&text));
	ret = text.error || !c->query.p ? err_nomem(err) : 0;
	buf_release(&text);
	return ret;
}

static const char *config_file(void)
{
	return access(CONFIG_FILE, F_OK) == 0 ? CONFIG_FILE : NULL;
}

/*
 * All options are read once to find the command (an option's value is no
 * command), and again by the command's own table.  Sets *done if there is
 * nothing left to do.
 */
static int read_arguments(struct cli *c, int argc, char **argv,
			  const struct cli_command **cmd, bool *done,
			  struct err *err)
{
	struct opt_program own;
	struct opt_result res = { .help = false };
	struct cli_options ignored = defaults();
	char **copy = arena_calloc(&c->arena, (size_t)argc + 1, sizeof(*copy));
	char name[32];
	int ret;

	if (!copy)
		return err_nomem(err);
	memcpy(copy, argv, (size_t)argc * sizeof(*copy));
	ret = opt_parse(&program, &ignored, argc, copy, NULL, &c->arena, &res,
			err);
	if (ret < 0)
		return ret;
	*cmd = res.nargs ? find_command(copy[res.first_arg]) : NULL;
	*done = res.help || res.version || res.man;
	if (res.man)
		opt_print_man(&program, stdout);
	else if (res.version)
		opt_print_version(&program, stdout);
	else if (res.help && !*cmd)
		opt_print_help(&program, stdout);
	if (*done && !*cmd)
		return 0;
	if (*cmd)
		remove_word(argv, &argc, copy[res.first_arg]);
	else
		*cmd = &cmd_search;
	own = program_of(*cmd, name);
	if (*done) {
		if (res.help)
			(void)cli_command_help((*cmd)->name);
		return 0;
	}
	c->opt = defaults();
	ret = opt_parse(&own, &c->opt, argc, argv, config_file(), &c->arena,
			&res, err);
	if (ret < 0)
		return ret;
	c->args = argv + res.first_arg;
	c->nargs = res.nargs;
	return join_query(c, err);
}

/* "qql cuont action:DENY": the query's error is not the one to fix. */
static void hint_command(const struct cli *c, struct err *err)
{
	struct slice name;

	if (c->nargs < 2 || !cli_near_command(slice_str(c->args[0]), &name))
		return;
	err->hint[0] = '\0';
	err_hint(err, "did you mean the command \"%.*s\"?", SLICE_ARG(name));
}

static void report(struct cli *c, int code, struct err *err)
{
	if (code == ERR_SYNTAX || code == ERR_MEANING)
		hint_command(c, err);
	if (c->opt.output && strcmp(c->opt.output, "json") == 0 &&
	    !c->out.gone && !c->reported) {
		buf_reset(&c->out.text);
		qql_print_error_json(&c->out.text, err);
		buf_putc(&c->out.text, '\n');
		if (qql_out_flush(&c->out, NULL) >= 0)
			return;
	}
	term_print_err(stderr, "qql", err, c->query);
}

static int run(struct cli *c, int argc, char **argv, struct err *err)
{
	const struct cli_command *cmd = NULL;
	bool done = false;
	int ret;

	ret = read_arguments(c, argc, argv, &cmd, &done, err);
	if (ret < 0 || done)
		return ret;
	ret = cli_check_form(c, cmd->forms, err);
	if (ret == 0)
		ret = cli_session_open(c, cmd->needs, err);
	return ret < 0 ? ret : cmd->run(c, err);
}

int main(int argc, char **argv)
{
	struct cli c = { .stop = &stop };
	struct err err = ERR_INIT;
	int ret;

	log_init("qql", LOG_WARN);
	catch_signals();
	arena_init(&c.arena, ARENA_MAX);
	c.terminal = isatty(STDOUT_FILENO);
	qql_out_init(&c.out, STDOUT_FILENO, c.terminal, &stop);
	ret = index_guard_install("qql", &err);
	if (ret == 0)
		ret = run(&c, argc, argv, &err);
	if (ret < 0 && !(ret == ERR_INTERRUPTED && stop))
		report(&c, ret, &err);
	cli_session_close(&c);
	qql_out_release(&c.out);
	arena_release(&c.arena);
	if (ret < 0 && stop)
		return EXIT_SIGNAL + stop;
	if (fflush(stdout) != 0)
		ret = ERR_IO;
	return ret < 0 ? err_exit_status(ret) : ret;
}
