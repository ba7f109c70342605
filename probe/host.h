/*
 * probe/host.h - who sends the events: sensor, host, container, image.
 *
 * Found once at start; the probe lives in the container it watches.
 */
#ifndef PROBE_HOST_H
#define PROBE_HOST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/err.h"
#include "base/slice.h"

enum { PROBE_UUID_MAX = 37, PROBE_SHA_MAX = 65 };

struct probe_host {
	char sensor_uuid[PROBE_UUID_MAX];
	char container_sha[PROBE_SHA_MAX]; /* "" outside a container */
	const char *runtime;               /* "DOCKER", ..., "UNKNOWN" */
	char name[65];
};

/* What the user says; NULL: nothing. */
struct probe_labels {
	const char *image; /* NAME[:TAG][@DIGEST] */
	const char *container_name;
	const char *container_sha;
};

/* ERR_USAGE if a label is malformed. */
MUST_CHECK int probe_host_init(struct probe_host *h,
			       const struct probe_labels *labels,
			       struct err *err);

/* The key of the events in Kafka. */
const char *probe_host_key(const struct probe_host *h);

/* Appends the members that all events share, without braces. */
void probe_host_members(const struct probe_host *h,
			const struct probe_labels *labels, struct buf *out);

/* A container's 64 hex digits in a line of /proc/PID/cgroup or mountinfo, and
 * the runtime that the rest of the line betrays.  False if there are none. */
bool probe_host_find_sha(struct slice line, char sha[PROBE_SHA_MAX],
			 const char **runtime);

/* 16 random bytes as a version 4 UUID. */
void probe_uuid_text(const unsigned char random[16], char out[PROBE_UUID_MAX]);

#endif
