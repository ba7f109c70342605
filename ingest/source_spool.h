/*
 * ingest/source_spool.h - a probe's spool directory.
 *
 * Files are named <sensorUuid>-<first sensorSeq>.ndjson; `.open` behind it
 * marks the one being written, which its writer keeps flocked.  They are read
 * in the order of their names and unlinked once they are stored.
 *
 * The watched program shares the probe's uid, so the directory is hostile: only
 * regular files with one link that belong to the directory's owner are read,
 * opened by O_NOFOLLOW and O_NONBLOCK from the directory itself; anything else
 * is left where it is and reported.
 */
#ifndef INGEST_SOURCE_SPOOL_H
#define INGEST_SOURCE_SPOOL_H

#include <stdbool.h>

#include "base/compiler.h"
#include "base/err.h"
#include "index/store.h"
#include "ingest/source.h"
#include "schemas/dataset.h"

struct ingest_spool_options {
	const char *name; /* the source as given: "spool:DIR" */
	const char *dir;
	const struct dataset *dataset;
	struct index_store *store;
	bool once; /* end when all that is not being written is stored */
};

/* Strings and store must outlive the source.  ERR_INPUT, ERR_DENIED, ERR_IO. */
MUST_CHECK int ingest_spool_open(struct ingest_source **out,
				 const struct ingest_spool_options *o,
				 struct err *err);

#endif
