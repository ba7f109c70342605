/*
 * base/opt.h - options from one table: parsing, --help, man page.
 *
 * A program (or a command of one) declares its options as rows that point
 * into a struct of its own by offset.  Order of precedence: command line,
 * environment, configuration file, default.  An unknown option names the
 * nearest known one.
 *
 * Long options are "--name VALUE" and "--name=VALUE"; short ones "-n VALUE",
 * "-nVALUE", and flags may be bundled.  "--" ends options.  With
 * OPT_STOP_AT_ARGUMENT parsing ends at the first argument that is no option
 * (crs-probe -- COMMAND).
 */
#ifndef BASE_OPT_H
#define BASE_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/err.h"

enum opt_type {
	OPT_FLAG,   /* bool; in file and environment yes/no, true/false, 1/0 */
	OPT_STRING, /* const char *; borrowed from argv, environment or arena */
	OPT_LIST,   /* struct opt_list, may be given again and again */
	OPT_INT,    /* int64_t, bounded by min and max when max > min */
	OPT_SIZE,   /* uint64_t bytes: 64M = 64MiB, 100kB = 100000 */
	OPT_DURATION, /* int64_t ns: 500ms, 10s, 5m, 2h, 30d */
	OPT_HEADING,  /* a line in --help that groups what follows: .help */
};

enum {
	OPT_LIST_MAX = 256,
	OPT_TABLE_MAX = 128, /* rows of one table */
};

struct opt_list {
	const char *items[OPT_LIST_MAX];
	size_t n;
};

struct opt {
	enum opt_type type;
	char letter;      /* 0: none */
	const char *name; /* "store" for --store */
	const char *arg;  /* "DIR": shown in help; NULL for flags */
	const char *env;  /* "CRS_STORE"; NULL: none */
	const char *key;  /* name in crs.conf, a row of conf.def; NULL: not
			     * there.  "kafka.*" (OPT_LIST only) takes each key
			     * that begins so, as "REST=VALUE" */
	const char *help; /* one sentence, with the default if there is one */
	size_t offset;    /* of the target in the values struct */
	int64_t min, max;
};

struct opt_text {
	const char *name; /* a command, an example's line, a file */
	const char *text;
};

enum opt_flags {
	OPT_STOP_AT_ARGUMENT = 1 << 0,
};

struct opt_program {
	const char *name;        /* "crs-ingest" */
	const char *summary;     /* one line: "store events from Kafka, ..." */
	const char *synopsis;    /* "[OPTION]... SOURCE..." */
	const char *description; /* paragraphs, separated by blank lines */
	const struct opt *options; /* ends with .name NULL (and type OPT_FLAG) */
	const struct opt_text *commands; /* ends with .name NULL; may be NULL */
	const struct opt_text *examples; /* likewise */
	const struct opt_text *files;    /* likewise */
	const char *see_also;
	unsigned flags;
};

struct opt_result {
	bool help;
	bool version;
	bool man;      /* --man: the man page source, for the build */
	int first_arg; /* argv[first_arg] is the first non-option argument */
	int nargs;     /* argv is permuted so that they stand together */
};

/* Fills `values` (already holding the defaults).  `config` may be NULL: no
 * file; a file that is named but missing is an error.  If the table has an
 * option "config" that the command line or the environment sets, its value is
 * the file.  `arena` owns strings that come from the file.  A list comes whole
 * from the highest source that has it.  After --help, --version or --man the
 * other sources are not read.  ERR_USAGE with a hint. */
MUST_CHECK int opt_parse(const struct opt_program *prog, void *values, int argc,
			 char **argv, const char *config, struct arena *arena,
			 struct opt_result *result, struct err *err);
void opt_print_help(const struct opt_program *prog, FILE *f);
void opt_print_man(const struct opt_program *prog, FILE *f);
void opt_print_version(const struct opt_program *prog, FILE *f);

MUST_CHECK int opt_parse_size(const char *text, uint64_t *out, struct err *err);
MUST_CHECK int opt_parse_duration(const char *text, int64_t *out,
				  struct err *err);

#endif
