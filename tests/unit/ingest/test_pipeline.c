/* tests of ingest/pipeline.c, crew.c, build.c and batch.c, with a source made up */
#include "ingest/pipeline.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/time.h"
#include "index/commit.h"
#include "index/segment.h"
#include "index/snapshot.h"
#include "tests/test.h"
#include "tests/unit/ingest/helper_ingest.h"

/* Gives `n` messages, all texts over and over, and ends; its position is how
 * many it has given.  With `lend` each is an allocation that is freed when the
 * source is told that it is durable. */
struct made_up {
	struct ingest_source base;
	const struct dataset *dataset;
	const char *const *texts;
	int ntexts; /* 0: n */
	bool lend;
	char **lent;
	int n, given, closed[LIMIT_QUEUE_BATCHES], nclosed, committed, fail_at;
	int stranger_at; /* this message is of a dataset nobody knows */
	const struct dataset *stranger;
	char value[16];
};

static int made_next(struct ingest_source *base, int64_t timeout,
		     struct ingest_message *msg, struct err *err)
{
	struct made_up *s = (struct made_up *)base;
	const char *text;

	(void)timeout;
	if (s->fail_at && s->given == s->fail_at)
		return err_set(err, ERR_IO, "made up");
	if (s->given == s->n)
		return INGEST_END;
	text = s->texts[s->ntexts ? s->given % s->ntexts : s->given];
	if (s->lend && text) {
		s->lent[s->given] = strdup(text);
		text = s->lent[s->given];
	}
	*msg = (struct ingest_message){
		.dataset = s->stranger && s->given == s->stranger_at ? s->stranger :
								       s->dataset,
		.payload = slice_of(text, text ? strlen(text) : 0),
		.timestamp = 5 * NS_PER_S,
		.origin = SLICE_LIT("made-up"),
		.offset = s->given++,
		.length = text ? strlen(text) : 0,
	};
	return INGEST_MESSAGE;
}

static int made_positions(struct ingest_source *base, ingest_position_fn *fn,
			  void *ctx, struct err *err)
{
	struct made_up *s = (struct made_up *)base;

	s->closed[s->nclosed++] = s->given;
	snprintf(s->value, sizeof(s->value), "%d", s->given);
	return fn(ctx, SLICE_LIT("made-up"), slice_str(s->value), err);
}

static int made_committed(struct ingest_source *base, struct err *err)
{
	struct made_up *s = (struct made_up *)base;

	(void)err;
	for (int i = s->committed; s->lend && i < s->closed[0]; i++) {
		free(s->lent[i]);
		s->lent[i] = NULL;
	}
	s->committed = s->closed[0];
	s->nclosed--;
	memmove(s->closed, s->closed + 1, (size_t)s->nclosed * sizeof(s->closed[0]));
	return 0;
}

static uint64_t made_lag(struct ingest_source *base)
{
	(void)base;
	return UINT64_MAX;
}

static void made_close(struct ingest_source *base)
{
	(void)base;
}

static const struct ingest_source_ops made_ops = {
	.kind = "made-up", .next = made_next, .positions = made_positions,
	.committed = made_committed, .lag = made_lag, .lag_unit = "messages",
	.close = made_close,
};

static void no_tick(void *ctx, int64_t now)
{
	(void)ctx;
	(void)now;
}

struct rig {
	struct fixture f;
	struct ingest_stats stats;
	struct ingest_crew *crew;
	unsigned threads;
	bool yajl;
	volatile sig_atomic_t stop;
};

static int rig_init(struct rig *r, struct err *err)
{
	const struct ingest_crew_options o = {
		.store = r->f.store,
		.deadletters = catalog_find(r->f.catalog, SLICE_LIT("deadletters")),
		.stats = &r->stats,
		.threads = r->threads ? r->threads : 1,
		.yajl = r->yajl,
	};
	int ret = ingest_crew_new(&r->crew, &o, err);

	return ret < 0 ? ret : ingest_crew_register(r->crew, r->f.events, err);
}

static int rig_run(struct rig *r, struct made_up *s, struct err *err)
{
	struct ingest_source *sources[] = { &s->base };
	struct ingest_pipeline p = { .crew = r->crew, .sources = sources,
				     .nsources = 1, .stop = &r->stop,
				     .tick = no_tick };

	s->base.ops = &made_ops;
	s->base.name = "made-up";
	s->dataset = r->f.events;
	return ingest_pipeline_run(&p, err);
}

