#include "index/builder.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/mem.h"
#include "tests/test.h"
#include "tests/unit/index/helper_segment.h"
#include "tests/unit/index/helper_store.h"

/* Sealed together: every message comes back, `exceptions` of them kept whole. */
struct batch {
	const char *name;
	uint32_t exceptions;
	const char *messages[16];
};

static const struct batch batches[] = {
	{ "nothing in it", 0, { "{}", "{}" } },
	{ "plain and spaced",
	  0,
	  { "{\"host\":\"a\",\"count\":1}",
	    "{\"host\": \"a\", \"count\": 1}" } },
	{ "other white space",
	  3,
	  { "{ \"host\":\"a\"}", "{\"host\":\"a\"\n}",
	    "{\"host\" :\"a\",\"count\":1}", "{\"host\":\"a\",\"count\":2}" } },
	{ "any order of keys",
	  0,
	  { "{\"host\":\"a\",\"count\":1,\"text\":\"x\"}",
	    "{\"count\":1,\"host\":\"a\",\"text\":\"x\"}",
	    "{\"text\":\"x\",\"count\":1,\"host\":\"a\"}" } },
	{ "null, absent and empty",
	  0,
	  { "{\"host\":null}", "{}", "{\"host\":\"\"}", "{\"args\":[]}",
	    "{\"args\":null}", "{\"args\":[\"\"]}", "{\"args\":\"x\"}",
	    "{\"args\":[\"x\"]}", "{\"time\":null}" } },
	{ "numbers as they were written",
	  0,
	  { "{\"count\":0}", "{\"count\":-0}", "{\"count\":1.0}",
	    "{\"count\":1e3}", "{\"count\":\"17\"}",
	    "{\"count\":12345678901234567890}", "{\"ratio\":1e400}",
	    "{\"ratio\":0.10}", "{\"ratio\":1.5}", "{\"ratio\":-0.0}",
	    "{\"ratio\":1E5}", "{\"ratio\":\"0.5\"}",
	    "{\"count\":9223372036854775807}",
	    "{\"count\":-9223372036854775808}" } },
	{ "times as they were written",
	  0,
	  { "{\"time\":\"2026-11-01T00:00:00Z\"}",
	    "{\"time\":\"2026-11-01T00:00:00.5Z\"}",
	    "{\"time\":\"2026-11-01T00:00:00.123456789Z\"}",
	    "{\"time\":\"2026-11-01 00:00:00+02:00\"}", "{\"time\":1793491200}",
	    "{\"time\":1793491200123}", "{\"time\":\"0001-01-01T00:00:00Z\"}",
	    "{\"time\":\"2026-02-30T00:00:00Z\"}", "{\"time\":[]}",
	    "{\"at\":\"2026-11-01\"}" } },
	{ "values that do not fit",
	  0,
	  { "{\"count\":\"many\"}", "{\"count\":[1]}", "{\"host\":{\"a\":1}}",
	    "{\"on\":\"maybe\"}", "{\"action\":\"ask\"}",
	    "{\"peer\":\"10.0.0\"}", "{\"id\":\"x\"}",
	    "{\"ports\":[1,\"x\",3]}", "{\"ports\":[1,[2]]}",
	    "{\"ports\":[1,null]}" } },
	{ "case and forms",
	  0,
	  { "{\"action\":\"deny\"}", "{\"action\":\"DENY\"}", "{\"on\":true}",
	    "{\"on\":\"TRUE\"}",
	    "{\"id\":\"AAAAAAAA-0000-4000-8000-000000000001\"}",
	    "{\"id\":\"aaaaaaaa-0000-4000-8000-000000000001\"}",
	    "{\"peer\":\"::1\"}", "{\"peer\":\"10.0.0.1\"}",
	    "{\"peer\":\"::FFFF:10.0.0.1\"}", "{\"host\":17}",
	    "{\"host\":true}", "{\"host\":1.50}" } },
	{ "escapes",
	  0,
	  { "{\"text\":\"a\\nb\"}", "{\"text\":\"a\\u000ab\"}",
	    "{\"text\":\"\\/\"}", "{\"text\":\"/\"}", "{\"text\":\"\\u00e4\"}",
	    "{\"text\":\"\xc3\xa4\"}", "{\"text\":\"\\ud800\"}",
	    "{\"text\":\"\\ud83d\\ude00\"}", "{\"text\":\"\\u0000\"}",
	    "{\"text\":\"\\\"\\\\\"}", "{\"text\":\"\\u001F\"}",
	    "{\"text\":\"\\u001f\"}", "{\"text\":\"\x7f\"}" } },
	{ "unknown keys",
	  0,
	  { "{\"x\":1,\"host\":\"a\",\"y\":[1,{\"z\":null}]}",
	    "{\"x\":null,\"host\":\"a\"}", "{\"host\":\"a\",\"y\":\"\\u00e4\"}",
	    "{\"\":1}", "{\"k8s\":{\"other\":1,\"node\":\"n\"}}",
	    "{\"k8s.node\":\"n\"}", "{\"v\":1}", "{\"v\":null}" } },
	{ "doubled and escaped keys",
	  4,
	  { "{\"host\":\"a\",\"host\":\"b\"}", "{\"h\\u006fst\":\"a\"}",
	    "{\"x\":1,\"x\":2}",
	    "{\"k8s\":{\"node\":\"a\"},\"k8s\":{\"node\":\"b\"}}",
	    "{\"host\":\"a\"}" } },
	{ "nested objects",
	  0,
	  { "{\"k8s\":{\"pod\":{\"name\":\"p\"},\"node\":\"n\"},\"host\":\"a\"}",
	    "{\"k8s\":{\"node\":\"n\"},\"host\":\"a\"}", "{\"host\":\"a\"}",
	    "{\"k8s\":{\"pod\":{\"name\":\"p\"}},\"host\":\"a\"}",
	    "{\"k8s\":{}}", "{\"k8s\":1}", "{\"k8s\":null}",
	    "{\"k8s\":{\"node\":null}}", "{\"k8s\":{\"x\":{\"y\":1}}}" } },
	{ "arrays of objects",
	  0,
	  { "{\"v\":[{\"qid\":1,\"title\":\"a\"},{\"qid\":2},{\"title\":\"c\"},{}]}",
	    "{\"v\":[]}", "{\"v\":{\"qid\":3}}", "{\"v\":[{\"qid\":\"x\"}]}",
	    "{\"v\":[1]}", "{\"v\":[{\"qid\":4,\"qid\":5,\"from\":\"::1\"}]}",
	    "{\"v\":[{\"other\":1}]}" } },
	{ "lists",
	  1,
	  { "{\"args\":[\"a\",\"b\"],\"ports\":[1,2,3]}",
	    "{\"args\": [\"a\", \"b\"], \"ports\": [1, 2, 3]}",
	    "{\"args\":[\"a\", \"b\"]}", "{\"ports\":[\"1\",2]}",
	    "{\"ips\":[\"::1\",\"10.0.0.1\"]}",
	    "{\"ports\": 5, \"host\":\"x\"}", "{\"args\":[\"a\",7,true]}" } },
	{ "optional keys out of any first sight",
	  0,
	  { "{\"host\":\"a\",\"sha\":\"s\"}",
	    "{\"host\":\"a\",\"peer\":\"::1\",\"sha\":\"s\"}",
	    "{\"host\":\"a\",\"count\":1,\"sha\":\"s\"}",
	    "{\"host\":\"a\",\"text\":\"t\",\"sha\":\"s\"}",
	    "{\"text\":\"t\",\"count\":1,\"peer\":\"::1\",\"sha\":\"s\"}" } },
};

