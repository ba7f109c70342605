/*
 * base/opt_help.c - --help, --version and the man page, from the same rows.
 */
#include <stdio.h>
#include <string.h>

#include "base/opt_int.h"
#include "base/slice.h"

#ifndef CRS_VERSION
#define CRS_VERSION "unknown"
#endif

enum {
	WIDTH = 79,
	HELP_COLUMN = 26,
};

/* The rows every program has, for the end of the list. */
static const struct opt common[] = {
	{ .letter = 'h', .name = "help", .help = "show this help and exit" },
	{ .name = "version", .help = "show the version and exit" },
	{ .name = NULL },
};

static const struct {
	int status;
	const char *text;
} statuses[] = {
	{ 0, "done, or something was found" },
	{ 1, "nothing was found" },
	{ 2, "wrong usage, query or input" },
	{ 3, "it could not be done" },
};

/* Words of `text` from column `at` on, wrapped and indented to `indent`. */
static void put_wrapped(FILE *f, const char *text, size_t at, size_t indent)
{
	bool fresh = true;

	while (*text) {
		size_t n = strcspn(text, " \n");

		if (!fresh && at + 1 + n > WIDTH) {
			fprintf(f, "\n%*s", (int)indent, "");
			at = indent;
			fresh = true;
		}
		if (!fresh) {
			fputc(' ', f);
			at++;
		}
		fwrite(text, 1, n, f);
		at += n;
		fresh = false;
		text += n;
		/* An empty line starts a new paragraph. */
		if (strncmp(text, "\n\n", 2) == 0) {
			fprintf(f, "\n\n%*s", (int)indent, "");
			at = indent;
			fresh = true;
		}
		text += strspn(text, " \n");
	}
	fputc('\n', f);
}

/* "  -s, --store DIR" and its text. */
static void put_row(FILE *f, const char *left, size_t len, const char *text)
{
	fprintf(f, "  %s", left);
	len += 2;
	if (len + 2 > HELP_COLUMN)
		fprintf(f, "\n%*s", HELP_COLUMN, "");
	else
		fprintf(f, "%*s", (int)(HELP_COLUMN - len), "");
	put_wrapped(f, text, HELP_COLUMN, HELP_COLUMN);
}

static void put_option(FILE *f, const struct opt *o)
{
	char left[128];
	int n;

	if (o->letter)
		n = snprintf(left, sizeof(left), "-%c, --%s", o->letter,
			     o->name);
	else
		n = snprintf(left, sizeof(left), "    --%s", o->name);
	if (o->arg && n > 0 && (size_t)n < sizeof(left))
		n += snprintf(left + n, sizeof(left) - (size_t)n, " %s",
			      o->arg);
	put_row(f, left, (size_t)n, o->help ? o->help : "");
}

static void put_options(FILE *f, const struct opt *o)
{
	for (; !opt_is_end(o); o++) {
		if (o->type == OPT_HEADING)
			fprintf(f, "\n%s:\n", o->help);
		else
			put_option(f, o);
	}
}

void opt_print_help(const struct opt_program *prog, FILE *f)
{
	fprintf(f, "Usage: %s %s\n\n", prog->name,
		prog->synopsis ? prog->synopsis : "");
	put_wrapped(f, prog->description ? prog->description : prog->summary, 0,
		    0);
	if (prog->commands) {
		fputs("\nCommands:\n", f);
		for (const struct opt_text *t = prog->commands; t->name; t++)
			put_row(f, t->name, strlen(t->name), t->text);
	}
	if (prog->options->type != OPT_HEADING)
		fputs("\nOptions:\n", f);
	put_options(f, prog->options);
	fputc('\n', f);
	put_options(f, common);
	if (prog->examples) {
		fputs("\nExamples:\n", f);
		for (const struct opt_text *t = prog->examples; t->name; t++)
			fprintf(f, "  %s\n      %s\n", t->name, t->text);
	}
}

void opt_print_version(const struct opt_program *prog, FILE *f)
{
	fprintf(f, "%s (CRS) %s\n", prog->name, CRS_VERSION);
}

