/*
 * Compiling as a whole: hostile shapes, random bytes, failing memory.  What
 * single queries mean is in tests/cases/qql.
 */
#include "tests/test.h"

#include <time.h>

#include "base/limits.h"
#include "base/mem.h"
#include "qql/query.h"
#include "schemas/catalog.h"

enum {
	ARENA_MAX = 64 << 20,
	SHAPE_MAX_MS = 2000, /* quadratic work on 128 KiB takes far longer */
	RANDOM_ROUNDS = 3000,
	RANDOM_LENGTH = 200,
};

/* 2026-03-15 */
#define CLOCK INT64_C(1773578096789000000)

static struct catalog *catalog;
static char text[LIMIT_QUERY];

static const struct dataset *dataset(const char *name)
{
	if (!catalog)
		assert_int_equal(catalog_new(&catalog, NULL), 0);
	return catalog_find(catalog, slice_str(name));
}

static int compile(const struct dataset *ds, struct slice query,
		   struct err *err)
{
	struct qql_options opt = { .ds = ds, .now = CLOCK };
	struct qql_query *q;
	struct arena arena;
	int ret;

	arena_init(&arena, ARENA_MAX);
	ret = qql_compile(&q, &arena, &opt, query, err);
	arena_release(&arena);
	return ret;
}

static void assert_good(int ret, const struct err *err, size_t length)
{
	if (ret == 0)
		return;
	assert_int_equal(ret, err->code);
	assert_true(err->message[0] != '\0');
	if (err->flags & ERR_HAS_SPAN) {
		assert_true(err->span.start <= err->span.end);
		assert_true(err->span.end <= length);
	}
}

/* before, then `unit` as often as it fits, then after */
static const struct shape {
	const char *before, *unit, *after;
} shapes[] = {
	{ "", "(", "" },
	{ "", "()", "" },
	{ "", "[", "" },
	{ "", "\"", "" },
	{ "", "'", "" },
	{ "", "`", "" },
	{ "", "\\", "" },
	{ "", "\\x", "" },
	{ "", "|", "" },
	{ "", "a:1 or ", "a:1" },
	{ "", "severity:1 or ", "severity:1" },
	{ "", "word or ", "word" },
	{ "", "word ", "" },
	{ "", "x", "" },
	{ "message:", "x", "" },
	{ "message:", "x ", "" },
	{ "", "x,", "x" },
	{ "", ",", "" },
	{ "", "a:", "" },
	{ "", "a.", "" },
	{ "", "a.b", ":1" },
	{ "", ":", "" },
	{ "", "..", "" },
	{ "", "not ", "a" },
	{ "", "is ", "" },
	{ "", "a is ", "" },
	{ "a is", "   ", "null" },
	{ "", "and ", "" },
	{ "", "x&& ", "" },
	{ "", "-a:", "" },
	{ "", "a<", "" },
	{ "", "\n", "" },
	{ "", "\xc2\xa0", "" },
	{ "", "tags:(", "" },
	{ "", "nosuch:(", ".." },
	{ "", "a:([) ", "" },
	{ "tags:(", "\"a\" or ", "x)" },
	{ "tags:(", "\\( or ", "x)" },
	{ "tags:(tags:(tags:(tags:(tags:(tags:(", "\"", "" },
	{ "severity:[", "1,", "1]" },
	{ "imageName:[", "b,a,", "a]" },
	{ "message:[", "\"a b\",", "x]" },
	{ "severity:[", "1..", "" },
	{ "severity:[", "a.b..", "" },
	{ "severity:", "1", "" },
	{ "severity > 1e", "1", "" },
	{ "severity > 0.", "0", "1" },
	{ "imageName:", "*", "" },
	{ "imageName:", "*a", "" },
	{ "action:", "?*", "" },
	{ "eventTime:now", "+1d", "" },
	{ "eventTime:now", "-1y+1M", "" },
	{ "message:\xe2\x80\x9c", "\xe2\x80\x98", "" },
	{ "message:", "\xe6\xbc\xa2", "" },
	{ "", "\xe6\xbc\xa2 ", "x" },
	{ "message:", "a-", "" },
};

