/*
 * qql/cli/session.c - what commands do with what they are given.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/near.h"
#include "base/term.h"
#include "base/time.h"
#include "index/snapshot.h"
#include "qql/cli/cli.h"
#include "qql/cli/session.h"

enum { CATALOG_TEXT_MAX = 256 };

static void say(const char *before, const char *fmt, va_list ap)
	PRINTF_LIKE(2, 0);

static void say(const char *before, const char *fmt, va_list ap)
{
	char line[ERR_MESSAGE_MAX];

	(void)vsnprintf(line, sizeof(line), fmt, ap);
	fputs(before, stderr);
	term_write(stderr, slice_str(line), TERM_KEEP_NONE);
	fputc('\n', stderr);
}

void cli_say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say("qql: ", fmt, ap);
	va_end(ap);
}

void cli_hint(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say("hint: ", fmt, ap);
	va_end(ap);
}

const char *const cli_plain_or_json[] = { "plain", "json", NULL };

bool cli_json(const struct cli *c)
{
	return c->opt.output && strcmp(c->opt.output, "json") == 0;
}

int cli_check_form(const struct cli *c, const char *const *forms,
		   struct err *err)
{
	struct near near;

	if (!forms || !c->opt.output)
		return 0;
	near_init(&near, slice_str(c->opt.output));
	for (; *forms; forms++) {
		if (strcmp(*forms, c->opt.output) == 0)
			return 0;
		near_offer(&near, slice_str(*forms));
	}
	err_set(err, ERR_USAGE, "unknown output form \"%s\"", c->opt.output);
	if (near.best.p)
		err_hint(err, "did you mean \"%.*s\"?", SLICE_ARG(near.best));
	else
		err_hint(err, "--help says which there are");
	return ERR_USAGE;
}

int cli_flush(struct cli *c, struct err *err)
{
	int ret = qql_out_flush(&c->out, err);

	return ret == QQL_OUT_GONE ? 0 : ret;
}

const char *cli_size(uint64_t bytes, char out[CLI_SIZE_MAX])
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB" };
	double v = (double)bytes;
	size_t i = 0;

	for (; v >= 999.5 && i + 1 < ARRAY_SIZE(units); i++)
		v /= 1000;
	(void)snprintf(out, CLI_SIZE_MAX,
		       i && v < 99.95 ? "%.1f %s" : "%.0f %s", v, units[i]);
	return out;
}

/*
 * The store's schema of a dataset wins over a built-in one unless ours may
 * follow it: a newer program then knows more fields than the store has.
 */
static int merge_stored(struct cli *c, const struct catalog *stored,
			struct err *err)
{
	int ret = 0;

	for (size_t i = 0; i < catalog_count(stored) && ret == 0; i++) {
		const struct dataset *theirs = catalog_at(stored, i);
		const struct dataset *ours =
			catalog_find(c->catalog, theirs->name);

		if (ours && dataset_check_successor(theirs, ours, NULL) == 0)
			continue;
		ret = catalog_add_json(c->catalog, theirs->source, "the store",
				       err);
	}
	return ret;
}

static int load_catalog(struct cli *c, struct err *err)
{
	struct catalog *stored = NULL;
	int ret = catalog_new(&c->catalog, err);

	if (ret == 0 && c->store) {
		ret = catalog_new(&stored, err);
		if (ret == 0)
			ret = index_store_schemas(c->store, stored, err);
		if (ret == 0)
			ret = merge_stored(c, stored, err);
		catalog_free(stored);
	}
	for (size_t i = 0; ret == 0 && i < c->opt.schemas.n; i++)
		ret = catalog_add_file(c->catalog, c->opt.schemas.items[i],
				       err);
	return ret;
}

static int open_store(struct cli *c, unsigned needs, struct err *err)
{
	struct err why = ERR_INIT;
	int ret;

	if (!(needs & (CLI_STORE | CLI_SCHEMAS)))
		return 0;
	ret = index_store_open(&c->store, c->opt.store, INDEX_READ, &why);
	if (ret == 0 || (ret != ERR_NO_MEMORY && !(needs & CLI_STORE)))
		return 0;
	if (!why.hint[0] && ret == ERR_NOT_FOUND)
		err_hint(&why, "name a store with -s DIR or CRS_STORE; "
			       "\"crs-ingest --store DIR SOURCE\" makes one");
	/* The store is what could not be opened, whatever was not found. */
	*err = why;
	return ret == ERR_NOT_FOUND ? ERR_IO : ret;
}

