/*
 * probe/notify.h - answering a notification, whatever signal comes meanwhile.
 */
#ifndef PROBE_NOTIFY_H
#define PROBE_NOTIFY_H

#include <errno.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <sys/ioctl.h>

/* False: the caller is gone.  An answer that is not sent is a process that
 * hangs, so EINTR is not taken for one. */
static inline bool probe_notify_send(int listener, struct seccomp_notif_resp *r)
{
	int ret;

	do {
		ret = ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, r);
	} while (ret < 0 && errno == EINTR);
	return ret == 0;
}

#endif
