/*
 * base/opt_int.h - what the files of opt share.
 */
#ifndef BASE_OPT_INT_H
#define BASE_OPT_INT_H

#include <stdbool.h>

#include "base/compiler.h"
#include "base/err.h"
#include "base/opt.h"

/* Reads `text` as the option's type and stores it.  A flag takes yes or no, a
 * list gets one item more; strings are borrowed. */
MUST_CHECK int opt_store(const struct opt *o, void *values, const char *text,
			 struct err *err);

static inline bool opt_is_end(const struct opt *o)
{
	return !o->name && o->type != OPT_HEADING;
}

#endif
