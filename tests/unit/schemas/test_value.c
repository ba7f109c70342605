/*
 * Values of each type: what is taken, what it is, and that a form other than
 * raw gives the JSON text back.
 */
#include <math.h>

#include "base/json.h"
#include "schemas/value.h"
#include "tests/test.h"

static const struct slice modes[] = { SLICE_INIT("ACTIVE"), SLICE_INIT("Off") };

static struct field field_of(enum field_type type, enum field_unit unit)
{
	return (struct field){
		.type = type,
		.unit = unit,
		.object = OBJECT_NONE,
		.values = modes,
		.nvalues = type == FIELD_ENUM ? 2 : 0,
	};
}

struct row {
	enum field_type type;
	const char *raw;     /* JSON text; strings here have no escapes */
	const char *printed; /* NULL: invalid; "": null */
	bool kept;           /* the form gives the text back */
};

static enum json_kind kind_of(const char *raw)
{
	return raw[0] == '"' ? JSON_STRING :
	       raw[0] == 't' ? JSON_TRUE :
	       raw[0] == 'f' ? JSON_FALSE :
			       JSON_NUMBER;
}

static void check_row(const struct field *f, const struct row *r, struct buf *b)
{
	struct slice raw = slice_str(r->raw), content = raw;
	enum value_status status;
	value_form form;
	struct value v;

	if (kind_of(r->raw) == JSON_STRING)
		content = slice_of(raw.p + 1, raw.len - 2);
	status = value_decode(f, kind_of(r->raw), content, raw, &v, &form);
	if (!r->printed || !r->printed[0]) {
		assert_int_equal(status,
				 r->printed ? VALUE_NULL : VALUE_INVALID);
		assert_int_equal(form, FORM_RAW);
		return;
	}
	assert_int_equal(status, VALUE_OK);
	buf_reset(b);
	value_print(b, f, &v);
	assert_slice(*b, r->printed);
	assert_int_equal(form != FORM_RAW, r->kept);
	if (form == FORM_RAW)
		return;
	buf_reset(b);
	value_render(b, f, &v, form);
	assert_slice(*b, r->raw);
}

static void check_rows(const struct row *rows, size_t n, enum field_unit unit)
{
	struct buf b;

	buf_init(&b, SIZE_MAX);
	for (size_t i = 0; i < n; i++) {
		struct field f = field_of(rows[i].type, unit);

		test_row("%s %s", field_type_name(rows[i].type), rows[i].raw);
		check_row(&f, &rows[i], &b);
	}
	buf_release(&b);
}

static void test_value__ints(void **state)
{
	static const struct row rows[] = {
		{ FIELD_INT, "0", "0", true },
		{ FIELD_INT, "-1", "-1", true },
		{ FIELD_INT, "42", "42", true },
		{ FIELD_INT, "9223372036854775807", "9223372036854775807",
		  true },
		{ FIELD_INT, "-9223372036854775808", "-9223372036854775808",
		  true },
		{ FIELD_INT, "9223372036854775808", NULL, false },
		{ FIELD_INT, "-9223372036854775809", NULL, false },
		{ FIELD_INT, "18446744073709551615", NULL, false },
		{ FIELD_INT, "99999999999999999999999999", NULL, false },
		{ FIELD_INT, "\"42\"", "42", true },
		{ FIELD_INT, "\"-7\"", "-7", true },
		{ FIELD_INT, "1.0", "1", true },
		{ FIELD_INT, "1.00", "1", true },
		{ FIELD_INT, "-3.000", "-3", true },
		{ FIELD_INT, "\"1.0\"", "1", true },
		{ FIELD_INT, "1.5", NULL, false },
		{ FIELD_INT, "1e3", "1000", false },
		{ FIELD_INT, "1E3", "1000", false },
		{ FIELD_INT, "1.5e1", "15", false },
		{ FIELD_INT, "1500e-2", "15", false },
		{ FIELD_INT, "15e-1", NULL, false },
		{ FIELD_INT, "0e99999999999", "0", false },
		{ FIELD_INT, "1e400", NULL, false },
		{ FIELD_INT, "1e-400", NULL, false },
		{ FIELD_INT, "-0", "0", false },
		{ FIELD_INT, "-0.0", "0", false },
		{ FIELD_INT, "100000000000000000000e-2", "1000000000000000000",
		  false },
		{ FIELD_INT, "1.00000000000000000000000000", "1", false },
		{ FIELD_INT, "\"\"", NULL, false },
		{ FIELD_INT, "\" 1\"", NULL, false },
		{ FIELD_INT, "\"1 \"", NULL, false },
		{ FIELD_INT, "\"+1\"", NULL, false },
		{ FIELD_INT, "\"007\"", NULL, false },
		{ FIELD_INT, "\"0x10\"", NULL, false },
		{ FIELD_INT, "\"one\"", NULL, false },
		{ FIELD_INT, "true", NULL, false },
	};

	(void)state;
	check_rows(rows, ARRAY_SIZE(rows), UNIT_NONE);
}

