/*
 * fuzz_part - a segment whose packs were changed: whatever stands in them,
 * reading all of it ends, in answers or in errors.
 *
 * The input is a list of changes to the packs of a segment made here: the
 * first byte says which segment, then four bytes each: pack, two of offset,
 * and what to put there.  The checksum of the statistics is set right again, so
 * that they are read too.
 */
#include <stdlib.h>

#include "base/hash.h"
#include "base/limits.h"
#include "index/builder.h"
#include "index/scan.h"
#include "index/seal_int.h"
#include "schemas/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SEGMENTS = 3 };

static const char schema[] =
	"{\"dataset\":\"t\",\"title\":\"T\",\"kind\":\"log\",\"time\":\"time\",\"fields\":["
	"{\"name\":\"time\",\"type\":\"date\"},{\"name\":\"id\",\"type\":\"uuid\"},"
	"{\"name\":\"host\"},{\"name\":\"sha\"},{\"name\":\"count\",\"type\":\"int\"},"
	"{\"name\":\"peer\",\"type\":\"ip\"},{\"name\":\"args\",\"type\":\"text\",\"list\":true},"
	"{\"name\":\"pod\",\"path\":\"k8s.pod\"},{\"name\":\"ratio\",\"type\":\"double\"},"
	"{\"name\":\"v.qid\",\"type\":\"int\",\"path\":\"v[].qid\"},"
	"{\"name\":\"v.title\",\"path\":\"v[].title\"}]}";

static struct dataset *ds;
static struct index_sealed *sealed[SEGMENTS];

static void check(bool good)
{
	if (!good)
		abort();
}

static void put_message(struct buf *b, uint32_t i, uint32_t kind)
{
	buf_printf(b, "{\"time\":\"2026-01-01T00:00:%02u.%03uZ\"", i % 60,
		   i % 1000);
	if (i % 3)
		buf_printf(b, ",\"host\":\"H%u\",\"count\":%u", i % 7, i * 31);
	if (i % 4 == 0)
		buf_printf(
			b,
			",\"id\":\"00000000-0000-0000-0000-%012u\",\"ratio\":%u.5",
			i, i);
	if (i % 5 == 0)
		buf_printf(b, ",\"sha\":\"%032u\",\"peer\":\"10.0.0.%u\"",
			   i % 9, i % 5);
	if (i % 6 == 0)
		buf_printf(b,
			   ",\"args\":[\"a\",\"b%u\"],\"k8s\":{\"pod\":null}",
			   i);
	if (i % 7 == 0)
		buf_printf(
			b,
			",\"v\":[{\"qid\":%u},{\"title\":\"t\"},{\"qid\":2,\"title\":\"u\"}]",
			i);
	if (i % 8 == 0)
		buf_printf(b, ",\"count\":\"x\",\"unknown%u\":{\"x\":[%u]}",
			   i % 3, i);
	buf_puts(b, kind && i % 9 == 0 ? " }" : "}");
}

static struct index_sealed *make_segment(uint32_t rows, uint32_t kind)
{
	struct index_builder *builder = NULL;
	struct index_sealed *s = NULL;
	struct decoder *decoder = NULL;
	struct decode_refusal refused;
	const struct record *rec;
	struct buf b;
	uint32_t i;

	buf_init(&b, LIMIT_MESSAGE);
	check(decoder_new(&decoder, ds, NULL) == 0);
	check(index_builder_new(&builder, ds, NULL) == 0);
	for (i = 0; i < rows; i++) {
		buf_reset(&b);
		put_message(&b, i, kind);
		check(decode_message(decoder, buf_slice(&b), &rec, &refused,
				     NULL) == 0);
		check(index_builder_add(builder, rec, NULL) == 0);
	}
	check(index_builder_seal(builder, &s, NULL) == 0);
	index_builder_free(builder);
	decoder_free(decoder);
	buf_release(&b);
	return s;
}

static int get_pack(void *ctx, uint32_t pack, struct slice *out,
		    struct err *err)
{
	(void)err;
	*out = ((const struct slice *)ctx)[pack];
	return 0;
}

