#include "tests/unit/index/helper_segment.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/limits.h"
#include "index/scan.h"
#include "tests/test.h"
#include "tests/unit/index/helper_store.h"

const char helper_segment_schema[] =
	"{\"dataset\":\"t\",\"title\":\"T\",\"kind\":\"log\",\"time\":\"time\",\"fields\":["
	"{\"name\":\"time\",\"type\":\"date\"},"
	"{\"name\":\"id\",\"type\":\"uuid\"},"
	"{\"name\":\"host\",\"type\":\"keyword\"},"
	"{\"name\":\"text\",\"type\":\"text\"},"
	"{\"name\":\"action\",\"type\":\"enum\",\"values\":[\"ALLOW\",\"DENY\"]},"
	"{\"name\":\"count\",\"type\":\"int\"},"
	"{\"name\":\"ratio\",\"type\":\"double\"},"
	"{\"name\":\"on\",\"type\":\"bool\"},"
	"{\"name\":\"peer\",\"type\":\"ip\"},"
	"{\"name\":\"sha\",\"type\":\"keyword\"},"
	"{\"name\":\"at\",\"type\":\"date\"},"
	"{\"name\":\"args\",\"type\":\"text\",\"list\":true},"
	"{\"name\":\"ports\",\"type\":\"int\",\"list\":true},"
	"{\"name\":\"ips\",\"type\":\"ip\",\"list\":true},"
	"{\"name\":\"pod\",\"type\":\"keyword\",\"path\":\"k8s.pod.name\"},"
	"{\"name\":\"node\",\"type\":\"keyword\",\"path\":\"k8s.node\"},"
	"{\"name\":\"v.qid\",\"type\":\"int\",\"path\":\"v[].qid\"},"
	"{\"name\":\"v.title\",\"type\":\"text\",\"path\":\"v[].title\"},"
	"{\"name\":\"v.fixed\",\"type\":\"bool\",\"path\":\"v[].fixed\"},"
	"{\"name\":\"v.from\",\"type\":\"ip\",\"path\":\"v[].from\"}]}";

void helper_segment_init(struct helper_segment *h, const char *schema)
{
	struct err err = ERR_INIT;

	*h = (struct helper_segment){ .ds = helper_dataset(schema) };
	assert_int_equal(decoder_new(&h->decoder, h->ds, &err), 0);
	assert_int_equal(index_builder_new(&h->builder, h->ds, &err), 0);
}

static void forget_rows(struct helper_segment *h)
{
	uint32_t i;

	for (i = 0; i < h->nrows; i++) {
		free(h->rows[i].message);
		free(h->rows[i].values);
	}
	h->nrows = 0;
}

void helper_segment_clear(struct helper_segment *h)
{
	forget_rows(h);
	index_builder_clear(h->builder);
}

void helper_segment_release(struct helper_segment *h)
{
	forget_rows(h);
	free(h->rows);
	index_segment_close(h->seg);
	index_sealed_free(h->sealed);
	index_builder_free(h->builder);
	decoder_free(h->decoder);
	dataset_free(h->ds);
}

static void put_text(struct buf *out, const struct field *f,
		     const struct value *v)
{
	buf_put_slice(out, f->name);
	buf_putc(out, '=');
	value_print(out, f, v);
	buf_putc(out, ' ');
}

/* What a record says of a field, items before members. */
static void put_field(struct buf *out, const struct dataset *ds,
		      const struct record *rec, field_id id)
{
	const struct field *f = &ds->fields[id];
	struct value time = { .num = rec->time };
	uint32_t i, k;

	if (id == ds->time) {
		put_text(out, f, &time);
		return;
	}
	for (i = 0; i < rec->nitems; i++) {
		const struct item *it = &rec->items[i];

		if (it->field != id ||
		    (it->kind != ITEM_VALUE && it->kind != ITEM_LIST))
			continue;
		for (k = 0; k < it->n; k++)
			put_text(out, f, &rec->values[it->first + k]);
		break;
	}
	for (i = 0; i < rec->nmembers; i++)
		if (rec->members[i].field == id)
			put_text(out, f, &rec->members[i].value);
}

