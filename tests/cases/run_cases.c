/*
 * tests/cases/run_cases.c - runs .case files (see case_file.h for their form).
 *
 *   run_cases [--bless] [FILE...]
 *
 * Without a FILE all files of the folders of tests/cases are run.  For each
 * case the runner writes the block as it should be and compares it with the one
 * in the file; --bless writes the file anew instead.  Each query is also put
 * through the properties of properties.h.
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/term.h"
#include "base/time.h"
#include "qql/query.h"
#include "schemas/catalog.h"
#include "tests/cases/case_file.h"
#include "tests/cases/properties.h"
#include "tests/cases/rows.h"

enum { ARENA_MAX = 64 << 20, OUT_MAX = 64 << 20, ROWS_MAX = 64 };

/* What the blocks above a case, and the case itself, say. */
struct settings {
	struct slice dataset, now, tz, since, until, show;
	struct slice rows[ROWS_MAX];
	size_t nrows;
};

static int passed, failed;

static void die(const char *what, const struct err *err)
{
	fprintf(stderr, "run_cases: %s: %s\n", what, err->message);
	exit(3);
}

static void add_schema(struct catalog *catalog, struct slice json)
{
	struct err err = ERR_INIT;

	if (catalog_add_json(catalog, json, "case file", &err) < 0)
		die("schema", &err);
}

static void apply(struct settings *s, struct catalog *catalog,
		  const struct case_block *b)
{
	bool first_row = true;

	for (size_t i = 0; i < b->n; i++) {
		struct slice key = b->lines[i].key, value = b->lines[i].value;

		if (slice_eq(key, SLICE_LIT("dataset")))
			s->dataset = value;
		else if (slice_eq(key, SLICE_LIT("schema")))
			add_schema(catalog, value);
		else if (slice_eq(key, SLICE_LIT("now")))
			s->now = value;
		else if (slice_eq(key, SLICE_LIT("tz")))
			s->tz = value;
		else if (slice_eq(key, SLICE_LIT("since")))
			s->since = value;
		else if (slice_eq(key, SLICE_LIT("until")))
			s->until = value;
		else if (slice_eq(key, SLICE_LIT("show")))
			s->show = value;
		if (!slice_eq(key, SLICE_LIT("row")))
			continue;
		if (first_row)
			s->nrows = 0;
		first_row = false;
		if (s->nrows < ROWS_MAX)
			s->rows[s->nrows++] = value;
	}
}

static bool shows(const struct settings *s, const char *what)
{
	return memmem(s->show.p, s->show.len, what, strlen(what)) != NULL;
}

static void put_line(struct buf *out, const char *key, const struct buf *value)
{
	buf_puts(out, key);
	if (value->len)
		buf_putc(out, ' ');
	/* Cases are text files: what a terminal may not see is escaped. */
	term_escape(out, buf_slice(value), TERM_KEEP_NONE);
	buf_putc(out, '\n');
}

static void put_query(struct buf *out, const struct settings *s,
		      const struct qql_query *q)
{
	struct err err = ERR_INIT;
	struct buf text;

	buf_init(&text, OUT_MAX);
	if (shows(s, "tokens")) {
		if (qql_print_tokens(&text, q->text, &err) < 0)
			die("tokens", &err);
		put_line(out, "tokens:", &text);
		buf_reset(&text);
	}
	if (shows(s, "ast")) {
		qql_print_ast(&text, q->ast);
		put_line(out, "ast:", &text);
		buf_reset(&text);
	}
	if (shows(s, "plan")) {
		qql_plan_print(&text, &q->plan);
		put_line(out, "plan:", &text);
		buf_reset(&text);
	}
	if (shows(s, "rows")) {
		rows_matching(&text, &q->plan, s->rows, s->nrows);
		put_line(out, "rows:", &text);
		buf_reset(&text);
	}
	if (q->hint_if_empty.len) {
		buf_put_slice(&text, q->hint_if_empty);
		put_line(out, "if-empty:", &text);
	}
	buf_release(&text);
}

static int64_t clock_of(const struct settings *s)
{
	int64_t now;

	if (time_parse_rfc3339(s->now, &now, &(struct time_form){ 0 }) !=
	    TIME_OK) {
		fprintf(stderr, "run_cases: bad now\n");
		exit(3);
	}
	return now;
}

