/*
 * qql/cli/cmd_stat.c - where the bytes of a store are.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/time.h"
#include "index/segment.h"
#include "index/snapshot.h"
#include "index/verify.h"
#include "qql/cli/cli.h"
#include "qql/cli/table.h"

enum { SHOWN_PARTS = 25, PARTS_MAX = 4096 };

struct part {
	field_id field; /* FIELD_NONE: of the row */
	const char *kind;
	uint64_t bytes;
};

struct sizes {
	struct part *parts;
	uint32_t n;
};

static struct part *find_part(struct sizes *s, const struct index_part_size *p)
{
	for (uint32_t i = 0; i < s->n; i++)
		if (s->parts[i].field == p->field &&
		    strcmp(s->parts[i].kind, p->kind) == 0)
			return &s->parts[i];
	if (s->n == PARTS_MAX)
		return NULL;
	s->parts[s->n] = (struct part){ p->field, p->kind, 0 };
	return &s->parts[s->n++];
}

static int add_segment(struct sizes *s, struct index_snapshot *snap,
		       const struct index_dataset *d,
		       const struct index_descriptor *desc, struct err *err)
{
	const struct index_part_size *p;
	struct index_segment *seg = NULL;
	uint32_t n = 0;
	int ret = index_segment_open(&seg, snap, d, desc, err);

	if (ret == 0)
		ret = index_segment_sizes(seg, &p, &n, err);
	for (uint32_t i = 0; ret == 0 && i < n; i++) {
		struct part *sum = find_part(s, &p[i]);

		if (sum)
			sum->bytes += p[i].bytes;
	}
	index_segment_close(seg);
	return ret;
}

static int by_size(const void *a, const void *b)
{
	const struct part *x = a, *y = b;

	return (x->bytes < y->bytes) - (x->bytes > y->bytes);
}

static int gather(struct sizes *s, struct index_snapshot *snap,
		  const struct index_dataset *d, struct err *err)
{
	int ret = 0;

	s->parts = mem_alloc(PARTS_MAX * sizeof(*s->parts));
	if (!s->parts)
		return err_nomem(err);
	for (uint32_t i = 0; i < d->nsegments && ret == 0; i++)
		ret = add_segment(s, snap, d, &d->segments[i], err);
	qsort(s->parts, s->n, sizeof(*s->parts), by_size);
	return ret;
}

static double per_row(uint64_t bytes, uint64_t rows)
{
	return rows ? (double)bytes / (double)rows : 0;
}

static struct slice field_name(const struct index_dataset *d, field_id id)
{
	return id < d->ds->nall ? d->ds->fields[id].name : SLICE_LIT("(rows)");
}

static void put_times(struct buf *out, const struct index_dataset *d)
{
	int64_t lo = INT64_MAX, hi = INT64_MIN;
	char text[TIME_TEXT_MAX];

	for (uint32_t i = 0; i < d->nsegments; i++) {
		if (d->segments[i].time_min < lo)
			lo = d->segments[i].time_min;
		if (d->segments[i].time_max > hi)
			hi = d->segments[i].time_max;
	}
	if (lo > hi || d->ds->kind != DATASET_LOG)
		return;
	buf_puts(out, "  time        ");
	buf_put_slice(out, slice_of(text, time_format_utc(lo, text)));
	buf_puts(out, " to ");
	buf_put_slice(out, slice_of(text, time_format_utc(hi, text)));
	buf_putc(out, '\n');
}

static int put_parts(struct cli *c, const struct index_dataset *d,
		     const struct sizes *s, struct err *err)
{
	static const char *const heads[] = { "  FIELD",  "PART",     ">BYTES",
					     ">B/EVENT", ">SHARE %", NULL };
	uint32_t shown = c->opt.all || s->n < SHOWN_PARTS ? s->n : SHOWN_PARTS;
	struct cli_table t;
	uint64_t all = 0;
	int ret;

	cli_table_init(&t, heads);
	for (uint32_t i = 0; i < s->n; i++)
		all += s->parts[i].bytes;
	for (uint32_t i = 0; i < shown; i++) {
		const struct part *p = &s->parts[i];

		cli_table_addf(&t, "  %.*s",
			       SLICE_ARG(field_name(d, p->field)));
		cli_table_addf(&t, "%s", p->kind);
		cli_table_addf(&t, "%" PRIu64, p->bytes);
		cli_table_addf(&t, "%.2f", per_row(p->bytes, d->rows));
		cli_table_addf(&t, "%.1f",
			       all ? 100.0 * (double)p->bytes / (double)all :
				     0);
	}
	ret = cli_table_print(&t, &c->out.text, err);
	cli_table_release(&t);
	if (shown < s->n)
		buf_printf(&c->out.text, "  (%u more: --all)\n", s->n - shown);
	return ret;
}

