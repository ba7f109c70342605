#include "base/limits.h"
#include "base/mem.h"
#include "schemas/json_int.h"
#include "tests/test.h"

static void test_json_tree__unescapes(void **state)
{
	static const struct {
		const char *text, *out;
		bool lossy;
	} rows[] = {
		{ "", "", false },
		{ "plain", "plain", false },
		{ "\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\b\f\n\r\t", false },
		{ "a\\u0041\\u00e9\\u20AC", "aA\xc3\xa9\xe2\x82\xac", false },
		{ "\\ud83d\\ude00", "\xf0\x9f\x98\x80", false },
		{ "\\uD83D\\uDE00x", "\xf0\x9f\x98\x80x", false },
		{ "\\ud83d", "\xef\xbf\xbd", true },
		{ "\\ude00", "\xef\xbf\xbd", true },
		{ "\\ud83dx", "\xef\xbf\xbdx", true },
		{ "\\ud83d\\n", "\xef\xbf\xbd\n", true },
		{ "\\ud83d\\u0041",
		  "\xef\xbf\xbd"
		  "A",
		  true },
		{ "\\ud83d\\ud83d\\ude00", "\xef\xbf\xbd\xf0\x9f\x98\x80",
		  true },
		{ "\\ude00\\ud83d", "\xef\xbf\xbd\xef\xbf\xbd", true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct slice text = slice_str(rows[i].text);
		char out[64];
		bool lossy = false;
		size_t len = json_unescape(text, out, &lossy);

		test_row("%s", rows[i].text);
		assert_true(len <= text.len);
		assert_slice(slice_of(out, len), rows[i].out);
		assert_int_equal(lossy, rows[i].lossy);
	}
}

static void test_json_tree__builds(void **state)
{
	static const char text[] =
		" {\"a\" : [1, -2.5e3, true, null, \"\\u0041\"], \"b\\n\":{}, \"c\":[[],{}]} ";
	const struct json_node *root, *n;
	struct err err = ERR_INIT;
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 20);
	assert_int_equal(json_tree(&a, slice_str(text), &root, &err), 0);
	assert_int_equal(root->kind, JSON_NODE_OBJECT);
	n = json_member(root, "a");
	assert_int_equal(n->kind, JSON_NODE_ARRAY);
	n = n->first;
	assert_int_equal(n->kind, JSON_NODE_NUMBER);
	assert_slice(n->text, "1");
	n = n->next;
	assert_slice(n->text, "-2.5e3");
	n = n->next;
	assert_int_equal(n->kind, JSON_NODE_BOOL);
	assert_slice(n->text, "true");
	n = n->next;
	assert_int_equal(n->kind, JSON_NODE_NULL);
	n = n->next;
	assert_slice(n->text, "A");
	assert_null(n->next);
	n = json_member(root, "b\n");
	assert_non_null(n);
	assert_null(n->first);
	assert_int_equal(json_member(root, "c")->first->next->kind,
			 JSON_NODE_OBJECT);
	assert_null(json_member(root, "d"));
	arena_release(&a);
}

static void test_json_tree__says_what_is_wrong(void **state)
{
	static const struct {
		struct slice text;
		const char *message;
	} rows[] = {
		{ SLICE_INIT("\xff"), "not UTF-8 at byte 0" },
		{ SLICE_INIT("{"),
		  "not JSON: ends before its value does at byte 1" },
		{ SLICE_INIT("{} 1"),
		  "not JSON: something follows the end of the value at byte 3" },
		{ SLICE_INIT("{\v}"),
		  "not JSON: white space that JSON does not know at byte 1" },
	};
	const struct json_node *root;
	struct err err = ERR_INIT;
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 20);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		test_row("%zu", i);
		assert_int_equal(json_tree(&a, rows[i].text, &root, &err),
				 ERR_SCHEMA);
		assert_string_equal(err.message, rows[i].message);
	}
	arena_release(&a);
	/* An arena that is too small is a lack of memory, nothing worse. */
	arena_init(&a, 100);
	assert_int_equal(json_tree(&a, SLICE_LIT("[1,2,3,4,5,6,7,8]"), &root,
				   &err),
			 ERR_NO_MEMORY);
	arena_release(&a);
}

TEST_MAIN(TEST(test_json_tree__unescapes), TEST(test_json_tree__builds),
	  TEST(test_json_tree__says_what_is_wrong))
