/*
 * Random plans over random rows: what the engine gives is what the plain-scan
 * oracle gives, in the same order, whatever the path.
 *
 * A thousand in `make check`; CRS_RANDOM_QUERIES=N runs N, CRS_RANDOM_SEED=N begins there.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/arena.h"
#include "qql/query.h"
#include "qql/run.h"
#include "schemas/decode.h"
#include "tests/oracle/oracle.h"
#include "tests/test.h"
#include "tests/unit/qql/helper_plan.h"
#include "tests/unit/qql/helper_rows.h"

enum { QUERIES = 1000, ARENA_MAX = 64 << 20, DEPTH = 4, STORES = 100 };

struct world {
	struct helper_rows h;
	struct decoder *decoder;
	size_t *order; /* rows newest first */
	bool *matches; /* by sequence */
	size_t nmatches;
	struct arena arena;
};

static void world_init(struct world *w, uint64_t seed)
{
	helper_rows_init(&w->h, seed);
	for (uint32_t i = 0, n = 2 + helper_below(&w->h.random, 4); i < n; i++)
		helper_rows_batch(&w->h, 1 + helper_below(&w->h.random, 200));
	w->order = calloc(w->h.n, sizeof(*w->order));
	w->matches = calloc(w->h.n, sizeof(*w->matches));
	assert_true(w->order && w->matches);
	helper_rows_order(&w->h, w->order);
	assert_int_equal(decoder_new(&w->decoder, w->h.ds, NULL), 0);
	arena_init(&w->arena, ARENA_MAX);
}

static void world_release(struct world *w)
{
	arena_release(&w->arena);
	decoder_free(w->decoder);
	free(w->order);
	free(w->matches);
	helper_rows_release(&w->h);
}

static void ask_oracle(struct world *w, const struct plan *plan)
{
	w->nmatches = 0;
	for (size_t i = 0; i < w->h.n; i++) {
		const struct helper_row *row = &w->h.rows[i];
		struct decode_refusal refused;
		const struct record *rec;
		struct record copy;

		assert_int_equal(decode_message(w->decoder,
						slice_of(row->source, row->len),
						&rec, &refused, NULL),
				 0);
		copy = *rec;
		copy.time = row->time;
		w->matches[i] = oracle_matches(
			plan, &copy,
			&(struct oracle_row){ row->received, row->sequence });
		w->nmatches += w->matches[i];
	}
}

/* Rows as they come are compared with the next expected one. */
struct compared {
	struct world *w;
	const struct plan *plan;
	size_t at; /* in w->order, or by sequence */
	bool by_sequence;
	size_t n;
	int64_t last_time;
	uint64_t last_sequence;
};

static void fail_at(const struct compared *c, const char *what, uint64_t seq)
{
	struct buf text;

	buf_init(&text, 1 << 20);
	qql_plan_print(&text, c->plan);
	fail_msg("%s, row %" PRIu64 ": %.*s\nplan: %s", what, seq,
		 (int)c->w->h.rows[seq].len, c->w->h.rows[seq].source,
		 buf_cstr(&text));
}

static const struct helper_row *next_expected(struct compared *c)
{
	while (c->at < c->w->h.n) {
		size_t i = c->by_sequence ? c->at : c->w->order[c->at];

		c->at++;
		if (c->w->matches[i])
			return &c->w->h.rows[i];
	}
	return NULL;
}

static int compare_row(void *ctx, const struct qql_row *row, struct err *err)
{
	struct compared *c = ctx;
	const struct helper_row *want;

	(void)err;
	if (!row)
		return 0;
	want = next_expected(c);
	if (!want)
		fail_at(c, "a row too many", row->sequence);
	if (want->sequence != row->sequence)
		fail_at(c, "not the expected row", row->sequence);
	assert_int_equal(row->time, want->time);
	assert_int_equal(row->source.len, want->len);
	assert_memory_equal(row->source.p, want->source, want->len);
	c->n++;
	c->last_time = row->time;
	c->last_sequence = row->sequence;
	return 0;
}

static void expect_end(struct compared *c)
{
	const struct helper_row *want = next_expected(c);

	if (want)
		fail_at(c, "a row is missing", want->sequence);
}