static char *record_values(const struct dataset *ds, const struct record *rec)
{
	struct value v;
	struct buf b;
	char *text;
	uint32_t i;

	buf_init(&b, 1 << 24);
	for (i = 0; i < ds->nfields; i++)
		put_field(&b, ds, rec, (field_id)i);
	for (i = 0; i < rec->ninvalid; i++) {
		v.text = ds->fields[rec->invalid[i]].name;
		put_text(&b, &ds->fields[ds->invalid], &v);
	}
	for (i = 0; i < rec->ntruncated; i++) {
		v.text = ds->fields[rec->truncated[i]].name;
		put_text(&b, &ds->fields[ds->truncated], &v);
	}
	assert_int_equal(b.error, 0);
	text = strdup(buf_cstr(&b));
	buf_release(&b);
	return text;
}

void helper_segment_add(struct helper_segment *h, struct slice message)
{
	struct err err = ERR_INIT;
	struct decode_refusal refused;
	const struct record *decoded;
	struct record rec;
	struct helper_row *row;
	int ret = decode_message(h->decoder, message, &decoded, &refused, &err);

	if (ret != 0)
		fail_msg("refused: %s: %.*s", refused.detail,
			 SLICE_ARG(message));
	rec = *decoded;
	/* Rows without a time of their own stay near the others. */
	if (!rec.has_time)
		rec.time = INT64_C(1770000000000000000) + h->nrows;
	ret = index_builder_add(h->builder, &rec, &err);
	if (ret != 0)
		fail_msg("%s", err.message);
	if (h->nrows == h->cap) {
		h->cap = h->cap ? h->cap * 2 : 64;
		h->rows = realloc(h->rows, h->cap * sizeof(*h->rows));
		assert_non_null(h->rows);
	}
	row = &h->rows[h->nrows];
	row->time = rec.time;
	row->arrival = h->nrows++;
	row->message = malloc(message.len + 1);
	assert_non_null(row->message);
	memcpy(row->message, message.p, message.len);
	row->len = message.len;
	row->values = record_values(h->ds, &rec);
}

void helper_segment_add_str(struct helper_segment *h, const char *message)
{
	helper_segment_add(h, slice_str(message));
}

static int get_pack(void *ctx, uint32_t pack, struct slice *out,
		    struct err *err)
{
	(void)err;
	*out = ((const struct slice *)ctx)[pack];
	return 0;
}

int helper_segment_open_as(struct helper_segment *h, struct slice *packs,
			   const struct index_descriptor *desc,
			   struct index_segment **seg, struct err *err)
{
	struct index_pack_source source = { get_pack, packs };

	return index_segment_open_packs(seg, h->ds, NULL, 0, NULL, 0, desc,
					source, err);
}

int helper_segment_open(struct helper_segment *h, struct slice *packs,
			struct index_segment **seg, struct err *err)
{
	struct index_descriptor desc = h->desc;

	desc.stats_crc = crc32c(0, packs[0].p, packs[0].len);
	return helper_segment_open_as(h, packs, &desc, seg, err);
}

int helper_segment_open_mapped(struct helper_segment *h, const field_id *map,
			       uint32_t nmap, struct index_segment **seg,
			       struct err *err)
{
	struct index_pack_source source = { get_pack, h->sealed->packs };

	return index_segment_open_packs(seg, h->ds, map, nmap, NULL, 0,
					&h->desc, source, err);
}

static int compare_rows(const void *a, const void *b)
{
	const struct helper_row *x = a, *y = b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return x->arrival < y->arrival ? -1 : 1;
}

