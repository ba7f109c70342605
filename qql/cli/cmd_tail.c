/*
 * qql/cli/cmd_tail.c - rows as they are committed.
 *
 * Rows are followed by sequence number, so none is skipped however late its
 * event time is.  `now` in the query is the moment each batch was committed;
 * a query is therefore compiled once per batch, which costs microseconds.
 */
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "index/snapshot.h"
#include "qql/cli/cli.h"
#include "qql/cli/rows.h"
#include "qql/run.h"

enum { POLL_MS = 50 };

struct tail {
	struct cli *c;
	struct qql_run_options run;
	struct cli_rows rows;
	struct qql_tail *steps;
	uint64_t next;
};

/* A reader that goes ends the wait (QQL_OUT_GONE), and so does a signal, for
 * which the loop looks itself. */
static int wait_a_moment(void)
{
	struct pollfd out = { .fd = STDOUT_FILENO };

	return poll(&out, 1, POLL_MS) > 0 && (out.revents & POLLERR) ?
		       QQL_OUT_GONE :
		       0;
}

/* All rows up to `until`, with `now` as given; `bounds`: --since holds. */
static int show(struct tail *t, uint64_t until, int64_t now, bool bounds,
		struct err *err)
{
	struct arena_mark mark = arena_mark(&t->c->arena);
	struct qql_query *q;
	int ret = cli_compile(t->c, now, bounds, &q, err);

	if (ret == 0)
		ret = qql_run_since(&q->plan, t->c->store, &t->next, until,
				    &t->run, cli_rows_take, &t->rows, NULL,
				    err);
	arena_rewind(&t->c->arena, mark);
	return ret;
}

static int follow(struct tail *t, struct err *err)
{
	int64_t received;
	uint64_t until;
	int ret;

	while (!*t->c->stop) {
		ret = qql_tail_next(t->steps, t->next, &until, &received, err);
		if (ret == 0)
			ret = wait_a_moment();
		else if (ret > 0)
			ret = show(t, until, received, false, err);
		if (ret)
			return ret;
	}
	return err_set(err, ERR_INTERRUPTED, "interrupted");
}

/* From the end of the store on; before that, with --since, what is in it. */
static int run(struct tail *t, struct err *err)
{
	int64_t received;
	uint64_t end;
	int ret = qql_tail_next(t->steps, UINT64_MAX, &end, &received, err);

	if (ret == 0 && t->c->opt.since)
		ret = show(t, end, 0, true, err);
	if (ret)
		return ret;
	t->next = end;
	return follow(t, err);
}

static int tail(struct cli *c, struct err *err)
{
	struct tail t = { .c = c };
	struct qql_query *q;
	int ret;

	t.run = (struct qql_run_options){ .limit = UINT64_MAX,
					  .stop = c->stop };
	if (c->opt.output && strcmp(c->opt.output, "json") == 0) {
		err_set(err, ERR_USAGE, "tail has no end, a JSON document has");
		err_hint(err, "take -o ndjson");
		return ERR_USAGE;
	}
	ret = cli_compile(c, 0, true, &q, err); /* errors before all else */
	if (ret == 0)
		ret = cli_no_stages(q, "tail", err);
	if (ret == 0)
		ret = cli_rows_init(&t.rows, c, &q->plan, &t.run, err);
	if (ret < 0)
		return ret;
	ret = qql_tail_open(&t.steps, c->store, c->ds, err);
	if (ret == 0)
		ret = run(&t, err);
	if (ret >= 0)
		ret = cli_rows_end(&t.rows, SLICE_LIT(""), NULL, err);
	qql_tail_close(t.steps);
	cli_rows_release(&t.rows);
	return ret < 0 ? ret : CLI_FOUND;
}

static const struct opt options[] = {
	{ .type = OPT_STRING,
	  .name = "since",
	  .arg = "DATE",
	  .help = "first the stored rows from this time on, oldest first",
	  CLI_AT(since) },
	CLI_ROWS_OPTIONS,
	CLI_ZONE_OPTION,
	CLI_STORE_OPTIONS,
	CLI_END_OPTIONS,
};

const struct cli_command cmd_tail = {
	.name = "tail",
	.summary = "rows that match, as they are committed",
	.usage = "[OPTION]... [QUERY]",
	.options = options,
	.needs = CLI_STORE | CLI_DATASET,
	.run = tail,
};