static void test_value__doubles(void **state)
{
	static const struct row rows[] = {
		{ FIELD_DOUBLE, "0", "0", true },
		{ FIELD_DOUBLE, "0.0", "0", true },
		{ FIELD_DOUBLE, "-0.0", "0", false },
		{ FIELD_DOUBLE, "1", "1", true },
		{ FIELD_DOUBLE, "1.0", "1", true },
		{ FIELD_DOUBLE, "-12.5", "-12.5", true },
		{ FIELD_DOUBLE, "12.50", "12.5", true },
		{ FIELD_DOUBLE, "0.1", "0.1", true },
		{ FIELD_DOUBLE, "0.30000000000000004", "0.30000000000000004",
		  true },
		{ FIELD_DOUBLE, "3.141592653589793", "3.141592653589793",
		  true },
		{ FIELD_DOUBLE, "1e-7", "1e-7", true },
		{ FIELD_DOUBLE, "1e-07", "1e-7", true },
		{ FIELD_DOUBLE, "1E-7", "1e-7", true },
		{ FIELD_DOUBLE, "1.0E10", "10000000000", true },
		{ FIELD_DOUBLE, "1.5e+300", "1.5e+300", true },
		{ FIELD_DOUBLE, "1.5e300", "1.5e+300", true },
		{ FIELD_DOUBLE, "1e+16", "10000000000000000", true },
		{ FIELD_DOUBLE, "1e21", "1e+21", true },
		{ FIELD_DOUBLE, "0.000001", "0.000001", true },
		{ FIELD_DOUBLE, "0.0000001", "1e-7", true },
		{ FIELD_DOUBLE, "100000000000000000000",
		  "100000000000000000000", true },
		{ FIELD_DOUBLE, "12345678901234567890", "12345678901234567000",
		  false },
		{ FIELD_DOUBLE, "5e-324", "5e-324", true },
		{ FIELD_DOUBLE, "1.7976931348623157e+308",
		  "1.7976931348623157e+308", true },
		{ FIELD_DOUBLE, "1e400", NULL, false },
		{ FIELD_DOUBLE, "-1e309", NULL, false },
		{ FIELD_DOUBLE, "1e-400", "0", false },
		{ FIELD_DOUBLE, "\"1.5\"", "1.5", true },
		{ FIELD_DOUBLE, "\"1.0\"", "1", true },
		{ FIELD_DOUBLE, "\"NaN\"", NULL, false },
		{ FIELD_DOUBLE, "\"inf\"", NULL, false },
		{ FIELD_DOUBLE, "\"\"", NULL, false },
		{ FIELD_DOUBLE, "\"0x1p3\"", NULL, false },
		{ FIELD_DOUBLE, "false", NULL, false },
	};

	(void)state;
	check_rows(rows, ARRAY_SIZE(rows), UNIT_NONE);
}

