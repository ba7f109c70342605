/*
 * tests/fuzz/fuzz_words.c - schemas/: any bytes as a text with words, and two
 * parts of them compared without case.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "schemas/words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool condition)
{
	if (!condition)
		abort();
}

/* Words lie in the text in order, apart, not empty, not too long. */
static void check_words(struct slice text)
{
	const char *end = text.p;
	struct words w;
	struct slice word;
	bool any = false;

	words_init(&w, text);
	while (words_next(&w, &word)) {
		must(word.len > 0 && word.len <= 255 * 3 && word.p >= end);
		end = word.p + word.len;
		must(end <= text.p + text.len);
		any = true;
	}
	must(any == words_any(text));
}

static void check_fold(struct slice a, struct slice b)
{
	struct buf x, y;
	int c = fold_cmp_ci(a, b);

	buf_init(&x, SIZE_MAX);
	buf_init(&y, SIZE_MAX);
	fold_append(&x, a);
	fold_append(&y, b);
	must((slice_cmp(buf_slice(&x), buf_slice(&y)) > 0) == (c > 0));
	must((slice_cmp(buf_slice(&x), buf_slice(&y)) < 0) == (c < 0));
	must((fold_cmp(a, b) == 0) == slice_eq(a, b));
	must(fold_has_prefix(a, buf_slice(&x)));
	must(fold_has_prefix(a, buf_slice(&y)) ==
	     (y.len <= x.len && (y.len == 0 || memcmp(x.p, y.p, y.len) == 0)));
	buf_release(&x);
	buf_release(&y);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_of((const char *)data, size);
	size_t half = size / 2;

	check_words(text);
	check_fold(slice_of(text.p, half),
		   slice_of(text.p + half, size - half));
	return 0;
}
