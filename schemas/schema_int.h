/*
 * schemas/schema_int.h - how a schema file becomes a dataset.
 */
#ifndef SCHEMAS_SCHEMA_INT_H
#define SCHEMAS_SCHEMA_INT_H

#include "base/arena.h"
#include "base/limits.h"
#include "base/near.h"
#include "schemas/dataset.h"
#include "schemas/json_int.h"

enum {
	VIRTUAL_FIELDS = 4,
	LIMIT_PATH = 2 * LIMIT_NAME, /* bytes of a field's path */
};

/* Where a complaint is about: "fields[3].type". */
struct schema_place {
	const char *origin;
	int field;       /* -1: the schema itself */
	const char *key; /* NULL: the whole of it */
};

/* ERR_SCHEMA with origin and JSON path before the message. */
int schema_refuse(const struct schema_place *at, struct err *err,
		  const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Fills ds from the tree; all memory comes from the arena. */
MUST_CHECK int schema_read(struct dataset *ds, struct arena *a,
			   const struct json_node *root, const char *origin,
			   struct err *err);

/* One field from its object; names, types and values, not how it fits the
 * other fields. */
MUST_CHECK int schema_read_field(struct field *f, struct arena *a,
				 const struct json_node *node,
				 struct schema_place at, struct err *err);
/* How the fields fit each other; fills in the arrays of objects. */
MUST_CHECK int schema_check_fields(struct dataset *ds, struct arena *a,
				   struct field *fields, const char *origin,
				   struct err *err);

/* A string member, or `missing` if there is none. */
MUST_CHECK int schema_string(const struct json_node *node,
			     struct schema_place at, const char *key,
			     struct slice missing, struct slice *out,
			     struct err *err);
MUST_CHECK int schema_bool(const struct json_node *node, struct schema_place at,
			   const char *key, bool missing, bool *out,
			   struct err *err);
/* A list of strings (or one string); none if there is no such member. */
MUST_CHECK int schema_strings(const struct json_node *node, struct arena *a,
			      struct schema_place at, const char *key,
			      const struct slice **out, uint32_t *n,
			      struct err *err);
/* Every member of `node` is in `known`, which ends with NULL, and none stands
 * there twice. */
MUST_CHECK int schema_check_keys(const struct json_node *node,
				 struct schema_place at,
				 const char *const *known, struct err *err);
bool schema_is_name(struct slice name); /* segments joined by dots */

/* Is `name` below `prefix` ("a.b" below "a"), ASCII case ignored? */
bool schema_name_below(struct slice name, struct slice prefix);

const char *field_unit_name(enum field_unit unit);
/* False if there is no such name; the nearest is then in `near`. */
bool field_type_find(struct slice name, enum field_type *out,
		     struct near *near);
bool field_unit_find(struct slice name, enum field_unit *out,
		     struct near *near);

#endif
