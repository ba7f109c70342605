/*
 * ingest/source_stdin.h - records from standard input, one a line.
 *
 * There is no position to go on from: after a crash nothing is stored twice,
 * but what was read and not yet committed is gone.
 */
#ifndef INGEST_SOURCE_STDIN_H
#define INGEST_SOURCE_STDIN_H

#include "base/compiler.h"
#include "base/err.h"
#include "ingest/source.h"
#include "schemas/dataset.h"

/* Reads `fd`, which stays the caller's. */
MUST_CHECK int ingest_stdin_open(struct ingest_source **out, int fd,
				 const struct dataset *ds, struct err *err);

#endif
