/*
 * ingest/kafka_options.h - properties for librdkafka, as users give them.
 *
 * Any property is handed through as it is, but for those that decide what is
 * read from where (they are ours), and secrets, which must not stand on a
 * command line: there they are written NAME=@FILE.
 */
#ifndef INGEST_KAFKA_OPTIONS_H
#define INGEST_KAFKA_OPTIONS_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/err.h"

struct ingest_property {
	const char *name;
	const char *value;
};

/* Reads "NAME=VALUE"; with `on_command_line`, a secret must be NAME=@FILE.
 * Strings live in the arena.  ERR_USAGE; ERR_IO for the file. */
MUST_CHECK int ingest_property_parse(const char *text, bool on_command_line,
				     struct arena *a,
				     struct ingest_property *out,
				     struct err *err);
bool ingest_property_is_secret(const char *name);

#endif
