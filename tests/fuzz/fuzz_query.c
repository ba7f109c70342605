/*
 * tests/fuzz/fuzz_query.c - qql/: any bytes as a query.  An error has a message
 * and a place within the text; what compiles is printed and parses to the same
 * tree.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/limits.h"
#include "qql/query.h"
#include "schemas/catalog.h"

enum { ARENA_MAX = 256 << 20, TEXT_MAX = 64 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool condition)
{
	if (!condition)
		abort();
}

static const struct dataset *dataset(size_t i)
{
	static struct catalog *catalog;

	if (!catalog)
		must(catalog_new(&catalog, NULL) == 0);
	return catalog_at(catalog, i % catalog_count(catalog));
}

/* The tree and the printed query; false if it does not compile. */
static bool compile(const struct dataset *ds, struct slice text,
		    struct buf *tree, struct buf *printed)
{
	struct qql_options opt = { .ds = ds, .now = 1 };
	struct err err = ERR_INIT;
	struct qql_query *q;
	struct arena arena;
	int ret;

	arena_init(&arena, ARENA_MAX);
	ret = qql_compile(&q, &arena, &opt, text, &err);
	if (ret == 0) {
		qql_print_ast(tree, q->ast);
		qql_print_query(printed, q->ast);
		qql_plan_print(tree, &q->plan);
	} else {
		must(err.code == ret && err.message[0]);
		must(!(err.flags & ERR_HAS_SPAN) ||
		     (err.span.start <= err.span.end &&
		      err.span.end <= text.len));
	}
	arena_release(&arena);
	return ret == 0;
}

static void check_tokens(struct slice text)
{
	struct err err = ERR_INIT;
	struct buf out;
	int ret;

	buf_init(&out, TEXT_MAX);
	ret = qql_print_tokens(&out, text, &err);
	must(ret == 0 || err.message[0]);
	buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct dataset *ds = dataset(size ? data[0] : 0);
	struct slice text =
		slice_of((const char *)data + (size > 0), size - (size > 0));
	struct buf tree, printed, tree_again, printed_again;

	buf_init(&tree, TEXT_MAX);
	buf_init(&printed, TEXT_MAX);
	buf_init(&tree_again, TEXT_MAX);
	buf_init(&printed_again, TEXT_MAX);
	check_tokens(text);
	/* A printed query may be longer than one may be. */
	if (compile(ds, text, &tree, &printed) && printed.len <= LIMIT_QUERY) {
		must(compile(ds, buf_slice(&printed), &tree_again,
			     &printed_again));
		must(slice_eq(buf_slice(&tree), buf_slice(&tree_again)));
		must(slice_eq(buf_slice(&printed), buf_slice(&printed_again)));
	}
	buf_release(&tree);
	buf_release(&printed);
	buf_release(&tree_again);
	buf_release(&printed_again);
	return 0;
}
