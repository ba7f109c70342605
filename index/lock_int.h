/*
 * index/lock_int.h - the one writer of a store.
 *
 * The lock is flock() on DIR/writer.lock, which the kernel drops with the
 * process; the pid inside is information for people.
 */
#ifndef INDEX_LOCK_INT_H
#define INDEX_LOCK_INT_H

#include "base/compiler.h"
#include "base/err.h"

#define INDEX_LOCK_NAME "writer.lock"

/* *fd holds the lock until it is closed.  ERR_LOCKED naming the holder,
 * ERR_DENIED, ERR_FULL, ERR_IO. */
MUST_CHECK int index_lock_take(int *fd, const char *dir, struct err *err);
void index_lock_drop(int fd); /* a negative one is fine */

#endif
