/*
 * qql/cli/cmd_help.c - "How to Search"; one token with its values.
 */
#include <inttypes.h>

#include "base/term.h"
#include "qql/cli/cli.h"
#include "qql/cli/howto.h"
#include "qql/cli/session.h"
#include "qql/cli/token.h"
#include "qql/values.h"

enum { VALUES = 15, VALUE_TEXT_MAX = 1 << 20 };

/* Dates and near-unique numbers have no frequent values worth a scan. */
static bool has_frequent_values(const struct field *f)
{
	return f->type != FIELD_DATE && f->type != FIELD_DOUBLE &&
	       f->is_virtual != VIRTUAL_SEQ;
}

static int put_value(struct buf *out, const struct field *f,
		     const struct qql_value_count *v, struct err *err)
{
	struct buf text;
	int ret;

	buf_init(&text, VALUE_TEXT_MAX);
	value_print(&text, f, &v->value);
	ret = buf_error(&text, "a value", err);
	buf_printf(out, "    %10" PRIu64 "  ", v->rows);
	term_escape(out, buf_slice(&text), TERM_KEEP_NONE);
	buf_putc(out, '\n');
	buf_release(&text);
	return ret;
}

static int put_values(struct cli *c, field_id id, struct err *err)
{
	const struct field *f = &c->ds->fields[id];
	struct qql_run_options run = { .timeout = c->opt.timeout,
				       .stop = c->stop };
	struct buf *out = &c->out.text;
	struct qql_values v;
	struct err why = ERR_INIT;
	int ret;

	ret = qql_run_values(&v, &c->arena, c->store, c->ds, id, VALUES, &run,
			     &why);
	if (ret == ERR_LIMIT) {
		buf_puts(out, "\n    too many different values to list\n");
		return 0;
	}
	if (ret < 0) {
		*err = why;
		return ret;
	}
	if (!v.n) {
		buf_puts(out, "\n    no row of this store has a value\n");
		return 0;
	}
	buf_printf(out,
		   "\n    most frequent of %" PRIu64 " values in %" PRIu64
		   " rows:\n",
		   v.distinct, v.rows);
	for (uint32_t i = 0; i < v.n && ret == 0; i++)
		ret = put_value(out, f, &v.top[i], err);
	return ret;
}

static int help_token(struct cli *c, struct err *err)
{
	field_id id;
	int ret = cli_field(c, c->query, &id, err);

	if (ret < 0) {
		if (!err->hint[0])
			err_hint(err, "\"qql tokens\" lists all of them");
		return ret;
	}
	cli_token_text(&c->out.text, &c->ds->fields[id]);
	if (c->store && has_frequent_values(&c->ds->fields[id]))
		ret = put_values(c, id, err);
	return ret;
}

static int help(struct cli *c, struct err *err)
{
	int ret = 0;

	if (!c->nargs)
		buf_puts(&c->out.text, cli_howto);
	else if (!cli_command_help(c->args[0]))
		ret = help_token(c, err);
	if (ret == 0)
		ret = cli_flush(c, err);
	return ret < 0 ? ret : CLI_FOUND;
}

static const struct opt options[] = {
	CLI_TIMEOUT_OPTION,
	CLI_STORE_OPTIONS,
	CLI_END_OPTIONS,
};

const struct cli_command cmd_help = {
	.name = "help",
	.summary = "how to search; one token with its most frequent values",
	.usage = "[OPTION]... [TOKEN | COMMAND]",
	.options = options,
	.needs = CLI_SCHEMAS | CLI_DATASET,
	.run = help,
};
