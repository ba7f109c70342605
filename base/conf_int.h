/*
 * base/conf_int.h - reading crs.conf.
 *
 * One `key = value` a line; blank lines and what follows a `#` (at the start
 * of a line or after a blank) are left out; a value in double quotes keeps its
 * blanks and `#`.  Each error names file and line.
 */
#ifndef BASE_CONF_INT_H
#define BASE_CONF_INT_H

#include "base/arena.h"
#include "base/compiler.h"
#include "base/err.h"
#include "base/slice.h"

/* Called for each line with a key; strings live in the arena.  A negative
 * result ends the reading. */
typedef int conf_line_fn(void *ctx, struct slice key, const char *value,
			 struct err *err);

MUST_CHECK int conf_read(const char *path, struct arena *arena,
			 conf_line_fn *fn, void *ctx, struct err *err);
/* The same from memory; `path` is for messages. */
MUST_CHECK int conf_parse(const char *path, struct slice text,
			  struct arena *arena, conf_line_fn *fn, void *ctx,
			  struct err *err);

#endif
