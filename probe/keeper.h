/*
 * probe/keeper.h - the process that watches.
 *
 * The keeper is the parent of the command and the reaper of all it leaves
 * behind.  It has a session of its own and no terminal, and it stays until the
 * last watched process is gone, whatever becomes of the process in the
 * foreground: nobody's calls are ever left without an answer.
 */
#ifndef PROBE_KEEPER_H
#define PROBE_KEEPER_H

#include "probe/handover.h"
#include "probe/host.h"
#include "probe/sink.h"
#include "probe/supervise.h"

struct probe_keeper_options {
	struct probe_start start;
	struct probe_supervise_options supervise;
	uint64_t ring_size;
	int64_t drain;         /* ns to bring the last events on their way */
	const char *spool_dir; /* NULL: none */
	uint64_t spool_cap;
	const char *kafka_brokers; /* NULL: none */
	const char *kafka_topic;
	struct opt_list kafka_properties;
};

/* Runs to the end; `control` leads to the foreground process. */
void probe_keeper_run(const struct probe_keeper_options *o, int control);

/* Opens the sink that the options describe; also used to try them before
 * anything is started. */
MUST_CHECK int probe_keeper_open_sink(const struct probe_keeper_options *o,
				      struct probe_losses *losses,
				      const struct probe_reporter *reporter,
				      struct probe_sink **out, struct err *err);

#endif
