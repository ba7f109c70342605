#include "index/segment.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/limits.h"
#include "base/mem.h"
#include "index/part_int.h"
#include "tests/test.h"
#include "tests/unit/index/helper_segment.h"
#include "tests/unit/index/helper_store.h"

static void fill(struct helper_segment *h, uint32_t n, uint64_t seed)
{
	struct buf b;
	uint32_t i;

	helper_segment_init(h, helper_segment_schema);
	buf_init(&b, LIMIT_MESSAGE);
	for (i = 0; i < n; i++) {
		buf_reset(&b);
		if (i % 50 == 49)
			buf_printf(&b, "{ \"host\":\"odd\",\"count\":%u}", i);
		else
			helper_segment_message(&b, &seed, false);
		helper_segment_add(h, buf_slice(&b));
	}
	buf_release(&b);
	helper_segment_seal(h);
}

/* Packs that may be written to. */
static struct slice *copy_packs(const struct helper_segment *h)
{
	struct slice *packs = calloc(h->sealed->npacks, sizeof(*packs));
	uint32_t i;

	assert_non_null(packs);
	for (i = 0; i < h->sealed->npacks; i++) {
		char *p = malloc(h->sealed->packs[i].len);

		assert_non_null(p);
		memcpy(p, h->sealed->packs[i].p, h->sealed->packs[i].len);
		packs[i] = slice_of(p, h->sealed->packs[i].len);
	}
	return packs;
}

static void free_packs(const struct helper_segment *h, struct slice *packs)
{
	uint32_t i;

	for (i = 0; i < h->sealed->npacks; i++)
		free((char *)(uintptr_t)packs[i].p);
	free(packs);
}

static char *byte_of(struct slice pack, size_t i)
{
	return (char *)(uintptr_t)pack.p + i;
}

static void test_segment__numbers_rows(void **state)
{
	struct helper_segment h;
	const struct index_run *runs;
	struct err err = ERR_INIT;
	uint32_t n, row;

	(void)state;
	fill(&h, 100, 31);
	assert_int_equal(index_segment_rows(h.seg), 100);
	assert_int_equal(index_segment_runs(h.seg, &runs, &n, &err), 0);
	assert_int_equal(n, 1);
	assert_int_equal(runs[0].rows, 100);
	assert_true(runs[0].time_min == h.rows[0].time &&
		    runs[0].time_max == h.rows[99].time);
	assert_int_equal(index_segment_sequence(h.seg, 17), 1017);
	assert_true(index_segment_find_sequence(h.seg, 1099, &row));
	assert_int_equal(row, 99);
	assert_false(index_segment_find_sequence(h.seg, 999, &row));
	assert_false(index_segment_find_sequence(h.seg, 1100, &row));
	assert_int_equal(index_segment_received(h.seg, 99), 5);
	helper_segment_release(&h);
}