static struct slice build(const struct shape *s)
{
	size_t unit = strlen(s->unit), after = strlen(s->after);
	size_t n = strlen(s->before);

	memcpy(text, s->before, n);
	while (n + unit + after <= sizeof(text)) {
		memcpy(text + n, s->unit, unit);
		n += unit;
	}
	memcpy(text + n, s->after, after);
	return slice_of(text, n + after);
}

static void test_query__no_shape_takes_long(void **state)
{
	const struct dataset *ds = dataset("events");

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(shapes); i++) {
		struct slice query = build(&shapes[i]);
		struct err err = ERR_INIT;
		struct buf tokens;
		clock_t start = clock();
		int ret;

		test_row("%s %s", shapes[i].before, shapes[i].unit);
		ret = compile(ds, query, &err);
		assert_good(ret, &err, query.len);
		buf_init(&tokens, 16 * LIMIT_QUERY);
		ret = qql_print_tokens(&tokens, query, &err);
		assert_good(ret, &err, query.len);
		buf_release(&tokens);
		assert_true((clock() - start) / (CLOCKS_PER_SEC / 1000) <
			    SHAPE_MAX_MS);
	}
}

static uint32_t next(uint64_t *random)
{
	*random =
		*random * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (uint32_t)(*random >> 33);
}

static void test_query__random_bytes_parse_or_err(void **state)
{
	static const char *const pieces[] = {
		"action",
		"severity",
		":",
		"(",
		")",
		"[",
		"]",
		"..",
		"...",
		",",
		"and",
		"or",
		"not",
		"is",
		"null",
		"in",
		"\"",
		"'",
		"`",
		"\\",
		" ",
		"*",
		"?",
		"=",
		"!=",
		"<",
		">=",
		"|",
		"5",
		"now-7d",
		"DENY",
		"eventTime",
		"tags",
		"\xe2\x80\x9c",
		"\xe2\x80\xa6",
		"\xff",
		"\0",
		"\x01",
		"10.1.*",
		"vulnerabilities",
		"\n",
		"-",
		"&&",
	};
	const struct dataset *ds = dataset("events");
	uint64_t random = 1;

	(void)state;
	for (int i = 0; i < RANDOM_ROUNDS; i++) {
		struct err err = ERR_INIT;
		size_t n = 0, want = next(&random) % RANDOM_LENGTH;

		while (n < want) {
			const char *p =
				pieces[next(&random) % ARRAY_SIZE(pieces)];
			size_t len = *p ? strlen(p) : 1;

			if (next(&random) % 8 == 0) {
				text[n++] = (char)next(&random);
				continue;
			}
			memcpy(text + n, p, len);
			n += len;
		}
		test_row("%d", i);
		assert_good(compile(ds, slice_of(text, n), &err), &err, n);
	}
}

static const struct {
	const char *dataset, *query;
} rich[] = {
	{ "events",
	  "action:[DENY, al*] and not (severity >= 4 or tags:(a and `B`)) and "
	  "eventTime:'[now-7d ... now/d]' and uuid:bc09 and remoteIp:[10.1.*, ::1]" },
	{ "events", "curl \"http get\" or x" },
	{ "events",
	  "curl http or \"web server\" or `Exact` and imageName:[a .. b)" },
	{ "images",
	  "vulnerabilities:(severity:5 and title:\"remote code\" and "
	  "not patchAvailable:true) and size > 1.5 GiB and repo:* and "
	  "vulnerabilities is not null" },
	{ "events",
	  "imageName:*a?b* and commandLine: ~ä-ö and message in (a b, \"c d\")" },
	{ "events", "tags:((a..b) or severity:(1 .. 5" },
	{ "events", "sevrity:1" },
	{ "events", "action:DENI" },
};