static int put_plain(struct cli *c, const struct index_dataset *d,
		     const struct sizes *s, struct err *err)
{
	struct buf *out = &c->out.text;
	char a[CLI_SIZE_MAX], b[CLI_SIZE_MAX];

	buf_printf(out, "dataset %.*s\n", SLICE_ARG(d->ds->name));
	buf_printf(out, "  rows        %" PRIu64 " in %u segments\n", d->rows,
		   d->nsegments);
	buf_printf(out, "  stored      %s, %.1f B/event\n",
		   cli_size(d->bytes, a), per_row(d->bytes, d->rows));
	buf_printf(out, "  made from   %s, %.1f B/event: %.1f times as much\n",
		   cli_size(d->source_bytes, b),
		   per_row(d->source_bytes, d->rows),
		   per_row(d->source_bytes, d->bytes));
	buf_printf(out, "  exceptions  %" PRIu64 " rows kept whole (%.2f %%)\n",
		   d->exceptions, 100 * per_row(d->exceptions, d->rows));
	put_times(out, d);
	if (!d->rows)
		return 0;
	buf_putc(out, '\n');
	return put_parts(c, d, s, err);
}

static void put_json(struct json_writer *w, const struct index_dataset *d,
		     const struct sizes *s)
{
	json_object_begin(w);
	json_key(w, "dataset");
	json_string(w, d->ds->name);
	json_key(w, "rows");
	json_u64(w, d->rows);
	json_key(w, "segments");
	json_u64(w, d->nsegments);
	json_key(w, "bytes");
	json_u64(w, d->bytes);
	json_key(w, "sourceBytes");
	json_u64(w, d->source_bytes);
	json_key(w, "exceptions");
	json_u64(w, d->exceptions);
	json_key(w, "parts");
	json_array_begin(w);
	for (uint32_t i = 0; i < s->n; i++) {
		json_object_begin(w);
		json_key(w, "field");
		if (s->parts[i].field == FIELD_NONE)
			json_null(w);
		else
			json_string(w, field_name(d, s->parts[i].field));
		json_key(w, "part");
		json_str(w, s->parts[i].kind);
		json_key(w, "bytes");
		json_u64(w, s->parts[i].bytes);
		json_object_end(w);
	}
	json_array_end(w);
	json_object_end(w);
}

static void put_space(struct cli *c, const struct index_space *s)
{
	struct buf *out = &c->out.text;
	char a[CLI_SIZE_MAX], b[CLI_SIZE_MAX], d[CLI_SIZE_MAX];

	buf_printf(out, "store %s\n", index_store_path(c->store));
	buf_printf(out, "  file        %s, of it %s free for reuse; map %s\n",
		   cli_size(s->file_bytes, a), cli_size(s->free_bytes, b),
		   cli_size(s->map_size, d));
	buf_printf(out, "  readers     %u of %u", s->readers, s->readers_max);
	if (s->oldest_reader_lag)
		buf_printf(out,
			   ", the oldest (pid %" PRId64 ") is %" PRIu64
			   " transactions behind",
			   s->oldest_reader_pid, s->oldest_reader_lag);
	buf_puts(out, "\n\n");
}

static void put_space_json(struct json_writer *w, const struct index_space *s)
{
	json_key(w, "fileBytes");
	json_u64(w, s->file_bytes);
	json_key(w, "freeBytes");
	json_u64(w, s->free_bytes);
	json_key(w, "mapBytes");
	json_u64(w, s->map_size);
	json_key(w, "readers");
	json_u64(w, s->readers);
	json_key(w, "oldestReaderLag");
	json_u64(w, s->oldest_reader_lag);
}

static int put_dataset(struct cli *c, struct index_snapshot *snap,
		       const struct index_dataset *d, struct json_writer *w,
		       struct err *err)
{
	struct sizes s = { .n = 0 };
	int ret = gather(&s, snap, d, err);

	if (ret == 0 && w)
		put_json(w, d, &s);
	else if (ret == 0)
		ret = put_plain(c, d, &s, err);
	mem_free(s.parts);
	return ret;
}

static int stat(struct cli *c, struct err *err)
{
	struct index_snapshot *snap = NULL;
	struct index_space space;
	struct json_writer w;
	bool json = cli_json(c);
	int ret;

	ret = index_store_space(c->store, &space, err);
	if (ret == 0)
		ret = index_snapshot_open(&snap, c->store, err);
	if (ret < 0)
		return ret;
	json_init(&w, &c->out.text);
	if (json) {
		json_object_begin(&w);
		put_space_json(&w, &space);
		json_key(&w, "datasets");
		json_array_begin(&w);
	} else {
		put_space(c, &space);
	}
	for (uint32_t i = 0; ret == 0 && i < index_snapshot_datasets(snap);
	     i++) {
		if (i && !json)
			buf_putc(&c->out.text, '\n');
		ret = put_dataset(c, snap, index_snapshot_dataset(snap, i),
				  json ? &w : NULL, err);
	}
	if (json) {
		json_array_end(&w);
		json_object_end(&w);
		buf_putc(&c->out.text, '\n');
	}
	index_snapshot_close(snap);
	if (ret == 0)
		ret = cli_flush(c, err);
	return ret < 0 ? ret : CLI_FOUND;
}

static const struct opt options[] = {
	CLI_OUTPUT_OPTION("plain or json"),
	{ .type = OPT_FLAG,
	  .letter = 'a',
	  .name = "all",
	  .help = "every part, not only the largest",
	  CLI_AT(all) },
	CLI_STORE_OPTIONS,
	CLI_END_OPTIONS,
};

const struct cli_command cmd_stat = {
	.name = "stat",
	.summary = "sizes per dataset, field and part; space and readers",
	.usage = "[OPTION]...",
	.options = options,
	.forms = cli_plain_or_json,
	.needs = CLI_STORE,
	.run = stat,
};
