/* tests of ingest/spool_list.c */
#include "ingest/spool_list_int.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/test.h"

#define UUID "7b2f0000-0000-4000-8000-00000000000a"

static void test_spool_list__knows_its_own_names(void **state)
{
	static const struct {
		const char *name;
		bool is_one;
		uint64_t first;
		bool open;
	} rows[] = {
		{ UUID "-0.ndjson", true, 0, false },
		{ UUID "-0.ndjson.open", true, 0, true },
		{ UUID "-00000000000000000042.ndjson", true, 42, false },
		{ UUID "-18446744073709551615.ndjson", true, UINT64_MAX, false },
		{ UUID "-18446744073709551616.ndjson", false, 0, false },
		{ UUID "-000000000000000000042.ndjson", false, 0, false },
		{ UUID "-.ndjson", false, 0, false },
		{ UUID "-1", false, 0, false },
		{ UUID "-1.ndjson.open.x", false, 0, false },
		{ UUID "-1.ndjsonx", false, 0, false },
		{ UUID "-+1.ndjson", false, 0, false },
		{ UUID "_1.ndjson", false, 0, false },
		{ "7B2F0000-0000-4000-8000-00000000000A-1.ndjson", false, 0, false },
		{ "7b2f0000-0000-4000-8000-00000000000-1.ndjson", false, 0, false },
		{ "", false, 0, false },
		{ "..", false, 0, false },
		{ UUID, false, 0, false },
	};
	char back[INGEST_SPOOL_NAME_MAX];
	struct ingest_spool_file f;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		test_row("%s", rows[i].name);
		assert_int_equal(ingest_spool_parse(rows[i].name, &f), rows[i].is_one);
		if (!rows[i].is_one)
			continue;
		assert_int_equal(f.first, rows[i].first);
		assert_int_equal(f.open, rows[i].open);
		ingest_spool_format(&f, back);
		assert_string_equal(back, rows[i].name);
	}
}

static void test_spool_list__is_in_order_of_numbers(void **state)
{
	static const char *const names[] = { UUID "-100.ndjson", UUID "-20.ndjson",
					     UUID "-3.ndjson.open", "stranger" };
	static const uint64_t order[] = { 3, 20, 100 };
	char dir[] = "/tmp/crs-test-XXXXXX";
	struct ingest_spool_list l = { .n = 0 };
	int d;

	(void)state;
	assert_non_null(mkdtemp(dir));
	d = open(dir, O_RDONLY | O_DIRECTORY);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		close(openat(d, names[i], O_CREAT | O_WRONLY, 0600));
	assert_int_equal(ingest_spool_list_read(&l, d, NULL), 0);
	assert_int_equal(l.n, ARRAY_SIZE(order));
	for (size_t i = 0; i < ARRAY_SIZE(order); i++)
		assert_int_equal(l.files[i].first, order[i]);
	ingest_spool_list_release(&l);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		unlinkat(d, names[i], 0);
	close(d);
	assert_int_equal(rmdir(dir), 0);
}

TEST_MAIN(TEST(test_spool_list__knows_its_own_names),
	  TEST(test_spool_list__is_in_order_of_numbers))
