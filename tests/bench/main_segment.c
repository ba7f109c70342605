/*
 * crs-bench-segment - the way from a message to a sealed segment, and scans.
 *
 * usage: crs-bench-segment FILE [DATASET [ROWS]]
 *
 * The file is held in memory, one message a line; every ROWS of them become a
 * segment.  Shown are the CPU time of each stage, and the bytes of each kind
 * of part.  The file is passed over three times, so that the clock need not be
 * read for each message: decoding alone, with adding, and all of it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/time.h"
#include "index/builder.h"
#include "index/scan.h"
#include "index/seal_int.h"
#include "schemas/catalog.h"
#include "schemas/decode.h"

enum { KINDS_MAX = 32, ROUNDS = 200 };

struct kind {
	const char *name;
	uint64_t bytes;
};

struct bench {
	const struct dataset *ds;
	struct decoder *decoder;
	struct index_builder *builder;
	struct index_sealed *last; /* the first whole one, for scans */
	uint32_t rows;
	uint64_t events, refused, exceptions, bytes, source_bytes, allocations;
	int64_t decode_ns, add_ns, seal_ns;
	struct kind kinds[KINDS_MAX];
	uint64_t *fields; /* ds->nall */
};

static int get_pack(void *ctx, uint32_t pack, struct slice *out,
		    struct err *err)
{
	(void)err;
	*out = ((const struct index_sealed *)ctx)->packs[pack];
	return 0;
}

static int open_sealed(struct index_sealed *s, struct index_segment **seg,
		       struct err *err)
{
	struct index_descriptor desc = {
		.rows = s->rows,
		.packs = s->npacks,
		.bytes = s->bytes,
		.time_min = s->time_min,
		.time_max = s->time_max,
		.stats_crc = s->stats_crc,
	};

	return index_segment_open_packs(
		seg, s->ds, NULL, 0, NULL, 0, &desc,
		(struct index_pack_source){ get_pack, s }, err);
}

static int add_sizes(struct bench *b, struct index_sealed *s, struct err *err)
{
	const struct index_part_size *sizes;
	struct index_segment *seg;
	uint32_t i, k, n;
	int ret = open_sealed(s, &seg, err);

	if (ret < 0)
		return ret;
	ret = index_segment_sizes(seg, &sizes, &n, err);
	for (i = 0; ret == 0 && i < n; i++) {
		for (k = 0; b->kinds[k].name &&
			    strcmp(b->kinds[k].name, sizes[i].kind);
		     k++)
			;
		b->kinds[k].name = sizes[i].kind;
		b->kinds[k].bytes += sizes[i].bytes;
		if (sizes[i].field != FIELD_NONE)
			b->fields[sizes[i].field] += sizes[i].bytes;
	}
	index_segment_close(seg);
	return ret;
}

/* CPU time of this thread: others' work on the machine does not count. */
static int64_t cpu_now(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t) < 0)
		return 0;
	return (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
}

static int seal(struct bench *b, struct err *err)
{
	int64_t start = cpu_now();
	struct index_sealed *s;
	int ret = index_builder_seal(b->builder, &s, err);

	if (ret < 0)
		return ret;
	b->seal_ns += cpu_now() - start;
	b->exceptions += s->exceptions;
	b->bytes += s->bytes;
	b->source_bytes += s->source_bytes;
	ret = add_sizes(b, s, err);
	if (!b->last || s->rows > b->last->rows) {
		index_sealed_free(b->last);
		b->last = s;
	} else {
		index_sealed_free(s);
	}
	return ret;
}

enum pass { PASS_DECODE, PASS_ADD, PASS_ALL };

static int add(struct bench *b, enum pass pass, const struct record *rec,
	       struct err *err)
{
	uint64_t allocations = mem_count();
	int ret = index_builder_add(b->builder, rec, err);

	if (ret < 0)
		return ret;
	if (b->last)
		b->allocations += mem_count() - allocations;
	if (index_builder_rows(b->builder) < b->rows)
		return 0;
	if (pass == PASS_ALL)
		return seal(b, err);
	index_builder_clear(b->builder);
	return 0;
}

static int run(struct bench *b, enum pass pass, struct slice text,
	       struct err *err)
{
	const char *p = text.p, *end = text.p + text.len, *nl;
	int ret = 0;

	b->events = b->refused = 0;
	for (; p < end; p = nl + 1) {
		struct decode_refusal refused;
		const struct record *rec;

		nl = memchr(p, '\n', (size_t)(end - p));
		nl = nl ? nl : end;
		ret = decode_message(b->decoder, slice_of(p, (size_t)(nl - p)),
				     &rec, &refused, err);
		if (ret < 0)
			return ret;
		b->refused += ret > 0;
		b->events += ret == 0;
		if (ret == 0 && pass != PASS_DECODE)
			ret = add(b, pass, rec, err);
		if (ret < 0)
			return ret;
	}
	if (pass == PASS_ALL && index_builder_rows(b->builder))
		return seal(b, err);
	index_builder_clear(b->builder);
	return 0;
}

