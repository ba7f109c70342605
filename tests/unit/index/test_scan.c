#include "index/scan.h"

#include <stdlib.h>

#include "base/limits.h"
#include "schemas/words.h"
#include "tests/test.h"
#include "tests/unit/index/helper_segment.h"
#include "tests/unit/index/helper_store.h"

/* What a scan must find, value by value. */
typedef bool match_fn(const struct index_column *c, uint32_t i,
		      const void *ctx);

struct scans {
	struct helper_segment h;
	struct arena arena;
	struct index_mask rows;
	struct index_mask elements;
	const struct index_column *c;
	const char *name;
};

static void check_rows(const struct scans *s, match_fn *match, const void *ctx)
{
	uint32_t row, first, n, k, hits = 0;

	for (row = 0; row < index_column_rows(s->c); row++) {
		bool hit = false;

		index_column_row(s->c, row, &first, &n);
		for (k = 0; k < n; k++)
			hit |= match(s->c, first + k, ctx);
		if (index_mask_get(s->rows, row) != hit)
			fail_msg("%s: row %u", s->name, row);
		hits += hit;
	}
	assert_int_equal(index_mask_count(s->rows), hits);
}

/* Elements hold the values in order, so presence says which is whose. */
static void check_elements(const struct scans *s, struct index_mask present,
			   match_fn *match, const void *ctx)
{
	uint32_t i, k = 0;

	for (i = 0; i < present.bits; i++) {
		bool hit = index_mask_get(present, i) && match(s->c, k, ctx);

		k += index_mask_get(present, i);
		if (index_mask_get(s->elements, i) != hit)
			fail_msg("%s: element %u", s->name, i);
	}
	assert_int_equal(k, index_column_values(s->c));
}

static bool any_value(const struct index_column *c, uint32_t i, const void *ctx)
{
	(void)c;
	(void)i;
	(void)ctx;
	return true;
}

static bool in_set(const struct index_column *c, uint32_t i, const void *ctx)
{
	const struct index_idset *set = ctx;
	uint32_t id = index_column_id(c, i);

	return id >= set->lo && id < set->hi &&
	       (!set->bitmap || (set->bitmap[id / 64] >> (id % 64) & 1));
}

static bool in_range(const struct index_column *c, uint32_t i, const void *ctx)
{
	const int64_t *range = ctx;
	struct value v;

	index_column_value(c, i, &v);
	return v.num >= range[0] && v.num <= range[1];
}

struct range16 {
	uint8_t lo[16], hi[16];
};

static bool in_range16(const struct index_column *c, uint32_t i,
		       const void *ctx)
{
	const struct range16 *range = ctx;
	struct value v;

	index_column_value(c, i, &v);
	return memcmp(v.b16, range->lo, 16) >= 0 &&
	       memcmp(v.b16, range->hi, 16) <= 0;
}

static void check_sets(struct scans *s, struct index_mask present,
		       uint64_t *random)
{
	uint32_t n = index_column_distinct(s->c), i, k;
	uint64_t *bitmap = calloc(n / 64 + 1, sizeof(*bitmap));

	assert_non_null(bitmap);
	for (k = 0; k < 12; k++) {
		struct index_idset set = { .bitmap = NULL };

		set.lo = (uint32_t)(helper_random(random) % (n + 1));
		set.hi = set.lo +
			 (uint32_t)(helper_random(random) % (n + 1 - set.lo));
		if (k < 2)
			set.hi = n, set.lo = k ? n : 0;
		/* Few runs, then many. */
		for (i = 0; k > 5 && i <= n / 64; i++)
			bitmap[i] = k % 2 ? helper_random(random) :
					    UINT64_C(0xf0);
		if (k > 5)
			set.bitmap = bitmap;
		index_scan_ids(s->c, &set, s->rows);
		check_rows(s, in_set, &set);
		if (present.words) {
			index_scan_ids_elements(s->c, &set, s->elements);
			check_elements(s, present, in_set, &set);
		}
	}
	free(bitmap);
}

