/*
 * schemas/catalog.h - the datasets a program knows.
 *
 * Built-in ones are compiled in; --schema FILE adds or replaces one by name.
 * The catalog owns its datasets.
 */
#ifndef SCHEMAS_CATALOG_H
#define SCHEMAS_CATALOG_H

#include "schemas/dataset.h"

struct catalog;

/* With all built-in datasets in it. */
MUST_CHECK int catalog_new(struct catalog **out, struct err *err);
void catalog_free(struct catalog *c);
MUST_CHECK int catalog_add_file(struct catalog *c, const char *path,
				struct err *err);
/* Adds every *.json of a directory, in name order. */
MUST_CHECK int catalog_add_dir(struct catalog *c, const char *path,
			       struct err *err);
/* A schema kept elsewhere (in a store); replaces one of the same name. */
MUST_CHECK int catalog_add_json(struct catalog *c, struct slice json,
				const char *origin, struct err *err);

size_t catalog_count(const struct catalog *c);
const struct dataset *catalog_at(const struct catalog *c, size_t i);
const struct dataset *catalog_find(const struct catalog *c, struct slice name);
/* ERR_NOT_FOUND naming the nearest dataset. */
MUST_CHECK int catalog_get(const struct catalog *c, struct slice name,
			   const struct dataset **out, struct err *err);
/* The dataset that lists `topic`; NULL. */
const struct dataset *catalog_by_topic(const struct catalog *c,
				       struct slice topic);

#endif
