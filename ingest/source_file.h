/*
 * ingest/source_file.h - a file that grows, is rotated or cut.
 *
 * The file is followed by name: when another file appears under it, the old
 * one is read to its end first.  What was there when the last run ended is
 * found again by inode, in the same directory.  A file that was cut, or whose
 * stored part has changed, is read from its start, with a GAP dead letter that
 * says so; what copytruncate loses between two looks cannot be seen.
 */
#ifndef INGEST_SOURCE_FILE_H
#define INGEST_SOURCE_FILE_H

#include <stdbool.h>

#include "base/compiler.h"
#include "base/err.h"
#include "index/store.h"
#include "ingest/source.h"
#include "schemas/dataset.h"

struct ingest_file_options {
	const char *name;  /* the source as given: "file:PATH" */
	const char *path;
	const struct dataset *dataset;
	struct index_store *store;
	bool once; /* end at the end of the file; its unfinished line counts */
};

/* Strings and store must outlive the source.  ERR_INPUT, ERR_DENIED, ERR_IO. */
MUST_CHECK int ingest_file_open(struct ingest_source **out,
				const struct ingest_file_options *o,
				struct err *err);


#endif