static void test_query__survives_every_failing_allocation(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rich); i++) {
		const struct dataset *ds = dataset(rich[i].dataset);
		struct slice query = slice_str(rich[i].query);
		struct err err = ERR_INIT;
		int whole = compile(ds, query, &err);
		int ret = ERR_NO_MEMORY;

		test_row("%s", rich[i].query);
		for (uint64_t n = 1; ret == ERR_NO_MEMORY; n++) {
			mem_fail_after(n);
			ret = compile(ds, query, &err);
			mem_fail_after(0);
			assert_true(ret == ERR_NO_MEMORY || ret == whole);
		}
		assert_int_equal(ret, whole);
	}
}

/* The arena allocates in blocks, so its ceiling fails at more places. */
static void test_query__survives_every_ceiling(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rich); i++) {
		struct qql_options opt = { .ds = dataset(rich[i].dataset),
					   .now = CLOCK };
		struct slice query = slice_str(rich[i].query);
		int whole = compile(opt.ds, query, NULL);
		int ret = ERR_NO_MEMORY;

		test_row("%s", rich[i].query);
		for (size_t limit = 0; ret == ERR_NO_MEMORY; limit += 8) {
			struct qql_query *q;
			struct arena arena;

			arena_init(&arena, limit);
			ret = qql_compile(&q, &arena, &opt, query, NULL);
			arena_release(&arena);
			assert_true(ret == ERR_NO_MEMORY || ret == whole);
		}
		assert_int_equal(ret, whole);
	}
}

static void test_query__tokens_survive_failing_allocations(void **state)
{
	struct slice query = slice_str(rich[0].query);
	int ret = ERR_NO_MEMORY;

	(void)state;
	for (uint64_t n = 1; ret != 0; n++) {
		struct buf out;

		buf_init(&out, LIMIT_QUERY);
		mem_fail_after(n);
		ret = qql_print_tokens(&out, query, NULL);
		if (ret == 0)
			ret = out.error;
		mem_fail_after(0);
		buf_release(&out);
		assert_true(ret == ERR_NO_MEMORY || ret == 0);
	}
}

/* The help shows them, so they must work. */
static void test_query__examples_of_the_schemas_compile(void **state)
{
	size_t examples = 0;

	(void)state;
	(void)dataset("events");
	for (size_t i = 0; i < catalog_count(catalog); i++) {
		const struct dataset *ds = catalog_at(catalog, i);

		for (uint32_t k = 0; k < ds->nfields; k++) {
			const struct field *f = &ds->fields[k];

			for (uint32_t e = 0; e < f->nexamples; e++) {
				struct slice query = f->examples[e].query;

				test_row("%.*s: %.*s", SLICE_ARG(ds->name),
					 SLICE_ARG(query));
				assert_int_equal(compile(ds, query, NULL), 0);
				examples++;
			}
		}
	}
	assert_true(examples > 100);
}

static void test_query__reads_the_clock_once(void **state)
{
	struct qql_options opt = { .ds = dataset("events") };
	struct slice query =
		SLICE_LIT("eventTime:now and eventTime:[now .. now]");
	const struct plan_node *filter;
	struct qql_query *q;
	struct arena arena;

	(void)state;
	arena_init(&arena, ARENA_MAX);
	assert_int_equal(qql_compile(&q, &arena, &opt, query, NULL), 0);
	filter = q->plan.filter;
	assert_true(q->plan.now > 0);
	for (uint32_t i = 0; i < filter->nkids; i++) {
		assert_int_equal(filter->kids[i]->num.ranges[0].lo,
				 q->plan.now);
		assert_int_equal(filter->kids[i]->num.ranges[0].hi,
				 q->plan.now);
	}
	arena_release(&arena);
	catalog_free(catalog);
	catalog = NULL;
}

TEST_MAIN(TEST(test_query__no_shape_takes_long),
	  TEST(test_query__random_bytes_parse_or_err),
	  TEST(test_query__survives_every_failing_allocation),
	  TEST(test_query__survives_every_ceiling),
	  TEST(test_query__tokens_survive_failing_allocations),
	  TEST(test_query__examples_of_the_schemas_compile),
	  TEST(test_query__reads_the_clock_once))
