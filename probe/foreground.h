/*
 * probe/foreground.h - the process that was started by the user.
 *
 * It stands for the command: signals that are sent to it are passed on, it
 * stops when the command stops, and it ends as the command ended.
 */
#ifndef PROBE_FOREGROUND_H
#define PROBE_FOREGROUND_H

#include <signal.h>
#include <stdbool.h>

#include "base/compiler.h"
#include "base/err.h"
#include "probe/keeper.h"

struct probe_foreground_result {
	bool started;   /* false: `err` says why there was no command */
	int status;     /* wait status */
	int exec_errno; /* the command could not be executed */
};

/*
 * Starts the keeper, which starts the command, and waits for its end.
 * o->start.mask and .on_child are filled in here.  ERR_UNSUPPORTED, ERR_IO,
 * ERR_NO_MEMORY.
 */
MUST_CHECK int probe_foreground_run(struct probe_keeper_options *o,
				    struct probe_foreground_result *out,
				    void (*print_line)(const char *text),
				    struct err *err);

/* Dies by signal `sig` as the command did; returns if that does not kill. */
void probe_foreground_die(int sig);

#endif
