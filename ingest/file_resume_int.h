/*
 * ingest/file_resume_int.h - which file is this, and how far was it read?
 *
 * A file is known by device, inode and the hash of its first bytes (at most
 * 1 KiB, and only of bytes that are stored); that it still holds what was
 * stored is checked by the hash of the last 256 bytes before the position.
 */
#ifndef INGEST_FILE_RESUME_INT_H
#define INGEST_FILE_RESUME_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/err.h"
#include "base/slice.h"
#include "index/store.h"
#include "ingest/position.h"

struct ingest_file_position {
	struct ingest_file_key key;
	struct ingest_file_value value;
};

/* The position of an open file read up to `offset`. */
MUST_CHECK int ingest_file_measure(int fd, struct slice dataset,
				   struct hash128 path, uint64_t offset,
				   struct ingest_file_position *out,
				   struct err *err);

enum ingest_file_match {
	INGEST_FILE_SAME,    /* go on at value.offset */
	INGEST_FILE_OTHER,   /* it begins differently */
	INGEST_FILE_SHORTER, /* it ends before value.offset */
	INGEST_FILE_CHANGED, /* other bytes stand before value.offset */
};
/* Device and inode are taken as equal. */
MUST_CHECK int ingest_file_compare(int fd, const struct ingest_file_position *p,
				   enum ingest_file_match *out, struct err *err);

struct ingest_file_found {
	bool has_own; /* a position of this device and inode */
	struct ingest_file_position own;
	bool has_before; /* one of another file under this path, not finished */
	struct ingest_file_position before;
};
/* The slices of *out borrow from `dataset`.  Of several positions with this
 * device and inode the one that `fd` agrees with is taken. */
MUST_CHECK int ingest_file_look_up(struct index_store *s, struct slice dataset,
				   int fd, struct hash128 path,
				   struct ingest_file_found *out,
				   struct err *err);

/* Opens the regular file of that device and inode in directory `dir`.
 * 1: *fd is open.  0: it is not there. */
MUST_CHECK int ingest_file_find(const char *dir, uint64_t device,
				uint64_t inode, int *fd, struct err *err);

#endif