static void check_nums(struct scans *s, struct index_mask present,
		       uint64_t *random)
{
	int64_t ranges[16][2] = { { INT64_MIN, INT64_MAX },
				  { 0, 0 },
				  { 5, 4 },
				  { INT64_MIN, -1 },
				  { 0, INT64_MAX } };
	uint32_t i;

	for (i = 0; i < ARRAY_SIZE(ranges); i++) {
		struct value a, b;

		index_column_value(s->c,
				   (uint32_t)(helper_random(random) %
					      index_column_values(s->c)),
				   &a);
		index_column_value(s->c,
				   (uint32_t)(helper_random(random) %
					      index_column_values(s->c)),
				   &b);
		if (i >= 5) {
			ranges[i][0] = a.num < b.num ? a.num : b.num;
			ranges[i][1] = a.num < b.num ? b.num : a.num;
		}
		if (i >= 10)
			ranges[i][1] = ranges[i][0];
		index_scan_nums(s->c, ranges[i][0], ranges[i][1], s->rows);
		check_rows(s, in_range, ranges[i]);
		if (present.words) {
			index_scan_nums_elements(s->c, ranges[i][0],
						 ranges[i][1], s->elements);
			check_elements(s, present, in_range, ranges[i]);
		}
	}
}

static void check_b16(struct scans *s, uint64_t *random)
{
	struct range16 r;
	struct value v;
	uint32_t i, k;

	for (i = 0; i < 10; i++) {
		index_column_value(s->c,
				   (uint32_t)(helper_random(random) %
					      index_column_values(s->c)),
				   &v);
		memcpy(r.lo, v.b16, 16);
		memcpy(r.hi, v.b16, 16);
		for (k = 0; i > 3 && k < 16; k++)
			r.hi[k] = (uint8_t)helper_random(random);
		index_scan_b16(s->c, r.lo, r.hi, s->rows);
		check_rows(s, in_range16, &r);
	}
}

static void check_column(struct scans *s, uint64_t *random)
{
	const struct field *f =
		&s->h.ds->fields[dataset_find(s->h.ds, slice_str(s->name))];
	struct index_mask present = { .words = NULL };
	struct err err = ERR_INIT;
	uint32_t n;

	test_row("%s", s->name);
	s->c = helper_segment_column(&s->h, s->name);
	assert_non_null(s->c);
	index_scan_present(s->c, s->rows);
	check_rows(s, any_value, NULL);
	assert_int_equal(index_mask_count(s->rows), index_column_present(s->c));
	if (f->object != OBJECT_NONE) {
		assert_int_equal(index_object_elements(s->h.seg, f->object, &n,
						       &err),
				 0);
		present = index_mask_new(&s->arena, n);
		s->elements = index_mask_new(&s->arena, n);
		assert_non_null(s->elements.words);
		index_scan_present_elements(s->c, present);
		assert_int_equal(index_mask_count(present),
				 index_column_values(s->c));
		/* Elements to rows. */
		index_scan_present(s->c, s->rows);
		n = (uint32_t)index_mask_count(s->rows);
		assert_int_equal(index_object_rows(s->h.seg, f->object, present,
						   s->rows, &err),
				 0);
		check_rows(s, any_value, NULL);
	}
	switch (index_column_coding(s->c)) {
	case INDEX_CODED_DICT:
		check_sets(s, present, random);
		break;
	case INDEX_CODED_NUM:
		check_nums(s, present, random);
		break;
	case INDEX_CODED_B16:
		check_b16(s, random);
		break;
	}
}

static void init(struct scans *s, uint32_t rows, uint64_t seed)
{
	struct buf b;
	uint32_t i;

	*s = (struct scans){ .name = "" };
	helper_segment_init(&s->h, helper_segment_schema);
	buf_init(&b, LIMIT_MESSAGE);
	for (i = 0; i < rows; i++) {
		buf_reset(&b);
		helper_segment_message(&b, &seed, false);
		helper_segment_add(&s->h, buf_slice(&b));
	}
	/* A list longer than a chunk of a scan, and many elements. */
	buf_reset(&b);
	buf_puts(&b, "{\"ports\":[0");
	for (i = 1; i < 60000; i++)
		buf_printf(&b, ",%u", i);
	buf_puts(&b, "],\"v\":[{\"qid\":1}");
	for (i = 1; i < 5000; i++)
		buf_printf(&b, ",{\"title\":\"t%u\"},{\"qid\":%u}", i % 3, i);
	buf_puts(&b, "]}");
	helper_segment_add(&s->h, buf_slice(&b));
	buf_release(&b);
	helper_segment_seal(&s->h);
	arena_init(&s->arena, (size_t)1 << 28);
	s->rows = index_mask_new(&s->arena, index_segment_rows(s->h.seg));
	assert_non_null(s->rows.words);
}

static void release(struct scans *s)
{
	arena_release(&s->arena);
	helper_segment_release(&s->h);
}

