#include "qql/run.h"

#include <inttypes.h>

#include "base/mem.h"
#include "base/time.h"
#include "tests/test.h"
#include "tests/unit/qql/helper_rows.h"

static struct plan plan_of(const struct helper_rows *h, struct plan_node *node)
{
	return (struct plan){ .ds = h->ds,
			      .filter = node,
			      .time_min = INT64_MIN,
			      .time_max = INT64_MAX };
}

static field_id field(const struct helper_rows *h, const char *name)
{
	field_id id = dataset_find(h->ds, slice_str(name));

	assert_int_not_equal(id, FIELD_NONE);
	return id;
}

/* What the rows came to, and what to do at each. */
struct seen {
	struct helper_rows *h;
	uint64_t n;
	uint64_t last;
	uint64_t stop_at; /* 0: never */
	uint32_t commit;  /* rows to commit at each pause */
};

static int take(void *ctx, const struct qql_row *row, struct err *err)
{
	struct seen *s = ctx;

	(void)err;
	if (!row) {
		if (s->commit)
			helper_rows_batch(s->h, s->commit);
		return 0;
	}
	s->n++;
	s->last = row->sequence;
	return s->n == s->stop_at ? 7 : 0;
}

static void test_run__rows_committed_meanwhile_are_not_seen(void **state)
{
	struct plan_node all = { .op = PLAN_ALL };
	struct qql_run_options opt = { .limit = UINT64_MAX };
	struct seen s = { .commit = 50 };
	struct helper_rows h;
	struct plan plan;
	uint64_t next = 0;

	(void)state;
	helper_rows_init(&h, 5);
	for (int i = 0; i < 5; i++)
		helper_rows_batch(&h, 300);
	s.h = &h;
	plan = plan_of(&h, &all);
	assert_int_equal(
		qql_run_rows(&plan, h.store, &opt, take, &s, NULL, NULL), 0);
	assert_int_equal(s.n, 1500);
	s.n = 0;
	assert_true(h.n > 1500);
	opt.limit = 0;
	assert_int_equal(qql_run_since(&plan, h.store, &next, UINT64_MAX, &opt,
				       take, &s, NULL, NULL),
			 0);
	assert_int_equal(s.n, next);
	assert_true(h.n > next);
	helper_rows_release(&h);
}

static void test_run__the_limit_says_whether_more_follow(void **state)
{
	static const struct {
		uint64_t limit, rows;
		bool more;
	} cases[] = { { 0, 0, true },      { 1, 1, true },
		      { 99, 99, true },    { 100, 100, false },
		      { 101, 100, false }, { UINT64_MAX, 100, false } };
	struct plan_node all = { .op = PLAN_ALL };
	struct helper_rows h;
	struct plan plan;

	(void)state;
	helper_rows_init(&h, 6);
	helper_rows_batch(&h, 60);
	helper_rows_batch(&h, 40);
	plan = plan_of(&h, &all);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct qql_run_options opt = { .limit = cases[i].limit };
		struct qql_run_stats stats;
		struct seen s = { .n = 0 };

		test_row("limit %" PRIu64, cases[i].limit);
		assert_int_equal(qql_run_rows(&plan, h.store, &opt, take, &s,
					      &stats, NULL),
				 0);
		assert_int_equal(s.n, cases[i].rows);
		assert_int_equal(stats.more, cases[i].more);
	}
	helper_rows_release(&h);
}

static void test_run__whoever_takes_rows_may_end_it(void **state)
{
	struct plan_node all = { .op = PLAN_ALL };
	struct qql_run_options opt = { .limit = UINT64_MAX };
	struct seen s = { .stop_at = 70 };
	struct helper_rows h;
	struct plan plan;
	uint64_t next = 3;

	(void)state;
	helper_rows_init(&h, 7);
	helper_rows_batch(&h, 200);
	plan = plan_of(&h, &all);
	assert_int_equal(
		qql_run_rows(&plan, h.store, &opt, take, &s, NULL, NULL), 7);
	assert_int_equal(s.n, 70);
	s.n = 0;
	assert_int_equal(qql_run_since(&plan, h.store, &next, 200, &opt, take,
				       &s, NULL, NULL),
			 7);
	assert_int_equal(next, 73);
	assert_int_equal(s.last, 72);
	helper_rows_release(&h);
}