static uint64_t rows_of(struct fixture *f, const char *dataset)
{
	const struct index_dataset *d;
	struct index_snapshot *snap;
	uint64_t n;

	assert_int_equal(index_snapshot_open(&snap, f->store, NULL), 0);
	d = index_snapshot_find(snap, slice_str(dataset));
	n = d ? d->rows : 0;
	index_snapshot_close(snap);
	return n;
}

static int position(void *ctx, struct slice key, struct slice value)
{
	if (slice_eq(key, SLICE_LIT("made-up")))
		snprintf(ctx, 16, "%.*s", SLICE_ARG(value));
	return 0;
}

static const char *position_of(struct fixture *f)
{
	static char value[16];

	value[0] = '\0';
	assert_int_equal(index_store_positions(f->store, SLICE_LIT("made-up"),
					       position, value, NULL), 0);
	return value;
}

static const char *const mixed[] = {
	"{\"processName\":\"a\",\"eventTime\":\"2026-01-01T00:00:00Z\"}",
	"nonsense",
	NULL,
	"{\"processName\":\"b\"}",
	"[]",
};

static void test_pipeline__all_becomes_an_event_or_a_dead_letter(void **state)
{
	struct made_up s = { .texts = mixed, .n = ARRAY_SIZE(mixed) };
	struct rig r = { .stop = 0 };
	struct err err = ERR_INIT;

	(void)state;
	fixture_init(&r.f);
	assert_int_equal(rig_init(&r, &err), 0);
	assert_int_equal(rig_run(&r, &s, &err), 0);
	assert_int_equal(rows_of(&r.f, "events"), 2);
	assert_int_equal(rows_of(&r.f, "deadletters"), 3);
	assert_int_equal(r.stats.events, 2);
	assert_int_equal(r.stats.refused[REFUSED_NOT_JSON], 1);
	assert_int_equal(r.stats.refused[REFUSED_NO_VALUE], 1);
	assert_int_equal(r.stats.refused[REFUSED_NOT_OBJECT], 1);
	assert_string_equal(position_of(&r.f), "5");
	assert_int_equal(s.committed, 5);
	ingest_crew_free(r.crew);
	fixture_release(&r.f);
}

static void test_pipeline__after_an_error_nothing_half_is_stored(void **state)
{
	struct made_up s = { .texts = mixed, .n = 5, .fail_at = 4 };
	struct rig r = { .stop = 0 };
	struct err err = ERR_INIT;

	(void)state;
	fixture_init(&r.f);
	assert_int_equal(rig_init(&r, &err), 0);
	assert_int_equal(rig_run(&r, &s, &err), ERR_IO);
	assert_string_equal(err.message, "made up");
	assert_int_equal(rows_of(&r.f, "events"), 0);
	assert_string_equal(position_of(&r.f), "");
	assert_int_equal(s.committed, 0);
	ingest_crew_free(r.crew);
	fixture_release(&r.f);
}

static void test_pipeline__a_signal_ends_it_before_the_first_message(void **state)
{
	struct made_up s = { .texts = mixed, .n = 5 };
	struct rig r = { .stop = 1 };
	struct err err = ERR_INIT;

	(void)state;
	fixture_init(&r.f);
	assert_int_equal(rig_init(&r, &err), 0);
	assert_int_equal(rig_run(&r, &s, &err), 0);
	assert_int_equal(s.given, 0);
	ingest_crew_free(r.crew);
	fixture_release(&r.f);
}

static void test_pipeline__threads_store_all_and_give_back_what_was_lent(void **state)
{
	enum { N = 150000 };
	static const unsigned threads[] = { 1, 2, 5 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++) {
		struct made_up s = { .texts = mixed, .ntexts = ARRAY_SIZE(mixed),
				     .n = N, .lend = true };
		struct rig r = { .threads = threads[i], .yajl = i == 1 };
		struct err err = ERR_INIT;

		test_row("%u threads", threads[i]);
		s.lent = calloc(N, sizeof(*s.lent));
		assert_non_null(s.lent);
		fixture_init(&r.f);
		assert_int_equal(rig_init(&r, &err), 0);
		assert_int_equal(rig_run(&r, &s, &err), 0);
		assert_int_equal(rows_of(&r.f, "events"), N / 5 * 2);
		assert_int_equal(rows_of(&r.f, "deadletters"), N / 5 * 3);
		assert_int_equal(r.stats.events, N / 5 * 2);
		assert_true(r.stats.commits >= N / LIMIT_BATCH_ROWS);
		assert_string_equal(position_of(&r.f), "150000");
		assert_int_equal(s.committed, N);
		for (int j = 0; j < N; j++)
			assert_null(s.lent[j]);
		ingest_crew_free(r.crew);
		fixture_release(&r.f);
		free(s.lent);
	}
}

