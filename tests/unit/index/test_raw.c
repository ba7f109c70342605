#include "index/raw_int.h"

#include <stdlib.h>

#include "tests/test.h"
#include "tests/unit/index/helper_store.h"

enum { ROWS = 20000, FIRST = 65536 };

static struct index_raw_text texts[ROWS];
static char *bytes;

static uint32_t make(unsigned every, size_t most, uint64_t *random)
{
	uint32_t i, n = 0;
	size_t at = 0, k;

	bytes = malloc((size_t)32 << 20);
	assert_non_null(bytes);
	for (i = 0; i < ROWS; i++) {
		size_t len = most ? helper_random(random) % most : 0;

		if (helper_random(random) % every)
			continue;
		if (at + len > (size_t)32 << 20)
			break;
		texts[n++] =
			(struct index_raw_text){ FIRST + i,
						 slice_of(bytes + at, len) };
		for (k = 0; k < len; k++)
			bytes[at++] = (char)('a' + helper_random(random) % 3);
	}
	return n;
}

static void test_raw__gives_back_texts_in_any_order(void **state)
{
	static const struct {
		const char *name;
		unsigned every;
		size_t most;
	} rows[] = { { "all rows, short", 1, 20 },
		     { "few rows", 700, 200 },
		     { "empty texts", 3, 0 },
		     { "longer than a chunk", 400, 300000 } };
	uint64_t random = 61;
	uint32_t i, k, n;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct index_raw_cache cache;
		struct index_zstd *z;
		struct index_raw raw;
		struct slice part, text;
		struct arena a;
		struct buf b;
		uint32_t rank;

		test_row("%s", rows[i].name);
		n = make(rows[i].every, rows[i].most, &random);
		arena_init(&a, 1 << 24);
		buf_init(&b, (size_t)64 << 20);
		assert_int_equal(index_zstd_new(&z), 0);
		assert_int_equal(
			index_raw_encode(z, &b, &a, texts, n, FIRST, ROWS), 0);
		assert_true(index_raw_open(&raw, buf_slice(&b), ROWS));
		index_raw_cache_init(&cache);
		for (k = 0; k < n; k++) {
			assert_true(index_set_lookup(
				&raw.rows, texts[k].row - FIRST, &rank));
			assert_int_equal(rank, k);
			assert_int_equal(index_raw_text(&raw, &cache, k, &text),
					 0);
			assert_true(slice_eq(text, texts[k].text));
		}
		for (k = 0; k < 200; k++) {
			rank = (uint32_t)(helper_random(&random) % n);
			assert_int_equal(
				index_raw_text(&raw, &cache, rank, &text), 0);
			assert_true(slice_eq(text, texts[rank].text));
		}
		/* Damage is an error or another text, not a read outside. */
		for (k = 0; k < 300; k++) {
			size_t at = helper_random(&random) % b.len;
			char old = b.p[at];

			b.p[at] = (char)helper_random(&random);
			cache.raw = NULL;
			if (index_raw_open(&raw, buf_slice(&b), ROWS) &&
			    raw.lengths.n)
				(void)!index_raw_text(&raw, &cache,
						      k % raw.lengths.n, &text);
			b.p[at] = old;
		}
		for (part = buf_slice(&b); part.len > 0; part.len /= 2) {
			part.len--;
			(void)index_raw_open(&raw, part, ROWS);
		}
		index_raw_cache_release(&cache);
		index_zstd_free(z);
		buf_release(&b);
		arena_release(&a);
		free(bytes);
	}
}

TEST_MAIN(TEST(test_raw__gives_back_texts_in_any_order))
