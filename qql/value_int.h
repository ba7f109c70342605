/*
 * qql/value_int.h - the text of a value: escapes read, bare words joined.
 */
#ifndef QQL_VALUE_INT_H
#define QQL_VALUE_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "qql/ast_int.h"

/* The value as one text: without escapes; bare words joined by one space.
 * .p NULL: out of memory. */
MUST_CHECK struct slice qql_value_text(struct arena *a,
				       const struct qql_value *v);
/* Bare words joined by one space, escapes kept; .p NULL: out of memory. */
MUST_CHECK struct slice qql_value_joined(struct arena *a,
					 const struct qql_value *v);
/* The text of a part of a value's raw bytes. */
MUST_CHECK struct slice qql_value_unescape(struct arena *a, struct slice raw);
/* Walks over the raw pieces of a bare value, cut at unescaped space; a quoted
 * one is a single piece.  Begin with *at = 0. */
bool qql_value_piece(const struct qql_value *v, uint32_t *at,
		     struct slice *piece);
/* A bare value with a `*` or `?` that is not escaped. */
bool qql_value_is_pattern(const struct qql_value *v);
/* Nothing but stars. */
bool qql_value_is_star(const struct qql_value *v);

/* The value as it would be written again. */
void qql_value_print(struct buf *out, const struct qql_value *v);

#endif
