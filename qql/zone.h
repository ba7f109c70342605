/*
 * qql/zone.h - time zones for date literals, calendar steps and buckets.
 *
 * IANA names come from the system's tzdata; "+hh:mm" and "UTC" need nothing.
 * A local time that a clock change skips moves forward; one that occurs twice
 * is the first.  Weeks start on Monday.
 */
#ifndef QQL_ZONE_H
#define QQL_ZONE_H

#include <stdint.h>

#include "base/compiler.h"
#include "base/err.h"
#include "base/slice.h"
#include "base/time.h"

struct qql_zone;

/* ERR_USAGE naming the zone. */
MUST_CHECK int qql_zone_new(struct qql_zone **out, struct slice name,
			    struct err *err);
void qql_zone_free(struct qql_zone *z);

/* NULL is UTC in all of these. */
void qql_zone_to_local(const struct qql_zone *z, int64_t ns, struct civil *out);
/* Clamped to the int64 range. */
int64_t qql_zone_from_local(const struct qql_zone *z,
			    const struct civil *local);

#endif
