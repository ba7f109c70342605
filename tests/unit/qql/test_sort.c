#include <stdlib.h>

#include "qql/run.h"
#include "schemas/decode.h"
#include "schemas/words.h"
#include "tests/test.h"
#include "tests/unit/qql/helper_rows.h"

static const struct helper_rows *world;
static field_id by;
static bool ascending;
static struct value *values; /* of each row */
static bool *present;

static int compare(const void *a, const void *b)
{
	size_t x = *(const size_t *)a, y = *(const size_t *)b;
	const struct helper_row *p = &world->rows[x], *q = &world->rows[y];
	int c = (int)present[y] - (int)present[x];

	if (c)
		return c; /* nulls last */
	if (present[x]) {
		switch (field_class(world->ds->fields[by].type)) {
		case CLASS_TEXT:
			c = fold_cmp(values[x].text, values[y].text);
			break;
		case CLASS_NUM:
			c = (values[x].num > values[y].num) -
			    (values[x].num < values[y].num);
			break;
		case CLASS_B16:
			c = memcmp(values[x].b16, values[y].b16, 16);
			break;
		}
		if (c)
			return ascending ? c : -c;
	}
	if (p->time != q->time)
		return p->time > q->time ? -1 : 1;
	return p->sequence > q->sequence ? -1 : 1;
}

/* The plain way: every row's value from its message, and qsort(). */
static void read_values(const struct helper_rows *h)
{
	struct decoder *d;

	assert_int_equal(decoder_new(&d, h->ds, NULL), 0);
	for (size_t i = 0; i < h->n; i++) {
		struct decode_refusal refused;
		const struct record *rec;

		assert_int_equal(decode_message(d,
						slice_of(h->rows[i].source,
							 h->rows[i].len),
						&rec, &refused, NULL),
				 0);
		/* A row without a time of its own has its batch's. */
		present[i] = by == h->ds->time;
		values[i].num = h->rows[i].time;
		for (uint32_t k = 0; k < rec->nitems && !present[i]; k++) {
			const struct item *it = &rec->items[k];

			if (it->kind != ITEM_VALUE || it->field != by)
				continue;
			present[i] = it->n > 0;
			if (!it->n)
				continue;
			values[i] = rec->values[it->first];
			if (field_class(h->ds->fields[by].type) == CLASS_TEXT) {
				struct slice t = values[i].text;
				char *copy = test_malloc(t.len + 1);

				memcpy(copy, t.p, t.len);
				values[i].text = slice_of(copy, t.len);
			}
		}
	}
	decoder_free(d);
}

static void free_values(const struct helper_rows *h)
{
	for (size_t i = 0; i < h->n; i++)
		if (present[i] &&
		    field_class(h->ds->fields[by].type) == CLASS_TEXT)
			test_free((char *)(uintptr_t)values[i].text.p);
}

struct expected {
	const size_t *order;
	size_t at;
};

static int take(void *ctx, const struct qql_row *row, struct err *err)
{
	struct expected *e = ctx;

	(void)err;
	if (row)
		assert_int_equal(row->sequence, e->order[e->at++]);
	return 0;
}

static void check_field(struct helper_rows *h, size_t *order, uint64_t limit)
{
	struct plan_node all = { .op = PLAN_ALL };
	struct plan plan = { .ds = h->ds,
			     .filter = &all,
			     .time_min = INT64_MIN,
			     .time_max = INT64_MAX };
	struct qql_sort sort = { by, ascending };
	struct qql_run_options opt = { .limit = limit,
				       .sort = &sort,
				       .nsort = 1 };
	struct expected e = { .order = order };
	struct qql_run_stats stats;

	for (size_t i = 0; i < h->n; i++)
		order[i] = i;
	qsort(order, h->n, sizeof(*order), compare);
	assert_int_equal(
		qql_run_rows(&plan, h->store, &opt, take, &e, &stats, NULL), 0);
	assert_int_equal(e.at, limit < h->n ? limit : h->n);
	assert_int_equal(stats.more, limit < h->n);
}

static void test_sort__every_sortable_type_both_ways(void **state)
{
	static const uint64_t limits[] = { 0, 1, 7, 100, UINT64_MAX };
	struct helper_rows h;
	size_t *order;

	(void)state;
	helper_rows_init(&h, 21);
	for (int i = 0; i < 4; i++)
		helper_rows_batch(&h, 120);
	order = calloc(h.n, sizeof(*order));
	values = calloc(h.n, sizeof(*values));
	present = calloc(h.n, sizeof(*present));
	world = &h;
	for (uint32_t i = 0; i < h.ds->nfields; i++) {
		if (!h.ds->fields[i].sortable)
			continue;
		by = (field_id)i;
		test_row("%.*s", SLICE_ARG(h.ds->fields[i].name));
		read_values(&h);
		for (size_t k = 0; k < ARRAY_SIZE(limits); k++) {
			ascending = true;
			check_field(&h, order, limits[k]);
			ascending = false;
			check_field(&h, order, limits[k]);
		}
		free_values(&h);
	}
	free(order);
	free(values);
	free(present);
	helper_rows_release(&h);
}

TEST_MAIN(TEST(test_sort__every_sortable_type_both_ways))
