/*
 * probe/selftest.h - can this machine be watched? (crs-probe --check)
 */
#ifndef PROBE_SELFTEST_H
#define PROBE_SELFTEST_H

#include <stdbool.h>

enum probe_selftest_row {
	PROBE_TEST_LISTENER,
	PROBE_TEST_WAIT_KILLABLE,
	PROBE_TEST_ANSWER,
	PROBE_TEST_MEMORY,
	PROBE_TEST_PROC,
	PROBE_TEST_GETFD,
	PROBE_TEST_ROWS
};

struct probe_selftest {
	const char *name;
	bool needed; /* without it nothing can be watched */
	bool good;
	char detail[120];
};

/* Fills all rows; true if everything needed is there. */
bool probe_selftest_run(struct probe_selftest rows[PROBE_TEST_ROWS]);

#endif
