/*
 * Words are those of Lucene's StandardTokenizer: the published examples, and
 * every line of tests/words/golden.txt, which the real one has cut.
 */
#include <stdlib.h>

#include "base/buf.h"
#include "base/file.h"
#include "schemas/words.h"
#include "tests/test.h"

static void cut(struct buf *out, struct slice text)
{
	struct words w;
	struct slice word;

	buf_reset(out);
	words_init(&w, text);
	while (words_next(&w, &word)) {
		buf_putc(out, '\t');
		buf_put_slice(out, word);
	}
}

static void test_words__published_examples(void **state)
{
	static const struct {
		const char *text, *words;
	} rows[] = {
		{ "10,125", "\t10,125" },
		{ "10.134", "\t10.134" },
		{ "qualys.corp.com", "\tqualys.corp.com" },
		{ "102354.qualys", "\t102354\tqualys" },
		{ "qualys,25576.13", "\tqualys\t25576.13" },
		{ "Ensure IAM Password Policy is Enabled",
		  "\tEnsure\tIAM\tPassword\tPolicy\tis\tEnabled" },
		{ "ubuntu:latest", "\tubuntu:latest" },
		{ "nginx:1.25", "\tnginx\t1.25" },
		{ "/etc/passwd", "\tetc\tpasswd" },
		{ "a_b_1", "\ta_b_1" },
		{ "\xe6\x97\xa5\xe6\x9c\xac", "\t\xe6\x97\xa5\t\xe6\x9c\xac" },
		{ "", "" },
		{ "-- // \xe2\x80\xa6", "" },
		/* Bytes that are not UTF-8 split. */
		{ "a\xff"
		  "b",
		  "\ta\tb" },
		{ "\xc3", "" },
	};
	struct buf b;

	(void)state;
	buf_init(&b, SIZE_MAX);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		test_row("%s", rows[i].text);
		cut(&b, slice_str(rows[i].text));
		assert_slice(b, rows[i].words);
		assert_int_equal(words_any(slice_str(rows[i].text)),
				 rows[i].words[0] != '\0');
	}
	buf_release(&b);
}

static void test_words__as_the_real_tokenizer(void **state)
{
	struct buf file, b;
	struct err err = ERR_INIT;
	size_t lines = 0;

	(void)state;
	buf_init(&file, 16 << 20);
	buf_init(&b, SIZE_MAX);
	assert_int_equal(file_read("tests/words/golden.txt", &file, &err), 0);
	for (const char *p = file.p, *end = file.p + file.len; p < end;
	     lines++) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		const char *tab;

		assert_non_null(nl);
		tab = memchr(p, '\t', (size_t)(nl - p));
		tab = tab ? tab : nl;
		test_row("%zu: %.*s", lines + 1, (int)(tab - p), p);
		cut(&b, slice_of(p, (size_t)(tab - p)));
		assert_true(slice_eq(buf_slice(&b),
				     slice_of(tab, (size_t)(nl - tab))));
		p = nl + 1;
	}
	assert_true(lines >= 2000);
	buf_release(&b);
	buf_release(&file);
}

TEST_MAIN(TEST(test_words__published_examples),
	  TEST(test_words__as_the_real_tokenizer))