static void test_builder__gives_back_every_message(void **state)
{
	uint32_t i, k;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(batches); i++) {
		struct helper_segment h;

		test_row("%s", batches[i].name);
		helper_segment_init(&h, helper_segment_schema);
		for (k = 0; k < ARRAY_SIZE(batches[i].messages) &&
			    batches[i].messages[k];
		     k++)
			helper_segment_add_str(&h, batches[i].messages[k]);
		helper_segment_seal(&h);
		helper_segment_compare(&h);
		assert_int_equal(index_sealed_exceptions(h.sealed),
				 batches[i].exceptions);
		helper_segment_release(&h);
	}
}

static void fill(struct helper_segment *h, uint32_t n, uint64_t seed)
{
	struct buf b;
	uint32_t i;

	buf_init(&b, LIMIT_MESSAGE);
	for (i = 0; i < n; i++) {
		buf_reset(&b);
		helper_segment_message(&b, &seed, i % 3 == 0);
		helper_segment_add(h, buf_slice(&b));
	}
	buf_release(&b);
}

static void
test_builder__gives_back_ordinary_messages_without_exceptions(void **state)
{
	struct helper_segment h;

	(void)state;
	helper_segment_init(&h, helper_segment_schema);
	fill(&h, 3000, 11);
	helper_segment_seal(&h);
	helper_segment_compare(&h);
	assert_int_equal(index_sealed_exceptions(h.sealed), 0);
	helper_segment_release(&h);
}