void helper_segment_seal(struct helper_segment *h)
{
	struct err err = ERR_INIT;
	int ret;

	index_segment_close(h->seg);
	h->seg = NULL;
	index_sealed_free(h->sealed);
	h->sealed = NULL;
	ret = index_builder_seal(h->builder, &h->sealed, &err);
	if (ret != 0)
		fail_msg("%s", err.message);
	h->desc = (struct index_descriptor){
		.segment = 7,
		.rows = h->sealed->rows,
		.packs = h->sealed->npacks,
		.bytes = h->sealed->bytes,
		.sequence = 1000,
		.time_min = h->sealed->time_min,
		.time_max = h->sealed->time_max,
		.received_min = 5,
		.received_max = 5,
		.stats_crc = h->sealed->stats_crc,
	};
	ret = helper_segment_open(h, h->sealed->packs, &h->seg, &err);
	if (ret != 0)
		fail_msg("%s", err.message);
	if (h->ds->time != FIELD_NONE && h->nrows)
		qsort(h->rows, h->nrows, sizeof(*h->rows), compare_rows);
}

void helper_segment_values(struct index_segment *seg, const struct dataset *ds,
			   uint32_t row, struct buf *out)
{
	struct err err = ERR_INIT;
	const struct index_column *c;
	uint32_t first, n, i, k;
	struct value v;

	for (i = 0; i < ds->nall; i++) {
		const struct field *f = &ds->fields[i];

		if (i == ds->received || i == ds->seq)
			continue;
		if (index_segment_column(seg, (field_id)i, &c, &err) < 0)
			fail_msg("%s", err.message);
		if (!c)
			continue;
		index_column_row(c, row, &first, &n);
		for (k = 0; k < n; k++) {
			index_column_value(c, first + k, &v);
			put_text(out, f, &v);
		}
	}
}

void helper_segment_compare(struct helper_segment *h)
{
	struct err err = ERR_INIT;
	struct buf b;
	uint32_t i;

	buf_init(&b, 1 << 24);
	assert_int_equal(h->nrows, index_segment_rows(h->seg));
	for (i = 0; i < h->nrows; i++) {
		struct helper_row *r = &h->rows[i];
		int64_t time;

		buf_reset(&b);
		if (index_segment_source(h->seg, i, &b, &err) < 0)
			fail_msg("%s", err.message);
		if (!slice_eq(buf_slice(&b), slice_of(r->message, r->len)))
			fail_msg("row %u is\n%.*s\nnot\n%.*s", i, (int)b.len,
				 b.p, (int)r->len, r->message);
		buf_reset(&b);
		helper_segment_values(h->seg, h->ds, i, &b);
		if (strcmp(buf_cstr(&b), r->values) != 0)
			fail_msg("row %u has\n%s\nnot\n%s\nfrom %.*s", i,
				 buf_cstr(&b), r->values, (int)r->len,
				 r->message);
		if (h->ds->time != FIELD_NONE) {
			assert_int_equal(
				index_segment_time(h->seg, i, &time, &err), 0);
			assert_true(time == r->time);
		}
	}
	buf_release(&b);
}

field_id helper_segment_field(const struct helper_segment *h, const char *name)
{
	field_id id = dataset_find(h->ds, slice_str(name));

	assert_int_not_equal(id, FIELD_NONE);
	return id;
}

const struct index_column *helper_segment_column(struct helper_segment *h,
						 const char *name)
{
	struct err err = ERR_INIT;
	const struct index_column *c;

	if (index_segment_column(h->seg, helper_segment_field(h, name), &c,
				 &err) < 0)
		fail_msg("%s", err.message);
	return c;
}

static bool chance(uint64_t *random, unsigned percent)
{
	return helper_random(random) % 100 < percent;
}

struct writer {
	struct buf *out;
	bool spaced;
	bool first;
};

static void put_key(struct writer *w, const char *key)
{
	if (!w->first)
		buf_puts(w->out, w->spaced ? ", " : ",");
	w->first = false;
	buf_printf(w->out, w->spaced ? "\"%s\": " : "\"%s\":", key);
}

