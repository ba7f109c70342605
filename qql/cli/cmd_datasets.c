/*
 * qql/cli/cmd_datasets.c - what the store holds, and what could be stored.
 */
#include <inttypes.h>

#include "base/json.h"
#include "base/time.h"
#include "index/snapshot.h"
#include "qql/cli/cli.h"
#include "qql/cli/table.h"

struct totals {
	uint64_t rows, bytes;
	int64_t time_min, time_max;
};

static struct totals totals_of(const struct index_dataset *d)
{
	struct totals t = { .time_min = INT64_MAX, .time_max = INT64_MIN };

	for (uint32_t i = 0; d && i < d->nsegments; i++) {
		if (d->segments[i].time_min < t.time_min)
			t.time_min = d->segments[i].time_min;
		if (d->segments[i].time_max > t.time_max)
			t.time_max = d->segments[i].time_max;
	}
	t.rows = d ? d->rows : 0;
	t.bytes = d ? d->bytes : 0;
	return t;
}

static void add_time(struct cli_table *t, const struct totals *sum,
		     const struct dataset *ds, int64_t time)
{
	char text[TIME_TEXT_MAX];

	if (sum->rows && ds->kind == DATASET_LOG)
		cli_table_add(t, slice_of(text, time_format_utc(time, text)));
	else
		cli_table_add(t, SLICE_LIT("-"));
}

static int put_plain(struct cli *c, const struct index_snapshot *snap,
		     struct err *err)
{
	static const char *const heads[] = { "DATASET", "KIND",   ">ROWS",
					     ">SIZE",   "OLDEST", "NEWEST",
					     "TITLE",   NULL };
	struct cli_table t;
	int ret;

	cli_table_init(&t, heads);
	for (size_t i = 0; i < catalog_count(c->catalog); i++) {
		const struct dataset *ds = catalog_at(c->catalog, i);
		struct totals sum =
			totals_of(index_snapshot_find(snap, ds->name));
		char size[CLI_SIZE_MAX];

		cli_table_add(&t, ds->name);
		cli_table_addf(&t, "%s",
			       ds->kind == DATASET_LOG ? "log" : "table");
		cli_table_addf(&t, "%" PRIu64, sum.rows);
		cli_table_addf(&t, "%s", cli_size(sum.bytes, size));
		add_time(&t, &sum, ds, sum.time_min);
		add_time(&t, &sum, ds, sum.time_max);
		cli_table_add(&t, ds->title);
	}
	ret = cli_table_print(&t, &c->out.text, err);
	cli_table_release(&t);
	return ret;
}

static void put_json(struct cli *c, const struct index_snapshot *snap)
{
	struct json_writer w;

	json_init(&w, &c->out.text);
	json_array_begin(&w);
	for (size_t i = 0; i < catalog_count(c->catalog); i++) {
		const struct dataset *ds = catalog_at(c->catalog, i);
		struct totals sum =
			totals_of(index_snapshot_find(snap, ds->name));

		json_object_begin(&w);
		json_key(&w, "dataset");
		json_string(&w, ds->name);
		json_key(&w, "title");
		json_string(&w, ds->title);
		json_key(&w, "kind");
		json_str(&w, ds->kind == DATASET_LOG ? "log" : "table");
		json_key(&w, "rows");
		json_u64(&w, sum.rows);
		json_key(&w, "bytes");
		json_u64(&w, sum.bytes);
		json_object_end(&w);
	}
	json_array_end(&w);
	buf_putc(&c->out.text, '\n');
}

static int datasets(struct cli *c, struct err *err)
{
	struct index_snapshot *snap = NULL;
	int ret = index_snapshot_open(&snap, c->store, err);

	if (ret < 0)
		return ret;
	if (cli_json(c))
		put_json(c, snap);
	else
		ret = put_plain(c, snap, err);
	index_snapshot_close(snap);
	if (ret == 0)
		ret = cli_flush(c, err);
	return ret < 0 ? ret : CLI_FOUND;
}

static const struct opt options[] = {
	CLI_OUTPUT_OPTION("plain or json"),
	CLI_STORE_OPTIONS,
	CLI_END_OPTIONS,
};

const struct cli_command cmd_datasets = {
	.name = "datasets",
	.summary = "what the store holds",
	.usage = "[OPTION]...",
	.options = options,
	.forms = cli_plain_or_json,
	.needs = CLI_STORE,
	.run = datasets,
};