static void test_value__bools_and_enums(void **state)
{
	static const struct row rows[] = {
		{ FIELD_BOOL, "true", "true", true },
		{ FIELD_BOOL, "false", "false", true },
		{ FIELD_BOOL, "\"true\"", "true", true },
		{ FIELD_BOOL, "\"False\"", "false", true },
		{ FIELD_BOOL, "\"TRUE\"", "true", true },
		{ FIELD_BOOL, "\"tRuE\"", "true", false },
		{ FIELD_BOOL, "1", NULL, false },
		{ FIELD_BOOL, "\"yes\"", NULL, false },
		{ FIELD_BOOL, "\"\"", NULL, false },
		{ FIELD_ENUM, "\"ACTIVE\"", "ACTIVE", true },
		{ FIELD_ENUM, "\"active\"", "active", true },
		{ FIELD_ENUM, "\"OFF\"", "OFF", true },
		{ FIELD_ENUM, "\"on\"", NULL, false },
		{ FIELD_ENUM, "\"\"", NULL, false },
		{ FIELD_ENUM, "1", NULL, false },
	};

	(void)state;
	check_rows(rows, ARRAY_SIZE(rows), UNIT_NONE);
}

static void test_value__dates(void **state)
{
	static const struct row rows[] = {
		{ FIELD_DATE, "\"2026-01-02T03:04:05Z\"",
		  "2026-01-02T03:04:05Z", true },
		{ FIELD_DATE, "\"2026-01-02T03:04:05.123Z\"",
		  "2026-01-02T03:04:05.123Z", true },
		{ FIELD_DATE, "\"2026-01-02T03:04:05.120Z\"",
		  "2026-01-02T03:04:05.120Z", true },
		{ FIELD_DATE, "\"2026-01-02T03:04:05.12Z\"",
		  "2026-01-02T03:04:05.120Z", true },
		{ FIELD_DATE, "\"2026-01-02T03:04:05.000Z\"",
		  "2026-01-02T03:04:05Z", true },
		{ FIELD_DATE, "\"2026-01-02T03:04:05.000000000Z\"",
		  "2026-01-02T03:04:05Z", true },
		{ FIELD_DATE, "\"2026-01-02T03:04:05.123456789Z\"",
		  "2026-01-02T03:04:05.123456789Z", true },
		{ FIELD_DATE, "\"2026-01-02 03:04:05\"", "2026-01-02T03:04:05Z",
		  true },
		{ FIELD_DATE, "\"2026-01-02T03:04:05z\"",
		  "2026-01-02T03:04:05Z", true },
		{ FIELD_DATE, "\"2026-01-02t03:04:05+00:00\"",
		  "2026-01-02T03:04:05Z", true },
		{ FIELD_DATE, "\"2026-01-02T03:04:05-00:00\"",
		  "2026-01-02T03:04:05Z", true },
		{ FIELD_DATE, "\"2026-01-02T03:04:05+05:30\"",
		  "2026-01-01T21:34:05Z", true },
		{ FIELD_DATE, "\"2026-01-02T03:04:05-0800\"",
		  "2026-01-02T11:04:05Z", true },
		{ FIELD_DATE, "\"2026-01-02T03:04:05+23:45\"",
		  "2026-01-01T03:19:05Z", true },
		{ FIELD_DATE, "\"2026-01-02T03:04:05+00:01\"",
		  "2026-01-02T03:03:05Z", false },
		{ FIELD_DATE, "\"2026-01-02\"", "2026-01-02T00:00:00Z", true },
		{ FIELD_DATE, "\"1969-12-31T23:59:59.5Z\"",
		  "1969-12-31T23:59:59.500Z", true },
		{ FIELD_DATE, "\"2024-02-29T00:00:00Z\"",
		  "2024-02-29T00:00:00Z", true },
		{ FIELD_DATE, "\"2023-02-29T00:00:00Z\"", NULL, false },
		{ FIELD_DATE, "\"2026-13-01T00:00:00Z\"", NULL, false },
		{ FIELD_DATE, "\"2026-01-02T24:00:00Z\"", NULL, false },
		{ FIELD_DATE, "\"2026-01-02T03:04Z\"", NULL, false },
		{ FIELD_DATE, "\"2026-01-02T03:04:05.1234567890Z\"", NULL,
		  false },
		{ FIELD_DATE, "\"1600-01-01T00:00:00Z\"", NULL, false },
		{ FIELD_DATE, "\"2300-01-01T00:00:00Z\"", NULL, false },
		{ FIELD_DATE, "\"0001-01-01T00:00:00Z\"", "", false },
		{ FIELD_DATE, "\"0001-01-01T00:00:00\"", "", false },
		{ FIELD_DATE, "\"0001-01-01T00:00:00.000Z\"", "", false },
		{ FIELD_DATE, "\"0001-01-01T00:00:00+00:00\"", "", false },
		{ FIELD_DATE, "\"0001-01-01T00:00:01Z\"", NULL, false },
		{ FIELD_DATE, "\"\"", NULL, false },
		{ FIELD_DATE, "\"yesterday\"", NULL, false },
		{ FIELD_DATE, "\"2018\"", NULL, false },
		{ FIELD_DATE, "true", NULL, false },
		{ FIELD_DATE, "0", "1970-01-01T00:00:00Z", true },
		{ FIELD_DATE, "1700000000", "2023-11-14T22:13:20Z", true },
		{ FIELD_DATE, "1700000000.5", "2023-11-14T22:13:20.500Z",
		  true },
		{ FIELD_DATE, "1700000000.123456",
		  "2023-11-14T22:13:20.123456Z", true },
		{ FIELD_DATE, "1700000000.1234567891",
		  "2023-11-14T22:13:20.123456789Z", false },
		{ FIELD_DATE, "1700000000000", "2023-11-14T22:13:20Z", true },
		{ FIELD_DATE, "1700000000123.456",
		  "2023-11-14T22:13:20.123456Z", true },
		{ FIELD_DATE, "1700000000000000", "2023-11-14T22:13:20Z",
		  true },
		{ FIELD_DATE, "1700000000000000000", "2023-11-14T22:13:20Z",
		  true },
		{ FIELD_DATE, "\"1700000000\"", "2023-11-14T22:13:20Z", true },
		{ FIELD_DATE, "\"1700000000123\"", "2023-11-14T22:13:20.123Z",
		  true },
		{ FIELD_DATE, "1.7e9", "2023-11-14T22:13:20Z", false },
		{ FIELD_DATE, "-1", "1969-12-31T23:59:59Z", true },
		{ FIELD_DATE, "-1.25", "1969-12-31T23:59:58.750Z", true },
		{ FIELD_DATE, "99999999999999999999", NULL, false },
		{ FIELD_DATE, "1e30", NULL, false },
	};
	static const struct row in_ms[] = {
		{ FIELD_DATE, "1700000000", "1970-01-20T16:13:20Z", true },
		{ FIELD_DATE, "1700000000.5", "1970-01-20T16:13:20.000500Z",
		  true },
		{ FIELD_DATE, "1700000000000", "2023-11-14T22:13:20Z", true },
		{ FIELD_DATE, "\"2023-11-14T22:13:20Z\"",
		  "2023-11-14T22:13:20Z", true },
	};
	static const struct row in_ns[] = {
		{ FIELD_DATE, "1", "1970-01-01T00:00:00.000000001Z", true },
		{ FIELD_DATE, "1.5", "1970-01-01T00:00:00.000000001Z", false },
	};

	(void)state;
	check_rows(rows, ARRAY_SIZE(rows), UNIT_NONE);
	check_rows(in_ms, ARRAY_SIZE(in_ms), UNIT_MS);
	check_rows(in_ns, ARRAY_SIZE(in_ns), UNIT_NS);
}