static void test_builder__makes_the_same_bytes_again(void **state)
{
	struct helper_segment h, g;
	uint32_t i;

	(void)state;
	helper_segment_init(&h, helper_segment_schema);
	helper_segment_init(&g, helper_segment_schema);
	/* One builder is warm, the other new. */
	fill(&h, 500, 3);
	helper_segment_clear(&h);
	fill(&h, 400, 12);
	fill(&g, 400, 12);
	helper_segment_seal(&h);
	helper_segment_seal(&g);
	assert_int_equal(h.sealed->npacks, g.sealed->npacks);
	for (i = 0; i < h.sealed->npacks; i++)
		assert_true(slice_eq(h.sealed->packs[i], g.sealed->packs[i]));
	helper_segment_release(&h);
	helper_segment_release(&g);
}

static void test_builder__holds_more_rows_than_a_block(void **state)
{
	struct helper_segment h;

	(void)state;
	helper_segment_init(&h, helper_segment_schema);
	fill(&h, 2 * LIMIT_BLOCK_ROWS + 777, 13);
	/* Exceptions in the first and the last block. */
	helper_segment_add_str(&h, "{ \"time\":\"2020-01-01T00:00:00Z\"}");
	helper_segment_add_str(&h, "{ \"time\":\"2030-01-01T00:00:00Z\"}");
	helper_segment_seal(&h);
	helper_segment_compare(&h);
	assert_int_equal(index_sealed_exceptions(h.sealed), 2);
	helper_segment_release(&h);
}

static void test_builder__allocates_nothing_once_warm(void **state)
{
	struct helper_segment h;
	const struct record *rec;
	struct decode_refusal refused;
	struct err err = ERR_INIT;
	struct buf b;
	uint64_t random, count = 0, before;
	uint32_t round, i;

	(void)state;
	helper_segment_init(&h, helper_segment_schema);
	buf_init(&b, LIMIT_MESSAGE);
	for (round = 0; round < 2; round++) {
		random = 14;
		for (i = 0; i < 2000; i++) {
			buf_reset(&b);
			helper_segment_message(&b, &random, false);
			assert_int_equal(decode_message(h.decoder,
							buf_slice(&b), &rec,
							&refused, &err),
					 0);
			before = mem_count();
			assert_int_equal(
				index_builder_add(h.builder, rec, &err), 0);
			count += mem_count() - before;
		}
		assert_int_equal(index_builder_rows(h.builder), 2000);
		index_builder_clear(h.builder);
		assert_int_equal(index_builder_rows(h.builder), 0);
		if (round == 0) {
			assert_true(count > 0);
			count = 0;
		}
	}
	assert_int_equal(count, 0);
	buf_release(&b);
	helper_segment_release(&h);
}