/* Text as roff: no requests, no escapes, plain minus signs. */
static void put_roff(FILE *f, const char *text)
{
	bool at_start = true;

	for (; *text; text++) {
		if (at_start && (*text == '.' || *text == '\''))
			fputs("\\&", f);
		at_start = *text == '\n';
		if (strncmp(text, "\n\n", 2) == 0) {
			fputs("\n.PP\n", f);
			text += strspn(text, "\n") - 1;
		} else if (*text == '\\') {
			fputs("\\e", f);
		} else if (*text == '-') {
			fputs("\\-", f);
		} else {
			fputc(*text, f);
		}
	}
}

static void put_section(FILE *f, const char *title)
{
	fprintf(f, ".SH %s\n", title);
}

static void put_man_option(FILE *f, const struct opt *o)
{
	fputs(".TP\n", f);
	if (o->letter)
		fprintf(f, "\\fB\\-%c\\fR, ", o->letter);
	fputs("\\fB\\-\\-", f);
	put_roff(f, o->name);
	fputs("\\fR", f);
	if (o->arg) {
		fputs(" \\fI", f);
		put_roff(f, o->arg);
		fputs("\\fR", f);
	}
	fputc('\n', f);
	put_roff(f, o->help ? o->help : "");
	fputc('\n', f);
	if (o->key) {
		fputs("In the configuration file: \\fB", f);
		put_roff(f, o->key);
		fputs("\\fR.\n", f);
	}
}

static void put_man_options(FILE *f, const struct opt *o)
{
	for (; !opt_is_end(o); o++) {
		if (o->type == OPT_HEADING) {
			fputs(".SS ", f);
			put_roff(f, o->help);
			fputc('\n', f);
		} else {
			put_man_option(f, o);
		}
	}
}

static void put_man_texts(FILE *f, const char *title, const struct opt_text *t)
{
	if (!t)
		return;
	put_section(f, title);
	for (; t->name; t++) {
		fputs(".TP\n\\fB", f);
		put_roff(f, t->name);
		fputs("\\fR\n", f);
		put_roff(f, t->text);
		fputc('\n', f);
	}
}

static void put_man_environment(FILE *f, const struct opt *o)
{
	bool any = false;

	for (; !opt_is_end(o); o++) {
		if (!o->env)
			continue;
		if (!any)
			put_section(f, "ENVIRONMENT");
		any = true;
		fprintf(f, ".TP\n\\fB%s\\fR\nStands for \\fB\\-\\-", o->env);
		put_roff(f, o->name);
		fputs("\\fR where that is not given.\n", f);
	}
}

void opt_print_man(const struct opt_program *prog, FILE *f)
{
	fputs(".TH ", f);
	put_roff(f, prog->name);
	fprintf(f, " 1 \"\" \"CRS %s\" \"CRS\"\n", CRS_VERSION);
	put_section(f, "NAME");
	put_roff(f, prog->name);
	fputs(" \\- ", f);
	put_roff(f, prog->summary);
	fputc('\n', f);
	put_section(f, "SYNOPSIS");
	fputs("\\fB", f);
	put_roff(f, prog->name);
	fputs("\\fR ", f);
	put_roff(f, prog->synopsis ? prog->synopsis : "");
	fputc('\n', f);
	put_section(f, "DESCRIPTION");
	put_roff(f, prog->description ? prog->description : prog->summary);
	fputc('\n', f);
	put_man_texts(f, "COMMANDS", prog->commands);
	put_section(f, "OPTIONS");
	put_man_options(f, prog->options);
	put_man_options(f, common);
	put_man_environment(f, prog->options);
	put_man_texts(f, "FILES", prog->files);
	put_section(f, "EXIT STATUS");
	for (size_t i = 0; i < ARRAY_SIZE(statuses); i++)
		fprintf(f, ".TP\n\\fB%d\\fR\n%s\n", statuses[i].status,
			statuses[i].text);
	put_man_texts(f, "EXAMPLES", prog->examples);
	if (prog->see_also) {
		put_section(f, "SEE ALSO");
		put_roff(f, prog->see_also);
		fputc('\n', f);
	}
}
