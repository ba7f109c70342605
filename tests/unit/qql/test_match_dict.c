/*
 * Searching a dictionary as one text gives what looking at each entry gives:
 * entries longer than a piece, entries that only together hold the anchor,
 * other bytes than ASCII in between.
 */
#include "qql/match_int.h"

#include <stdlib.h>

#include "base/json.h"
#include "index/segment.h"
#include "index/snapshot.h"
#include "tests/test.h"
#include "tests/unit/qql/helper_rows.h"

enum { LINE_MAX_BYTES = 256 << 10, VALUES = 6000 };

static int go_on(void *ctx, struct err *err)
{
	(void)ctx;
	(void)err;
	return 0;
}

static void compare(const struct index_column *c, const struct plan_node *node)
{
	uint32_t n = index_column_distinct(c), found = 0, expected = 0;
	uint64_t *bitmap = calloc(n / 64 + 1, sizeof(*bitmap));
	struct qql_matcher m;

	assert_non_null(bitmap);
	qql_matcher_init(&m, node);
	assert_int_equal(qql_matcher_dict(&m, c, 0, n, bitmap, &found, go_on,
					  NULL, NULL),
			 0);
	for (uint32_t id = 0; id < n; id++) {
		int want =
			qql_matcher_test(&m, index_column_entry(c, id), NULL);
		int have = bitmap[id / 64] >> (id % 64) & 1;

		if (have != want)
			fail_msg("entry %u: %d, not %d: %.100s", id, have, want,
				 index_column_entry(c, id).p);
		expected += (uint32_t)want;
	}
	assert_int_equal(found, expected);
	qql_matcher_release(&m);
	free(bitmap);
}

/* Of few letters, so that anchors are met often, also across entries. */
static void put_value(uint64_t *random, struct buf *out)
{
	static const char *const parts[] = {
		"ab", "ba",  "a",   "b",        "ABB",          " ", "/", ".",
		"c",  "xab", "ab_", "\xc3\xa4", "\xe2\x84\xaa", "k"
	};
	uint32_t n = 1 + helper_below(random, 12);
	bool ascii = helper_below(random, 20) != 0;

	if (helper_below(random, 1000) == 0)
		n = 20000;
	for (uint32_t i = 0; i < n; i++)
		buf_puts(out,
			 parts[helper_below(random, ARRAY_SIZE(parts) -
							    (ascii ? 3 : 0))]);
}

static void make_values(struct helper_rows *h)
{
	char **lines = calloc(VALUES, sizeof(*lines));
	uint64_t random = 99;
	struct buf value, line;

	assert_non_null(lines);
	buf_init(&value, LINE_MAX_BYTES);
	buf_init(&line, LINE_MAX_BYTES);
	for (int i = 0; i < VALUES; i++) {
		buf_reset(&value);
		buf_reset(&line);
		put_value(&random, &value);
		buf_puts(&line, "{\"tx\":");
		json_quote(&line, buf_slice(&value));
		buf_puts(&line, "}");
		lines[i] = strdup(buf_cstr(&line));
		assert_non_null(lines[i]);
	}
	helper_rows_lines(h, (const char *const *)lines, VALUES);
	for (int i = 0; i < VALUES; i++)
		free(lines[i]);
	free(lines);
	buf_release(&value);
	buf_release(&line);
}

static void check_pattern(const struct index_column *c, const char *text,
			  bool run_before, bool run_after)
{
	struct plan_atom atoms[3];
	struct plan_node node = { .op = PLAN_PATTERN };
	uint32_t n = 0;

	if (run_before)
		atoms[n++].kind = PLAN_ATOM_RUN;
	atoms[n++] = (struct plan_atom){ PLAN_ATOM_TEXT, slice_str(text) };
	if (run_after)
		atoms[n++].kind = PLAN_ATOM_RUN;
	node.pattern.atoms = atoms;
	node.pattern.n = n;
	test_row("pattern %s, %d, %d", text, run_before, run_after);
	compare(c, &node);
}

static void check_words(const struct index_column *c, const char *word,
			const char *second, bool prefix)
{
	struct slice words[] = { slice_str(word), slice_str(second) };
	struct plan_phrase ph = { words, second ? 2 : 1, prefix };
	struct plan_node node = { .op = PLAN_WORDS };

	node.words.phrases = &ph;
	node.words.n = 1;
	test_row("word %s %s, %d", word, second ? second : "", prefix);
	compare(c, &node);
}

static void test_match_dict__equals_looking_at_each_entry(void **state)
{
	static const char *const texts[] = { "ab",  "abba", "bb a",
					     "c",   "abab", "\xc3\xa4",
					     "a.b", "kk",   "zzz" };
	struct index_snapshot *snap = NULL;
	struct index_segment *seg = NULL;
	const struct index_dataset *d;
	const struct index_column *c;
	struct helper_rows h;

	(void)state;
	helper_rows_init(&h, 31);
	make_values(&h);
	assert_int_equal(index_snapshot_open(&snap, h.store, NULL), 0);
	d = index_snapshot_find(snap, h.ds->name);
	assert_int_equal(
		index_segment_open(&seg, snap, d, &d->segments[0], NULL), 0);
	assert_int_equal(
		index_segment_column(seg, dataset_find(h.ds, SLICE_LIT("tx")),
				     &c, NULL),
		0);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		for (int runs = 0; runs < 4; runs++)
			check_pattern(c, texts[i], runs & 1, runs & 2);
		check_words(c, texts[i], NULL, false);
		check_words(c, texts[i], NULL, true);
		check_words(c, "ab", texts[i], true);
	}
	index_segment_close(seg);
	index_snapshot_close(snap);
	helper_rows_release(&h);
}

TEST_MAIN(TEST(test_match_dict__equals_looking_at_each_entry))
