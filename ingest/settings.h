/*
 * ingest/settings.h - what crs-ingest was told: options, as one struct.
 */
#ifndef INGEST_SETTINGS_H
#define INGEST_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/opt.h"
#include "ingest/upkeep.h"

struct ingest_settings {
	const char *store;
	const char *dataset; /* NULL: by topic, else "events" */
	struct opt_list schemas;
	const char *schema_dir;
	bool once;
	int64_t threads;    /* that build segments; 0: as many as cores */
	const char *decoder; /* "fast" or "yajl" */
	struct ingest_upkeep_options upkeep;
	struct opt_list properties;       /* "NAME=VALUE" for librdkafka */
	bool properties_on_command_line;  /* else from the configuration file */
	const char *metrics;              /* NULL: no listener */
	int64_t patience;                 /* ns for the first contact */
	const char *config;
	bool verbose;
};

#endif
