/* tests of ingest/metrics.c */
#include "ingest/metrics.h"

#include "tests/test.h"

static const struct ingest_source_ops ops = { .kind = "kafka",
					      .lag_unit = "messages" };
static struct ingest_stats stats;

static void test_metrics__are_prometheus_text(void **state)
{
	struct ingest_source a = { .ops = &ops, .name = "file:a\"b\\\n" };
	struct ingest_source b = { .ops = &ops, .name = "kafka:t" };
	struct ingest_source *sources[] = { &a, &b };
	struct ingest_metrics_options o = { .stats = &stats, .sources = sources,
					    .nsources = 2 };
	struct buf text;

	(void)state;
	stats.events = 9007199254740993u;
	stats.refused[REFUSED_GAP] = 3;
	stats.lag[0] = 7;
	stats.lag[1] = UINT64_MAX;
	stats.commit_ns = 1500000000;
	buf_init(&text, 1 << 20);
	ingest_metrics_write(&text, &o);
	assert_non_null(strstr(buf_cstr(&text), "\n# TYPE crs_ingest_events_total counter\n"
						"crs_ingest_events_total 9007199254740993\n"));
	assert_non_null(strstr(buf_cstr(&text),
			       "\ncrs_ingest_dead_letters_total{reason=\"GAP\"} 3\n"));
	assert_non_null(strstr(buf_cstr(&text), "\ncrs_ingest_commit_seconds_total 1.5\n"));
	assert_non_null(strstr(buf_cstr(&text), "\ncrs_ingest_lag{source=\"file:a\\\"b\\\\\\n\","
						"unit=\"messages\"} 7\n"));
	assert_null(strstr(buf_cstr(&text), "kafka:t")); /* its lag is unknown */
	buf_release(&text);
}

static void test_metrics__addresses(void **state)
{
	static const struct {
		const char *listen;
		int ret;
	} rows[] = {
		{ "127.0.0.1:0", 0 }, { ":0", 0 }, { "[::1]:0", 0 },
		{ "localhost:0", 0 }, { "127.0.0.1", ERR_USAGE },
		{ "127.0.0.1:", ERR_USAGE }, { "", ERR_USAGE },
		{ "127.0.0.1:http", ERR_USAGE }, { "192.0.2.1:1", ERR_IO },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct ingest_metrics_options o = { .listen = rows[i].listen,
						    .stats = &stats };
		struct ingest_metrics *m = NULL;
		struct err err = ERR_INIT;
		int ret;

		test_row("\"%s\"", rows[i].listen);
		ret = ingest_metrics_open(&m, &o, &err);
		/* A machine may have no IPv6. */
		if (rows[i].listen[0] == '[' && ret == ERR_IO)
			continue;
		assert_int_equal(ret, rows[i].ret);
		ingest_metrics_close(m);
	}
}

TEST_MAIN(TEST(test_metrics__are_prometheus_text), TEST(test_metrics__addresses))
