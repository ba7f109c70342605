/*
 * qql/print_tokens.c - the tokens as one line: name `action`, `:`, word `DENY`.
 */
#include "qql/query.h"
#include "qql/parse.h"
#include "qql/scan_int.h"

static const char *kind_name(const struct qql_scan *s, int kind)
{
	switch (kind) {
	case TOK_NAME:
		return "name ";
	case TOK_WORD:
		return "word ";
	case TOK_STRING:
		return "string ";
	case TOK_EXACT:
		return "exact ";
	case TOK_GROUP:
		return "group ";
	case TOK_INTERVAL:
		return "range ";
	case TOK_MEMBERS:
		return "list ";
	case TOK_STATS:
	case TOK_TOP:
	case TOK_RARE:
	case TOK_TIMECHART:
	case TOK_SORT:
	case TOK_FIELDS:
		return "stage ";
	case TOK_LIMIT:
		return s->before.kind == TOK_PIPE ? "stage " : "";
	case TOK_IDENT:
		return "name ";
	case TOK_NUMBER:
		return "number ";
	case TOK_PERIOD:
		return "span ";
	default:
		return "";
	}
}

static int print_all(struct buf *out, struct qql_scan *s)
{
	for (const char *between = "";; between = " | ") {
		struct span at;
		int token = qql_scan_next(s, &at);

		if (s->code || token == TOK_END)
			return s->code;
		buf_puts(out, between);
		buf_puts(out, kind_name(s, token));
		buf_put_slice(out, qql_scan_text(s, at));
	}
}

int qql_print_tokens(struct buf *out, struct slice text, struct err *err)
{
	struct arena arena;
	struct qql_scan *s;
	int ret;

	arena_init(&arena, 4 * LIMIT_QUERY);
	s = arena_alloc(&arena, sizeof(*s));
	if (!s) {
		ret = err_nomem(err);
		goto out;
	}
	ret = qql_scan_init(s, &arena, text, NULL, err);
	if (ret == 0)
		ret = print_all(out, s);
out:
	arena_release(&arena);
	return ret;
}