static void
test_builder__keeps_many_templates_and_then_whole_messages(void **state)
{
	static const char *const keys[] = { "host", "text",  "sha",
					    "pod",  "count", "on" };
	struct helper_segment h;
	uint64_t random = 15;
	struct buf b;
	uint32_t i, k;

	(void)state;
	helper_segment_init(&h, helper_segment_schema);
	buf_init(&b, LIMIT_MESSAGE);
	for (i = 0; i < 3000; i++) {
		uint32_t used = 0;

		/* Keys in a random order, and ever new ones. */
		buf_reset(&b);
		buf_puts(&b, "{");
		while (used != 63) {
			k = (uint32_t)(helper_random(&random) %
				       ARRAY_SIZE(keys));
			if (used >> k & 1)
				continue;
			used |= 1u << k;
			buf_printf(&b, "%s\"%s\":%s", b.len > 1 ? "," : "",
				   keys[k],
				   k < 4  ? "\"v\"" :
				   k == 4 ? "4" :
					    "true");
		}
		buf_printf(&b, ",\"new%u\":[%u]}", i, i);
		helper_segment_add(&h, buf_slice(&b));
	}
	helper_segment_seal(&h);
	helper_segment_compare(&h);
	buf_release(&b);
	helper_segment_release(&h);
}

static void test_builder__survives_every_failing_allocation(void **state)
{
	struct helper_segment h;
	const struct record *rec;
	struct decode_refusal refused;
	struct index_builder *builder;
	struct index_sealed *sealed;
	struct err err = ERR_INIT;
	uint64_t random = 16, nth;
	uint32_t failed = 0, i;
	struct buf b;
	int ret;

	(void)state;
	helper_segment_init(&h, helper_segment_schema);
	buf_init(&b, LIMIT_MESSAGE);
	for (nth = 1;; nth++) {
		mem_fail_after(nth);
		ret = index_builder_new(&builder, h.ds, &err);
		mem_fail_after(0);
		if (ret == 0)
			break;
		assert_int_equal(ret, ERR_NO_MEMORY);
	}
	index_builder_free(builder);
	/* A row that could not be added leaves no trace. */
	for (i = 0; i < 1500; i++) {
		buf_reset(&b);
		if (i % 100 == 99)
			buf_printf(&b, "{ \"odd%u\": 1,\"host\":\"h%u\"}", i,
				   i);
		else
			helper_segment_message(&b, &random, i % 2);
		assert_int_equal(decode_message(h.decoder, buf_slice(&b), &rec,
						&refused, &err),
				 0);
		for (nth = 1;; nth++) {
			struct record copy = *rec;

			if (!copy.has_time)
				copy.time = INT64_C(1770000000000000000) + i;
			mem_fail_after(nth);
			ret = index_builder_add(h.builder, &copy, &err);
			mem_fail_after(0);
			if (ret == 0)
				break;
			failed++;
			assert_int_equal(ret, ERR_NO_MEMORY);
			assert_int_equal(index_builder_rows(h.builder), i);
		}
	}
	assert_true(failed > 30);
	for (nth = 1;; nth++) {
		mem_fail_after(nth);
		ret = index_builder_seal(h.builder, &sealed, &err);
		mem_fail_after(0);
		if (ret == 0)
			break;
		assert_int_equal(ret, ERR_NO_MEMORY);
		assert_int_equal(index_builder_rows(h.builder), 1500);
	}
	assert_int_equal(index_builder_rows(h.builder), 0);
	assert_int_equal(index_sealed_rows(sealed), 1500);
	assert_int_equal(index_sealed_exceptions(sealed), 15);
	index_sealed_free(sealed);
	buf_release(&b);
	helper_segment_release(&h);
}

