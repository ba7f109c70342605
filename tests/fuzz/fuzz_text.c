/*
 * tests/fuzz/fuzz_text.c - base/: any bytes as UTF-8, as terminal text, as a
 * JSON string and as a time stamp.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/term.h"
#include "base/time.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool condition)
{
	if (!condition)
		abort();
}

static void check_terminal(struct slice text)
{
	struct buf once, twice;

	buf_init(&once, SIZE_MAX);
	buf_init(&twice, SIZE_MAX);
	term_escape(&once, text, TERM_KEEP_NONE);
	must(utf8_valid(buf_slice(&once)));
	for (size_t i = 0; i < once.len; i++)
		must((unsigned char)once.p[i] >= 0x20 && once.p[i] != 0x7f);
	/* What is safe stays as it is. */
	term_escape(&twice, buf_slice(&once), TERM_KEEP_NONE);
	must(slice_eq(buf_slice(&once), buf_slice(&twice)));
	must(term_width(text) == term_width(buf_slice(&once)));
	buf_release(&once);
	buf_release(&twice);
}

static void check_json(struct slice text)
{
	struct json_writer w;
	struct buf b;
	bool clean;

	buf_init(&b, SIZE_MAX);
	json_init(&w, &b);
	clean = json_string_lossy(&w, text);
	must(clean == utf8_valid(text));
	must(utf8_valid(buf_slice(&b)));
	must(b.len >= text.len + 2 && b.p[0] == '"' && b.p[b.len - 1] == '"');
	for (size_t i = 0; i < b.len; i++)
		must((unsigned char)b.p[i] >= 0x20);
	buf_release(&b);
}

static void check_time(struct slice text)
{
	char out[TIME_TEXT_MAX];
	struct time_form form;
	int64_t ns;

	if (time_parse_rfc3339(text, &ns, &form) != TIME_OK)
		return;
	must(slice_eq(slice_of(out, time_format(ns, &form, out)), text));
}

static void check_cut(struct slice text)
{
	size_t max = text.len ? (unsigned char)text.p[0] % (text.len + 1) : 0;
	size_t n = utf8_cut(text, max);

	must(n <= max);
	if (utf8_valid(text))
		must(utf8_valid(slice_of(text.p, n)) && max - n < 4);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_of((const char *)data, size);

	check_terminal(text);
	check_json(text);
	check_time(text);
	check_cut(text);
	return 0;
}
