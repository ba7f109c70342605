#include "index/template_int.h"

#include "base/limits.h"
#include "index/part_int.h"
#include "tests/test.h"
#include "tests/unit/index/helper_store.h"

enum { FIELDS = 40 };

/* A record of keys alone: "a b {o c } d"; single letters are fields, letters
 * behind '?' unknown keys. */
static uint16_t place(struct index_templates *t, const char *keys, bool spaced)
{
	struct item items[128];
	struct record rec = { .regular = true,
			      .spaced = spaced,
			      .items = items };
	uint16_t tmpl;

	for (; *keys; keys++) {
		struct item *it = &items[rec.nitems];

		if (*keys == ' ')
			continue;
		*it = (struct item){ .kind = ITEM_VALUE, .field = FIELD_NONE };
		if (*keys == '{') {
			it->kind = ITEM_OPEN;
			keys++;
		} else if (*keys == '}') {
			it->kind = ITEM_CLOSE;
		} else if (*keys == '?') {
			it->kind = ITEM_RAW;
			keys++;
		} else {
			it->field = (field_id)(*keys - 'a');
		}
		it->key = slice_of(keys, 1);
		rec.nitems++;
	}
	assert_int_equal(index_templates_place(t, &rec, &tmpl), 0);
	return tmpl;
}

/* The order of a template's keys, from the part. */
static void order_of(struct index_templates *t, uint32_t tmpl, char *out)
{
	struct arena a;
	struct buf b;
	const char *slots, *ends, *steps;
	uint32_t i, from, to, nslots, ntmpls, nsteps;

	arena_init(&a, 1 << 24);
	buf_init(&b, 1 << 24);
	assert_int_equal(index_templates_encode(t, &a, &b), 0);
	nslots = index_get32(b.p);
	ntmpls = index_get32(b.p + 4);
	nsteps = index_get32(b.p + 8);
	assert_true(tmpl < ntmpls);
	slots = b.p + 16;
	ends = slots + (size_t)nslots * 8;
	steps = ends + (size_t)ntmpls * 8;
	from = tmpl ? index_get32(ends + (size_t)(tmpl - 1) * 8) : 0;
	to = index_get32(ends + (size_t)tmpl * 8);
	assert_true(from <= to && to <= nsteps);
	for (i = from; i < to; i++) {
		uint32_t step = index_get16(steps + (size_t)i * 2);

		if (step == SLOT_CLOSE) {
			*out++ = '}';
			continue;
		}
		assert_true(step < nslots);
		if (index_get16(slots + (size_t)step * 8 + 2))
			*out++ = '{';
		*out++ = t->keys.p[t->slots[step].key];
	}
	*out = '\0';
	buf_release(&b);
	arena_release(&a);
}

/* Each sequence in turn, and the template it must get. */
struct template_row {
	const char *name;
	const char *keys[8];
	int tmpls[8];
	const char *order; /* of template 0 */
};

static const struct template_row rows[] = {
	{ "one order", { "abc", "abc", "ac", "b" }, { 0, 0, 0, 0 }, "abc" },
	{ "keys seen late find their place",
	  { "ae", "ade", "abe", "ace", "bcd" },
	  { 0, 0, 0, 0, 0 },
	  "abcde" },
	{ "another order is another template",
	  { "abc", "cba", "bc", "cb" },
	  { 0, 1, 0, 1 },
	  "abc" },
	{ "objects stay together",
	  { "a{ob}c", "c", "a{o}c", "a{odb}ec", "{obf}" },
	  { 0, 0, 0, 0, 0 },
	  "a{odbf}ec" },
	{ "the order inside an object counts too",
	  { "{oab}", "{oba}" },
	  { 0, 1 },
	  "{oab}" },
	{ "unknown keys are keys",
	  { "a?xb", "a?yb", "?x?y" },
	  { 0, 0, 0 },
	  "axyb" },
	{ "a field in two places is two templates",
	  { "ab{oc}", "ab{o?x}c" },
	  { 0, 1 },
	  "ab{oc}" },
	{ "an object and a key of one name",
	  { "a?o", "a{ob}" },
	  { 0, 0 },
	  NULL },
};

static void test_template__holds_rows_of_one_order(void **state)
{
	char order[256];
	uint32_t i, k;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct index_templates t;

		test_row("%s", rows[i].name);
		assert_int_equal(index_templates_init(&t, FIELDS), 0);
		for (k = 0; k < ARRAY_SIZE(rows[i].keys) && rows[i].keys[k];
		     k++)
			assert_int_equal(place(&t, rows[i].keys[k], false),
					 rows[i].tmpls[k]);
		if (rows[i].order) {
			order_of(&t, 0, order);
			assert_string_equal(order, rows[i].order);
		}
		index_templates_release(&t);
	}
}

static void test_template__keeps_styles_apart(void **state)
{
	struct index_templates t;

	(void)state;
	assert_int_equal(index_templates_init(&t, FIELDS), 0);
	assert_int_equal(place(&t, "abc", false), 0);
	assert_int_equal(place(&t, "abc", true), 1);
	assert_int_equal(place(&t, "ab", true), 1);
	assert_int_equal(place(&t, "b", false), 0);
	index_templates_release(&t);
}

static void test_template__needs_one_for_thirty_optional_keys(void **state)
{
	struct index_templates t;
	uint64_t random = 71;
	char keys[64], order[256];
	uint32_t i, k;

	(void)state;
	assert_int_equal(index_templates_init(&t, FIELDS), 0);
	for (i = 0; i < 5000; i++) {
		uint64_t bits = helper_random(&random) & helper_random(&random);
		char *p = keys;

		/* Fields a to z and a few unknown keys, each there or not. */
		for (k = 0; k < 30; k++) {
			if (!(bits >> k & 1))
				continue;
			if (k >= 26)
				*p++ = '?';
			*p++ = (char)(k < 26 ? 'a' + k : '0' + k - 26);
		}
		*p = '\0';
		assert_int_equal(place(&t, keys, false), 0);
	}
	order_of(&t, 0, order);
	assert_string_equal(order, "abcdefghijklmnopqrstuvwxyz0123");
	index_templates_release(&t);
}

static void test_template__gives_up_when_orders_have_no_end(void **state)
{
	struct index_templates t;
	uint64_t random = 72;
	uint32_t i, k, none = 0;
	char keys[32];

	(void)state;
	assert_int_equal(index_templates_init(&t, FIELDS), 0);
	for (i = 0; i < 3 * LIMIT_TEMPLATES; i++) {
		for (k = 0; k < 26; k++)
			keys[k] = (char)('a' + k);
		keys[26] = '\0';
		for (k = 25; k > 0; k--) {
			uint32_t with =
				(uint32_t)(helper_random(&random) % (k + 1));
			char c = keys[k];

			keys[k] = keys[with];
			keys[with] = c;
		}
		none += place(&t, keys, false) == TEMPLATE_NONE;
	}
	assert_true(t.ntmpls <= LIMIT_TEMPLATES);
	assert_true(none >= LIMIT_TEMPLATES);
	/* And starts afresh. */
	index_templates_clear(&t);
	assert_int_equal(place(&t, "ab", false), 0);
	index_templates_release(&t);
}

TEST_MAIN(TEST(test_template__holds_rows_of_one_order),
	  TEST(test_template__keeps_styles_apart),
	  TEST(test_template__needs_one_for_thirty_optional_keys),
	  TEST(test_template__gives_up_when_orders_have_no_end))
