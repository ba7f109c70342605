#include "schemas/tokens_doc.h"
#include "tests/test.h"

static const char schema[] =
	"{\"dataset\":\"d\",\"title\":\"Things\",\"help\":\"What there is.\",\"time\":\"at\","
	"\"fields\":[{\"name\":\"at\",\"type\":\"date\"},"
	"{\"name\":\"note\",\"type\":\"text\",\"title\":\"Note\"},"
	"{\"name\":\"size\",\"type\":\"int\",\"unit\":\"bytes\",\"alias\":[\"len\",\"n\"],"
	"\"help\":\"Use it.\",\"examples\":[{\"about\":\"Big ones\",\"query\":\"size > 1 MB\"}]},"
	"{\"name\":\"e\",\"type\":\"enum\",\"values\":[\"A\",\"B\",\"C\"]}]}";

static void test_tokens_doc__a_page(void **state)
{
	static const char *const parts[] = {
		"# Things: tokens of the dataset `d`\n\nWhat there is.\n",
		"\n### at\n\nUse a date range or specific date to find records by their at.\n"
		"\nType: date, sortable  \nOperators: `: = != < <= > >= [a .. b] (a .. b) "
		"[a, b] is null`\n\nExamples\n\nShow those within a range of days\n\n"
		"    at:[2018-01-01 ... 2018-01-10]\n",
		"\n    at:[2017-06-01 ... now-3M]\n",
		"\n    at:[now-2w ... now-1s]\n",
		"\n    at:'2018-01-22'\n",
		"by their Note.\n\nType: text, found by free text  \n"
		"Operators: `: [a, b] is null`\n",
		"\n    note: one two\n",
		"\n    note: \"one two\"\n",
		"\n    note: `one two`\n",
		"\n### size\n\nUse it.\n\nType: int, sortable, in bytes: takes kB MB GB TB "
		"KiB MiB GiB TiB  \n",
		"  \nAlso: `len`, `n`\n\nExample\n\nBig ones\n\n    size > 1 MB\n",
		"Use a text value (A, B or C) to find records by their e.\n",
		"\n### _received\n",
		"  \nAlso: `receivedTime`\n",
		"\n### _seq\n",
		"\n## Supported Boolean operators\n",
	};
	struct dataset *ds;
	struct err err = ERR_INIT;
	struct buf b;
	const char *at;

	(void)state;
	buf_init(&b, SIZE_MAX);
	assert_int_equal(dataset_new(&ds, slice_str(schema), "s", &err), 0);
	assert_int_equal(tokens_markdown(&b, ds), 0);
	at = buf_cstr(&b);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		test_row("%s in %s", parts[i], at);
		at = strstr(at, parts[i]);
		assert_non_null(at);
	}
	dataset_free(ds);
	buf_release(&b);
}

static void test_tokens_doc__a_full_buffer_is_an_error(void **state)
{
	struct dataset *ds;
	struct err err = ERR_INIT;
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	assert_int_equal(dataset_new(&ds, slice_str(schema), "s", &err), 0);
	assert_int_equal(tokens_markdown(&b, ds), ERR_LIMIT);
	dataset_free(ds);
	buf_release(&b);
}

TEST_MAIN(TEST(test_tokens_doc__a_page),
	  TEST(test_tokens_doc__a_full_buffer_is_an_error))
