/*
 * schemas/dataset.h - a dataset: what is searchable, described by one JSON file.
 *
 * A dataset is read once, checked, and constant from then on; it may be shared
 * by threads.  Every error names the origin (file or "built-in events"), the
 * JSON path and the reason.
 *
 * After the schema's own fields stand the virtual ones, present in every
 * dataset: _received, _invalid, _truncated, _seq.
 */
#ifndef SCHEMAS_DATASET_H
#define SCHEMAS_DATASET_H

#include "base/compiler.h"
#include "base/err.h"
#include "base/slice.h"
#include "schemas/field.h"

enum dataset_kind { DATASET_LOG, DATASET_TABLE };

/* An array of objects, such as vulnerabilities[]. */
struct object {
	struct slice
		name; /* the prefix of its members' names: "vulnerabilities" */
	struct slice path; /* place of the array in the JSON */
};

struct dataset {
	struct slice name;
	struct slice title;
	struct slice help;
	enum dataset_kind kind;
	field_id time; /* log: the date rows are ordered by; table: FIELD_NONE */
	field_id id;   /* FIELD_NONE: none */
	field_id key;  /* table: the field that identifies a record */
	const struct slice *topics;
	uint32_t ntopics;
	uint32_t retention_days;    /* 0: none */
	const struct field *fields; /* nfields + virtual ones */
	uint32_t nfields;           /* of the schema */
	uint32_t nall;              /* with the virtual ones */
	const struct object *objects;
	uint32_t nobjects;
	/* The fields of the table on a terminal, in order; none: nobody says. */
	const field_id *columns;
	uint32_t ncolumns;
	struct slice source; /* the schema file's bytes */
	field_id received, invalid, truncated, seq; /* the virtual fields */
};

/* ERR_SCHEMA, ERR_LIMIT, ERR_NO_MEMORY.  `json` is copied. */
MUST_CHECK int dataset_new(struct dataset **out, struct slice json,
			   const char *origin, struct err *err);
void dataset_free(struct dataset *ds);

/* By name or alias, ASCII case ignored; FIELD_NONE if there is none. */
field_id dataset_find(const struct dataset *ds, struct slice name);
/* An array of objects by name ("vulnerabilities"); OBJECT_NONE. */
object_id dataset_find_object(const struct dataset *ds, struct slice name);
/* Is `name` the dotted prefix of at least one field's name? */
bool dataset_is_prefix(const struct dataset *ds, struct slice name);
/* The field whose name is nearest to a misspelt one; FIELD_NONE. */
field_id dataset_nearest(const struct dataset *ds, struct slice name);

/* May `now` follow `old` in a store?  Fields may be added, enums widened, help
 * and examples changed.  ERR_SCHEMA with the exact difference. */
MUST_CHECK int dataset_check_successor(const struct dataset *old,
				       const struct dataset *now,
				       struct err *err);

#endif
