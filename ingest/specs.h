/*
 * ingest/specs.h - SOURCE arguments: kafka:TOPIC,... spool:DIR file:PATH -
 *
 * They are read before anything is opened, so that a mistake in the last one
 * costs nothing.
 */
#ifndef INGEST_SPECS_H
#define INGEST_SPECS_H

#include <signal.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/err.h"
#include "index/store.h"
#include "ingest/crew.h"
#include "ingest/datasets.h"
#include "ingest/kafka_options.h"
#include "ingest/settings.h"
#include "ingest/source.h"
#include "ingest/source_kafka.h"
#include "ingest/stats.h"

enum ingest_kind { INGEST_KAFKA, INGEST_SPOOL, INGEST_FILE, INGEST_STDIN };

struct ingest_spec {
	enum ingest_kind kind;
	const char *text;             /* as given */
	const char *path;             /* file, directory */
	const struct dataset *dataset; /* of all but Kafka */
	struct ingest_kafka_topic *topics;
	size_t ntopics;
};

struct ingest_specs {
	struct ingest_spec specs[INGEST_SOURCES_MAX];
	size_t n;
	struct ingest_property properties[OPT_LIST_MAX];
	size_t nproperties;
};

/* ERR_USAGE with a hint.  Strings live in argv and the arena. */
MUST_CHECK int ingest_specs_parse(struct ingest_specs *out, char **args,
				  int nargs, const struct ingest_settings *s,
				  struct arena *a, struct err *err);
/* Finds the datasets and makes them known to the crew. */
MUST_CHECK int ingest_specs_resolve(struct ingest_specs *specs,
				    const struct ingest_settings *s,
				    const struct ingest_datasets *d,
				    struct ingest_crew *crew, struct err *err);
MUST_CHECK int ingest_spec_open(struct ingest_source **out,
				const struct ingest_specs *specs, size_t i,
				const struct ingest_settings *s,
				struct index_store *store,
				const volatile sig_atomic_t *stop,
				struct err *err);

#endif