static void test_value__addresses_and_uuids(void **state)
{
	static const struct row rows[] = {
		{ FIELD_IP, "\"192.168.248.90\"", "192.168.248.90", true },
		{ FIELD_IP, "\"0.0.0.0\"", "0.0.0.0", true },
		{ FIELD_IP, "\"::ffff:1.2.3.4\"", "1.2.3.4", true },
		{ FIELD_IP, "\"::ffff:102:304\"", "1.2.3.4", false },
		{ FIELD_IP, "\"::\"", "::", true },
		{ FIELD_IP, "\"::1\"", "::1", true },
		{ FIELD_IP, "\"fe80::1\"", "fe80::1", true },
		{ FIELD_IP, "\"FE80::1\"", "fe80::1", true },
		{ FIELD_IP, "\"Fe80::1\"", "fe80::1", false },
		{ FIELD_IP, "\"fe80::aB\"", "fe80::ab", false },
		{ FIELD_IP, "\"2001:db8::1:0:0:1\"", "2001:db8::1:0:0:1",
		  true },
		{ FIELD_IP, "\"2001:db8:0:0:1::1\"", "2001:db8::1:0:0:1",
		  false },
		{ FIELD_IP, "\"2001:db8:0:1:1:1:1:1\"", "2001:db8:0:1:1:1:1:1",
		  true },
		{ FIELD_IP, "\"2001:db8::1:1:1:1:1\"", "2001:db8:0:1:1:1:1:1",
		  false },
		{ FIELD_IP, "\"2001:db8:0:0:0:0:0:1\"", "2001:db8::1", true },
		{ FIELD_IP, "\"2001:DB8:0:0:0:0:0:1\"", "2001:db8::1", true },
		{ FIELD_IP, "\"2001:0db8:0000:0000:0000:0000:0000:0001\"",
		  "2001:db8::1", true },
		{ FIELD_IP, "\"2001:0DB8:0000:0000:0000:0000:0000:000A\"",
		  "2001:db8::a", true },
		{ FIELD_IP, "\"1::\"", "1::", true },
		{ FIELD_IP, "\"64:ff9b::1.2.3.4\"", "64:ff9b::102:304", false },
		{ FIELD_IP, "\"1:2:3:4:5:6:7:8\"", "1:2:3:4:5:6:7:8", true },
		{ FIELD_IP, "\"1:2:3:4:5:6:7::\"", "1:2:3:4:5:6:7:0", false },
		{ FIELD_IP, "\"\"", NULL, false },
		{ FIELD_IP, "\"1.2.3\"", NULL, false },
		{ FIELD_IP, "\"1.2.3.4.5\"", NULL, false },
		{ FIELD_IP, "\"1.2.3.256\"", NULL, false },
		{ FIELD_IP, "\"01.2.3.4\"", NULL, false },
		{ FIELD_IP, "\"1.2.3.4 \"", NULL, false },
		{ FIELD_IP, "\"1.2.3.4/8\"", NULL, false },
		{ FIELD_IP, "\"1..3.4\"", NULL, false },
		{ FIELD_IP, "\":\"", NULL, false },
		{ FIELD_IP, "\":::\"", NULL, false },
		{ FIELD_IP, "\"1::2::3\"", NULL, false },
		{ FIELD_IP, "\"1:2:3:4:5:6:7\"", NULL, false },
		{ FIELD_IP, "\"1:2:3:4:5:6:7:8:9\"", NULL, false },
		{ FIELD_IP, "\"1:2:3:4:5:6:7:8::\"", NULL, false },
		{ FIELD_IP, "\"12345::\"", NULL, false },
		{ FIELD_IP, "\"fe80::1%eth0\"", NULL, false },
		{ FIELD_IP, "\"1:2:3:4:5:6:7:1.2.3.4\"", NULL, false },
		{ FIELD_IP, "\"::1:\"", NULL, false },
		{ FIELD_IP, "16909060", NULL, false },
		{ FIELD_UUID, "\"7781808c-ad94-4c2d-9f4b-3a1c5e6d7f80\"",
		  "7781808c-ad94-4c2d-9f4b-3a1c5e6d7f80", true },
		{ FIELD_UUID, "\"7781808C-AD94-4C2D-9F4B-3A1C5E6D7F80\"",
		  "7781808c-ad94-4c2d-9f4b-3a1c5e6d7f80", true },
		{ FIELD_UUID, "\"7781808C-ad94-4c2d-9f4b-3a1c5e6d7f80\"",
		  "7781808c-ad94-4c2d-9f4b-3a1c5e6d7f80", false },
		{ FIELD_UUID, "\"00000000-0000-0000-0000-000000000000\"",
		  "00000000-0000-0000-0000-000000000000", true },
		{ FIELD_UUID, "\"7781808cad944c2d9f4b3a1c5e6d7f80\"", NULL,
		  false },
		{ FIELD_UUID, "\"7781808c-ad94-4c2d-9f4b-3a1c5e6d7f8\"", NULL,
		  false },
		{ FIELD_UUID, "\"7781808c-ad94-4c2d-9f4b-3a1c5e6d7f8g\"", NULL,
		  false },
		{ FIELD_UUID, "\"7781808c_ad94-4c2d-9f4b-3a1c5e6d7f80\"", NULL,
		  false },
		{ FIELD_UUID, "\"\"", NULL, false },
	};

	(void)state;
	check_rows(rows, ARRAY_SIZE(rows), UNIT_NONE);
}

