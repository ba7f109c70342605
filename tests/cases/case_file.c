/*
 * tests/cases/case_file.c - reading .case files.
 */
#include "tests/cases/case_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"

enum { FILE_MAX = 16 << 20, QUERY_MAX = 1 << 20 };

static void *need(void *p)
{
	if (!p) {
		fputs("run_cases: out of memory\n", stderr);
		exit(3);
	}
	return p;
}

static struct case_line read_line(struct slice raw)
{
	struct case_line line = { .raw = raw };
	const char *colon = memchr(raw.p, ':', raw.len);

	if (raw.p[0] == '#' || !colon)
		return line;
	line.key = slice_of(raw.p, (size_t)(colon - raw.p));
	line.value = slice_of(colon + 1, raw.len - line.key.len - 1);
	if (line.value.len && line.value.p[0] == ' ')
		line.value = slice_of(line.value.p + 1, line.value.len - 1);
	return line;
}

static void add_line(struct case_block *b, struct slice raw)
{
	if (raw.p[0] == ' ' && b->n)
		return;
	b->lines = need(realloc(b->lines, (b->n + 1) * sizeof(*b->lines)));
	b->lines[b->n++] = read_line(raw);
	if (slice_eq(b->lines[b->n - 1].key, SLICE_LIT("case")))
		b->is_case = true;
}

static void add_block(struct case_file *f, const char *p, int line)
{
	struct case_block *b;

	f->blocks = need(realloc(f->blocks, (f->n + 1) * sizeof(*f->blocks)));
	b = &f->blocks[f->n++];
	memset(b, 0, sizeof(*b));
	b->line = line;
	b->raw = slice_of(p, 0);
}

void case_file_read(struct case_file *f, const char *path)
{
	struct err err = ERR_INIT;
	struct buf text;
	bool inside = false;
	int line = 0;

	memset(f, 0, sizeof(*f));
	f->path = path;
	buf_init(&text, FILE_MAX);
	if (file_read(path, &text, &err) < 0) {
		fprintf(stderr, "run_cases: %s\n", err.message);
		exit(3);
	}
	f->text = text.p;
	for (const char *p = text.p, *end = p + text.len; p < end;) {
		const char *eol = need(memchr(p, '\n', (size_t)(end - p)));

		line++;
		if (eol == p) {
			inside = false;
		} else {
			if (!inside)
				add_block(f, p, line);
			inside = true;
			add_line(&f->blocks[f->n - 1],
				 slice_of(p, (size_t)(eol - p)));
			f->blocks[f->n - 1].raw.len =
				(size_t)(eol + 1 - f->blocks[f->n - 1].raw.p);
		}
		p = eol + 1;
	}
}

void case_file_free(struct case_file *f)
{
	for (size_t i = 0; i < f->n; i++)
		free(f->blocks[i].lines);
	free(f->blocks);
	free(f->text);
}

bool case_is_output(struct slice key)
{
	static const char *const outputs[] = { "tokens",  "ast",   "plan",
					       "rows",    "error", "hint",
					       "if-empty" };

	for (size_t i = 0; i < sizeof(outputs) / sizeof(outputs[0]); i++) {
		if (slice_eq(key, slice_str(outputs[i])))
			return true;
	}
	return false;
}

const struct case_line *case_find(const struct case_block *b, const char *key)
{
	for (size_t i = 0; i < b->n; i++) {
		if (slice_eq(b->lines[i].key, slice_str(key)))
			return &b->lines[i];
	}
	return NULL;
}

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

/* \{N:TEXT}; returns where it ends. */
static const char *repeat(struct buf *out, const char *p, const char *end)
{
	char *colon;
	unsigned long n = strtoul(p, &colon, 10);
	const char *close = need(memchr(p, '}', (size_t)(end - p)));

	while (n--)
		buf_put(out, colon + 1, (size_t)(close - colon - 1));
	return close + 1;
}

static void decode(struct buf *out, struct slice s)
{
	const char *p = s.p, *end = s.p + s.len;

	while (p < end) {
		if (*p != '\\' || p + 1 == end) {
			buf_putc(out, *p++);
			continue;
		}
		p += 2;
		if (p[-1] == 'n') {
			buf_putc(out, '\n');
		} else if (p[-1] == 'x' && end - p >= 2) {
			buf_putc(out, (char)(hex(p[0]) << 4 | hex(p[1])));
			p += 2;
		} else if (p[-1] == '{') {
			p = repeat(out, p, end);
		} else {
			buf_putc(out, p[-1]);
		}
	}
}

char *case_query(const struct case_block *b, size_t *len)
{
	const struct case_line *query = case_find(b, "query");
	const struct case_line *bytes = case_find(b, "bytes");
	struct buf out;

	if (!query && !bytes) {
		fprintf(stderr, "run_cases: line %d: no query\n", b->line);
		exit(3);
	}
	buf_init(&out, QUERY_MAX);
	if (query)
		buf_put_slice(&out, query->value);
	else
		decode(&out, bytes->value);
	buf_putc(&out, '\0');
	if (out.error)
		exit(3);
	*len = out.len - 1;
	return out.p;
}
