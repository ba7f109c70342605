/*
 * tests/probe/bench_calls.c - what a call costs: `bench_calls CALL N` prints
 * nanoseconds per call, the median of the best tenth of batches.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { BATCHES = 100 };

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void one_getppid(void)
{
	syscall(SYS_getppid);
}

static void one_open(void)
{
	int fd = (int)syscall(SYS_openat, AT_FDCWD, "/etc/hostname", O_RDONLY);

	if (fd >= 0)
		close(fd);
}

static void one_relative(void)
{
	int fd = (int)syscall(SYS_openat, AT_FDCWD, ".", O_RDONLY);

	if (fd >= 0)
		close(fd);
}

static void one_missing(void)
{
	syscall(SYS_openat, AT_FDCWD, "/nonexistent/file", O_RDONLY);
}

static const struct {
	const char *name;
	void (*call)(void);
} calls[] = {
	{ "getppid", one_getppid },
	{ "open", one_open },
	{ "relative", one_relative },
	{ "missing", one_missing },
};

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	double cost[BATCHES];
	long n = argc > 2 ? strtol(argv[2], NULL, 10) : 1000;

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (argc < 2 || strcmp(argv[1], calls[i].name) != 0)
			continue;
		for (int b = 0; b < BATCHES; b++) {
			double start = now_ns();

			for (long k = 0; k < n; k++)
				calls[i].call();
			cost[b] = (now_ns() - start) / (double)n;
		}
		qsort(cost, BATCHES, sizeof(cost[0]), ascending);
		printf("%s %.0f\n", argv[1], cost[BATCHES / 20]);
		return 0;
	}
	return 2;
}