static void put_result(struct buf *out, const struct settings *s,
		       struct catalog *catalog, struct slice text)
{
	struct qql_options opt = { .since = s->since,
				   .until = s->until,
				   .now = clock_of(s) };
	struct qql_zone *zone = NULL;
	struct err err = ERR_INIT;
	struct qql_query *q;
	struct arena arena;

	if (catalog_get(catalog, s->dataset, &opt.ds, &err) < 0 ||
	    (s->tz.len && qql_zone_new(&zone, s->tz, &err) < 0))
		die("settings", &err);
	opt.zone = zone;
	arena_init(&arena, ARENA_MAX);
	if (qql_compile(&q, &arena, &opt, text, &err) < 0) {
		buf_puts(out, "error: ");
		term_format_err(out, NULL, &err, text);
	} else {
		put_query(out, s, q);
	}
	arena_release(&arena);
	properties_check(&opt, text);
	qql_zone_free(zone);
}

/* The block as it should be. */
static void put_case(struct buf *out, const struct settings *s,
		     struct catalog *catalog, const struct case_block *b)
{
	size_t len;
	char *query = case_query(b, &len);

	for (size_t i = 0; i < b->n; i++) {
		if (case_is_output(b->lines[i].key))
			continue;
		buf_put_slice(out, b->lines[i].raw);
		buf_putc(out, '\n');
	}
	put_result(out, s, catalog, slice_of(query, len));
	free(query);
}

static void compare(const struct case_file *f, const struct case_block *b,
		    struct slice is)
{
	if (slice_eq(b->raw, is)) {
		passed++;
		return;
	}
	failed++;
	printf("%s:%d: is\n%.*s\nshould be\n%.*s\n", f->path, b->line,
	       (int)is.len, is.p, (int)b->raw.len, b->raw.p);
}

static void write_file(const char *path, const struct buf *text)
{
	FILE *f = fopen(path, "w");

	if (!f || fwrite(text->p, 1, text->len, f) != text->len || fclose(f)) {
		perror(path);
		exit(3);
	}
}

static void run_file(const char *path, bool bless)
{
	struct settings file = { .dataset = SLICE_LIT("events"),
				 .now = SLICE_LIT("2026-03-15T12:34:56.789Z"),
				 .show = SLICE_LIT("ast plan") };
	struct catalog *catalog;
	struct err err = ERR_INIT;
	struct case_file f;
	struct buf out;

	if (catalog_new(&catalog, &err) < 0)
		die("catalog", &err);
	case_file_read(&f, path);
	buf_init(&out, OUT_MAX);
	for (size_t i = 0; i < f.n; i++) {
		const struct case_block *b = &f.blocks[i];
		struct settings here = file;
		size_t start;

		if (i)
			buf_putc(&out, '\n');
		start = out.len;
		if (!b->is_case) {
			apply(&file, catalog, b);
			buf_put_slice(&out, b->raw);
			continue;
		}
		apply(&here, catalog, b);
		put_case(&out, &here, catalog, b);
		if (!bless)
			compare(&f, b,
				slice_of(out.p + start, out.len - start));
	}
	if (out.error) {
		fprintf(stderr, "run_cases: out of memory\n");
		exit(3);
	}
	if (bless)
		write_file(path, &out);
	buf_release(&out);
	rows_close();
	case_file_free(&f);
	catalog_free(catalog);
}

static void run_all(bool bless)
{
	glob_t found;

	if (glob("tests/cases/*/*.case", 0, NULL, &found) != 0) {
		fputs("run_cases: no cases here\n", stderr);
		exit(3);
	}
	for (size_t i = 0; i < found.gl_pathc; i++)
		run_file(found.gl_pathv[i], bless);
	globfree(&found);
}

int main(int argc, char **argv)
{
	bool bless = argc > 1 && strcmp(argv[1], "--bless") == 0;
	int broken;

	if (argc > 1 + bless) {
		for (int i = 1 + bless; i < argc; i++)
			run_file(argv[i], bless);
	} else {
		run_all(bless);
	}
	broken = properties_failed();
	if (bless)
		return broken ? 1 : 0;
	printf("%d passed, %d failed\n", passed + properties_held(),
	       failed + broken);
	return failed || broken;
}
