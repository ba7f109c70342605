/*
 * ingest/kafka_decide.c - is a partition still the one that was stored?
 *
 * Brokers give this client no topic id, so a topic that was deleted and
 * created anew is known only by its records: it is shorter than what was
 * stored, or another record stands where the last stored one stood.
 */
#include "ingest/kafka_decide_int.h"

#include <inttypes.h>

static struct ingest_kafka_verdict gap(enum ingest_kafka_reason reason,
				       const struct ingest_kafka_evidence *e)
{
	return (struct ingest_kafka_verdict){ reason, e->low };
}

struct ingest_kafka_verdict
ingest_kafka_decide(const struct ingest_kafka_evidence *e)
{
	struct ingest_kafka_verdict on = { INGEST_KAFKA_GOES_ON, e->next };

	if (e->seen == INGEST_KAFKA_SEEN_SAME)
		return on;
	if (e->seen == INGEST_KAFKA_SEEN_OTHER)
		return gap(INGEST_KAFKA_REPLACED, e);
	if (e->next < e->low)
		return gap(INGEST_KAFKA_DELETED, e);
	if (e->next > e->high)
		return gap(INGEST_KAFKA_SHORTER, e);
	if (e->seen == INGEST_KAFKA_NOT_LOOKED || e->last.offset < e->low)
		return on; /* deleted after it was stored: nothing is missing */
	/* Within the log, and not there: only compaction does that. */
	if (e->compacted == INGEST_KAFKA_COMPACTED_NO)
		return gap(INGEST_KAFKA_REPLACED, e);
	on.reason = INGEST_KAFKA_UNPROVEN;
	return on;
}

void ingest_kafka_explain(struct buf *out, int64_t expected,
			  const struct ingest_kafka_verdict *v)
{
	static const char *const why[] = {
		[INGEST_KAFKA_GOES_ON] = "nothing is missing",
		[INGEST_KAFKA_UNPROVEN] = "the last stored record is gone",
		[INGEST_KAFKA_DELETED] = "records were deleted before they were read",
		[INGEST_KAFKA_SHORTER] = "the log ends before: the topic was created anew",
		[INGEST_KAFKA_REPLACED] = "another record stands before it: "
					   "the topic was created anew",
	};

	buf_printf(out, "expected offset %" PRId64 ", went on at offset %" PRId64 ": %s",
		   expected, v->start, why[v->reason]);
}