int cli_session_open(struct cli *c, unsigned needs, struct err *err)
{
	int ret = open_store(c, needs, err);

	if (ret == 0)
		ret = load_catalog(c, err);
	if (ret == 0 && (needs & CLI_DATASET)) {
		ret = catalog_get(c->catalog, slice_str(c->opt.dataset), &c->ds,
				  err);
		if (ret == ERR_NOT_FOUND)
			ret = ERR_USAGE;
	}
	if (ret == 0 && c->opt.tz)
		ret = qql_zone_new(&c->zone, slice_str(c->opt.tz), err);
	return ret;
}

void cli_session_close(struct cli *c)
{
	index_store_close(c->store);
	catalog_free(c->catalog);
	qql_zone_free(c->zone);
}

int cli_compile(struct cli *c, int64_t now, bool bounds, struct qql_query **out,
		struct err *err)
{
	struct qql_options opt = { .ds = c->ds, .now = now, .zone = c->zone };

	if (bounds) {
		opt.since = slice_str(c->opt.since);
		opt.until = slice_str(c->opt.until);
	}
	return qql_compile(out, &c->arena, &opt, c->query, err);
}

int cli_field(struct cli *c, struct slice name, field_id *out, struct err *err)
{
	field_id id = dataset_find(c->ds, name), near;

	if (id != FIELD_NONE) {
		*out = id;
		return 0;
	}
	err_set(err, ERR_USAGE, "unknown field \"%.*s\" in dataset %.*s",
		SLICE_ARG(name), SLICE_ARG(c->ds->name));
	near = dataset_nearest(c->ds, name);
	if (near != FIELD_NONE)
		err_hint(err, "did you mean \"%.*s\"?",
			 SLICE_ARG(c->ds->fields[near].name));
	return ERR_USAGE;
}

int cli_fields(struct cli *c, const char *text, field_id **out, uint32_t *n,
	       struct err *err)
{
	field_id *fields =
		arena_calloc(&c->arena, LIMIT_FIELDS, sizeof(*fields));
	uint32_t count = 0;
	int ret;

	if (!fields)
		return err_nomem(err);
	for (;;) {
		size_t len = strcspn(text, ",");
		struct slice name = slice_of(text, len);

		while (name.len && name.p[0] == ' ')
			name = slice_of(name.p + 1, name.len - 1);
		if (count == LIMIT_FIELDS)
			return err_set(err, ERR_LIMIT, "more than %d fields",
				       LIMIT_FIELDS);
		ret = cli_field(c, name, &fields[count++], err);
		if (ret < 0)
			return ret;
		if (!text[len])
			break;
		text += len + 1;
	}
	*out = fields;
	*n = count;
	return 0;
}

int cli_no_stages(const struct qql_query *q, const char *command,
		  struct err *err)
{
	if (!q->plan.nstages)
		return 0;
	err_set(err, ERR_USAGE, "%s takes a query without stages", command);
	err_hint(err, "leave out what stands behind \"|\"");
	return ERR_USAGE;
}

static bool is_empty(struct cli *c)
{
	struct index_snapshot *snap = NULL;
	const struct index_dataset *d;
	bool empty;

	if (index_snapshot_open(&snap, c->store, NULL) < 0)
		return false;
	d = index_snapshot_find(snap, c->ds->name);
	empty = !d || d->rows == 0;
	index_snapshot_close(snap);
	return empty;
}

/* A lone word that looks like a command was searched for as free text. */
static bool say_command(const struct cli *c)
{
	struct slice name;

	if (c->nargs != 1 || !cli_near_command(c->query, &name))
		return false;
	cli_hint("\"%.*s\" was searched for as a word; the command is "
		 "\"qql %.*s\"",
		 SLICE_ARG(c->query), SLICE_ARG(name));
	return true;
}

void cli_say_nothing(struct cli *c, const struct qql_query *q)
{
	if (is_empty(c)) {
		cli_say("the store %s has no rows of dataset %.*s",
			index_store_path(c->store), SLICE_ARG(c->ds->name));
		cli_hint("\"qql datasets\" lists what is there; "
			 "crs-ingest stores events");
		return;
	}
	if (say_command(c))
		return;
	if (q->hint_if_empty.len)
		cli_hint("%.*s", SLICE_ARG(q->hint_if_empty));
}