static void test_segment__knows_its_bounds(void **state)
{
	struct helper_segment h;
	struct index_bounds b;
	struct err err = ERR_INIT;
	uint8_t v6[16] = { [15] = 1 },
		v4[16] = { [10] = 0xff, 0xff, 10, 0, 0, 9 };

	(void)state;
	helper_segment_init(&h, helper_segment_schema);
	helper_segment_add_str(
		&h, "{\"host\":\"Zebra\",\"count\":-5,\"peer\":\"10.0.0.9\"}");
	helper_segment_add_str(
		&h,
		"{\"host\":\"apple\",\"count\":7,\"args\":[\"x\",\"y\",\"x\"]}");
	helper_segment_add_str(
		&h, "{\"text\":\"0123456789012345678901234567890123456789\","
		    "\"peer\":\"::1\",\"v\":[{\"qid\":3},{\"qid\":1},{}]}");
	helper_segment_seal(&h);
	assert_int_equal(index_segment_bounds(h.seg,
					      helper_segment_field(&h, "host"),
					      &b, &err),
			 0);
	assert_int_equal(b.present, 2);
	assert_int_equal(b.distinct, 2);
	assert_slice(b.text_min, "apple");
	assert_slice(b.text_max, "zebra");
	assert_false(b.max_cut);
	assert_int_equal(index_segment_bounds(h.seg,
					      helper_segment_field(&h, "count"),
					      &b, &err),
			 0);
	assert_true(b.has_range && b.num_min == -5 && b.num_max == 7 &&
		    b.distinct == 0);
	assert_int_equal(index_segment_bounds(h.seg,
					      helper_segment_field(&h, "args"),
					      &b, &err),
			 0);
	assert_int_equal(b.present, 1);
	assert_int_equal(b.values, 3);
	assert_int_equal(b.distinct, 2);
	assert_int_equal(index_segment_bounds(h.seg,
					      helper_segment_field(&h, "text"),
					      &b, &err),
			 0);
	assert_slice(b.text_max, "01234567890123456789012345678901");
	assert_true(b.max_cut);
	assert_int_equal(index_segment_bounds(h.seg,
					      helper_segment_field(&h, "peer"),
					      &b, &err),
			 0);
	assert_memory_equal(b.b16_min, v6, 16);
	assert_memory_equal(b.b16_max, v4, 16);
	assert_int_equal(index_segment_bounds(h.seg,
					      helper_segment_field(&h, "v.qid"),
					      &b, &err),
			 0);
	assert_int_equal(b.present, 1);
	assert_int_equal(b.values, 2);
	assert_int_equal(index_segment_bounds(h.seg,
					      helper_segment_field(&h, "ratio"),
					      &b, &err),
			 0);
	assert_int_equal(b.present, 0);
	assert_int_equal(index_segment_bounds(h.seg,
					      helper_segment_field(&h, "_seq"),
					      &b, &err),
			 0);
	assert_true(b.num_min == 1000 && b.num_max == 1002);
	assert_null(helper_segment_column(&h, "ratio"));
	helper_segment_release(&h);
}

static void test_segment__translates_callers_fields(void **state)
{
	static const char newer[] =
		"{\"dataset\":\"t\",\"title\":\"T\",\"kind\":\"log\",\"time\":\"time\",\"fields\":["
		"{\"name\":\"extra\",\"type\":\"int\"},{\"name\":\"host\",\"type\":\"keyword\"},"
		"{\"name\":\"time\",\"type\":\"date\"}]}";
	struct helper_segment h;
	struct dataset *ds = helper_dataset(newer);
	struct index_segment *seg;
	const struct index_column *c;
	const struct index_part_size *sizes;
	struct err err = ERR_INIT;
	field_id map[16];
	uint32_t i, n, of_host = 0;

	(void)state;
	fill(&h, 50, 32);
	for (i = 0; i < ds->nall; i++)
		map[i] = dataset_find(h.ds, ds->fields[i].name);
	assert_int_equal(map[0], FIELD_NONE);
	assert_int_equal(
		helper_segment_open_mapped(&h, map, ds->nall, &seg, &err), 0);
	assert_int_equal(index_segment_column(seg, 0, &c, &err), 0);
	assert_null(c);
	assert_int_equal(index_segment_column(seg, 1, &c, &err), 0);
	assert_non_null(c);
	assert_true(index_column_distinct(c) ==
		    index_column_distinct(helper_segment_column(&h, "host")));
	assert_int_equal(index_segment_sizes(seg, &sizes, &n, &err), 0);
	for (i = 0; i < n; i++)
		of_host += sizes[i].field == 1;
	assert_true(of_host >= 2);
	index_segment_close(seg);
	dataset_free(ds);
	helper_segment_release(&h);
}

static void count_line(void *ctx, const char *line)
{
	assert_true(strstr(line, "segment 7") != NULL);
	++*(uint32_t *)ctx;
}

/* Every byte of every part is under a checksum. */
static void test_segment__finds_every_flipped_byte(void **state)
{
	struct helper_segment h;
	struct index_segment *seg;
	struct slice *packs;
	struct err err = ERR_INIT;
	uint32_t pack, found, missed = 0, flips = 0;
	uint64_t parts;
	size_t i;

	(void)state;
	fill(&h, 200, 33);
	packs = copy_packs(&h);
	assert_int_equal(helper_segment_open(&h, packs, &seg, &err), 0);
	for (pack = 1; pack < h.sealed->npacks; pack++) {
		for (i = 0; i < packs[pack].len; i += 7) {
			*byte_of(packs[pack], i) ^= 0x10;
			found = 0;
			assert_int_equal(index_segment_check(seg, &parts,
							     count_line, &found,
							     &err),
					 0);
			missed += found == 0;
			flips++;
			*byte_of(packs[pack], i) ^= 0x10;
		}
	}
	/* Only padding between parts is under none. */
	assert_true(missed * 20 < flips);
	index_segment_close(seg);
	/* The statistics are checked when a segment is opened. */
	for (i = 0; i < packs[0].len; i++) {
		struct index_descriptor desc = h.desc;

		*byte_of(packs[0], i) ^= 1;
		assert_int_equal(helper_segment_open_as(&h, packs, &desc, &seg,
							&err),
				 ERR_CORRUPT);
		*byte_of(packs[0], i) ^= 1;
	}
	free_packs(&h, packs);
	helper_segment_release(&h);
}