/* Texts with escapes: raw, and what it decodes to. */
static void test_value__texts(void **state)
{
	static const struct {
		const char *raw, *content;
		bool kept;
	} rows[] = {
		{ "\"\"", "", true },
		{ "\"plain\"", "plain", true },
		{ "\"\xc3\xa9\x7f\"", "\xc3\xa9\x7f", true },
		{ "\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f\"",
		  "\"\\\b\f\n\r\t\x01\x1f", true },
		{ "\"a\\/b\"", "a/b", true },
		{ "\"a\\/b/c\"", "a/b/c", false },
		{ "\"\\u00e9\"", "\xc3\xa9", true },
		{ "\"\\u00E9\"", "\xc3\xa9", true },
		{ "\"\\u00e9\\u00E9\"", "\xc3\xa9\xc3\xa9", false },
		{ "\"\\ud83d\\ude00 \\u20ac\"", "\xf0\x9f\x98\x80 \xe2\x82\xac",
		  true },
		{ "\"\\u00e9\xc3\xa9\"", "\xc3\xa9\xc3\xa9", false },
		{ "\"\\u003cb\\u003e \\u0026\"", "<b> &", true },
		{ "\"\\u2028\"", "\xe2\x80\xa8", true },
		{ "\"\\u007f\\u00e9\"", "\x7f\xc3\xa9", true },
		{ "\"\\u0008\\u000c\"", "\b\f", true },
		{ "\"\\u0022\"", "\"", true },
		{ "\"\\u0027\\u002B\"", "'+", true },
		{ "\"\\u001F\"", "\x1f", true },
		{ "\"\\u0041\"", "A", false },
		{ "\"\\u000a\"", "\n", false },
		{ "17", "17", true },
		{ "-1.50E+7", "-1.50E+7", true },
		{ "true", "true", true },
		{ "false", "false", true },
	};
	struct field f = field_of(FIELD_TEXT, UNIT_NONE);
	struct buf b;

	(void)state;
	buf_init(&b, SIZE_MAX);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct slice raw = slice_str(rows[i].raw);
		value_form form;
		struct value v;

		test_row("%s", rows[i].raw);
		assert_int_equal(value_decode(&f, kind_of(rows[i].raw),
					      slice_str(rows[i].content), raw,
					      &v, &form),
				 VALUE_OK);
		assert_slice(v.text, rows[i].content);
		assert_int_equal(form != FORM_RAW, rows[i].kept);
		buf_reset(&b);
		if (form != FORM_RAW) {
			value_render(&b, &f, &v, form);
			assert_slice(b, rows[i].raw);
		}
	}
	buf_release(&b);
}

