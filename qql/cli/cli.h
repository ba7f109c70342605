/*
 * qql/cli/cli.h - the program `qql`: commands and what they are given.
 *
 * One command, one file, one const entry.  The dispatcher reads the options,
 * opens what .needs asks for and turns the result into an exit status.
 * Results go to c->out, talk to stderr through cli_say().
 */
#ifndef QQL_CLI_CLI_H
#define QQL_CLI_CLI_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/err.h"
#include "base/opt.h"
#include "index/store.h"
#include "qql/out.h"
#include "qql/query.h"
#include "schemas/catalog.h"

/* Where option rows put their values. */
struct cli_options {
	const char *config;
	const char *store;
	const char *dataset;
	struct opt_list schemas;
	const char *since;
	const char *until;
	const char *tz;
	int64_t timeout;
	const char *output;
	const char *limit;
	const char *after;
	const char *fields;
	struct opt_list sort;
	bool nul;
	bool force;
	bool all;
};

enum cli_needs {
	CLI_STORE = 1 << 0, /* ends with a message if it cannot be opened */
	CLI_SCHEMAS =
		1 << 1, /* the store too if it is there, for its schemas */
	CLI_DATASET = 1 << 2,
};

enum { CLI_FOUND = 0, CLI_NOTHING = 1 };

struct cli {
	struct cli_options opt;
	struct arena arena;
	struct catalog *catalog;
	struct index_store *store; /* NULL: not opened */
	const struct dataset *ds;
	struct qql_zone *zone; /* NULL: UTC */
	struct slice query;    /* the arguments, with blanks between them */
	char **args;
	int nargs;
	struct qql_out out;
	bool terminal; /* stdout is one */
	bool reported; /* the error stands in the output already */
	const volatile sig_atomic_t *stop;
};

struct cli_command {
	const char *name;
	const char *summary;
	const char *usage; /* what follows the name: "[OPTION]... [QUERY]" */
	const char *description; /* NULL: the summary */
	const struct opt *options;
	const struct opt_text *examples;
	/* Forms that --output may name, first the one without it; ends with
	 * NULL.  NULL: the printers' (or there is no --output). */
	const char *const *forms;
	unsigned needs;
	/* CLI_FOUND, CLI_NOTHING, or a negative error. */
	MUST_CHECK int (*run)(struct cli *c, struct err *err);
};

#define CLI_COMMAND(name) extern const struct cli_command cmd_##name;
#include "qql/cli/commands.def"
#undef CLI_COMMAND

/* A line on stderr, "qql: ...", sanitised. */
void cli_say(const char *fmt, ...) PRINTF_LIKE(1, 2);
void cli_hint(const char *fmt, ...) PRINTF_LIKE(1, 2); /* "hint: ..." */

/* Is the output asked for as a JSON document? */
bool cli_json(const struct cli *c);
/* Writes what is in c->out; a reader that has gone is no error. */
MUST_CHECK int cli_flush(struct cli *c, struct err *err);

/* Compiles c->query; `now` 0: this moment; `bounds`: with --since, --until. */
MUST_CHECK int cli_compile(struct cli *c, int64_t now, bool bounds,
			   struct qql_query **out, struct err *err);
/* ERR_USAGE for a query with stages that `command` cannot take. */
MUST_CHECK int cli_no_stages(const struct qql_query *q, const char *command,
			     struct err *err);
/* "a,b" to fields of c->ds; ERR_USAGE naming the nearest one. */
MUST_CHECK int cli_fields(struct cli *c, const char *text, field_id **out,
			  uint32_t *n, struct err *err);
MUST_CHECK int cli_field(struct cli *c, struct slice name, field_id *out,
			 struct err *err);
/* Says why nothing was found, if something better than that is known. */
void cli_say_nothing(struct cli *c, const struct qql_query *q);

/* "1.2 MB", "57 B" */
enum { CLI_SIZE_MAX = 24 };
const char *cli_size(uint64_t bytes, char out[CLI_SIZE_MAX]);

extern const char *const cli_plain_or_json[];

#define CLI_AT(member) .offset = offsetof(struct cli_options, member)

/* Rows of option tables that several commands have. */
/* clang-format off */
#define CLI_STORE_OPTIONS \
	{ .type = OPT_STRING, .letter = 's', .name = "store", .arg = "DIR", \
	  .env = "CRS_STORE", .key = "store", \
	  .help = "the store to read (default /var/lib/crs)", CLI_AT(store) }, \
	{ .type = OPT_STRING, .letter = 'd', .name = "dataset", .arg = "NAME", \
	  .env = "CRS_DATASET", \
	  .help = "the dataset to look at (default events)", CLI_AT(dataset) }, \
	{ .type = OPT_LIST, .name = "schema", .arg = "FILE", \
	  .help = "a dataset's schema of your own; may be given again", \
	  CLI_AT(schemas) }, \
	{ .type = OPT_STRING, .name = "config", .arg = "FILE", \
	  .env = "CRS_CONFIG", \
	  .help = "the configuration file (default /etc/crs/crs.conf)", \
	  CLI_AT(config) }

#define CLI_OUTPUT_OPTION(text) \
	{ .type = OPT_STRING, .letter = 'o', .name = "output", .arg = "FORM", \
	  .help = text, CLI_AT(output) }

#define CLI_QUERY_OPTIONS \
	{ .type = OPT_STRING, .name = "since", .arg = "DATE", \
	  .help = "only rows from this time on: a date or now-1h", \
	  CLI_AT(since) }, \
	{ .type = OPT_STRING, .name = "until", .arg = "DATE", \
	  .help = "only rows up to this time", CLI_AT(until) }, \
	CLI_ZONE_OPTION, CLI_TIMEOUT_OPTION

#define CLI_ZONE_OPTION \
	{ .type = OPT_STRING, .name = "tz", .arg = "ZONE", \
	  .help = "the time zone of dates, such as Europe/Berlin or +02:00 " \
		  "(default UTC)", CLI_AT(tz) }

#define CLI_TIMEOUT_OPTION \
	{ .type = OPT_DURATION, .name = "timeout", .arg = "TIME", \
	  .help = "give up after this time, such as 10s (default never)", \
	  CLI_AT(timeout) }

#define CLI_END_OPTIONS { .type = OPT_FLAG, .name = NULL }
/* clang-format on */

#endif