/* Under ASan: no damage makes a reader leave its parts. */
static void test_segment__stays_inside_damaged_parts(void **state)
{
	struct helper_segment h;
	struct index_segment *seg;
	struct err err = ERR_INIT;
	uint64_t random = 34;
	uint32_t round, i, errors = 0;

	(void)state;
	fill(&h, 150, 35);
	for (round = 0; round < 3000; round++) {
		struct slice *packs = copy_packs(&h);

		for (i = 0; i < 1 + round % 6; i++) {
			struct slice pack =
				packs[helper_random(&random) % h.sealed->npacks];

			*byte_of(pack, helper_random(&random) % pack.len) =
				(char)helper_random(&random);
		}
		if (round % 5 == 0) {
			struct slice *pack =
				&packs[1 + helper_random(&random) %
						   (h.sealed->npacks - 1)];

			pack->len = helper_random(&random) % pack->len;
		}
		if (helper_segment_open(&h, packs, &seg, &err) == 0) {
			errors += helper_segment_read_all(seg, h.ds) > 0;
			index_segment_close(seg);
		} else {
			errors++;
		}
		free_packs(&h, packs);
	}
	assert_true(errors > 100);
	helper_segment_release(&h);
}

static void test_segment__survives_every_failing_allocation(void **state)
{
	struct helper_segment h;
	struct index_segment *seg;
	const struct index_column *c;
	struct err err = ERR_INIT;
	struct buf b;
	uint32_t i;
	uint64_t nth;
	int ret = -1;

	(void)state;
	fill(&h, 100, 36);
	buf_init(&b, LIMIT_MESSAGE);
	for (nth = 1; ret < 0; nth++) {
		mem_fail_after(nth);
		seg = NULL;
		ret = helper_segment_open(&h, h.sealed->packs, &seg, &err);
		for (i = 0; ret == 0 && i < h.ds->nall; i++)
			ret = index_segment_column(seg, (field_id)i, &c, &err);
		for (i = 0; ret == 0 && i < 100; i++) {
			buf_reset(&b);
			ret = index_segment_source(seg, i, &b, &err);
		}
		mem_fail_after(0);
		if (ret < 0)
			assert_int_equal(ret, ERR_NO_MEMORY);
		/* What failed can be asked for again. */
		for (i = 0; seg && i < 100; i++) {
			buf_reset(&b);
			assert_int_equal(index_segment_source(seg, i, &b, &err),
					 0);
			assert_true(slice_eq(buf_slice(&b),
					     slice_of(h.rows[i].message,
						      h.rows[i].len)));
		}
		index_segment_close(seg);
	}
	assert_true(nth > 30);
	buf_release(&b);
	helper_segment_release(&h);
}

static void test_segment__refuses_another_format(void **state)
{
	struct helper_segment h;
	struct index_segment *seg;
	struct slice *packs;
	struct err err = ERR_INIT;

	(void)state;
	fill(&h, 10, 37);
	packs = copy_packs(&h);
	*byte_of(packs[0], 4) = 9;
	assert_int_equal(helper_segment_open(&h, packs, &seg, &err),
			 ERR_VERSION);
	assert_string_equal(err.message,
			    "segment 7 has format 9, this program reads 1");
	free_packs(&h, packs);
	helper_segment_release(&h);
}

TEST_MAIN(TEST(test_segment__numbers_rows),
	  TEST(test_segment__knows_its_bounds),
	  TEST(test_segment__translates_callers_fields),
	  TEST(test_segment__finds_every_flipped_byte),
	  TEST(test_segment__stays_inside_damaged_parts),
	  TEST(test_segment__survives_every_failing_allocation),
	  TEST(test_segment__refuses_another_format))
