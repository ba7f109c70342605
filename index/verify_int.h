/*
 * index/verify_int.h - what the child of a verification tells its parent.
 */
#ifndef INDEX_VERIFY_INT_H
#define INDEX_VERIFY_INT_H

#include <stdint.h>

#include "index/verify.h"

/* Messages on the pipe: kind u8, length u16, then the bytes. */
enum index_verify_kind {
	INDEX_VERIFY_FINDING,  /* a line */
	INDEX_VERIFY_PROGRESS, /* u64 done, u64 total, then the counts so far */
	INDEX_VERIFY_DONE,     /* the counts */
	INDEX_VERIFY_ERROR,    /* a struct err: the walk could not be done */
};

enum { INDEX_VERIFY_LINE_MAX = 1024 };

/* Walks the store and writes messages to `fd`: the body of the child. */
void index_verify_walk(const char *dir, int fd);

#endif