static void test_value__doubles_keep_their_order(void **state)
{
	static const double rows[] = {
		-INFINITY, -1.7e308, -1.5, -1.0, -5e-324, 0.0,     5e-324,
		1e-300,    0.1,      1.0,  1.5,  1e15,    1.7e308, INFINITY,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int64_t n = value_from_double(rows[i]);

		test_row("%g", rows[i]);
		assert_true(value_to_double(n) == rows[i]);
		if (i)
			assert_true(value_from_double(rows[i - 1]) < n);
	}
	assert_int_equal(value_from_double(-0.0), value_from_double(0.0));
}

/* Numbers with more digits than any double has, beside and on a tie. */
static void test_value__very_long_numbers_round_right(void **state)
{
	struct buf b;
	double d;
	int64_t n;

	(void)state;
	buf_init(&b, SIZE_MAX);
	/* 2^53 + 1 is a tie, and goes to the even 2^53; any digit more to 2^53 + 2. */
	buf_puts(&b, "9007199254740993.");
	for (int i = 0; i < 2000; i++)
		buf_putc(&b, '0');
	assert_true(value_parse_double(buf_slice(&b), &d));
	assert_true(d == 9007199254740992.0);
	buf_putc(&b, '1');
	assert_true(value_parse_double(buf_slice(&b), &d));
	assert_true(d == 9007199254740994.0);
	buf_reset(&b);
	buf_puts(&b, "0.");
	for (int i = 0; i < 1000; i++)
		buf_putc(&b, '0');
	buf_puts(&b, "1e1001");
	assert_true(value_parse_double(buf_slice(&b), &d));
	assert_true(d == 1.0);
	assert_true(value_parse_int(buf_slice(&b), &n));
	assert_int_equal(n, 1);
	buf_release(&b);
}

