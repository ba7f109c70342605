/*
 * probe/sink.h - where events go.
 *
 * A sink belongs to the shipper's thread.  It never fails towards its caller:
 * what it cannot bring on its way it hands to its second choice, or counts.
 */
#ifndef PROBE_SINK_H
#define PROBE_SINK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/err.h"
#include "base/opt.h"
#include "base/slice.h"

/* Events lost so far, by place.  Threads: any. */
struct probe_losses {
	_Atomic uint64_t ring;  /* the sink did not keep up */
	_Atomic uint64_t spool; /* behind the ring: cap, full disk, no broker */
	_Atomic uint64_t rate;  /* above the rate that was asked for */
};

struct probe_sink;

struct probe_sink_ops {
	/* `line` ends in LF. */
	void (*write)(struct probe_sink *s, uint64_t seq, struct slice line);
	/* Does what is due; returns when it wants to be called next (monotonic
	 * ns, INT64_MAX: when something is written). */
	int64_t (*tick)(struct probe_sink *s, int64_t now);
	/* Brings all on its way until `deadline`; with `final` what is left
	 * then is given up: handed on or counted. */
	void (*flush)(struct probe_sink *s, int64_t deadline, bool final);
	void (*close)(struct probe_sink *s);
};

struct probe_sink {
	const struct probe_sink_ops *ops;
};

/* A line for the person at the terminal.  Threads: any. */
struct probe_reporter {
	void (*line)(void *arg, const char *text);
	void *arg;
};

/*
 * Files <sensor>-<first seq>.ndjson in `dir`, with ".open" at the end and
 * flocked while they are written.  `dir` is made if it is missing, not through
 * a symbolic link.  At `cap` bytes the oldest files that nobody has locked are
 * deleted.  ERR_IO, ERR_DENIED, ERR_INPUT (no directory), ERR_NO_MEMORY.
 */
enum {
	PROBE_SPOOL_SEGMENT = 1 << 20, /* bytes after which a file is sealed */
	PROBE_SPOOL_SEAL_MS = 1000,    /* or this time after its first event */
};
MUST_CHECK int probe_spool_open(struct probe_sink **out, const char *dir,
				const char *sensor, uint64_t cap,
				struct probe_losses *losses, struct err *err);

struct probe_kafka_options {
	const char *brokers;
	const char *topic;
	const char *key;
	const struct opt_list *properties; /* NAME=VALUE, or NAME=@FILE */
};

/*
 * A producer.  What the broker does not take in time goes to `second`, which
 * this sink then owns; NULL: it is counted.  No thread starts before the first
 * event.  ERR_USAGE names a property that librdkafka does not take; ERR_IO,
 * ERR_NO_MEMORY.
 */
MUST_CHECK int probe_kafka_open(struct probe_sink **out,
				const struct probe_kafka_options *options,
				struct probe_sink *second,
				struct probe_losses *losses,
				const struct probe_reporter *reporter,
				struct err *err);

#endif
