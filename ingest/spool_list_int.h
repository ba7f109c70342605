/*
 * ingest/spool_list_int.h - the files of a spool directory, in reading order.
 *
 * A listing holds the first INGEST_SPOOL_LIST_MAX files by (sensor, first
 * sensorSeq), however many there are, so that a flooded directory costs time
 * but neither memory nor order.
 */
#ifndef INGEST_SPOOL_LIST_INT_H
#define INGEST_SPOOL_LIST_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/err.h"

enum {
	INGEST_SPOOL_LIST_MAX = 1 << 14,
	INGEST_SPOOL_NAME_MAX = 80, /* with its NUL */
};

struct ingest_spool_file {
	uint8_t sensor[16];
	uint64_t first;
	uint8_t digits; /* of `first` in the name, which may be padded */
	bool open;      /* ends in .open */
};

struct ingest_spool_list {
	struct ingest_spool_file *files;
	size_t n;
	size_t cap;
};

/* False if `name` is not that of a spool file. */
bool ingest_spool_parse(const char *name, struct ingest_spool_file *out);
void ingest_spool_format(const struct ingest_spool_file *f,
			 char out[INGEST_SPOOL_NAME_MAX]);

/* Reads the directory anew. */
MUST_CHECK int ingest_spool_list_read(struct ingest_spool_list *l, int dirfd,
				      struct err *err);
void ingest_spool_list_release(struct ingest_spool_list *l);

#endif
