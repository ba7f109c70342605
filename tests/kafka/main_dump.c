/*
 * tests/kafka/main_dump.c - what a store holds, read without the query path.
 *
 *   crs-dump STORE positions   source positions, one a line
 *   crs-dump STORE DATASET     stored messages in order of sequence, one a line
 */
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/term.h"
#include "index/commit.h"
#include "index/segment.h"
#include "index/snapshot.h"
#include "index/store.h"
#include "ingest/position.h"

static int show_position(void *ctx, struct slice key, struct slice value)
{
	struct buf b;

	(void)ctx;
	buf_init(&b, 4096);
	ingest_position_print(&b, key, value);
	term_write(stdout, buf_slice(&b), TERM_KEEP_NONE);
	putchar('\n');
	buf_release(&b);
	return 0;
}

static int show_segment(struct index_snapshot *snap, const struct index_dataset *d,
			const struct index_descriptor *desc, struct buf *text,
			struct err *err)
{
	struct index_segment *seg;
	int ret = index_segment_open(&seg, snap, d, desc, err);

	if (ret < 0)
		return ret;
	for (uint32_t row = 0; row < desc->rows && ret == 0; row++) {
		buf_reset(text);
		ret = index_segment_source(seg, row, text, err);
		if (ret == 0)
			fwrite(text->p, 1, text->len, stdout);
		putchar('\n');
	}
	index_segment_close(seg);
	return ret;
}

static int show_rows(struct index_store *s, const char *dataset, struct err *err)
{
	const struct index_dataset *d;
	struct index_snapshot *snap;
	struct buf text;
	int ret = index_snapshot_open(&snap, s, err);

	if (ret < 0)
		return ret;
	buf_init(&text, 64 << 20);
	d = index_snapshot_find(snap, slice_str(dataset));
	for (uint32_t i = 0; d && i < d->nsegments && ret == 0; i++)
		ret = show_segment(snap, d, &d->segments[i], &text, err);
	buf_release(&text);
	index_snapshot_close(snap);
	return ret;
}

int main(int argc, char **argv)
{
	struct index_store *s = NULL;
	struct err err = ERR_INIT;
	int ret;

	if (argc != 3) {
		fputs("usage: crs-dump STORE positions|DATASET\n", stderr);
		return 2;
	}
	ret = index_store_open(&s, argv[1], INDEX_READ, &err);
	if (ret == 0 && strcmp(argv[2], "positions") == 0)
		ret = index_store_positions(s, slice_of("", 0), show_position, NULL, &err);
	else if (ret == 0)
		ret = show_rows(s, argv[2], &err);
	if (ret < 0)
		term_print_err(stderr, "crs-dump", &err, slice_of(NULL, 0));
	index_store_close(s);
	return err_exit_status(ret);
}