static void test_builder__rolls_back_to_the_very_same_segment(void **state)
{
	struct helper_segment h, g;
	const struct record *rec;
	struct decode_refusal refused;
	struct err err = ERR_INIT;
	uint64_t random = 17, nth;
	struct buf b;
	uint32_t i;

	(void)state;
	helper_segment_init(&h, helper_segment_schema);
	helper_segment_init(&g, helper_segment_schema);
	buf_init(&b, LIMIT_MESSAGE);
	for (i = 0; i < 300; i++) {
		buf_reset(&b);
		helper_segment_message(&b, &random, false);
		helper_segment_add(&g, buf_slice(&b));
		assert_int_equal(decode_message(h.decoder, buf_slice(&b), &rec,
						&refused, &err),
				 0);
		for (nth = 1;; nth++) {
			int ret;

			mem_fail_after(nth);
			ret = index_builder_add(h.builder, rec, &err);
			mem_fail_after(0);
			if (ret == 0)
				break;
		}
	}
	helper_segment_seal(&h);
	helper_segment_seal(&g);
	assert_int_equal(h.sealed->npacks, g.sealed->npacks);
	for (i = 0; i < h.sealed->npacks; i++)
		assert_true(slice_eq(h.sealed->packs[i], g.sealed->packs[i]));
	buf_release(&b);
	helper_segment_release(&h);
	helper_segment_release(&g);
}

static void test_builder__keeps_long_values_and_messages(void **state)
{
	struct helper_segment h;
	struct buf b;
	uint32_t i, n;

	(void)state;
	helper_segment_init(&h, helper_segment_schema);
	buf_init(&b, LIMIT_MESSAGE);
	/* Around the limit of what is searched, and of a message. */
	for (n = LIMIT_VALUE - 1; n <= LIMIT_VALUE + 1; n++) {
		buf_reset(&b);
		buf_puts(&b, "{\"text\":\"");
		for (i = 0; i < n; i++)
			buf_putc(&b, (char)('a' + i % 26));
		buf_puts(&b, "\"}");
		helper_segment_add(&h, buf_slice(&b));
	}
	for (n = 0; n < 100; n++) {
		buf_reset(&b);
		buf_puts(&b, "{\"x\":\"");
		while (b.len + 2 + n < LIMIT_MESSAGE)
			buf_putc(&b, 'x');
		buf_puts(&b, "\"}");
		if (n % 10 == 0)
			helper_segment_add(&h, buf_slice(&b));
	}
	helper_segment_seal(&h);
	helper_segment_compare(&h);
	buf_release(&b);
	helper_segment_release(&h);
}

static void test_builder__keeps_tables_in_the_order_of_arrival(void **state)
{
	static const char schema[] =
		"{\"dataset\":\"t\",\"title\":\"T\",\"kind\":\"table\",\"key\":\"k\",\"fields\":["
		"{\"name\":\"k\",\"type\":\"keyword\"},{\"name\":\"n\",\"type\":\"int\"}]}";
	struct helper_segment h;

	(void)state;
	helper_segment_init(&h, schema);
	helper_segment_add_str(&h, "{\"k\":\"z\",\"n\":3}");
	helper_segment_add_str(&h, "{\"k\":\"a\",\"n\":1}");
	helper_segment_add_str(&h, "{\"k\":\"m\"}");
	helper_segment_seal(&h);
	helper_segment_compare(&h);
	helper_segment_release(&h);
}

TEST_MAIN(TEST(test_builder__gives_back_every_message),
	  TEST(test_builder__gives_back_ordinary_messages_without_exceptions),
	  TEST(test_builder__makes_the_same_bytes_again),
	  TEST(test_builder__holds_more_rows_than_a_block),
	  TEST(test_builder__allocates_nothing_once_warm),
	  TEST(test_builder__keeps_many_templates_and_then_whole_messages),
	  TEST(test_builder__survives_every_failing_allocation),
	  TEST(test_builder__rolls_back_to_the_very_same_segment),
	  TEST(test_builder__keeps_long_values_and_messages),
	  TEST(test_builder__keeps_tables_in_the_order_of_arrival))
