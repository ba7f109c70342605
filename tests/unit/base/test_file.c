#include "base/file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "tests/test.h"

static char path[] = "/tmp/test_file_XXXXXX";

static void fill(size_t n)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	for (size_t i = 0; i < n; i++)
		fputc('a' + (int)(i % 26), f);
	assert_int_equal(fclose(f), 0);
}

static void test_file__is_read_whole_up_to_the_ceiling(void **state)
{
	static const size_t sizes[] = { 0, 1, 100, 65535, 65536, 65537, 300000 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct err err = ERR_INIT;
		struct buf b;

		test_row("%zu bytes", sizes[i]);
		fill(sizes[i]);
		buf_init(&b, sizes[i]);
		assert_int_equal(file_read(path, &b, &err), 0);
		assert_int_equal(b.len, sizes[i]);
		if (b.len)
			assert_int_equal(b.p[b.len - 1],
					 'a' + (int)((b.len - 1) % 26));
		buf_release(&b);
		if (sizes[i] == 0)
			continue;
		buf_init(&b, sizes[i] - 1);
		assert_int_equal(file_read(path, &b, &err), ERR_LIMIT);
		assert_non_null(strstr(err.message, path));
		buf_release(&b);
	}
}

static void test_file__what_cannot_be_read_is_named(void **state)
{
	static const struct {
		const char *path;
		int code;
		const char *message;
	} rows[] = {
		{ "/nonexistent/x", ERR_INPUT,
		  "cannot read \"/nonexistent/x\": No such file or directory" },
		{ "/", ERR_INPUT, "cannot read \"/\": Is a directory" },
		{ "/proc/self/mem", ERR_IO,
		  "cannot read \"/proc/self/mem\": Input/output error" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct err err = ERR_INIT;
		struct buf b;

		test_row("%s", rows[i].path);
		buf_init(&b, 1000);
		assert_int_equal(file_read(rows[i].path, &b, &err),
				 rows[i].code);
		assert_string_equal(err.message, rows[i].message);
		buf_release(&b);
	}
}

/* Files of /proc say that they are empty. */
static void test_file__the_size_is_not_believed(void **state)
{
	struct err err = ERR_INIT;
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 20);
	assert_int_equal(file_read("/proc/self/status", &b, &err), 0);
	assert_true(b.len > 100);
	buf_release(&b);
}

static void test_file__survives_each_failed_allocation(void **state)
{
	(void)state;
	fill(1000);
	for (uint64_t nth = 1; nth <= 2; nth++) {
		struct err err = ERR_INIT;
		struct buf b;
		int ret;

		buf_init(&b, 1 << 20);
		mem_fail_after(nth);
		ret = file_read(path, &b, &err);
		mem_fail_after(0);
		assert_true(ret == ERR_NO_MEMORY || (nth > 1 && ret == 0));
		buf_release(&b);
	}
}

static void test_file__writes_all_of_it_to_a_slow_reader(void **state)
{
	static char text[300000];
	struct err err = ERR_INIT;
	size_t got = 0;
	int fds[2];
	pid_t child;

	(void)state;
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	assert_int_equal(fcntl(fds[1], F_SETFL, O_NONBLOCK), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		_exit(file_write_all(fds[1], text, sizeof(text), NULL) == 0 ?
			      0 :
			      1);
	}
	close(fds[1]);
	for (;;) {
		char part[1000];
		ssize_t n = read(fds[0], part, sizeof(part));

		if (n <= 0)
			break;
		got += (size_t)n;
	}
	assert_int_equal(got, sizeof(text));
	close(fds[0]);
	assert_int_equal(file_write_all(-1, "x", 1, &err), ERR_IO);
	assert_string_equal(err.message,
			    "could not write: Bad file descriptor");
}

static void test_file__a_full_disk_has_its_own_code(void **state)
{
	struct err err = ERR_INIT;
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	(void)state;
	if (fd < 0)
		skip();
	assert_int_equal(file_write_all(fd, "x", 1, &err), ERR_FULL);
	close(fd);
}

static int setup(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int teardown(void **state)
{
	(void)state;
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_file__is_read_whole_up_to_the_ceiling),
		TEST(test_file__what_cannot_be_read_is_named),
		TEST(test_file__the_size_is_not_believed),
		TEST(test_file__survives_each_failed_allocation),
		TEST(test_file__writes_all_of_it_to_a_slow_reader),
		TEST(test_file__a_full_disk_has_its_own_code),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
