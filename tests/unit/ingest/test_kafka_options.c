/* tests of ingest/kafka_options.c */
#include "ingest/kafka_options.h"

#include <stdlib.h>
#include <unistd.h>

#include "tests/test.h"

static void test_kafka_options__read(void **state)
{
	static const struct {
		const char *text;
		bool on_command_line;
		const char *name, *value, *error;
	} rows[] = {
		{ "client.id=a", true, "client.id", "a", NULL },
		{ "client.id=a=b", true, "client.id", "a=b", NULL },
		{ "client.id=@x", true, "client.id", "@x", NULL },
		{ "client.id=", true, "client.id", "", NULL },
		{ "sasl.password=hunter2", false, "sasl.password", "hunter2", NULL },
		{ "sasl.password=hunter2", true, NULL, NULL,
		  "property \"sasl.password\" is a secret, "
		  "and others can read a command line" },
		{ "hunter2", true, NULL, NULL, "a property must be NAME=VALUE" },
		{ "=x", true, NULL, NULL, "a property must be NAME=VALUE" },
		{ "auto.offset.reset=latest", true, NULL, NULL,
		  "property \"auto.offset.reset\" cannot be set: positions are kept in the store" },
		{ "isolation.level=read_uncommitted", false, NULL, NULL,
		  "property \"isolation.level\" cannot be set: "
		  "aborted transactions are never stored" },
	};
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 16);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct ingest_property p = { NULL, NULL };
		struct err err = ERR_INIT;
		int ret;

		test_row("%s", rows[i].text);
		ret = ingest_property_parse(rows[i].text, rows[i].on_command_line, &a,
					    &p, &err);
		if (rows[i].error) {
			assert_int_equal(ret, ERR_USAGE);
			assert_string_equal(err.message, rows[i].error);
			assert_null(strstr(err.hint, "hunter2"));
		} else {
			assert_int_equal(ret, 0);
			assert_string_equal(p.name, rows[i].name);
			assert_string_equal(p.value, rows[i].value);
		}
	}
	arena_release(&a);
}

static void test_kafka_options__a_secret_comes_from_a_file(void **state)
{
	char path[] = "/tmp/crs-test-XXXXXX", text[64];
	int fd = mkstemp(path);
	struct ingest_property p;
	struct err err = ERR_INIT;
	struct arena a;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "hun ter2\n", 9), 9);
	close(fd);
	arena_init(&a, 1 << 16);
	snprintf(text, sizeof(text), "sasl.password=@%s", path);
	assert_int_equal(ingest_property_parse(text, true, &a, &p, &err), 0);
	assert_string_equal(p.value, "hun ter2");
	assert_int_equal(unlink(path), 0);
	assert_true(ingest_property_parse(text, true, &a, &p, &err) < 0);
	assert_non_null(strstr(err.message, path));
	arena_release(&a);
}

TEST_MAIN(TEST(test_kafka_options__read),
	  TEST(test_kafka_options__a_secret_comes_from_a_file))