static void test_run__time_and_signals_end_it(void **state)
{
	static const volatile sig_atomic_t stop = 1;
	struct plan_node node = { .op = PLAN_PRESENT };
	struct qql_run_options opt = { .limit = 1, .timeout = 1 };
	struct seen s = { .n = 0 };
	struct err err = ERR_INIT;
	struct helper_rows h;
	struct plan plan;
	uint64_t n;

	(void)state;
	helper_rows_init(&h, 8);
	helper_rows_batch(&h, 10);
	node.field = field(&h, "kw");
	plan = plan_of(&h, &node);
	assert_int_equal(qql_run_rows(&plan, h.store, &opt, take, &s, NULL,
				      &err),
			 ERR_TIMEOUT);
	assert_non_null(strstr(err.message, "took longer"));
	assert_int_equal(qql_run_count(&plan, h.store, &opt, &n, NULL, &err),
			 ERR_TIMEOUT);
	opt.timeout = 0;
	opt.stop = &stop;
	assert_int_equal(qql_run_count(&plan, h.store, &opt, &n, NULL, &err),
			 ERR_INTERRUPTED);
	helper_rows_release(&h);
}

/* Ten segments of one hour each, each with a container of its own. */
static void make_hours(struct helper_rows *h)
{
	helper_rows_init(h, 9);
	for (int i = 0; i < 10; i++) {
		char text[3][160];
		const char *lines[3];

		for (int k = 0; k < 3; k++) {
			snprintf(text[k], sizeof(text[k]),
				 "{\"at\":\"2026-01-22T%02d:%02d:00Z\","
				 "\"kw\":\"only-%d\",\"n\":%d,"
				 "\"tx\":\"some words %d\"}",
				 i, k * 10, i, i * 10 + k, i);
			lines[k] = text[k];
		}
		helper_rows_lines(h, lines, 3);
	}
}

static int64_t hour(int n)
{
	return (INT64_C(1769040000) + n * 3600) * NS_PER_S;
}

static void test_run__what_cannot_match_is_not_scanned(void **state)
{
	static const struct slice only = SLICE_INIT("only-4");
	static const struct slice word = SLICE_INIT("absent");
	static const struct plan_phrase absent = { .words = &word, .n = 1 };
	const struct plan_num_range times = { hour(2), hour(4) };
	const struct plan_num_range ints = { 41, 41 };
	struct plan_node time = { .op = PLAN_NUM };
	struct plan_node number = { .op = PLAN_NUM };
	struct plan_node equal = { .op = PLAN_EQUAL };
	struct plan_node words = { .op = PLAN_WORDS };
	struct plan_node *both[] = { &words, &equal };
	struct plan_node and = { .op = PLAN_AND, .kids = both, .nkids = 2 };
	const struct {
		struct plan_node *node;
		uint64_t rows, pruned, scanned;
	} cases[] = {
		{ &time, 7, 7, 3 },   { &number, 1, 9, 1 }, { &equal, 3, 9, 1 },
		{ &words, 0, 0, 10 }, { &and, 0, 9, 1 },
	};
	struct helper_rows h;

	(void)state;
	make_hours(&h);
	time.field = field(&h, "at");
	time.num.ranges = &times;
	number.field = field(&h, "n");
	number.num.ranges = &ints;
	time.num.n = number.num.n = 1;
	equal.field = field(&h, "kw");
	equal.text.texts = &only;
	equal.text.n = 1;
	words.field = field(&h, "tx");
	words.words.phrases = &absent;
	words.words.n = 1;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct plan plan = plan_of(&h, cases[i].node);
		struct qql_run_stats stats;
		uint64_t n;

		test_row("case %zu", i);
		assert_int_equal(qql_run_count(&plan, h.store, NULL, &n, &stats,
					       NULL),
				 0);
		assert_int_equal(n, cases[i].rows);
		assert_int_equal(stats.segments, 10);
		assert_int_equal(stats.pruned, cases[i].pruned);
		assert_int_equal(stats.scanned, cases[i].scanned);
	}
	helper_rows_release(&h);
}