static int run_all(struct bench *b, struct slice text, struct err *err)
{
	int64_t start = cpu_now();
	int ret = run(b, PASS_DECODE, text, err);

	b->decode_ns = cpu_now() - start;
	if (ret < 0)
		return ret;
	start = cpu_now();
	ret = run(b, PASS_ADD, text, err);
	b->add_ns = cpu_now() - start - b->decode_ns;
	return ret < 0 ? ret : run(b, PASS_ALL, text, err);
}

static void report(const struct bench *b)
{
	double n = (double)b->events;
	uint32_t i;

	printf("%.0f events, %.0f refused, %.0f exceptions, %.2f allocations in add once warm\n",
	       n, (double)b->refused, (double)b->exceptions,
	       (double)b->allocations);
	printf("CPU ns/event: decode %.0f, add %.0f, seal %.0f, build %.0f, all %.0f "
	       "(%.0f events/s)\n",
	       (double)b->decode_ns / n, (double)b->add_ns / n,
	       (double)b->seal_ns / n, (double)(b->add_ns + b->seal_ns) / n,
	       (double)(b->decode_ns + b->add_ns + b->seal_ns) / n,
	       1e9 * n / (double)(b->decode_ns + b->add_ns + b->seal_ns));
	printf("B/event: %.2f of %.0f\n", (double)b->bytes / n,
	       (double)b->source_bytes / n);
	for (i = 0; b->kinds[i].name; i++)
		printf("  %-16s %7.2f\n", b->kinds[i].name,
		       (double)b->kinds[i].bytes / n);
	for (i = 0; i < b->ds->nall; i++)
		if (b->fields[i])
			printf("  %-24.*s %7.2f\n",
			       SLICE_ARG(b->ds->fields[i].name),
			       (double)b->fields[i] / n);
}

/* One filter over each column, rows a second. */
static void scan_column(const struct index_column *c, struct index_mask m)
{
	struct index_idset set = { .lo = 0,
				   .hi = (index_column_distinct(c) + 1) / 2 };
	uint8_t lo[16] = { 0x80 }, hi[16] = { 0xbf };
	struct value v;
	uint64_t hits = 0;
	int64_t start = time_monotonic();
	int i;

	index_column_value(c, 0, &v);
	for (i = 0; i < ROUNDS; i++) {
		switch (index_column_coding(c)) {
		case INDEX_CODED_DICT:
			index_scan_ids(c, &set, m);
			break;
		case INDEX_CODED_NUM:
			index_scan_nums(c, v.num, v.num + 1000, m);
			break;
		case INDEX_CODED_B16:
			index_scan_b16(c, lo, hi, m);
			break;
		}
		hits += index_mask_count(m);
	}
	printf("%7.2f G rows/s, %u distinct, %.0f %% present, %.1f %% hit\n",
	       (double)ROUNDS * m.bits / (double)(time_monotonic() - start),
	       index_column_distinct(c),
	       100.0 * index_column_present(c) / m.bits,
	       100.0 * (double)hits / ROUNDS / m.bits);
}

static int scans(struct bench *b, struct err *err)
{
	struct index_segment *seg;
	const struct index_column *c;
	struct arena a;
	uint32_t i;
	int ret = open_sealed(b->last, &seg, err);

	if (ret < 0)
		return ret;
	arena_init(&a, 1 << 24);
	for (i = 0; ret == 0 && i < b->ds->nall; i++) {
		struct index_mask m = index_mask_new(&a, b->last->rows);

		ret = index_segment_column(seg, (field_id)i, &c, err);
		if (ret < 0 || !c || !m.words)
			continue;
		printf("  %-24.*s ", SLICE_ARG(b->ds->fields[i].name));
		scan_column(c, m);
	}
	arena_release(&a);
	index_segment_close(seg);
	return ret;
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct catalog *catalog = NULL;
	struct bench b = {
		.rows = argc > 3 ? (uint32_t)strtoul(argv[3], NULL, 10) : 32768
	};
	struct buf text;
	int ret;

	buf_init(&text, (size_t)4 << 30);
	if (argc < 2) {
		fprintf(stderr,
			"usage: crs-bench-segment FILE [DATASET [ROWS]]\n");
		return 2;
	}
	ret = file_read(argv[1], &text, &err);
	if (ret == 0)
		ret = catalog_new(&catalog, &err);
	if (ret == 0)
		ret = catalog_get(catalog,
				  slice_str(argc > 2 ? argv[2] : "events"),
				  &b.ds, &err);
	if (ret == 0) {
		b.fields = calloc(b.ds->nall, sizeof(*b.fields));
		ret = decoder_new(&b.decoder, b.ds, &err);
	}
	if (ret == 0)
		ret = index_builder_new(&b.builder, b.ds, &err);
	if (ret == 0)
		ret = run_all(&b, buf_slice(&text), &err);
	if (ret == 0) {
		report(&b);
		ret = scans(&b, &err);
	}
	if (ret < 0)
		fprintf(stderr, "crs-bench-segment: %s\n", err.message);
	index_builder_free(b.builder);
	index_sealed_free(b.last);
	decoder_free(b.decoder);
	catalog_free(catalog);
	free(b.fields);
	buf_release(&text);
	return err_exit_status(ret);
}
