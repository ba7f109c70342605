/*
 * qql/cli/cmd_verify.c - every byte of the store checked.
 */
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/term.h"
#include "index/verify.h"
#include "qql/cli/cli.h"

struct verify {
	struct cli *c;
	bool progress; /* stderr is a terminal */
	bool shown;
};

static void clear_progress(struct verify *v)
{
	if (v->shown)
		fputs("\r\033[K", stderr);
	v->shown = false;
}

static void on_progress(void *ctx, uint64_t done, uint64_t total)
{
	struct verify *v = ctx;
	char a[CLI_SIZE_MAX], b[CLI_SIZE_MAX];

	if (!v->progress)
		return;
	clear_progress(v);
	fprintf(stderr, "checked %s of %s (%.0f %%)", cli_size(done, a),
		cli_size(total, b),
		total ? 100.0 * (double)done / (double)total : 100.0);
	(void)fflush(stderr);
	v->shown = true;
}

static void on_finding(void *ctx, struct slice line)
{
	struct verify *v = ctx;

	clear_progress(v);
	buf_puts(&v->c->out.text, "damaged: ");
	buf_put_slice(&v->c->out.text, line);
	buf_putc(&v->c->out.text, '\n');
}

static int verify(struct cli *c, struct err *err)
{
	struct verify v = { .c = c, .progress = isatty(STDERR_FILENO) };
	struct index_verify_result r;
	char size[CLI_SIZE_MAX];
	int ret;

	ret = index_verify(c->opt.store, &r, on_finding, on_progress, &v, err);
	clear_progress(&v);
	if (ret < 0)
		return ret;
	buf_printf(&c->out.text,
		   "%" PRIu64 " segments, %" PRIu64 " parts, %" PRIu64
		   " rows, %s checked: ",
		   r.segments, r.parts, r.rows, cli_size(r.bytes, size));
	if (r.damaged)
		buf_printf(&c->out.text, "%" PRIu64 " damaged\n", r.damaged);
	else
		buf_puts(&c->out.text, "all good\n");
	ret = cli_flush(c, err);
	if (ret < 0 || !r.damaged)
		return ret;
	err_set(err, ERR_CORRUPT, "the store \"%s\" is damaged", c->opt.store);
	err_hint(err, "what is named above cannot be read; the rest can");
	return ERR_CORRUPT;
}

static const struct opt options[] = {
	CLI_STORE_OPTIONS,
	CLI_END_OPTIONS,
};

const struct cli_command cmd_verify = {
	.name = "verify",
	.summary = "check every byte of the store",
	.usage = "[OPTION]...",
	.options = options,
	.run = verify,
};
