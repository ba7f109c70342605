/*
 * ingest/metrics.h - Prometheus text over HTTP, on an address one asks for.
 *
 * The only user of libmicrohttpd in this folder.  GET /metrics gives the
 * numbers, GET /healthz says "ok"; there is nothing else.
 */
#ifndef INGEST_METRICS_H
#define INGEST_METRICS_H

#include <stddef.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/err.h"
#include "ingest/source.h"
#include "ingest/stats.h"

struct ingest_metrics;

struct ingest_metrics_options {
	const char *listen; /* "HOST:PORT", "[::1]:PORT", ":PORT" (loopback) */
	const struct ingest_stats *stats;
	struct ingest_source *const *sources;
	size_t nsources;
};

/* ERR_USAGE (not an address), ERR_IO (cannot listen there).  What the options
 * point to must outlive the server. */
MUST_CHECK int ingest_metrics_open(struct ingest_metrics **out,
				   const struct ingest_metrics_options *o,
				   struct err *err);
void ingest_metrics_close(struct ingest_metrics *m); /* NULL is fine */

/* The text, by itself. */
void ingest_metrics_write(struct buf *out, const struct ingest_metrics_options *o);

#endif
