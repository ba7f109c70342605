/* tests of ingest/kafka_decide.c */
#include "ingest/kafka_decide_int.h"

#include "tests/test.h"

#define SAME INGEST_KAFKA_SEEN_SAME
#define OTHER INGEST_KAFKA_SEEN_OTHER
#define MISSING INGEST_KAFKA_SEEN_MISSING
#define OUTSIDE INGEST_KAFKA_SEEN_OUTSIDE
#define NOT_LOOKED INGEST_KAFKA_NOT_LOOKED
#define NO INGEST_KAFKA_COMPACTED_NO
#define YES INGEST_KAFKA_COMPACTED_YES
#define UNKNOWN INGEST_KAFKA_COMPACTED_UNKNOWN

static void test_kafka_decide__where_to_go_on(void **state)
{
	/* 100 is the first record not stored, 99 or 97 the last stored one. */
	static const struct {
		const char *what;
		enum ingest_kafka_seen seen;
		int64_t last, low, high;
		enum ingest_kafka_compacted compacted;
		enum ingest_kafka_reason reason;
		int64_t start;
	} rows[] = {
		{ "the same topic", SAME, 99, 0, 0, UNKNOWN, INGEST_KAFKA_GOES_ON, 100 },
		{ "created anew, longer", OTHER, 99, 0, 240, UNKNOWN,
		  INGEST_KAFKA_REPLACED, 0 },
		{ "created anew, shorter", OUTSIDE, 99, 0, 40, UNKNOWN,
		  INGEST_KAFKA_SHORTER, 0 },
		{ "created anew, empty", OUTSIDE, 99, 0, 0, UNKNOWN,
		  INGEST_KAFKA_SHORTER, 0 },
		{ "created anew, exactly the last record short", MISSING, 99, 0, 99,
		  UNKNOWN, INGEST_KAFKA_SHORTER, 0 },
		{ "records deleted beyond", OUTSIDE, 99, 150, 200, UNKNOWN,
		  INGEST_KAFKA_DELETED, 150 },
		{ "records deleted up to what is stored", OUTSIDE, 99, 100, 200, UNKNOWN,
		  INGEST_KAFKA_GOES_ON, 100 },
		{ "all deleted, nothing new", OUTSIDE, 99, 100, 100, UNKNOWN,
		  INGEST_KAFKA_GOES_ON, 100 },
		{ "compacted away", MISSING, 97, 0, 200, YES, INGEST_KAFKA_UNPROVEN, 100 },
		{ "gone, who knows why", MISSING, 97, 0, 200, UNKNOWN,
		  INGEST_KAFKA_UNPROVEN, 100 },
		{ "gone from a log that is not compacted", MISSING, 97, 0, 200, NO,
		  INGEST_KAFKA_REPLACED, 0 },
		{ "a fresh incarnation", NOT_LOOKED, -1, 0, 200, NO,
		  INGEST_KAFKA_GOES_ON, 100 },
		{ "a fresh incarnation, deleted", NOT_LOOKED, -1, 101, 200, NO,
		  INGEST_KAFKA_DELETED, 101 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct ingest_kafka_evidence e = {
			.next = 100,
			.last = { .known = rows[i].last >= 0, .offset = rows[i].last },
			.seen = rows[i].seen,
			.low = rows[i].low,
			.high = rows[i].high,
			.compacted = rows[i].compacted,
		};
		struct ingest_kafka_verdict v;

		test_row("%s", rows[i].what);
		v = ingest_kafka_decide(&e);
		assert_int_equal(v.reason, rows[i].reason);
		assert_int_equal(v.start, rows[i].start);
	}
}

static void test_kafka_decide__a_gap_names_both_offsets(void **state)
{
	struct ingest_kafka_verdict v = { INGEST_KAFKA_DELETED, 150 };
	struct buf b;

	(void)state;
	buf_init(&b, 256);
	ingest_kafka_explain(&b, 100, &v);
	assert_string_equal(buf_cstr(&b),
			    "expected offset 100, went on at offset 150: "
			    "records were deleted before they were read");
	buf_release(&b);
}

TEST_MAIN(TEST(test_kafka_decide__where_to_go_on),
	  TEST(test_kafka_decide__a_gap_names_both_offsets))
