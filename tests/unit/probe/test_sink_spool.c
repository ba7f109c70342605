/*
 * tests/unit/probe/test_sink_spool.c - events into files of a directory.
 */
#include "tests/test.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/time.h"
#include "probe/sink.h"

#define SENSOR "01234567-89ab-4cde-8f01-23456789abcd"

enum { SMALL_CAP = 128 << 10 };

struct fixture {
	char dir[64];
	struct probe_sink *sink;
	struct probe_losses losses;
};

static int setup(void **state)
{
	struct fixture *x = calloc(1, sizeof(*x));

	snprintf(x->dir, sizeof(x->dir), "/tmp/crs-spool-XXXXXX");
	assert_non_null(mkdtemp(x->dir));
	assert_int_equal(chdir(x->dir), 0);
	*state = x;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *x = *state;
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", x->dir);
	assert_int_equal(system(command), 0);
	free(x);
	return 0;
}

static void open_sink(struct fixture *x, uint64_t cap)
{
	assert_int_equal(probe_spool_open(&x->sink, x->dir, SENSOR, cap,
					  &x->losses, NULL),
			 0);
}

static void put(struct fixture *x, uint64_t seq, size_t len)
{
	struct buf b;

	buf_init(&b, len + 64);
	buf_printf(&b, "{\"sensorSeq\":%llu,\"x\":\"", (unsigned long long)seq);
	while (b.len + 3 < len)
		buf_putc(&b, 'x');
	buf_puts(&b, "\"}\n");
	x->sink->ops->write(x->sink, seq, buf_slice(&b));
	buf_release(&b);
}

/* Files, and the lines in them. */
static size_t count(size_t *lines, uint64_t *bytes)
{
	DIR *d = opendir(".");
	struct dirent *e;
	size_t files = 0;

	*lines = 0;
	*bytes = 0;
	while ((e = readdir(d))) {
		struct buf b;

		if (e->d_name[0] == '.')
			continue;
		buf_init(&b, 16 << 20);
		assert_int_equal(file_read(e->d_name, &b, NULL), 0);
		for (size_t i = 0; i < b.len; i++)
			*lines += b.p[i] == '\n';
		*bytes += b.len;
		if (b.len)
			assert_int_equal(b.p[b.len - 1], '\n');
		buf_release(&b);
		files++;
	}
	closedir(d);
	return files;
}

static void test_sink_spool__seals_what_is_old(void **state)
{
	struct fixture *x = *state;
	int64_t now = time_monotonic(), next;
	size_t lines;
	uint64_t bytes;
	int fd;

	open_sink(x, 16 << 20);
	put(x, 5, 100);
	put(x, 6, 100);
	next = x->sink->ops->tick(x->sink, now);
	assert_true(next > now && next <= now + 2 * NS_PER_S);
	/* Being written: open and locked. */
	fd = open(SENSOR "-5.ndjson.open", O_RDONLY);
	assert_true(fd >= 0);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), -1);
	close(fd);
	put(x, 7, 100);
	assert_true(x->sink->ops->tick(x->sink, now + 2 * NS_PER_S) ==
		    INT64_MAX);
	assert_int_equal(access(SENSOR "-5.ndjson.open", F_OK), -1);
	fd = open(SENSOR "-5.ndjson", O_RDONLY);
	assert_true(fd >= 0);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	close(fd);
	assert_int_equal(count(&lines, &bytes), 1);
	assert_int_equal(lines, 3);
	x->sink->ops->close(x->sink);
}

static void test_sink_spool__begins_a_file_at_one_mebibyte(void **state)
{
	struct fixture *x = *state;
	size_t lines;
	uint64_t bytes;

	open_sink(x, 16 << 20);
	for (uint64_t seq = 1; seq <= 300; seq++)
		put(x, seq, 10000);
	x->sink->ops->close(x->sink);
	assert_in_range(count(&lines, &bytes), 3, 4);
	assert_int_equal(lines, 300);
	assert_int_equal(access(SENSOR "-1.ndjson", F_OK), 0);
	assert_true(x->losses.spool == 0);
}

static void test_sink_spool__deletes_the_oldest_and_counts(void **state)
{
	struct fixture *x = *state;
	size_t lines;
	uint64_t bytes;

	open_sink(x, SMALL_CAP);
	for (uint64_t seq = 1; seq <= 1000; seq++)
		put(x, seq, 1000);
	x->sink->ops->close(x->sink);
	(void)count(&lines, &bytes);
	assert_true(bytes <= SMALL_CAP);
	assert_true(lines > 50);
	assert_true(lines + x->losses.spool == 1000);
	assert_int_equal(access(SENSOR "-1.ndjson", F_OK), -1);
}

static void test_sink_spool__leaves_what_is_locked_or_not_ours(void **state)
{
	struct fixture *x = *state;
	size_t lines;
	uint64_t bytes;
	char *filler = calloc(1, SMALL_CAP);
	int fd = open("other-1.ndjson", O_RDWR | O_CREAT, 0600);

	/* A reader holds a file that fills the spool alone. */
	assert_int_equal(write(fd, filler, SMALL_CAP), SMALL_CAP);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(symlink("/etc/passwd", "link.ndjson"), 0);
	assert_int_equal(close(open("notes.txt", O_CREAT | O_WRONLY, 0600)), 0);
	open_sink(x, SMALL_CAP);
	put(x, 1, 100);
	x->sink->ops->flush(x->sink, 0, false);
	assert_true(x->losses.spool == 1);
	assert_int_equal(access("other-1.ndjson", F_OK), 0);
	/* Once it is free, it goes; it held no line. */
	close(fd);
	usleep(150000);
	put(x, 2, 100);
	x->sink->ops->close(x->sink);
	assert_int_equal(access("other-1.ndjson", F_OK), -1);
	assert_int_equal(access(SENSOR "-2.ndjson", F_OK), 0);
	assert_int_equal(access("notes.txt", F_OK), 0);
	assert_int_equal(unlink("link.ndjson"), 0);
	(void)count(&lines, &bytes);
	assert_int_equal(lines, 1);
	assert_true(x->losses.spool == 1);
	free(filler);
}

static void test_sink_spool__says_what_is_wrong(void **state)
{
	struct fixture *x = *state;
	struct err err = ERR_INIT;

	assert_int_equal(probe_spool_open(&x->sink, "/etc/passwd", SENSOR,
					  SMALL_CAP, &x->losses, &err),
			 ERR_INPUT);
	assert_string_equal(err.message,
			    "spool \"/etc/passwd\" is not a directory");
	assert_int_equal(symlink(x->dir, "to-dir"), 0);
	assert_int_equal(probe_spool_open(&x->sink, "to-dir", SENSOR, SMALL_CAP,
					  &x->losses, &err),
			 ERR_INPUT);
	assert_int_equal(probe_spool_open(&x->sink, "no/such", SENSOR,
					  SMALL_CAP, &x->losses, &err),
			 ERR_IO);
	assert_string_equal(
		err.message,
		"cannot make spool directory \"no/such\": No such file or directory");
}

#define SPOOL_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SPOOL_TEST(test_sink_spool__seals_what_is_old),
		SPOOL_TEST(test_sink_spool__begins_a_file_at_one_mebibyte),
		SPOOL_TEST(test_sink_spool__deletes_the_oldest_and_counts),
		SPOOL_TEST(test_sink_spool__leaves_what_is_locked_or_not_ours),
		SPOOL_TEST(test_sink_spool__says_what_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
