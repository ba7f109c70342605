/*
 * tests/cases/rows.c - which rows a plan finds: the oracle says it, and a
 * store that holds the rows must say the same.
 */
#include "tests/cases/rows.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "index/builder.h"
#include "index/commit.h"
#include "index/store.h"
#include "qql/run.h"
#include "schemas/decode.h"
#include "tests/oracle/oracle.h"

enum { ROWS_MAX = 64, DIRECTORIES_OPEN = 8 };

struct found {
	const struct slice *rows;
	size_t n;
	bool oracle[ROWS_MAX], store[ROWS_MAX];
};

static void die(const char *what, const struct err *err)
{
	fprintf(stderr, "run_cases: %s: %s\n", what, err->message);
	exit(3);
}

static void ask_oracle(const struct plan *plan, struct decoder *decoder,
		       struct index_builder *builder, struct found *found)
{
	struct err err = ERR_INIT;

	for (size_t i = 0; i < found->n; i++) {
		struct oracle_row row = { .sequence = i };
		struct decode_refusal refused;
		const struct record *rec;

		if (decode_message(decoder, found->rows[i], &rec, &refused,
				   &err) != 0)
			die("a row cannot be decoded", &err);
		found->oracle[i] = oracle_matches(plan, rec, &row);
		if (index_builder_add(builder, rec, &err) < 0)
			die("builder", &err);
	}
}

static int note_row(void *ctx, const struct qql_row *row, struct err *err)
{
	struct found *found = ctx;

	(void)err;
	for (size_t i = 0; i < found->n; i++) {
		if (row && slice_eq(row->source, found->rows[i]))
			found->store[i] = true;
	}
	return 0;
}

static void store_rows(struct index_store *store, const struct dataset *ds,
		       struct index_builder *builder)
{
	struct index_sealed *sealed;
	struct index_txn *txn;
	struct err err = ERR_INIT;

	if (index_builder_seal(builder, &sealed, &err) < 0 ||
	    index_store_register(store, ds, &err) < 0 ||
	    index_txn_begin(&txn, store, &err) < 0 ||
	    index_txn_add(txn, sealed, &err) < 0 ||
	    index_txn_commit(txn, 0, &err) < 0)
		die("store", &err);
	index_sealed_free(sealed);
}

static int remove_entry(const char *path, const struct stat *st, int type,
			struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

/* The store of the rows asked last: most cases of a file share theirs. */
static struct {
	struct index_store *store;
	const char *rows; /* where the first one stands */
	char dir[sizeof("/tmp/crs-cases-XXXXXX")];
} kept;

void rows_close(void)
{
	index_store_close(kept.store);
	if (kept.store)
		(void)nftw(kept.dir, remove_entry, DIRECTORIES_OPEN,
			   FTW_DEPTH | FTW_PHYS);
	kept.store = NULL;
}

static void open_store(const struct plan *plan, struct index_builder *builder,
		       const struct found *found)
{
	struct err err = ERR_INIT;

	if (kept.store && kept.rows == found->rows[0].p)
		return;
	rows_close();
	memcpy(kept.dir, "/tmp/crs-cases-XXXXXX", sizeof(kept.dir));
	if (!mkdtemp(kept.dir) ||
	    index_store_open(&kept.store, kept.dir, INDEX_WRITE, &err) < 0)
		die("store", &err);
	store_rows(kept.store, plan->ds, builder);
	kept.rows = found->rows[0].p;
}

static void ask_store(const struct plan *plan, struct index_builder *builder,
		      struct found *found)
{
	struct qql_run_options opt = { .limit = UINT64_MAX,
				       .want_source = true };
	struct err err = ERR_INIT;

	open_store(plan, builder, found);
	if (qql_run_rows(plan, kept.store, &opt, note_row, found, NULL, &err) <
	    0)
		die("run", &err);
}

static void put_numbers(struct buf *out, const bool *is_found, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!is_found[i])
			continue;
		if (out->len && out->p[out->len - 1] != ' ')
			buf_putc(out, ' ');
		buf_put_u64(out, i + 1);
	}
}

void rows_matching(struct buf *out, const struct plan *plan,
		   const struct slice *rows, size_t n)
{
	struct found found = { .rows = rows, .n = n };
	struct index_builder *builder;
	struct decoder *decoder;
	struct err err = ERR_INIT;

	if (decoder_new(&decoder, plan->ds, &err) < 0 ||
	    index_builder_new(&builder, plan->ds, &err) < 0)
		die("rows", &err);
	ask_oracle(plan, decoder, builder, &found);
	ask_store(plan, builder, &found);
	put_numbers(out, found.oracle, n);
	if (memcmp(found.oracle, found.store, sizeof(found.store)) != 0) {
		buf_puts(out, " but the store finds ");
		put_numbers(out, found.store, n);
	}
	index_builder_free(builder);
	decoder_free(decoder);
}
