/*
 * qql/cli/cmd_tokens.c - "View All Tokens": every token of a dataset.
 */
#include <string.h>

#include "qql/cli/cli.h"
#include "qql/cli/token.h"
#include "schemas/tokens_doc.h"

static void put_json(struct buf *out, const struct dataset *ds)
{
	struct json_writer w;

	json_init(&w, out);
	json_object_begin(&w);
	json_key(&w, "dataset");
	json_string(&w, ds->name);
	json_key(&w, "title");
	json_string(&w, ds->title);
	json_key(&w, "tokens");
	json_array_begin(&w);
	for (uint32_t i = 0; i < ds->nall; i++)
		cli_token_json(&w, &ds->fields[i]);
	json_array_end(&w);
	json_object_end(&w);
	buf_putc(out, '\n');
}

static int tokens(struct cli *c, struct err *err)
{
	struct buf *out = &c->out.text;
	int ret = 0;

	if (c->nargs) {
		err_set(err, ERR_USAGE, "tokens takes no arguments");
		err_hint(err, "\"qql help %.*s\" shows one token",
			 SLICE_ARG(c->query));
		return ERR_USAGE;
	}
	if (cli_json(c)) {
		put_json(out, c->ds);
	} else if (c->opt.output && strcmp(c->opt.output, "markdown") == 0) {
		ret = tokens_markdown(out, c->ds);
		if (ret < 0)
			return err_nomem(err);
	} else {
		for (uint32_t i = 0; i < c->ds->nall; i++) {
			if (i)
				buf_putc(out, '\n');
			cli_token_text(out, &c->ds->fields[i]);
		}
	}
	ret = cli_flush(c, err);
	return ret < 0 ? ret : CLI_FOUND;
}

static const char *const forms[] = { "plain", "json", "markdown", NULL };

static const struct opt options[] = {
	CLI_OUTPUT_OPTION("plain, json or markdown"),
	CLI_STORE_OPTIONS,
	CLI_END_OPTIONS,
};

const struct cli_command cmd_tokens = {
	.name = "tokens",
	.summary = "every token of a dataset, with examples",
	.usage = "[OPTION]...",
	.options = options,
	.forms = forms,
	.needs = CLI_SCHEMAS | CLI_DATASET,
	.run = tokens,
};