static void check_ok(int ret, const struct err *err)
{
	if (ret < 0)
		fail_msg("%s", err->message);
}

/* All rows in pages of random size, each begun behind the last row seen. */
static void check_pages(struct world *w, const struct plan *plan)
{
	struct compared c = { .w = w, .plan = plan };
	struct qql_run_options opt = { .want_source = true };
	struct qql_run_stats stats = { .more = true };
	struct err err = ERR_INIT;

	while (stats.more) {
		opt.limit = helper_below(&w->h.random, 2) ?
				    UINT64_MAX :
				    1 + helper_below(&w->h.random, 40);
		check_ok(qql_run_rows(plan, w->h.store, &opt, compare_row, &c,
				      &stats, &err),
			 &err);
		opt.after = true;
		opt.after_time = c.last_time;
		opt.after_sequence = c.last_sequence;
		if (!c.n)
			break;
	}
	expect_end(&c);
}

static void check_count(struct world *w, const struct plan *plan)
{
	struct qql_run_stats stats;
	struct err err = ERR_INIT;
	uint64_t n;

	check_ok(qql_run_count(plan, w->h.store, NULL, &n, &stats, &err), &err);
	assert_int_equal(n, w->nmatches);
}

static void check_since(struct world *w, const struct plan *plan)
{
	struct compared c = { .w = w, .plan = plan, .by_sequence = true };
	struct qql_run_options opt = { .want_source = true };
	struct err err = ERR_INIT;
	uint64_t next = 0, until;

	while (next < w->h.n) {
		until = next + 1 + helper_below(&w->h.random, 300);
		check_ok(qql_run_since(plan, w->h.store, &next, until, &opt,
				       compare_row, &c, NULL, &err),
			 &err);
		assert_int_equal(next, until < w->h.n ? until : w->h.n);
	}
	expect_end(&c);
}

static void check_plan(struct world *w, const struct plan *plan)
{
	ask_oracle(w, plan);
	check_count(w, plan);
	check_pages(w, plan);
	if (helper_below(&w->h.random, 4) == 0)
		check_since(w, plan);
}

static void check_tree(struct world *w, uint64_t *random)
{
	struct plan plan = { .ds = w->h.ds,
			     .time_min = INT64_MIN,
			     .time_max = INT64_MAX };

	plan.filter = helper_plan(random, &w->arena, w->h.ds, DEPTH);
	check_plan(w, &plan);
}

/* False: the text does not compile. */
static bool check_text(struct world *w, uint64_t *random)
{
	struct qql_options opt = { .ds = w->h.ds,
				   .now = INT64_C(1769126400000000000) };
	struct qql_query *q;
	struct err err = ERR_INIT;
	struct buf text;
	int ret;

	buf_init(&text, 1 << 20);
	helper_query(random, &text, w->h.ds, DEPTH);
	ret = qql_compile(&q, &w->arena, &opt, buf_slice(&text), &err);
	if (ret == 0) {
		test_row("query %s", buf_cstr(&text));
		check_plan(w, &q->plan);
	}
	buf_release(&text);
	return ret == 0;
}

static uint64_t number_from(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 10) : otherwise;
}

static void test_random__the_engine_agrees_with_the_oracle(void **state)
{
	uint64_t n = number_from("CRS_RANDOM_QUERIES", QUERIES);
	uint64_t seed = number_from("CRS_RANDOM_SEED", 1), texts = 0;

	(void)state;
	for (uint64_t done = 0; done < n; seed++) {
		struct world w;

		world_init(&w, seed);
		for (int i = 0; i < STORES && done < n; i++, done++) {
			uint64_t random = seed * 1000003 + (uint64_t)i;

			test_row("seed %" PRIu64 " query %d", seed, i);
			arena_reset(&w.arena);
			if (i % 2)
				texts += check_text(&w, &random);
			else
				check_tree(&w, &random);
		}
		world_release(&w);
	}
	/* Most texts compile, or nothing was tested. */
	assert_true(texts * 4 > n);
}

TEST_MAIN(TEST(test_random__the_engine_agrees_with_the_oracle))
