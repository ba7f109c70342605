/*
 * qql/words_int.h - words, patterns and free text of a query.
 */
#ifndef QQL_WORDS_INT_H
#define QQL_WORDS_INT_H

#include "qql/check_int.h"

/* The folded form, in the arena; .p NULL: out of memory. */
MUST_CHECK struct slice qql_words_fold(struct qql_check *c, struct slice s);
/* The words of a bare or quoted value; one without any word is an error. */
MUST_CHECK int qql_words_phrases(struct qql_check *c, const struct qql_test *t,
				 const struct qql_value *v,
				 struct plan_node **out);
/* A value with stars: PATTERN, or PREFIX if the only star ends it. */
MUST_CHECK int qql_words_pattern(struct qql_check *c, const struct qql_test *t,
				 const struct qql_value *v,
				 struct plan_node **out);
/* Does a folded text match such a node? */
bool qql_words_like(const struct plan_node *pattern, struct slice folded);

#endif
