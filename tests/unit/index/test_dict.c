#include "index/dict_int.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/test.h"
#include "tests/unit/index/helper_store.h"

enum { MOST = 40000 };

static char *texts[MOST];
static struct slice entries[MOST];
static uint32_t order[MOST];

struct dict_row {
	const char *name;
	uint32_t n;
	enum index_dict_form form;
	bool many_blocks;
	void (*make)(uint32_t i, struct buf *b);
};

static void make_short(uint32_t i, struct buf *b)
{
	buf_printf(b, "%06u%s", i, i % 2 ? "x" : "");
}

static void make_long(uint32_t i, struct buf *b)
{
	uint32_t k;

	buf_printf(b, "%06u", i);
	for (k = 0; k < i % 7 * 3000; k++)
		buf_putc(b, 'y');
}

static void make_even(uint32_t i, struct buf *b)
{
	buf_printf(b, "%08u-Z", i);
}

static void make_hex(uint32_t i, struct buf *b)
{
	buf_printf(b, "sha256:%064x", i);
}

static void make_bare_hex(uint32_t i, struct buf *b)
{
	buf_printf(b, "%032x", i);
}

static void make_upper_hex(uint32_t i, struct buf *b)
{
	buf_printf(b, "%031XF", i);
}

static const struct dict_row rows[] = {
	{ "one", 1, DICT_FIXED, false, make_short },
	{ "63", 63, DICT_NEAR, false, make_short },
	{ "64", 64, DICT_NEAR, false, make_short },
	{ "65", 65, DICT_NEAR, false, make_short },
	{ "many", MOST, DICT_NEAR, false, make_short },
	{ "long ones", 300, DICT_FAR, true, make_long },
	{ "of one length", MOST, DICT_FIXED, false, make_even },
	{ "digests", MOST, DICT_HEX, true, make_hex },
	{ "hex", 1000, DICT_HEX, false, make_bare_hex },
	{ "upper-case hex is text", 1000, DICT_FIXED, false, make_upper_hex },
};

static void make_entries(const struct dict_row *row)
{
	uint32_t i;

	for (i = 0; i < row->n; i++) {
		struct buf b;

		buf_init(&b, 1 << 20);
		row->make(i, &b);
		/* In any order in memory. */
		order[i] = row->n - 1 - i;
		texts[i] = b.p;
		entries[row->n - 1 - i] = buf_slice(&b);
	}
}

static int open_parts(struct index_dict *d, const struct index_writer *w)
{
	uint32_t i;
	int ret = 0;

	*d = (struct index_dict){ .n = 0 };
	for (i = 0; ret == 0 && i < w->nparts; i++)
		ret = index_dict_add(d, slice_of(w->out.p + w->parts[i].start,
						 w->parts[i].length));
	return ret < 0 ? ret : index_dict_finish(d);
}

static void test_dict__gives_back_every_form(void **state)
{
	char scratch[DICT_HEX_MAX];
	struct index_writer w;
	struct index_dict d;
	uint32_t i, k;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		test_row("%s", rows[i].name);
		make_entries(&rows[i]);
		index_writer_init(&w);
		assert_int_equal(
			index_dict_encode(&w, 3, entries, order, rows[i].n), 0);
		assert_int_equal(w.nparts > 1, rows[i].many_blocks);
		assert_int_equal(open_parts(&d, &w), 0);
		assert_int_equal(d.n, rows[i].n);
		assert_int_equal(d.blocks[0].form, rows[i].form);
		for (k = 0; k < d.n; k++) {
			struct slice want = entries[order[k]];

			assert_true(slice_eq(index_dict_peek(&d, k, scratch),
					     want));
			assert_true(slice_eq(index_dict_entry(&d, k), want));
		}
		/* Runs are the entries, end to end. */
		for (k = 0; k < d.n;) {
			uint32_t n, in;
			struct slice run = index_dict_run(&d, k, &n);

			assert_true(n > 0 && n <= d.n - k);
			for (in = 0; in < n; in++, k++) {
				struct slice want = entries[order[k]];

				assert_true(want.len <= run.len);
				assert_memory_equal(run.p, want.p, want.len);
				run = slice_of(run.p + want.len,
					       run.len - want.len);
			}
			assert_int_equal(run.len, 0);
		}
		index_dict_release(&d);
		index_writer_release(&w);
		for (k = 0; k < rows[i].n; k++)
			free(texts[k]);
	}
}

static void test_dict__refuses_parts_that_do_not_fit_together(void **state)
{
	struct index_writer w;
	struct index_dict d;
	uint32_t k;

	(void)state;
	make_entries(&rows[7]);
	index_writer_init(&w);
	assert_int_equal(index_dict_encode(&w, 3, entries, order, rows[7].n),
			 0);
	/* A block is missing, cut short, or of another shape. */
	d = (struct index_dict){ .n = 0 };
	assert_int_equal(index_dict_add(&d, slice_of(w.out.p + w.parts[1].start,
						     w.parts[1].length)),
			 ERR_CORRUPT);
	assert_int_equal(
		index_dict_add(&d, slice_of(w.out.p, w.parts[0].length - 1)),
		ERR_CORRUPT);
	assert_int_equal(
		index_dict_add(&d, slice_of(w.out.p, w.parts[0].length)), 0);
	w.out.p[w.parts[1].start + 8] = DICT_FIXED;
	assert_int_equal(index_dict_add(&d, slice_of(w.out.p + w.parts[1].start,
						     w.parts[1].length)),
			 ERR_CORRUPT);
	index_dict_release(&d);
	index_writer_release(&w);
	for (k = 0; k < rows[7].n; k++)
		free(texts[k]);
}

struct reader {
	const struct index_dict *d;
	uint32_t first;
	uint32_t wrong;
};

/* Starts somewhere and walks once around. */
static void *read_all(void *ctx)
{
	struct reader *r = ctx;
	uint32_t i;

	for (i = 0; i < r->d->n; i++) {
		uint32_t id = (r->first + i * 37) % r->d->n;

		r->wrong += !slice_eq(index_dict_entry(r->d, id),
				      entries[order[id]]);
	}
	return NULL;
}

static void test_dict__is_read_by_several_threads(void **state)
{
	struct reader readers[4];
	pthread_t threads[4];
	struct index_writer w;
	struct index_dict d;
	uint32_t i;

	(void)state;
	make_entries(&rows[8]);
	index_writer_init(&w);
	assert_int_equal(index_dict_encode(&w, 3, entries, order, rows[8].n),
			 0);
	assert_int_equal(open_parts(&d, &w), 0);
	assert_int_equal(d.blocks[0].form, DICT_HEX);
	for (i = 0; i < 4; i++) {
		readers[i] = (struct reader){ &d, i * 11, 0 };
		assert_int_equal(pthread_create(&threads[i], NULL, read_all,
						&readers[i]),
				 0);
	}
	for (i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(readers[i].wrong, 0);
	}
	index_dict_release(&d);
	index_writer_release(&w);
	for (i = 0; i < rows[8].n; i++)
		free(texts[i]);
}

TEST_MAIN(TEST(test_dict__gives_back_every_form),
	  TEST(test_dict__refuses_parts_that_do_not_fit_together),
	  TEST(test_dict__is_read_by_several_threads))