static void test_run__the_newest_rows_cost_one_segment(void **state)
{
	struct plan_node all = { .op = PLAN_ALL };
	struct qql_run_options opt = { .limit = 2 };
	struct qql_run_stats stats;
	struct seen s = { .n = 0 };
	struct helper_rows h;
	struct plan plan;

	(void)state;
	make_hours(&h);
	plan = plan_of(&h, &all);
	assert_int_equal(
		qql_run_rows(&plan, h.store, &opt, take, &s, &stats, NULL), 0);
	assert_int_equal(s.last, 28);
	assert_int_equal(stats.scanned, 1);
	helper_rows_release(&h);
}

static int take_cells(void *ctx, const struct qql_row *row, struct err *err)
{
	uint32_t *values = ctx;

	(void)err;
	for (uint32_t i = 0; row && i < 2; i++)
		values[i] += row->cells[i].n;
	return 0;
}

/* The plan's dataset may know more fields than what is stored. */
static void test_run__a_newer_schema_finds_nulls(void **state)
{
	static const char newer_json[] =
		"{\"dataset\":\"things\",\"kind\":\"log\",\"time\":\"at\","
		"\"fields\":[{\"name\":\"added\"},"
		"{\"name\":\"at\",\"type\":\"date\"},{\"name\":\"kw\"}]}";
	struct plan_node null = { .op = PLAN_PRESENT };
	struct plan_node *kids[] = { &null };
	struct plan_node not = { .op = PLAN_NOT, .kids = kids, .nkids = 1 };
	struct qql_run_options opt = { .limit = UINT64_MAX };
	struct dataset *newer = NULL;
	uint32_t values[2] = { 0, 0 };
	struct helper_rows h;
	struct plan plan;
	field_id fields[2];

	(void)state;
	make_hours(&h);
	assert_int_equal(
		dataset_new(&newer, slice_str(newer_json), "test", NULL), 0);
	plan = plan_of(&h, &not );
	plan.ds = newer;
	fields[0] = null.field = dataset_find(newer, SLICE_LIT("added"));
	fields[1] = dataset_find(newer, SLICE_LIT("kw"));
	opt.fields = fields;
	opt.nfields = 2;
	assert_int_equal(qql_run_rows(&plan, h.store, &opt, take_cells, values,
				      NULL, NULL),
			 0);
	assert_int_equal(values[0], 0);
	assert_int_equal(values[1], 30);
	helper_rows_release(&h);
	dataset_free(newer);
}

static void test_run__an_empty_store_has_no_rows(void **state)
{
	struct plan_node all = { .op = PLAN_ALL };
	struct qql_run_options opt = { .limit = UINT64_MAX };
	struct seen s = { .n = 0 };
	struct helper_rows h;
	struct plan plan;
	struct qql_tail *tail = NULL;
	uint64_t n = 1, next = 0, until;
	int64_t received;

	(void)state;
	helper_rows_init(&h, 10);
	plan = plan_of(&h, &all);
	assert_int_equal(
		qql_run_rows(&plan, h.store, &opt, take, &s, NULL, NULL), 0);
	assert_int_equal(qql_run_count(&plan, h.store, NULL, &n, NULL, NULL),
			 0);
	assert_int_equal(qql_tail_open(&tail, h.store, h.ds, NULL), 0);
	assert_int_equal(qql_tail_next(tail, next, &until, &received, NULL), 0);
	qql_tail_close(tail);
	assert_int_equal(s.n, 0);
	assert_int_equal(n, 0);
	assert_int_equal(until, 0);
	helper_rows_release(&h);
}

