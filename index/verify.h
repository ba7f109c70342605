/*
 * index/verify.h - full check of a store, and guards against damaged pages.
 */
#ifndef INDEX_VERIFY_H
#define INDEX_VERIFY_H

#include <stdint.h>

#include "base/compiler.h"
#include "base/err.h"
#include "base/slice.h"

struct index_verify_result {
	uint64_t segments;
	uint64_t parts;
	uint64_t bytes;
	uint64_t rows;
	uint64_t damaged; /* parts, descriptors or records found bad */
};

/* One finding: what and where, one line. */
typedef void index_finding_fn(void *ctx, struct slice line);

/* CRC32C over every live part and descriptor, sequence and position records
 * checked, walked in a child process so that a damaged page structure is a
 * finding and not a crash.  0 also when findings were made; ERR_* if the walk
 * could not be done.  `progress` (may be NULL) is called with bytes done. */
typedef void index_progress_fn(void *ctx, uint64_t done, uint64_t total);
MUST_CHECK int index_verify(const char *dir, struct index_verify_result *out,
			    index_finding_fn *finding, index_progress_fn *progress,
			    void *ctx, struct err *err);

/* SIGSEGV and SIGBUS inside a store's memory map end the program with one
 * line naming the store and exit status 3; elsewhere they act as ever.  Call
 * once at start. */
MUST_CHECK int index_guard_install(const char *program, struct err *err);

/* Space and readers, for `qql stat`, metrics and the writer's watch. */
struct index_space {
	uint64_t map_size;
	uint64_t file_bytes;  /* of data.mdb in use by pages, free ones included */
	uint64_t free_bytes;  /* pages on the free list */
	uint32_t readers, readers_max;
	uint64_t oldest_reader_lag; /* transactions behind; 0: none */
	int64_t oldest_reader_pid;
};
struct index_store;
MUST_CHECK int index_store_space(struct index_store *s, struct index_space *out,
				 struct err *err);

#endif
