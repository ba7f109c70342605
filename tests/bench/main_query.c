/*
 * crs-bench-query - queries on a store that is already open.
 *
 * usage: crs-bench-query STORE          answers requests from standard input
 *        crs-bench-query STORE watch    "NS ROWS" whenever rows were committed
 *
 * A request is one line, "count RUNS QUERY" or "newest RUNS QUERY"; its answer
 * is one line, "ROWS NS..." with the time of each run, from query text to the
 * last row, or "error TEXT".  So the start of a process, the opening of the
 * store and the first touch of its pages are not in the times, as they are not
 * in those of engines that live in the process that asks.  NS of `watch` is
 * CLOCK_MONOTONIC.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/time.h"
#include "index/snapshot.h"
#include "qql/query.h"
#include "qql/run.h"
#include "schemas/catalog.h"

enum { NEWEST = 50, RUNS_MAX = 1000, ARENA_MAX = 256 << 20 };

struct bench {
	struct index_store *store;
	struct catalog *catalog;
	const struct dataset *ds;
	struct arena arena;
	uint64_t bytes; /* of the rows that came */
};

static int add_row(void *ctx, const struct qql_row *row, struct err *err)
{
	struct bench *b = ctx;

	(void)err;
	if (row)
		b->bytes += row->source.len;
	return 0;
}

/* One run of a query, from its text on. */
static int run_once(struct bench *b, bool count, struct slice text,
		    uint64_t *rows, struct err *err)
{
	struct qql_options opt = { .ds = b->ds };
	struct qql_run_options run = { .limit = NEWEST, .want_source = true };
	struct qql_run_stats stats;
	struct qql_query *q;
	int ret;

	arena_reset(&b->arena);
	ret = qql_compile(&q, &b->arena, &opt, text, err);
	if (ret < 0)
		return ret;
	if (count)
		return qql_run_count(&q->plan, b->store, &run, rows, &stats,
				     err);
	ret = qql_run_rows(&q->plan, b->store, &run, add_row, b, &stats, err);
	*rows = stats.matched;
	return ret;
}

static int answer(struct bench *b, char *line, struct err *err)
{
	static int64_t ns[RUNS_MAX];
	bool count = strncmp(line, "count ", 6) == 0;
	uint64_t rows = 0;
	char *end;
	long runs;
	int ret = 0;

	if (!count && strncmp(line, "newest ", 7) != 0)
		return err_set(err, ERR_USAGE, "no request: %s", line);
	runs = strtol(line + (count ? 6 : 7), &end, 10);
	if (*end != ' ' || runs < 1 || runs > RUNS_MAX)
		return err_set(err, ERR_USAGE, "no number of runs: %s", line);
	for (long i = 0; i < runs && ret == 0; i++) {
		int64_t start = time_monotonic();

		ret = run_once(b, count, slice_str(end + 1), &rows, err);
		ns[i] = time_monotonic() - start;
	}
	if (ret < 0)
		return ret;
	printf("%" PRIu64, rows);
	for (long i = 0; i < runs; i++)
		printf(" %" PRId64, ns[i]);
	putchar('\n');
	return 0;
}

/* A query that is refused is an answer; what the store cannot do is not. */
static int serve(struct bench *b, struct err *err)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;
	int ret = 0;

	while (ret == 0 && (len = getline(&line, &cap, stdin)) > 0) {
		struct err why = ERR_INIT;

		if (line[len - 1] == '\n')
			line[len - 1] = '\0';
		ret = answer(b, line, &why);
		if (ret == ERR_SYNTAX || ret == ERR_MEANING ||
		    ret == ERR_USAGE) {
			printf("error %s\n", why.message);
			ret = 0;
		} else if (ret < 0) {
			*err = why;
		}
		(void)fflush(stdout);
	}
	free(line);
	return ret;
}

static int watch(struct bench *b, struct err *err)
{
	static const struct timespec nap = { .tv_nsec = NS_PER_MS / 2 };
	struct index_snapshot *snap = NULL;
	uint64_t seen = 0;
	int ret = index_snapshot_open(&snap, b->store, err);

	while (ret == 0) {
		const struct index_dataset *d =
			index_snapshot_find(snap, b->ds->name);

		if (d && d->rows != seen) {
			seen = d->rows;
			printf("%" PRId64 " %" PRIu64 "\n", time_monotonic(),
			       seen);
			if (fflush(stdout) != 0)
				break;
		}
		nanosleep(&nap, NULL);
		ret = index_snapshot_renew(snap, err);
	}
	index_snapshot_close(snap);
	return ret;
}

int main(int argc, char **argv)
{
	bool watching = argc == 3 && strcmp(argv[2], "watch") == 0;
	struct err err = ERR_INIT;
	struct bench b = { .ds = NULL };
	int ret;

	if (argc != 2 && !watching) {
		fprintf(stderr, "usage: crs-bench-query STORE [watch]\n");
		return 2;
	}
	arena_init(&b.arena, ARENA_MAX);
	ret = catalog_new(&b.catalog, &err);
	if (ret == 0)
		ret = index_store_open(&b.store, argv[1], INDEX_READ, &err);
	if (ret == 0)
		ret = catalog_get(b.catalog, slice_str("events"), &b.ds, &err);
	if (ret == 0)
		ret = watching ? watch(&b, &err) : serve(&b, &err);
	if (ret < 0)
		fprintf(stderr, "crs-bench-query: %s\n", err.message);
	index_store_close(b.store);
	catalog_free(b.catalog);
	arena_release(&b.arena);
	return err_exit_status(ret);
}
