/*
 * ingest/digest_int.h - SHA-256 of what is too long to keep.
 *
 * The only user of OpenSSL in this folder.
 */
#ifndef INGEST_DIGEST_INT_H
#define INGEST_DIGEST_INT_H

#include <stdint.h>

#include "base/compiler.h"
#include "base/err.h"
#include "base/slice.h"
#include "ingest/source.h"

struct ingest_digest;

MUST_CHECK int ingest_digest_new(struct ingest_digest **out, struct err *err);
void ingest_digest_free(struct ingest_digest *d);
/* Forgets what was added. */
MUST_CHECK int ingest_digest_start(struct ingest_digest *d, struct err *err);
MUST_CHECK int ingest_digest_add(struct ingest_digest *d, struct slice bytes,
				 struct err *err);
MUST_CHECK int ingest_digest_end(struct ingest_digest *d,
				 uint8_t out[INGEST_SHA256_LEN],
				 struct err *err);
/* All three in one. */
MUST_CHECK int ingest_digest_of(struct slice bytes,
				uint8_t out[INGEST_SHA256_LEN],
				struct err *err);

#endif
