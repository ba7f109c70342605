/*
 * tests/kafka/main_positions.c - crs-positions STORE: the source positions of
 * a store, one a line.
 */
#include <stdio.h>

#include "base/term.h"
#include "index/commit.h"
#include "index/store.h"
#include "ingest/position.h"

static int show(void *ctx, struct slice key, struct slice value)
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

int main(int argc, char **argv)
{
	struct index_store *s = NULL;
	struct err err = ERR_INIT;
	int ret;

	if (argc != 2) {
		fputs("usage: crs-positions STORE\n", stderr);
		return 2;
	}
	ret = index_store_open(&s, argv[1], INDEX_READ, &err);
	if (ret == 0)
		ret = index_store_positions(s, slice_of("", 0), show, NULL, &err);
	if (ret < 0)
		term_print_err(stderr, "crs-positions", &err, slice_of(NULL, 0));
	index_store_close(s);
	return err_exit_status(ret);
}
