/*
 * base/term_err.c - errors as a person reads them, with a caret under the
 * place.  Cells are counted by libunistring's width table.
 */
#include <string.h>
#include <uniwidth.h>

#include "base/term.h"
#include "base/term_int.h"
#include "base/utf8.h"

enum {
	ERR_TEXT_MAX = 1 << 16,
	INDENT = 4,
	/* A longer query line is shown from some cells before the place on. */
	LINE_BYTES = 240,
	LINE_BEFORE = 80,
};

static size_t run_width(struct slice run)
{
	const char *p = run.p, *end = run.p + run.len;
	size_t width = 0;

	while (p < end) {
		uint32_t cp;

		if ((unsigned char)*p < 0x80) {
			width++;
			p++;
			continue;
		}
		p += utf8_decode(p, end, &cp);
		width += (size_t)(uc_width(cp, "UTF-8") > 0 ?
					  uc_width(cp, "UTF-8") :
					  0);
	}
	return width;
}

size_t term_width(struct slice s)
{
	size_t width = 0;

	while (s.len > 0) {
		bool safe;
		struct slice run = term_run(s, TERM_KEEP_NONE, &safe);

		width += safe ? run_width(run) : run.len * strlen("\\xNN");
		s = slice_of(s.p + run.len, s.len - run.len);
	}
	return width;
}

/* The line of `text` that holds offset `at`, shortened around it if need be. */
static struct span line_around(struct slice text, size_t at)
{
	size_t start = at, end = at;

	while (start > 0 && text.p[start - 1] != '\n')
		start--;
	while (end < text.len && text.p[end] != '\n')
		end++;
	if (end > start && end > at && text.p[end - 1] == '\r')
		end--;
	if (end - start > LINE_BYTES) {
		if (at - start > LINE_BEFORE)
			start += utf8_cut(slice_of(text.p + start, end - start),
					  at - start - LINE_BEFORE);
		end = start + utf8_cut(slice_of(text.p + start, end - start),
				       LINE_BYTES);
	}
	return (struct span){ (uint32_t)start, (uint32_t)end };
}

static void put_repeated(struct buf *out, char c, size_t n)
{
	char *p = n ? buf_grow(out, n) : NULL;

	if (p) {
		memset(p, c, n);
		out->len += n;
	}
}

static void put_place(struct buf *out, struct slice query, struct span span)
{
	size_t from = span.start < query.len ? span.start : query.len;
	size_t to = span.end < query.len ? span.end : query.len;
	struct span line = line_around(query, from);
	size_t width;

	put_repeated(out, ' ', INDENT);
	term_escape(out, slice_of(query.p + line.start, line.end - line.start),
		    TERM_KEEP_NONE);
	buf_putc(out, '\n');
	if (from > line.end)
		from = line.end;
	if (to > line.end)
		to = line.end;
	width = to > from ? term_width(slice_of(query.p + from, to - from)) : 0;
	put_repeated(out, ' ',
		     INDENT + term_width(slice_of(query.p + line.start,
						  from - line.start)));
	put_repeated(out, '^', width ? width : 1);
	buf_putc(out, '\n');
}

void term_format_err(struct buf *out, const char *program,
		     const struct err *err, struct slice query)
{
	if (program) {
		buf_puts(out, program);
		buf_puts(out, ": ");
	}
	term_escape(out, slice_str(err->message), TERM_KEEP_NONE);
	buf_putc(out, '\n');
	if ((err->flags & ERR_HAS_SPAN) && query.p)
		put_place(out, query, err->span);
	if (err->hint[0]) {
		buf_puts(out, "hint: ");
		term_escape(out, slice_str(err->hint), TERM_KEEP_NONE);
		buf_putc(out, '\n');
	}
}

void term_print_err(FILE *f, const char *program, const struct err *err,
		    struct slice query)
{
	struct buf text;

	buf_init(&text, ERR_TEXT_MAX);
	term_format_err(&text, program, err, query);
	if (text.error) {
		/* No memory: the message alone, straight from the struct. */
		fprintf(f, "%s: ", program ? program : "error");
		term_write(f, slice_str(err->message), TERM_KEEP_NONE);
		(void)fputc('\n', f);
	} else {
		(void)fwrite(text.p, 1, text.len, f);
	}
	buf_release(&text);
}