static void test_scan__finds_what_a_loop_over_values_finds(void **state)
{
	static const char *const names[] = {
		"time",    "id",      "host", "text",      "action",
		"count",   "ratio",   "on",   "peer",      "sha",
		"args",    "ports",   "pod",  "node",      "v.qid",
		"v.title", "v.fixed", "_seq", "_received",
	};
	static const uint32_t sizes[] = { 100, 5000,
					  2 * LIMIT_BLOCK_ROWS + 100 };
	uint64_t random = 21;
	struct scans s;
	uint32_t i, k;

	(void)state;
	for (k = 0; k < ARRAY_SIZE(sizes); k++) {
		init(&s, sizes[k], 20 + k);
		for (i = 0; i < ARRAY_SIZE(names); i++) {
			s.name = names[i];
			check_column(&s, &random);
		}
		release(&s);
	}
}

static void test_scan__finds_rows_by_time(void **state)
{
	struct err err = ERR_INIT;
	uint64_t random = 22;
	struct scans s;
	uint32_t i, row;

	(void)state;
	init(&s, 3000, 23);
	for (i = 0; i < 60; i++) {
		int64_t lo = s.h.rows[helper_random(&random) % s.h.nrows].time;
		int64_t hi = s.h.rows[helper_random(&random) % s.h.nrows].time;

		lo += (int64_t)(helper_random(&random) % 3) - 1;
		if (i == 0)
			lo = INT64_MIN, hi = INT64_MAX;
		assert_int_equal(index_scan_time(s.h.seg, lo, hi, s.rows, &err),
				 0);
		for (row = 0; row < s.h.nrows; row++)
			assert_int_equal(index_mask_get(s.rows, row),
					 s.h.rows[row].time >= lo &&
						 s.h.rows[row].time <= hi);
	}
	release(&s);
}

/* Each search compared with a walk over all entries. */
static void check_searches(const struct index_column *c, struct slice wanted)
{
	uint32_t n = index_column_distinct(c), i, lower = n, upper = n, end = n;
	uint32_t found = UINT32_MAX;
	struct buf folded;

	buf_init(&folded, 1 << 20);
	fold_append(&folded, wanted);
	for (i = n; i-- > 0;) {
		struct slice e = index_column_entry(c, i);

		if (fold_cmp_ci(e, buf_slice(&folded)) >= 0)
			lower = i;
		if (fold_cmp_ci(e, buf_slice(&folded)) > 0)
			upper = i;
		if (fold_cmp_ci(e, buf_slice(&folded)) > 0 &&
		    !fold_has_prefix(e, buf_slice(&folded)))
			end = i;
		if (slice_eq(e, wanted))
			found = i;
	}
	assert_int_equal(index_dict_lower(c, buf_slice(&folded)), lower);
	assert_int_equal(index_dict_upper(c, buf_slice(&folded)), upper);
	assert_int_equal(index_dict_prefix_end(c, buf_slice(&folded)), end);
	assert_int_equal(index_dict_find(c, wanted), found);
	buf_release(&folded);
}

static void test_scan__searches_dictionaries(void **state)
{
	static const char *const words[] = {
		"",       "h",  "H",      "host-1", "Host-1", "HOST-49", "line",
		"LINE 1", "zz", "000000", "t",      "-",      "\xc3\xa4"
	};
	static const char *const names[] = { "host", "text", "sha", "args",
					     "v.title" };
	const struct index_column *c;
	struct scans s;
	uint32_t i, k;

	(void)state;
	init(&s, 8000, 24);
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		c = helper_segment_column(&s.h, names[i]);
		for (k = 0; k < ARRAY_SIZE(words); k++) {
			test_row("%s in %s", words[k], names[i]);
			check_searches(c, slice_str(words[k]));
		}
		for (k = 0; k < index_column_distinct(c); k += 1 + k / 4)
			check_searches(c, index_column_entry(c, k));
	}
	c = helper_segment_column(&s.h, "peer");
	assert_int_equal(index_column_coding(c), INDEX_CODED_DICT);
	for (i = 0; i < index_column_distinct(c); i++) {
		uint8_t b[16];

		memcpy(b, index_column_entry(c, i).p, 16);
		assert_int_equal(index_dict_lower_b16(c, b), i);
		assert_int_equal(index_dict_upper_b16(c, b), i + 1);
		b[15]++;
		assert_int_equal(index_dict_upper_b16(c, b) -
					 index_dict_lower_b16(c, b),
				 i + 1 < index_column_distinct(c) &&
					 memcmp(index_column_entry(c, i + 1).p,
						b, 16) == 0);
	}
	release(&s);
}

TEST_MAIN(TEST(test_scan__finds_what_a_loop_over_values_finds),
	  TEST(test_scan__finds_rows_by_time),
	  TEST(test_scan__searches_dictionaries))
