/*
 * index/create_int.h - the files of a store: made once, owned by the group.
 */
#ifndef INDEX_CREATE_INT_H
#define INDEX_CREATE_INT_H

#include <stdbool.h>

#include "base/compiler.h"
#include "base/err.h"

/* Makes the directory if it is not there.  ERR_USAGE if `dir` is a file or
 * holds other things than a store, ERR_DENIED, ERR_FULL, ERR_IO. */
MUST_CHECK int index_create_dir(const char *dir, struct err *err);
/* A new, empty store, if there is none: all of it or nothing.  The caller has
 * the writer lock. */
MUST_CHECK int index_create_store(const char *dir, struct err *err);
/* lock.mdb, which readers must be able to write, if it is missing; an error
 * that says what to do if this process cannot write it. */
MUST_CHECK int index_create_readers_file(const char *dir, struct err *err);

#endif
