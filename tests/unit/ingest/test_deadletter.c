/* tests of ingest/deadletter.c */
#include "ingest/deadletter.h"

#include <stdlib.h>

#include "base/limits.h"
#include "schemas/catalog.h"
#include "schemas/decode.h"
#include "tests/test.h"

static struct catalog *catalog;
static const struct dataset *events, *deadletters;

static int setup(void **state)
{
	(void)state;
	assert_int_equal(catalog_new(&catalog, NULL), 0);
	events = catalog_find(catalog, SLICE_LIT("events"));
	deadletters = catalog_find(catalog, SLICE_LIT("deadletters"));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	catalog_free(catalog);
	return 0;
}

/* The dead letter must itself be a valid message of `deadletters`, no field
 * of which is refused. */
static void check_decodes(const struct buf *b)
{
	struct decode_refusal refused;
	const struct record *rec;
	struct decoder *d;

	assert_int_equal(decoder_new(&d, deadletters, NULL), 0);
	assert_int_equal(decoder_set_limit(d, INGEST_DEADLETTER_MAX, NULL), 0);
	if (decode_message(d, buf_slice(b), &rec, &refused, NULL) != 0)
		fail_msg("%s", refused.detail);
	assert_int_equal(rec->ninvalid, 0);
	assert_true(rec->has_time);
	decoder_free(d);
}

static void test_deadletter__as_json(void **state)
{
	static const struct {
		const char *what;
		struct ingest_message m;
		const char *json; /* from "topic" on */
	} rows[] = {
		{ "text",
		  { .payload = SLICE_INIT("no \"json\""), .key = SLICE_INIT("k\xff"),
		    .origin = SLICE_INIT("crs.events"), .partition = 3, .offset = 17 },
		  "\"topic\":\"crs.events\",\"partition\":3,\"offset\":17,"
		  "\"messageKey\":\"k\xef\xbf\xbd\",\"raw\":\"no \\\"json\\\"\",\"rawBytes\":9}" },
		{ "bytes that are not UTF-8",
		  { .payload = SLICE_INIT("a\xff\x00\x62"), .origin = SLICE_INIT("f"),
		    .partition = -1, .offset = 0 },
		  "\"topic\":\"f\",\"offset\":0,\"raw\":\"a\xef\xbf\xbd\\u0000b\","
		  "\"rawBase64\":\"Yf8AYg==\",\"rawBytes\":4}" },
		{ "no value",
		  { .origin = SLICE_INIT("t"), .partition = 0, .offset = 1 },
		  "\"topic\":\"t\",\"partition\":0,\"offset\":1}" },
		{ "an empty value",
		  { .payload = { "", 0 }, .origin = SLICE_INIT("t"), .partition = 0 },
		  "\"topic\":\"t\",\"partition\":0,\"offset\":0,\"raw\":\"\",\"rawBytes\":0}" },
	};
	struct buf b;

	(void)state;
	buf_init(&b, INGEST_DEADLETTER_MAX);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct ingest_message m = rows[i].m;
		struct ingest_deadletter d = {
			.time = 0, .reason = REFUSED_NOT_JSON,
			.detail = SLICE_LIT("why"), .source = "kafka", .message = &m,
		};
		const char *from;

		test_row("%s", rows[i].what);
		m.dataset = events;
		assert_int_equal(ingest_deadletter_write(&b, &d, NULL), 0);
		check_decodes(&b);
		from = strstr(buf_cstr(&b), "\"topic\"");
		assert_non_null(from);
		assert_string_equal(from, rows[i].json);
		assert_true(strncmp(buf_cstr(&b), "{\"time\":\"1970-01-01T00:00:00Z\","
				    "\"reason\":\"NOT_JSON\",\"detail\":\"why\","
				    "\"dataset\":\"events\",\"source\":\"kafka\",", 100) == 0);
	}
	buf_release(&b);
}

/* Messages of every kind of byte around the limits: whole or cut, but valid. */
static void test_deadletter__large_messages_are_cut_with_their_sum(void **state)
{
	static const struct {
		size_t length;
		char byte;
		bool whole;
	} rows[] = {
		{ LIMIT_DEADLETTER_RAW, 'x', true },
		{ LIMIT_DEADLETTER_RAW, '\x01', true },  /* six bytes each */
		{ LIMIT_DEADLETTER_RAW, '\xff', true },  /* base64 */
		{ LIMIT_DEADLETTER_RAW + 1, 'x', false },
		{ LIMIT_DEADLETTER_RAW + 1, '\xff', false },
		{ 3 * LIMIT_DEADLETTER_RAW, '\x01', false },
	};
	struct buf b;

	(void)state;
	buf_init(&b, INGEST_DEADLETTER_MAX);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *text = malloc(rows[i].length);
		struct ingest_message m = {
			.dataset = events, .payload = { text, rows[i].length },
			.origin = SLICE_LIT("t"), .length = rows[i].length,
		};
		struct ingest_deadletter d = {
			.reason = REFUSED_TOO_LARGE, .source = "file", .message = &m,
		};

		test_row("%zu of %02x", rows[i].length, (unsigned char)rows[i].byte);
		assert_non_null(text);
		memset(text, rows[i].byte, rows[i].length);
		assert_int_equal(ingest_deadletter_write(&b, &d, NULL), 0);
		check_decodes(&b);
		assert_int_equal(strstr(buf_cstr(&b), "\"rawSha256\":\"") == NULL,
				 rows[i].whole);
		free(text);
	}
	buf_release(&b);
}

/* Cutting does not make bad UTF-8 of good. */
static void test_deadletter__is_not_cut_inside_a_character(void **state)
{
	size_t n = LIMIT_DEADLETTER_RAW + 10;
	char *text = malloc(n);
	struct ingest_message m = { .dataset = events, .origin = SLICE_LIT("t") };
	struct ingest_deadletter d = { .source = "file", .message = &m };
	struct buf b;

	(void)state;
	assert_non_null(text);
	memset(text, 'x', n);
	memcpy(text + LIMIT_DEADLETTER_CUT - 2, "\xe2\x82\xac", 3);
	m.payload = slice_of(text, n);
	m.length = n;
	buf_init(&b, INGEST_DEADLETTER_MAX);
	assert_int_equal(ingest_deadletter_write(&b, &d, NULL), 0);
	assert_null(strstr(buf_cstr(&b), "rawBase64"));
	buf_release(&b);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_deadletter__as_json),
		TEST(test_deadletter__large_messages_are_cut_with_their_sum),
		TEST(test_deadletter__is_not_cut_inside_a_character),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
