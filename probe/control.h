/*
 * probe/control.h - what the keeper tells the process in the foreground.
 *
 * One datagram per message over a socket pair.  The keeper never waits: with
 * nobody at the other end it goes on alone.
 */
#ifndef PROBE_CONTROL_H
#define PROBE_CONTROL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"

enum probe_control_kind {
	PROBE_CONTROL_STARTED,     /* value: process id of the command */
	PROBE_CONTROL_UNSUPPORTED, /* text: why; the command did not start */
	PROBE_CONTROL_FAILED,      /* likewise, for another reason */
	PROBE_CONTROL_LINE,        /* text: for the terminal */
	PROBE_CONTROL_STOPPED, /* value: the signal that stopped the command */
	PROBE_CONTROL_LEFT_BEHIND, /* the command is over, its daemons are not; */
	PROBE_CONTROL_FINISHED,    /* all is over.  value: the command's wait
				    * status, extra: its exec's errno */
};

enum { PROBE_CONTROL_TEXT_MAX = 400 };

struct probe_control {
	enum probe_control_kind kind;
	int32_t value, extra;
	char text[PROBE_CONTROL_TEXT_MAX];
	char hint[PROBE_CONTROL_TEXT_MAX];
};

void probe_control_send(int fd, enum probe_control_kind kind, int32_t value,
			int32_t extra, const char *text, const char *hint);
/* False: the other end is gone. */
MUST_CHECK bool probe_control_receive(int fd, struct probe_control *out);

#endif
