/*
 * tests/cases/properties.c - what holds for every query whatever.
 */
#include "tests/cases/properties.h"

#include <stdio.h>
#include <string.h>

enum {
	ARENA_MAX = 64 << 20,
	TEXT_MAX = 64 << 20,
	SHORT = 2000,
	PREFIXES_OF_LONG = 64
};

static int held, failed;

static void fail(const char *property, struct slice text)
{
	failed++;
	printf("%s: %.*s\n", property, SLICE_ARG(text));
}

static bool is_good_error(const struct err *err, size_t length)
{
	if (!err->message[0] || strchr(err->message, '\n') ||
	    strchr(err->hint, '\n'))
		return false;
	return !(err->flags & ERR_HAS_SPAN) ||
	       (err->span.start <= err->span.end && err->span.end <= length);
}

/* 0 if it compiles, else the error's code.  A bad error is counted. */
static int compile(const struct qql_options *opt, struct slice text)
{
	struct err err = ERR_INIT;
	struct qql_query *q;
	struct arena arena;
	int ret;

	arena_init(&arena, ARENA_MAX);
	ret = qql_compile(&q, &arena, opt, text, &err);
	if (ret < 0 && !is_good_error(&err, text.len))
		fail("bad error", text);
	arena_release(&arena);
	return ret;
}

/* The tree of `text`, and the text printed from it. */
static bool print(const struct qql_options *opt, struct slice text,
		  struct buf *tree, struct buf *printed)
{
	struct qql_query *q;
	struct arena arena;
	bool ok;

	arena_init(&arena, ARENA_MAX);
	ok = qql_compile(&q, &arena, opt, text, NULL) == 0;
	if (ok) {
		qql_print_ast(tree, q->ast);
		qql_print_query(printed, q->ast);
	}
	arena_release(&arena);
	return ok;
}

static void round_trip(const struct qql_options *opt, struct slice text)
{
	struct buf tree, printed, tree_again, printed_again;

	buf_init(&tree, TEXT_MAX);
	buf_init(&printed, TEXT_MAX);
	buf_init(&tree_again, TEXT_MAX);
	buf_init(&printed_again, TEXT_MAX);
	if (!print(opt, text, &tree, &printed)) {
		fail("compiles only once", text);
	} else if (!print(opt, buf_slice(&printed), &tree_again,
			  &printed_again)) {
		fail("printed query does not parse", buf_slice(&printed));
	} else if (!slice_eq(buf_slice(&tree), buf_slice(&tree_again)) ||
		   !slice_eq(buf_slice(&printed), buf_slice(&printed_again))) {
		fail("printed query is another", buf_slice(&printed));
	} else {
		held++;
	}
	buf_release(&tree);
	buf_release(&printed);
	buf_release(&tree_again);
	buf_release(&printed_again);
}

static bool has_stages(const struct qql_options *opt, struct slice text)
{
	struct qql_query *q;
	struct arena arena;
	bool has;

	arena_init(&arena, ARENA_MAX);
	has = qql_compile(&q, &arena, opt, text, NULL) == 0 &&
	      q->plan.nstages > 0;
	arena_release(&arena);
	return has;
}

/* Four levels more may be too many.  The empty query and a pipe cannot stand
 * in parentheses. */
static void double_not(const struct qql_options *opt, struct slice text)
{
	struct buf b;
	int ret;

	if (strspn(text.p, " \n\t") == text.len || has_stages(opt, text))
		return;
	buf_init(&b, TEXT_MAX);
	buf_puts(&b, "not (not (");
	buf_put_slice(&b, text);
	buf_puts(&b, "))");
	ret = compile(opt, buf_slice(&b));
	if (ret == 0 || ret == ERR_LIMIT)
		held++;
	else
		fail("does not compile", buf_slice(&b));
	buf_release(&b);
}

void properties_check(const struct qql_options *opt, struct slice text)
{
	size_t step = text.len <= SHORT ? 1 : text.len / PREFIXES_OF_LONG;

	for (size_t n = 0; n < text.len; n += step)
		(void)compile(opt, slice_of(text.p, n));
	held++;
	if (compile(opt, text) < 0)
		return;
	round_trip(opt, text);
	double_not(opt, text);
}

int properties_held(void)
{
	return held;
}

int properties_failed(void)
{
	return failed;
}
