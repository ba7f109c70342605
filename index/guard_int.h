/*
 * index/guard_int.h - which memory maps of stores this process has.
 *
 * One table serves two ends: the fault handler looks addresses up in it, and
 * a second opening of the same data file by one process, which would break
 * LMDB's locks, is refused.
 */
#ifndef INDEX_GUARD_INT_H
#define INDEX_GUARD_INT_H

#include <stddef.h>
#include <sys/stat.h>

#include "base/compiler.h"
#include "base/err.h"

/* Takes a slot for the data file `st`; `dir` is how the user names the store.
 * ERR_LOCKED if this process has the file open already, ERR_LIMIT. */
MUST_CHECK int index_guard_take(int *slot, const struct stat *st,
				const char *dir, struct err *err);
/* The file is mapped at `map`; faults in there are damage from now on. */
void index_guard_arm(int slot, const void *map, size_t len);
/* Before the map goes away; the slot stays taken. */
void index_guard_disarm(int slot);
void index_guard_release(int slot); /* a negative one is fine */

/* Around each call of LMDB that looks at pages: damaged flags can send it to
 * addresses outside the map too, so any fault of this thread until _leave()
 * is damage. */
void index_guard_enter(int slot);
void index_guard_leave(void);

/* Ends the process as a fault in the map of `slot` does: LMDB found by itself
 * that the structure of the pages is damaged. */
_Noreturn void index_guard_die(int slot);

#endif
