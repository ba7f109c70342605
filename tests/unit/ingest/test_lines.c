/* tests of ingest/lines.c */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/limits.h"
#include "ingest/digest_int.h"
#include "ingest/lines_int.h"
#include "tests/test.h"

/* A descriptor to read `text` from. */
static int file_of(const char *text, size_t len)
{
	char path[] = "/tmp/crs-test-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(write(fd, text, len), (ssize_t)len);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

/* All records of fd as "OFFSET:TEXT;", the unfinished one after a '|'. */
static void read_all(int fd, char *out, size_t size)
{
	struct ingest_lines l;
	struct ingest_line line;
	size_t n = 0;
	int more = 1;

	assert_int_equal(ingest_lines_init(&l, NULL), 0);
	while (more > 0) {
		more = ingest_lines_fill(&l, fd, NULL);
		while (ingest_lines_next(&l, &line, NULL) == 1)
			n += (size_t)snprintf(out + n, size - n, "%lld:%.*s;",
					      (long long)line.offset,
					      SLICE_ARG(line.text));
	}
	if (ingest_lines_rest(&l, &line, NULL) == 1)
		n += (size_t)snprintf(out + n, size - n, "|%lld:%.*s",
				      (long long)line.offset, SLICE_ARG(line.text));
	snprintf(out + n, size - n, " blank=%d", (int)l.blank);
	ingest_lines_release(&l);
	close(fd);
}

static void test_lines__cuts_at_line_feeds_and_skips_blank_records(void **state)
{
	static const struct {
		const char *input, *records;
	} rows[] = {
		{ "", " blank=0" },
		{ "a", "|0:a blank=0" },
		{ "a\n", "0:a; blank=0" },
		{ "a\nb", "0:a;|2:b blank=0" },
		{ "\n\na\n\n", "2:a; blank=3" },
		{ " \t\r\na\n", "4:a; blank=1" },
		{ "a\r\n b \n", "0:a\r;3: b ; blank=0" },
		{ "\n ", " blank=2" },
	};
	char got[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		test_row("%zu", i);
		read_all(file_of(rows[i].input, strlen(rows[i].input)), got,
			 sizeof(got));
		assert_string_equal(got, rows[i].records);
	}
}

/* "x...x\nafter\n" with `n` times x, read through the buffer. */
static void check_long(size_t n, bool cut)
{
	char *text = malloc(n + 8);
	struct ingest_lines l;
	struct ingest_line line;
	uint8_t sha256[INGEST_SHA256_LEN];
	int fd, ret;

	assert_non_null(text);
	memset(text, 'x', n);
	memcpy(text + n, "\nafter\n", 7);
	fd = file_of(text, n + 7);
	assert_int_equal(ingest_lines_init(&l, NULL), 0);
	do {
		assert_int_equal(ingest_lines_fill(&l, fd, NULL), INGEST_LINES_MORE);
		ret = ingest_lines_next(&l, &line, NULL);
	} while (ret == 0);
	assert_int_equal(ret, 1);
	assert_int_equal(line.length, n);
	assert_int_equal(line.offset, 0);
	assert_int_equal(line.text.len, cut ? LIMIT_DEADLETTER_CUT : n);
	assert_memory_equal(line.text.p, text, line.text.len);
	assert_int_equal(line.sha256 != NULL, cut);
	if (cut) {
		assert_int_equal(ingest_digest_of(slice_of(text, n), sha256, NULL), 0);
		assert_memory_equal(line.sha256, sha256, sizeof(sha256));
	}
	while (ingest_lines_next(&l, &line, NULL) == 0)
		assert_int_equal(ingest_lines_fill(&l, fd, NULL), INGEST_LINES_MORE);
	assert_slice(line.text, "after");
	assert_int_equal(line.offset, n + 1);
	ingest_lines_release(&l);
	close(fd);
	free(text);
}

static void test_lines__keeps_the_start_and_the_sum_of_oversize_records(void **state)
{
	(void)state;
	check_long(LIMIT_MESSAGE, false);
	check_long(2 * LIMIT_MESSAGE, true);
	check_long(64 * (size_t)LIMIT_MESSAGE, true);
}

static void test_lines__what_was_given_out_stays_until_the_commit(void **state)
{
	struct ingest_lines l;
	struct ingest_line a, b;
	int fd = file_of("first\nsecond\nrest", 17);

	(void)state;
	assert_int_equal(ingest_lines_init(&l, NULL), 0);
	assert_int_equal(ingest_lines_fill(&l, fd, NULL), INGEST_LINES_MORE);
	assert_int_equal(ingest_lines_next(&l, &a, NULL), 1);
	ingest_lines_restart(&l, 40);
	assert_int_equal(lseek(fd, 6, SEEK_SET), 6);
	assert_int_equal(ingest_lines_fill(&l, fd, NULL), INGEST_LINES_MORE);
	assert_int_equal(ingest_lines_next(&l, &b, NULL), 1);
	assert_slice(a.text, "first");
	assert_slice(b.text, "second");
	assert_int_equal(b.offset, 40);
	ingest_lines_cut(&l);
	ingest_lines_committed(&l);
	assert_int_equal(ingest_lines_rest(&l, &b, NULL), 1);
	assert_slice(b.text, "rest");
	assert_int_equal(b.offset, 47);
	ingest_lines_release(&l);
	close(fd);
}

/* Reads on until a record comes; its first byte. */
static char next_of(struct ingest_lines *l, int fd, struct ingest_line *line)
{
	while (ingest_lines_next(l, line, NULL) == 0) {
		int ret = ingest_lines_fill(l, fd, NULL);

		if (ret != INGEST_LINES_MORE)
			return ret == INGEST_LINES_LATER ? '!' : '.';
	}
	return line->text.p[0];
}

/* The bytes of a batch stay for as long as it is not committed, and all that
 * may be on its way to the store fits. */
static void test_lines__blocks_are_lent_batch_by_batch(void **state)
{
	enum { LEN = 700000, BATCH = 4, RECORDS = 160 };
	struct ingest_line lines[RECORDS];
	char *text = malloc(LEN);
	struct ingest_lines l;
	int fd = file_of("", 0);
	unsigned oldest = 0; /* record that is not committed */

	(void)state;
	assert_non_null(text);
	for (unsigned i = 0; i < RECORDS; i++) {
		memset(text, 'a' + (int)(i % 26), LEN - 1);
		text[LEN - 1] = '\n';
		assert_int_equal(write(fd, text, LEN), LEN);
	}
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(ingest_lines_init(&l, NULL), 0);
	for (unsigned n = 0; n < RECORDS; n++) {
		while (next_of(&l, fd, &lines[n]) == '!') {
			assert_true((size_t)(n - oldest) * LEN >= LIMIT_QUEUE_BYTES);
			assert_true(ingest_lines_full(&l));
			ingest_lines_committed(&l);
			oldest += BATCH;
		}
		if (n % BATCH == BATCH - 1)
			ingest_lines_cut(&l);
		for (unsigned i = oldest; i <= n; i++) {
			assert_int_equal(lines[i].text.len, LEN - 1);
			assert_int_equal(lines[i].text.p[0], 'a' + (int)(i % 26));
			assert_int_equal(lines[i].text.p[LEN - 2], 'a' + (int)(i % 26));
		}
	}
	assert_true(oldest > 0);
	ingest_lines_release(&l);
	close(fd);
	free(text);
}

TEST_MAIN(TEST(test_lines__cuts_at_line_feeds_and_skips_blank_records),
	  TEST(test_lines__keeps_the_start_and_the_sum_of_oversize_records),
	  TEST(test_lines__what_was_given_out_stays_until_the_commit),
	  TEST(test_lines__blocks_are_lent_batch_by_batch))