/* Allocations of this thread in a run that stores `n` events. */
static uint64_t allocations(unsigned threads, int n)
{
	struct made_up s = { .texts = mixed, .ntexts = 1, .n = n };
	struct rig r = { .threads = threads };
	struct err err = ERR_INIT;
	uint64_t before;

	fixture_init(&r.f);
	assert_int_equal(rig_init(&r, &err), 0);
	before = mem_count();
	assert_int_equal(rig_run(&r, &s, &err), 0);
	before = mem_count() - before;
	assert_int_equal(rows_of(&r.f, "events"), n);
	ingest_crew_free(r.crew);
	fixture_release(&r.f);
	return before;
}

/* Once warm, batches allocate and events do not; neither does handing them to
 * other threads. */
static void test_pipeline__an_event_more_allocates_nothing(void **state)
{
	enum { WARM = 8 * LIMIT_BATCH_ROWS };

	(void)state;
	for (unsigned threads = 1; threads <= 2; threads++) {
		uint64_t some = allocations(threads, WARM);
		uint64_t more = allocations(threads, 2 * WARM);

		test_row("%u threads: %llu, %llu", threads, (unsigned long long)some,
			 (unsigned long long)more);
		assert_true(more < some + WARM / 100);
	}
}

/* (I6): what is stored is all before some message, and nothing behind it. */
static void test_pipeline__nothing_behind_a_failed_batch_is_stored(void **state)
{
	static const unsigned threads[] = { 1, 2, 5 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++) {
		struct made_up s = { .texts = mixed, .ntexts = 1, .n = 300000,
				     .stranger_at = 100000 };
		struct rig r = { .threads = threads[i] };
		struct err err = ERR_INIT;
		long stored;

		test_row("%u threads", threads[i]);
		fixture_init(&r.f);
		s.stranger = catalog_find(r.f.catalog, SLICE_LIT("containers"));
		assert_non_null(s.stranger);
		assert_int_equal(rig_init(&r, &err), 0);
		assert_int_equal(rig_run(&r, &s, &err), ERR_INPUT);
		assert_non_null(strstr(err.message, "is not registered"));
		ingest_crew_free(r.crew);
		stored = strtol(position_of(&r.f), NULL, 10);
		assert_true(stored <= 100000);
		assert_int_equal(rows_of(&r.f, "events"), stored);
		assert_true(s.committed <= stored);
		fixture_release(&r.f);
	}
}

/* Each allocation of a run fails in turn: an error, nothing stored in part,
 * nothing leaked; at last all is stored. */
static void fail_each_allocation(unsigned threads)
{
	uint64_t nth = 1;
	int ret;

	do {
		struct made_up s = { .texts = mixed, .n = ARRAY_SIZE(mixed) };
		struct rig r = { .threads = threads };
		struct err err = ERR_INIT;

		fixture_init(&r.f);
		mem_fail_after(nth++);
		ret = rig_init(&r, &err);
		if (ret == 0)
			ret = rig_run(&r, &s, &err);
		ingest_crew_free(r.crew);
		mem_fail_after(0);
		assert_true(ret == 0 || ret == ERR_NO_MEMORY);
		assert_int_equal(rows_of(&r.f, "events"), s.committed ? 2 : 0);
		assert_int_equal(rows_of(&r.f, "deadletters"), s.committed ? 3 : 0);
		assert_string_equal(position_of(&r.f), s.committed ? "5" : "");
		fixture_release(&r.f);
	} while (ret < 0 && nth < 5000);
	assert_int_equal(ret, 0);
	assert_true(nth > 20);
}

static void test_pipeline__every_failing_allocation_is_survived(void **state)
{
	(void)state;
	fail_each_allocation(1);
	fail_each_allocation(2);
}

TEST_MAIN(TEST(test_pipeline__threads_store_all_and_give_back_what_was_lent),
	  TEST(test_pipeline__an_event_more_allocates_nothing),
	  TEST(test_pipeline__nothing_behind_a_failed_batch_is_stored),
	  TEST(test_pipeline__all_becomes_an_event_or_a_dead_letter),
	  TEST(test_pipeline__after_an_error_nothing_half_is_stored),
	  TEST(test_pipeline__a_signal_ends_it_before_the_first_message),
	  TEST(test_pipeline__every_failing_allocation_is_survived))
