/*
 * base/term_int.h - the walk shared by escaping and measuring.
 */
#ifndef BASE_TERM_INT_H
#define BASE_TERM_INT_H

#include <stdbool.h>

#include "base/slice.h"

/* The first part of `s` (not empty) that is all safe to show, or one unsafe
 * character or byte, each byte of which is shown as \xNN. */
struct slice term_run(struct slice s, unsigned keep, bool *safe);

#endif
