#include "qql/match_int.h"

#include "tests/test.h"

static int matches(const struct plan_node *node, const char *value)
{
	struct qql_matcher m;
	int ret;

	qql_matcher_init(&m, node);
	ret = qql_matcher_test(&m, slice_str(value), NULL);
	qql_matcher_release(&m);
	return ret;
}

/* Phrases as "a b|c": words by blanks, phrases by bars; "+" at the end of one
 * says that its last word may go on. */
struct words_case {
	const char *phrases;
	const char *value;
	int match;
};

static const struct words_case words_cases[] = {
	{ "10+", "10,125", 1 },
	{ "10,1+", "10,125", 1 },
	{ "125+", "10,125", 0 },
	{ "qualys.corp+", "qualys.corp.com", 1 },
	{ "corp+", "qualys.corp.com", 0 },
	{ "ensure iam pass+", "Ensure IAM Password Policy is Enabled", 1 },
	{ "is enab+", "Ensure IAM Password Policy is Enabled", 1 },
	{ "ens password+", "Ensure IAM Password Policy is Enabled", 0 },
	{ "pass policy+", "Ensure IAM Password Policy is Enabled", 0 },
	{ "ubuntu", "ubuntu:latest", 0 }, /* one word with its colon */
	{ "1.2+", "nginx:1.25", 1 },
	{ "enabled|ensure", "Ensure IAM Password Policy is Enabled", 1 },
	{ "enabled|absent", "Ensure IAM Password Policy is Enabled", 0 },
	{ "policy is", "Ensure IAM Password Policy is Enabled", 1 },
	{ "policy enabled", "Ensure IAM Password Policy is Enabled", 0 },
	{ "\xce\xb1\xce\xb2", "\xce\x91\xce\x92", 1 }, /* Greek, folded */
	{ "k", "\xe2\x84\xaa", 1 }, /* the Kelvin sign is a k */
	{ "word", "", 0 },
};

static struct plan_phrase parse_phrase(struct slice text, struct slice *words)
{
	struct plan_phrase ph = { .words = words };

	if (text.len && text.p[text.len - 1] == '+') {
		ph.prefix = true;
		text.len--;
	}
	while (text.len) {
		const char *blank = memchr(text.p, ' ', text.len);
		size_t n = blank ? (size_t)(blank - text.p) : text.len;

		words[ph.n++] = slice_of(text.p, n);
		n += blank != NULL;
		text = slice_of(text.p + n, text.len - n);
	}
	return ph;
}

static void test_match_text__words_stand_in_order(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(words_cases); i++) {
		const struct words_case *c = &words_cases[i];
		struct plan_phrase phrases[4];
		struct slice words[4][8];
		struct plan_node node = { .op = PLAN_WORDS };
		const char *p = c->phrases;

		test_row("%s in %s", c->phrases, c->value);
		for (; p; node.words.n++) {
			const char *bar = strchr(p, '|');
			size_t len = bar ? (size_t)(bar - p) : strlen(p);

			phrases[node.words.n] = parse_phrase(
				slice_of(p, len), words[node.words.n]);
			p = bar ? bar + 1 : NULL;
		}
		node.words.phrases = phrases;
		assert_int_equal(matches(&node, c->value), c->match);
	}
}

/* '*' and '?' as users write them. */
struct pattern_case {
	const char *pattern;
	const char *value;
	int match;
};

static const struct pattern_case pattern_cases[] = {
	{ "win*", "Windows", 1 },
	{ "win*", "a window", 0 },
	{ "*a?b*", "xxa-bxx", 1 },
	{ "*a?b*", "xxabxx", 0 },
	{ "*", "", 1 },
	{ "?", "", 0 },
	{ "?", "\xe6\x97\xa5", 1 }, /* a code point, not a byte */
	{ "??", "\xe6\x97\xa5", 0 },
	{ "a*b", "ab", 1 },
	{ "a*b", "axbxb", 1 },
	{ "a*b", "axbx", 0 },
	{ "*abc", "ababc", 1 },
	{ "*aab", "aaab", 1 },
	{ "*ab*cd*", "abcabcd", 1 },
	{ "*ab*cd*", "cdab", 0 },
	{ "a?*", "a", 0 },
	{ "a*?", "ab", 1 },
	{ "*?", "", 0 },
	{ "*.??", "x.y.zz", 1 },
	{ "abc", "ABC", 1 },
	{ "abc", "abcd", 0 },
	{ "*\xce\xb1", "x\xce\x91", 1 },
};

static uint32_t parse_pattern(const char *p, struct plan_atom *atoms)
{
	uint32_t n = 0;

	while (*p) {
		size_t len = strcspn(p, "*?");

		if (len) {
			atoms[n++] = (struct plan_atom){ PLAN_ATOM_TEXT,
							 slice_of(p, len) };
			p += len;
			continue;
		}
		atoms[n++].kind = *p++ == '*' ? PLAN_ATOM_RUN : PLAN_ATOM_ONE;
	}
	return n;
}

static void test_match_text__patterns_cover_the_whole_value(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pattern_cases); i++) {
		const struct pattern_case *c = &pattern_cases[i];
		struct plan_atom atoms[16] = { { .kind = PLAN_ATOM_RUN } };
		struct plan_node node = { .op = PLAN_PATTERN };

		test_row("%s on %s", c->pattern, c->value);
		node.pattern.n = parse_pattern(c->pattern, atoms);
		node.pattern.atoms = atoms;
		assert_int_equal(matches(&node, c->value), c->match);
	}
}

static void test_match_text__sets_prefixes_and_ranges(void **state)
{
	static const struct slice texts[] = { SLICE_INIT("ab"),
					      SLICE_INIT("cd") };
	struct plan_node equal = { .op = PLAN_EQUAL };
	struct plan_node exact = { .op = PLAN_EXACT };
	struct plan_node prefix = { .op = PLAN_PREFIX };
	struct plan_node range = { .op = PLAN_TEXT_RANGE };

	(void)state;
	equal.text.texts = exact.text.texts = prefix.text.texts = texts;
	equal.text.n = exact.text.n = prefix.text.n = 2;
	range.text_range.lo = texts[0];
	range.text_range.hi = texts[1];
	range.text_range.hi_open = true;
	assert_int_equal(matches(&equal, "CD"), 1);
	assert_int_equal(matches(&equal, "cde"), 0);
	assert_int_equal(matches(&exact, "CD"), 0);
	assert_int_equal(matches(&exact, "cd"), 1);
	assert_int_equal(matches(&prefix, "CDe"), 1);
	assert_int_equal(matches(&prefix, "c"), 0);
	assert_int_equal(matches(&range, "AB"), 1);
	assert_int_equal(matches(&range, "cc"), 1);
	assert_int_equal(matches(&range, "cd"), 0);
	assert_int_equal(matches(&range, "aa"), 0);
	range.text_range.lo_open = true;
	assert_int_equal(matches(&range, "AB"), 0);
	range.text_range.lo.p = NULL;
	assert_int_equal(matches(&range, ""), 1);
}

TEST_MAIN(TEST(test_match_text__words_stand_in_order),
	  TEST(test_match_text__patterns_cover_the_whole_value),
	  TEST(test_match_text__sets_prefixes_and_ranges))
