/*
 * qql/match_int.h - words and patterns against text values.
 *
 * A matcher serves one PLAN_WORDS, PLAN_PATTERN, PLAN_EQUAL, PLAN_EXACT,
 * PLAN_PREFIX or PLAN_TEXT_RANGE node.  Values are looked at folded, so a
 * condition without case costs no more than one with it.  A dictionary is
 * searched as one text for the longest text that every match must contain
 * (the anchor); only entries that have it are examined.
 *
 * Threads: one at a time (it owns scratch memory).
 */
#ifndef QQL_MATCH_INT_H
#define QQL_MATCH_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/err.h"
#include "base/slice.h"
#include "index/segment.h"
#include "qql/plan.h"

/* The folded words of one value, end to end. */
struct qql_word_list {
	struct buf text;
	uint32_t *ends; /* of each word in `text` */
	uint32_t n, cap;
};

struct qql_matcher {
	const struct plan_node *node;
	struct slice anchor; /* folded; every match contains it; may be empty */
	struct slice head;   /* PATTERN: every match begins with it */
	bool head_only;      /* PATTERN: and that is all it says */
	bool contains;       /* PATTERN: the anchor anywhere, and that is all */
	bool one_word;       /* WORDS: the anchor alone, of plain ASCII, */
	bool word_goes_on;   /* or a word that begins with it */
	struct buf folded;   /* scratch: a value */
	struct qql_word_list words;
	char *piece; /* scratch: of a dictionary, folded */
};

void qql_matcher_init(struct qql_matcher *m, const struct plan_node *node);
void qql_matcher_release(struct qql_matcher *m);

/* 1: `value` matches, 0: it does not, negative: out of memory. */
MUST_CHECK int qql_matcher_test(struct qql_matcher *m, struct slice value,
				struct err *err);

/* Called now and then during a long scan; non-zero ends it. */
typedef int qql_pause_fn(void *ctx, struct err *err);

/* WORDS, PATTERN: sets the bit of each id in [lo, hi) whose entry matches in
 * `bitmap` (one bit per id, zero at first); *n is their number. */
MUST_CHECK int qql_matcher_dict(struct qql_matcher *m,
				const struct index_column *c, uint32_t lo,
				uint32_t hi, uint64_t *bitmap, uint32_t *n,
				qql_pause_fn *pause, void *ctx,
				struct err *err);

#endif
