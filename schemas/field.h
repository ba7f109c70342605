/*
 * schemas/field.h - one field (token) of a dataset.
 *
 * Fields are data: they are read from schema files at start and never change
 * while a dataset lives.  All slices belong to the dataset.
 */
#ifndef SCHEMAS_FIELD_H
#define SCHEMAS_FIELD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

/* Index of a field in its dataset: first the schema's, then the virtual ones. */
typedef uint16_t field_id;
#define FIELD_NONE UINT16_MAX
/* Index of an array of objects in its dataset. */
typedef uint16_t object_id;
#define OBJECT_NONE UINT16_MAX

enum field_type {
	FIELD_KEYWORD, /* these two, which take any text, stand first */
	FIELD_TEXT,
	FIELD_ENUM,
	FIELD_INT,
	FIELD_DOUBLE,
	FIELD_BOOL,
	FIELD_DATE,
	FIELD_IP,
	FIELD_UUID,
};

/* How values of a type are held in memory and in columns. */
enum value_class {
	CLASS_TEXT, /* keyword, text, enum: bytes */
	CLASS_NUM,  /* int, double, bool, date: int64 in value order */
	CLASS_B16,  /* ip, uuid: 16 bytes in value order */
};

enum field_unit {
	UNIT_NONE,
	UNIT_BYTES, /* int: queries take kB, MiB, ... */
	UNIT_S,
	UNIT_MS,
	UNIT_US,
	UNIT_NS, /* date: what a number means */
};

enum field_virtual {
	VIRTUAL_NOT,
	VIRTUAL_RECEIVED,  /* _received: date of the commit */
	VIRTUAL_INVALID,   /* _invalid: keyword list of field names */
	VIRTUAL_TRUNCATED, /* _truncated: keyword list of field names */
	VIRTUAL_SEQ,       /* _seq: int, the row's sequence number */
};

struct field_example {
	struct slice about;
	struct slice query;
};

struct field {
	struct slice name;  /* the token: dotted, as users write it */
	struct slice path;  /* place in the JSON; "a.b", "v[].x" */
	struct slice title; /* empty: none */
	struct slice help;  /* one sentence; empty: none */
	enum field_type type;
	enum field_unit unit;
	enum field_virtual is_virtual;
	object_id object; /* the array of objects it is a member of */
	bool list;        /* false for members of an array of objects */
	bool sortable;
	bool free_text;
	bool prefix; /* `:` matches from the start of the whole value */
	const struct slice *values; /* enum */
	uint32_t nvalues;
	const struct slice *aliases;
	uint32_t naliases;
	const struct field_example *examples;
	uint32_t nexamples;
};

enum value_class field_class(enum field_type type);
const char *field_type_name(enum field_type type); /* "keyword", ... */
/* More than one value in a row is possible: list, or member of an array. */
static inline bool field_multi(const struct field *f)
{
	return f->list || f->object != OBJECT_NONE;
}

#endif
