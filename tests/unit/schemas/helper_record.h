/*
 * What decoding tests share: a record as text, and its source written again.
 */
#ifndef TESTS_UNIT_SCHEMAS_HELPER_RECORD_H
#define TESTS_UNIT_SCHEMAS_HELPER_RECORD_H

#include "base/buf.h"
#include "schemas/dataset.h"
#include "schemas/record.h"

/* The message as its items give it. */
void record_rebuild(struct buf *out, const struct dataset *ds,
		    const struct record *rec);
/* "severity=4 tags=[a,b] rules{0:name=x 2:action=DENY}/3 invalid=count" */
void record_describe(struct buf *out, const struct dataset *ds,
		     const struct record *rec);
/* Two records of one dataset, byte for byte the same. */
bool record_same(const struct dataset *ds, const struct record *a,
		 const struct record *b);

#endif