static void read_column(const struct index_column *c, struct index_mask m)
{
	struct index_idset set = { .lo = 0, .hi = index_column_distinct(c) };
	static const uint8_t lo[16], hi[16] = { 0xff, 0xff };
	uint32_t i, first, n, ids[256];
	int64_t nums[256];
	struct value v;

	for (i = 0; i < index_column_rows(c); i++) {
		index_column_row(c, i, &first, &n);
		for (; n; n--)
			index_column_value(c, first++, &v);
	}
	for (i = 0; i < index_column_distinct(c); i++) {
		struct slice s = index_column_entry(c, i);

		if (s.len)
			(void)hash64(s.p, s.len);
	}
	n = index_column_values(c) < 256 ? index_column_values(c) : 256;
	index_scan_present(c, m);
	switch (index_column_coding(c)) {
	case INDEX_CODED_DICT:
		index_column_ids(c, 0, n, ids);
		for (i = 0; i < n; i++)
			check(ids[i] < index_column_distinct(c));
		index_scan_ids(c, &set, m);
		if (index_column_distinct(c) &&
		    index_column_entry(c, 0).len == 16)
			(void)index_dict_lower_b16(c, lo);
		(void)index_dict_find(c, SLICE_LIT("H3"));
		break;
	case INDEX_CODED_NUM:
		index_column_nums(c, 0, n, nums);
		index_scan_nums(c, 0, 1000, m);
		break;
	case INDEX_CODED_B16:
		index_scan_b16(c, lo, hi, m);
		break;
	}
	check(index_mask_count(m) <= m.bits);
}

static void count_line(void *ctx, const char *line)
{
	*(size_t *)ctx += strlen(line);
}

static void read_segment(struct index_segment *seg, struct arena *a)
{
	struct index_mask m = index_mask_new(a, index_segment_rows(seg));
	struct index_mask elements;
	const struct index_column *c;
	struct index_bounds bounds;
	size_t found = 0;
	uint64_t parts;
	struct buf b;
	uint32_t i, n;

	check(m.words != NULL);
	buf_init(&b, LIMIT_MESSAGE);
	for (i = 0; i < ds->nall; i++) {
		(void)!index_segment_bounds(seg, (field_id)i, &bounds, NULL);
		if (index_segment_column(seg, (field_id)i, &c, NULL) == 0 && c)
			read_column(c, m);
	}
	(void)!index_scan_time(seg, 0, INT64_MAX, m, NULL);
	if (index_object_elements(seg, 0, &n, NULL) == 0) {
		elements = index_mask_new(a, n);
		if (elements.words) {
			index_mask_fill(elements, true);
			(void)!index_object_rows(seg, 0, elements, m, NULL);
		}
	}
	for (i = 0; i < index_segment_rows(seg); i++) {
		buf_reset(&b);
		(void)!index_segment_source(seg, i, &b, NULL);
	}
	(void)!index_segment_check(seg, &parts, count_line, &found, NULL);
	buf_release(&b);
}

static void change(struct slice *packs, uint32_t npacks, const uint8_t *data,
		   size_t size)
{
	size_t i;

	for (i = 0; i + 4 <= size; i += 4) {
		struct slice pack = packs[data[i] % npacks];
		size_t at = ((size_t)data[i + 1] << 8 | data[i + 2]) % pack.len;

		((char *)(uintptr_t)pack.p)[at] = (char)data[i + 3];
	}
}

static void run(const struct index_sealed *s, const uint8_t *data, size_t size)
{
	struct slice *packs = calloc(s->npacks, sizeof(*packs));
	struct index_descriptor desc = {
		.rows = s->rows,
		.packs = s->npacks,
		.bytes = s->bytes,
		.time_min = s->time_min,
		.time_max = s->time_max,
	};
	struct index_segment *seg;
	struct arena a;
	uint32_t i;

	check(packs != NULL);
	arena_init(&a, (size_t)1 << 28);
	for (i = 0; i < s->npacks; i++) {
		char *p = malloc(s->packs[i].len);

		check(p != NULL);
		memcpy(p, s->packs[i].p, s->packs[i].len);
		packs[i] = slice_of(p, s->packs[i].len);
	}
	change(packs, s->npacks, data, size);
	desc.stats_crc = crc32c(0, packs[0].p, packs[0].len);
	if (index_segment_open_packs(
		    &seg, ds, NULL, 0, NULL, 0, &desc,
		    (struct index_pack_source){ get_pack, packs }, NULL) == 0) {
		read_segment(seg, &a);
		index_segment_close(seg);
	}
	for (i = 0; i < s->npacks; i++)
		free((char *)(uintptr_t)packs[i].p);
	free(packs);
	arena_release(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!ds) {
		check(dataset_new(&ds, slice_str(schema), "fuzz", NULL) == 0);
		sealed[0] = make_segment(3, 1);
		sealed[1] = make_segment(40, 1);
		sealed[2] = make_segment(200, 0);
	}
	if (size)
		run(sealed[data[0] % SEGMENTS], data + 1, size - 1);
	return 0;
}
