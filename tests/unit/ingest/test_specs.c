/* tests of ingest/specs.c */
#include "ingest/specs.h"

#include "tests/test.h"

static void test_specs__read(void **state)
{
	static const struct {
		const char *args[3];
		const char *kinds; /* one letter each, then the number of topics */
		const char *error;
	} rows[] = {
		{ { "-" }, "-", NULL },
		{ { "file:a" }, "f", NULL },
		{ { "spool:/var/spool" }, "s", NULL },
		{ { "kafka:crs.events" }, "k1", NULL },
		{ { "kafka:a,b", "file:kafka:a", "kafka:c" }, "k2fk1", NULL },
		{ { NULL }, NULL, "no source is given" },
		{ { "a" }, NULL, "\"a\" is not a source" },
		{ { "file:" }, NULL, "\"file:\" is not a source" },
		{ { "http:x" }, NULL, "\"http:x\" is not a source" },
		{ { "kafka:" }, NULL, "\"kafka:\" is not a source" },
		{ { "kafka:a,,b" }, NULL, "source \"kafka:a,,b\": \"\" is not a topic name" },
		{ { "kafka:a," }, NULL, "source \"kafka:a,\": \"\" is not a topic name" },
		{ { "kafka:a b" }, NULL, "source \"kafka:a b\": \"a b\" is not a topic name" },
		{ { "kafka:a,a" }, NULL, "source \"kafka:a,a\" is given twice" },
		{ { "kafka:a,b", "kafka:b" }, NULL, "source \"kafka:b\" is given twice" },
		{ { "file:a", "file:a" }, NULL, "source \"file:a\" is given twice" },
		{ { "-", "-" }, NULL, "source \"-\" is given twice" },
	};
	static const char letters[] = "ksf-"; /* in the order of enum ingest_kind */
	struct ingest_settings settings = { .once = true };
	static struct ingest_specs specs;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *args[3], got[32] = "";
		struct err err = ERR_INIT;
		struct arena a;
		int n = 0, ret;

		while (n < 3 && rows[i].args[n]) {
			args[n] = (char *)(uintptr_t)rows[i].args[n];
			n++;
		}
		test_row("%s", rows[i].args[0] ? rows[i].args[0] : "(none)");
		arena_init(&a, 1 << 16);
		ret = ingest_specs_parse(&specs, args, n, &settings, &a, &err);
		if (rows[i].error) {
			assert_int_equal(ret, ERR_USAGE);
			assert_string_equal(err.message, rows[i].error);
		} else {
			assert_int_equal(ret, 0);
			for (size_t j = 0, at = 0; j < specs.n; j++) {
				got[at++] = letters[specs.specs[j].kind];
				if (specs.specs[j].ntopics)
					got[at++] = (char)('0' + specs.specs[j].ntopics);
			}
			assert_string_equal(got, rows[i].kinds);
		}
		arena_release(&a);
	}
}

TEST_MAIN(TEST(test_specs__read))