static void test_run__tail_steps_from_batch_to_batch(void **state)
{
	struct qql_tail *tail = NULL;
	struct helper_rows h;
	uint64_t from = 0, until;
	int64_t received;

	(void)state;
	helper_rows_init(&h, 11);
	assert_int_equal(qql_tail_open(&tail, h.store, h.ds, NULL), 0);
	for (uint32_t i = 1; i <= 4; i++)
		helper_rows_batch(&h, i);
	for (uint32_t i = 1; i <= 4; i++) {
		assert_int_equal(
			qql_tail_next(tail, from, &until, &received, NULL), 1);
		assert_int_equal(until, from + i);
		assert_int_equal(received, h.rows[from].received);
		from = until;
	}
	assert_int_equal(qql_tail_next(tail, from, &until, &received, NULL), 0);
	assert_int_equal(until, 10);
	helper_rows_batch(&h, 3);
	assert_int_equal(qql_tail_next(tail, from, &until, &received, NULL), 1);
	assert_int_equal(until, 13);
	qql_tail_close(tail);
	helper_rows_release(&h);
}

/* Each allocation of a run fails in turn: an error, or the right answer. */
static void test_run__every_allocation_may_fail(void **state)
{
	static const struct slice words_texts[] = { SLICE_INIT("web") };
	static const struct plan_phrase web = { .words = words_texts, .n = 1 };
	struct plan_node words = { .op = PLAN_WORDS };
	struct plan_node equal = { .op = PLAN_EQUAL };
	struct plan_node *kids[] = { &words, &equal };
	struct plan_node or = { .op = PLAN_OR, .kids = kids, .nkids = 2 };
	struct qql_sort sort = { .ascending = true };
	struct helper_rows h;
	struct plan plan;
	field_id fields[2];

	(void)state;
	helper_rows_init(&h, 12);
	helper_rows_batch(&h, 80);
	helper_rows_batch(&h, 80);
	words.field = field(&h, "tx");
	words.words.phrases = &web;
	words.words.n = 1;
	equal.field = fields[0] = sort.field = field(&h, "kw");
	equal.text.texts = words_texts;
	equal.text.n = 1;
	fields[1] = field(&h, "ips");
	plan = plan_of(&h, & or);
	for (int sorted = 0; sorted < 2; sorted++) {
		uint64_t want = 0;
		int ret = ERR_NO_MEMORY;

		assert_int_equal(qql_run_count(&plan, h.store, NULL, &want,
					       NULL, NULL),
				 0);
		assert_true(want > 0);
		for (uint64_t nth = 1; ret < 0; nth++) {
			struct qql_run_options opt = {
				.limit = UINT64_MAX,
				.fields = fields,
				.nfields = 2,
				.want_source = true,
				.sort = &sort,
				.nsort = (uint32_t)sorted,
			};
			struct seen s = { .n = 0 };

			mem_fail_after(nth);
			ret = qql_run_rows(&plan, h.store, &opt, take, &s, NULL,
					   NULL);
			mem_fail_after(0);
			if (ret < 0)
				assert_int_equal(ret, ERR_NO_MEMORY);
			else
				assert_int_equal(s.n, want);
		}
	}
	helper_rows_release(&h);
}

TEST_MAIN(TEST(test_run__rows_committed_meanwhile_are_not_seen),
	  TEST(test_run__the_limit_says_whether_more_follow),
	  TEST(test_run__whoever_takes_rows_may_end_it),
	  TEST(test_run__time_and_signals_end_it),
	  TEST(test_run__what_cannot_match_is_not_scanned),
	  TEST(test_run__the_newest_rows_cost_one_segment),
	  TEST(test_run__a_newer_schema_finds_nulls),
	  TEST(test_run__an_empty_store_has_no_rows),
	  TEST(test_run__tail_steps_from_batch_to_batch),
	  TEST(test_run__every_allocation_may_fail))