static void put_optional(struct writer *w, uint64_t *random)
{
	const char *comma = w->spaced ? ", " : ",";
	const char *colon = w->spaced ? ": " : ":";
	uint32_t i, n;

	if (chance(random, 70)) {
		put_key(w, "host");
		buf_printf(w->out, "\"Host-%u\"",
			   (unsigned)(helper_random(random) % 50));
	}
	if (chance(random, 60)) {
		put_key(w, "text");
		buf_printf(w->out,
			   "\"line %u \\\"quoted\\\" \\\\ and \xc3\x84\"",
			   (unsigned)(helper_random(random) % 5000));
	}
	if (chance(random, 50)) {
		put_key(w, "action");
		buf_puts(w->out, chance(random, 50) ? "\"ALLOW\"" : "\"DENY\"");
	}
	if (chance(random, 80)) {
		put_key(w, "count");
		buf_put_i64(w->out,
			    (int64_t)(helper_random(random) % 100000) - 50000);
	}
	if (chance(random, 40)) {
		put_key(w, "ratio");
		buf_printf(w->out, "%u.%u",
			   (unsigned)(helper_random(random) % 100),
			   (unsigned)(helper_random(random) % 9 + 1));
	}
	if (chance(random, 40)) {
		put_key(w, "on");
		buf_puts(w->out, chance(random, 50) ? "true" : "null");
	}
	if (chance(random, 40)) {
		put_key(w, "peer");
		buf_printf(w->out, "\"10.0.%u.%u\"",
			   (unsigned)(helper_random(random) % 4),
			   (unsigned)(helper_random(random) % 250));
	}
	if (chance(random, 30)) {
		put_key(w, "sha");
		buf_printf(w->out, "\"%064" PRIx64 "\"",
			   helper_random(random) % 1000);
	}
	if (chance(random, 40)) {
		put_key(w, "args");
		buf_putc(w->out, '[');
		n = (uint32_t)(helper_random(random) % 4);
		for (i = 0; i < n; i++)
			buf_printf(w->out, "%s\"-%c\"", i ? comma : "",
				   (int)('a' + helper_random(random) % 26));
		buf_putc(w->out, ']');
	}
	if (chance(random, 30)) {
		put_key(w, "ports");
		buf_printf(w->out, "[%u%s%u]",
			   (unsigned)(helper_random(random) % 65536), comma,
			   (unsigned)(helper_random(random) % 1024));
	}
	if (chance(random, 20)) {
		put_key(w, "k8s");
		buf_printf(w->out, "{\"pod\"%s{\"name\"%s\"p-%u\"}", colon,
			   colon, (unsigned)(helper_random(random) % 9));
		if (chance(random, 50))
			buf_printf(w->out, "%s\"node\"%s\"n\"", comma, colon);
		buf_putc(w->out, '}');
	}
	if (chance(random, 20)) {
		put_key(w, "v");
		buf_putc(w->out, '[');
		n = (uint32_t)(helper_random(random) % 4);
		for (i = 0; i < n; i++) {
			buf_printf(w->out, "%s{\"qid\"%s%u", i ? comma : "",
				   colon,
				   (unsigned)(helper_random(random) % 100));
			if (chance(random, 50))
				buf_printf(
					w->out, "%s\"title\"%s\"T%u\"", comma,
					colon,
					(unsigned)(helper_random(random) % 20));
			if (chance(random, 30))
				buf_printf(w->out, "%s\"fixed\"%strue", comma,
					   colon);
			buf_putc(w->out, '}');
		}
		buf_putc(w->out, ']');
	}
	if (chance(random, 30)) {
		put_key(w, "extra");
		buf_printf(w->out, "{\"deep\"%s[1%s2]}", colon, comma);
	}
}

void helper_segment_message(struct buf *out, uint64_t *random, bool spaced)
{
	struct writer w = { out, spaced, true };

	buf_putc(out, '{');
	put_key(&w, "id");
	buf_printf(out, "\"%08" PRIx32 "-0000-4000-8000-%012" PRIx64 "\"",
		   (uint32_t)helper_random(random),
		   helper_random(random) >> 16);
	put_key(&w, "time");
	buf_printf(out, "\"2026-11-01T00:%02u:%02u.%03uZ\"",
		   (unsigned)(helper_random(random) % 60),
		   (unsigned)(helper_random(random) % 60),
		   (unsigned)(helper_random(random) % 1000));
	put_optional(&w, random);
	buf_putc(out, '}');
}