/* A damaged store can hold any form and any number. */
static void test_value__any_form_can_be_written(void **state)
{
	static const int64_t nums[] = { 0,
					1,
					-1,
					INT64_MIN,
					INT64_MAX,
					INT64_C(0x7ff0000000000000),
					INT64_C(0x7fefffffffffffff) };
	static const enum field_type types[] = {
		FIELD_KEYWORD, FIELD_INT, FIELD_DOUBLE, FIELD_BOOL,
		FIELD_DATE,    FIELD_IP,  FIELD_UUID,
	};
	struct buf b;

	(void)state;
	buf_init(&b, SIZE_MAX);
	for (size_t t = 0; t < ARRAY_SIZE(types); t++) {
		struct field f = field_of(types[t], UNIT_NONE);

		for (unsigned form = 0; form < 0x10000; form += 1 + form / 64) {
			for (size_t i = 0; i < ARRAY_SIZE(nums); i++) {
				struct value v = { .b16 = { 0 } };

				if (types[t] == FIELD_KEYWORD)
					v.text = SLICE_LIT(
						"a\"/\xc3\xa9\x01\xff");
				else
					v.num = nums[i];
				buf_reset(&b);
				value_render(&b, &f, &v, (value_form)form);
				assert_true(b.len > 0 && b.len <= 400);
			}
		}
	}
	buf_release(&b);
}

TEST_MAIN(TEST(test_value__ints), TEST(test_value__doubles),
	  TEST(test_value__bools_and_enums), TEST(test_value__dates),
	  TEST(test_value__addresses_and_uuids), TEST(test_value__texts),
	  TEST(test_value__doubles_keep_their_order),
	  TEST(test_value__very_long_numbers_round_right),
	  TEST(test_value__any_form_can_be_written))
