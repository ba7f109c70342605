/*
 * ingest/pipeline.h - sources to store, until they end or are told to stop.
 */
#ifndef INGEST_PIPELINE_H
#define INGEST_PIPELINE_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/err.h"
#include "ingest/crew.h"
#include "ingest/source.h"

struct ingest_pipeline {
	struct ingest_crew *crew; /* not started */
	struct ingest_source **sources;
	size_t nsources;
	const volatile sig_atomic_t *stop; /* set by a signal: drain and end */
	/* Called some times a second, whatever goes on. */
	void (*tick)(void *ctx, int64_t now);
	void *ctx;
};

/* 0 when all sources have ended or *stop was set, everything given out being
 * durable.  The sources stay the caller's. */
MUST_CHECK int ingest_pipeline_run(struct ingest_pipeline *p, struct err *err);

#endif