static void read_column(const struct index_column *c, struct arena *a)
{
	struct index_mask m = index_mask_new(a, index_column_rows(c));
	struct index_idset set = { .lo = 0,
				   .hi = index_column_distinct(c) / 2 };
	static const uint8_t lo[16], hi[16] = { 0xff };
	uint32_t i, first, n, ids[64];
	struct value v;
	int64_t nums[64];
	uint64_t sum = 0;

	assert_non_null(m.words);
	for (i = 0; i < index_column_rows(c); i++) {
		index_column_row(c, i, &first, &n);
		assert_true(n <= index_column_values(c) &&
			    (n == 0 || first <= index_column_values(c) - n));
		for (; n; n--, first++)
			index_column_value(c, first, &v);
	}
	for (i = 0; i < index_column_distinct(c); i++) {
		struct slice s = index_column_entry(c, i);

		sum += s.len ? hash64(s.p, s.len) : 0;
	}
	for (i = 0; i < index_column_distinct(c); i += n) {
		struct slice run = index_column_run(c, i, &n);
		uint32_t k;

		/* Damaged or not, a run is its entries. */
		for (k = 0; k < n; k++) {
			struct slice s = index_column_entry(c, i + k);

			assert_ptr_equal(s.p, run.p);
			assert_true(s.len <= run.len);
			run = slice_of(run.p + s.len, run.len - s.len);
		}
		sum += run.len ? hash64(run.p, run.len) : 0;
	}
	index_scan_present(c, m);
	for (first = 0; first < index_column_values(c); first += n) {
		n = index_column_values(c) - first < 64 ?
			    index_column_values(c) - first :
			    64;
		if (index_column_coding(c) == INDEX_CODED_DICT)
			index_column_ids(c, first, n, ids);
		if (index_column_coding(c) == INDEX_CODED_NUM)
			index_column_nums(c, first, n, nums);
	}
	switch (index_column_coding(c)) {
	case INDEX_CODED_DICT:
		index_scan_ids(c, &set, m);
		sum += index_dict_lower(c, SLICE_LIT("m")) +
		       index_dict_upper(c, SLICE_LIT("m")) +
		       index_dict_prefix_end(c, SLICE_LIT("h")) +
		       index_dict_find(c, SLICE_LIT("Host-1"));
		break;
	case INDEX_CODED_NUM:
		index_scan_nums(c, -1000, 1000, m);
		break;
	case INDEX_CODED_B16:
		index_scan_b16(c, lo, hi, m);
		break;
	}
	sum += index_mask_count(m);
	(void)sum;
}

uint32_t helper_segment_read_all(struct index_segment *seg,
				 const struct dataset *ds)
{
	struct err err = ERR_INIT;
	const struct index_column *c;
	const struct index_part_size *sizes;
	struct index_bounds bounds;
	struct index_mask m, e;
	uint32_t errors = 0, i, n;
	struct arena a;
	struct buf b;

	arena_init(&a, (size_t)1 << 28);
	buf_init(&b, LIMIT_MESSAGE);
	for (i = 0; i < ds->nall; i++) {
		errors += index_segment_bounds(seg, (field_id)i, &bounds,
					       &err) < 0;
		c = NULL;
		errors += index_segment_column(seg, (field_id)i, &c, &err) < 0;
		/* 16-byte texts are searched by other functions. */
		if (c)
			read_column(c, &a);
	}
	m = index_mask_new(&a, index_segment_rows(seg));
	errors += index_scan_time(seg, INT64_MIN, INT64_MAX, m, &err) < 0;
	for (i = 0; i < ds->nobjects; i++) {
		if (index_object_elements(seg, (object_id)i, &n, &err) < 0) {
			errors++;
			continue;
		}
		e = index_mask_new(&a, n);
		if (!e.words)
			continue;
		index_mask_fill(e, true);
		errors += index_object_rows(seg, (object_id)i, e, m, &err) < 0;
	}
	for (i = 0; i < index_segment_rows(seg); i++) {
		buf_reset(&b);
		errors += index_segment_source(seg, i, &b, &err) < 0;
	}
	errors += index_segment_sizes(seg, &sizes, &n, &err) < 0;
	buf_release(&b);
	arena_release(&a);
	return errors;
}
