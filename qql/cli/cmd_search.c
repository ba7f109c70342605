/*
 * qql/cli/cmd_search.c - rows, newest first.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/term.h"
#include "qql/cli/answer.h"
#include "qql/cli/cli.h"
#include "qql/cli/rows.h"
#include "qql/print.h"
#include "qql/run.h"

enum { DEFAULT_ROWS = 50 };

static int parse_limit(const char *text, uint64_t *out, struct err *err)
{
	char *end;

	if (!text) {
		*out = DEFAULT_ROWS;
		return 0;
	}
	if (strcmp(text, "all") == 0) {
		*out = UINT64_MAX;
		return 0;
	}
	*out = strtoull(text, &end, 10);
	if (text[0] >= '0' && text[0] <= '9' && !*end && *out < UINT64_MAX)
		return 0;
	err_set(err, ERR_USAGE, "\"%s\" is not a number of rows", text);
	err_hint(err, "give a number, or \"all\"");
	return ERR_USAGE;
}

/* "f" is descending, "f:asc" ascending; the newest first without --sort. */
static int parse_sort(struct cli *c, struct qql_run_options *run,
		      struct err *err)
{
	struct qql_sort *sort;
	size_t n = c->opt.sort.n;
	int ret;

	if (!n)
		return 0;
	sort = arena_calloc(&c->arena, n, sizeof(*sort));
	if (!sort)
		return err_nomem(err);
	for (size_t i = 0; i < n; i++) {
		const char *text = c->opt.sort.items[i];
		struct slice name = slice_str(text);
		const char *colon = strchr(text, ':');
		const struct field *f;

		if (colon)
			name.len = (size_t)(colon - text);
		sort[i].ascending = colon && strcmp(colon, ":asc") == 0;
		if (colon && !sort[i].ascending && strcmp(colon, ":desc") != 0)
			return err_set(err, ERR_USAGE,
				       "\"%s\" sorts neither :asc nor :desc",
				       text);
		ret = cli_field(c, name, &sort[i].field, err);
		if (ret < 0)
			return ret;
		f = &c->ds->fields[sort[i].field];
		if (field_multi(f) || (!f->sortable && !f->is_virtual)) {
			err_set(err, ERR_USAGE,
				"rows cannot be sorted by \"%.*s\"",
				SLICE_ARG(f->name));
			err_hint(
				err,
				"\"qql help %.*s\" says which fields are sortable",
				SLICE_ARG(f->name));
			return ERR_USAGE;
		}
	}
	run->sort = sort;
	run->nsort = (uint32_t)n;
	return 0;
}

static int parse_after(struct cli *c, struct qql_run_options *run,
		       struct qql_cursor *cursor, struct err *err)
{
	int ret;

	if (!c->opt.after)
		return 0;
	if (c->opt.sort.n)
		return err_set(err, ERR_USAGE,
			       "--after goes with the order of "
			       "time only, not with --sort");
	ret = qql_cursor_parse(slice_str(c->opt.after), cursor, err);
	if (ret < 0)
		return ret;
	run->after = true;
	run->after_time = cursor->time;
	run->after_sequence = cursor->sequence;
	return 0;
}

/* The page's end: where the next one begins, for a person at a terminal. */
static void say_more(const struct qql_run_stats *stats, const char *cursor)
{
	if (stats->expired)
		cli_say("%" PRIu64 " rows expired while the query ran",
			stats->expired);
	if (!stats->more || !isatty(STDERR_FILENO))
		return;
	if (!cursor[0])
		cli_say("there are more rows: -n all shows every one");
	else
		cli_say("there are more rows: --after %s", cursor);
}

static int search(struct cli *c, struct err *err)
{
	struct qql_run_options run = { .timeout = c->opt.timeout,
				       .stop = c->stop };
	struct qql_run_stats stats = { .more = false };
	struct qql_cursor cursor = { .now = 0 };
	char text[QQL_CURSOR_MAX] = "";
	struct qql_query *q;
	struct cli_rows rows;
	struct slice next = { text, 0 };
	int ret, end;

	ret = parse_limit(c->opt.limit, &run.limit, err);
	if (ret == 0)
		ret = parse_after(c, &run, &cursor, err);
	if (ret == 0)
		ret = cli_compile(c, cursor.now, true, &q, err);
	if (ret == 0)
		ret = cli_check_stages(c, &q->plan, err);
	if (ret == 0 && q->plan.aggregate)
		return cli_answer(c, q, &run, err);
	if (ret == 0)
		ret = parse_sort(c, &run, err);
	if (ret == 0)
		ret = cli_rows_init(&rows, c, &q->plan, &run, err);
	if (ret < 0)
		return ret;
	ret = qql_run_pipe(&q->plan, c->store, &run, cli_rows_take, &rows,
			   &stats, err);
	if (stats.more && !run.nsort && !q->plan.nstages) {
		cursor = (struct qql_cursor){ rows.last_time,
					      rows.last_sequence, q->plan.now };
		next.len = qql_cursor_format(&cursor, text);
	}
	/* A document carries the error that ended it. */
	c->reported = ret < 0;
	end = ret == QQL_OUT_GONE ?
		      0 :
		      cli_rows_end(&rows, next, ret < 0 ? err : NULL,
				   ret < 0 ? NULL : err);
	cli_rows_release(&rows);
	if (ret < 0 || end < 0)
		return ret < 0 ? ret : end;
	say_more(&stats, text);
	if (!rows.n)
		cli_say_nothing(c, q);
	return rows.n ? CLI_FOUND : CLI_NOTHING;
}

static const struct opt options[] = {
	{ .type = OPT_STRING,
	  .letter = 'n',
	  .name = "limit",
	  .arg = "N",
	  .help = "at most this many rows, or \"all\" (default 50)",
	  CLI_AT(limit) },
	{ .type = OPT_STRING,
	  .name = "after",
	  .arg = "CURSOR",
	  .help = "go on where a page ended",
	  CLI_AT(after) },
	{ .type = OPT_LIST,
	  .name = "sort",
	  .arg = "FIELD[:asc]",
	  .help = "largest first by this field instead of newest first; may be "
		  "given again",
	  CLI_AT(sort) },
	CLI_ROWS_OPTIONS,
	CLI_QUERY_OPTIONS,
	CLI_STORE_OPTIONS,
	CLI_END_OPTIONS,
};

static const struct opt_text examples[] = {
	{ "qql search 'action:DENY and severity >= 4'",
	  "the newest 50 denied calls that matter" },
	{ "qql search -n all -o raw --since now-1h 'processName:curl'",
	  "everything curl did in the last hour, as it was stored" },
	{ NULL, NULL },
};

const struct cli_command cmd_search = {
	.name = "search",
	.summary = "rows that match, newest first",
	.usage = "[OPTION]... [QUERY]",
	.options = options,
	.examples = examples,
	.needs = CLI_STORE | CLI_DATASET,
	.run = search,
};
