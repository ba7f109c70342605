/*
 * probe/control.c - what the keeper tells the process in the foreground.
 */
#include "probe/control.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>

void probe_control_send(int fd, enum probe_control_kind kind, int32_t value,
			int32_t extra, const char *text, const char *hint)
{
	struct probe_control c = { .kind = kind,
				   .value = value,
				   .extra = extra };

	snprintf(c.text, sizeof(c.text), "%s", text ? text : "");
	snprintf(c.hint, sizeof(c.hint), "%s", hint ? hint : "");
	/* Nobody there, or nobody reading: the command goes on anyway. */
	if (send(fd, &c, sizeof(c), MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return;
}

bool probe_control_receive(int fd, struct probe_control *out)
{
	ssize_t got;

	do {
		got = recv(fd, out, sizeof(*out), 0);
	} while (got < 0 && errno == EINTR);
	if (got != (ssize_t)sizeof(*out))
		return false;
	out->text[sizeof(out->text) - 1] = '\0';
	out->hint[sizeof(out->hint) - 1] = '\0';
	return true;
}
