/*
 * ingest/notify.h - sd_notify(3) by hand: datagrams to $NOTIFY_SOCKET.
 *
 * Without that variable every call does nothing.
 */
#ifndef INGEST_NOTIFY_H
#define INGEST_NOTIFY_H

#include <stdint.h>

/* Sends "READY=1", "STOPPING=1", "STATUS=...", "WATCHDOG=1".  A supervisor that
 * cannot be told is no reason to stop: there is no error. */
void ingest_notify(const char *state);

/* How often systemd wants WATCHDOG=1, in ns; 0: never.  Half of what it asks,
 * so that one late call does no harm. */
int64_t ingest_notify_watchdog(void);

#endif
