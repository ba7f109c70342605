/*
 * schemas/record.h - one message, decoded.
 *
 * A record lists what stood in the message in source order (items), from
 * which the source can be written again, and the values to index.  It is
 * reused from message to message; everything in it borrows from the message
 * or from the decoder and is gone with the next decode.
 *
 * Rebuilding: the message is '{' items '}' where the items are separated by
 * "," or ", " and keys from values by ":" or ": " (`spaced`).  Whatever cannot
 * be written again that way (other white space, escaped or doubled keys, empty
 * nested objects, more than LIMIT_KEYS keys) clears `regular`: such a source
 * is kept whole.
 */
#ifndef SCHEMAS_RECORD_H
#define SCHEMAS_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "schemas/dataset.h"
#include "schemas/value.h"

enum item_kind {
	ITEM_VALUE, /* a scalar of a field that is no list */
	ITEM_LIST,  /* a list field's array, or the one scalar in its place */
	ITEM_NULL,  /* null in a known field */
	ITEM_RAW,   /* text kept as it is: unknown keys, arrays of objects,
			values that do not fit their field */
	ITEM_OPEN,  /* a nested object begins: key */
	ITEM_CLOSE, /* it ends */
};

struct item {
	enum item_kind kind;
	field_id field;   /* FIELD_NONE: unknown key, OPEN, CLOSE, arrays */
	object_id object; /* ITEM_RAW of an array of objects, else OBJECT_NONE */
	value_form form;  /* of the value (ITEM_VALUE) or of every element
			     (ITEM_LIST); FORM_RAW: see raw */
	struct slice key; /* as decoded; equals the source's bytes if regular */
	struct slice raw; /* the value's JSON text in the message */
	uint32_t first; /* ITEM_VALUE, ITEM_LIST: values[first .. first + n) */
	uint32_t n;
};

/* A list's form says how its brackets stand, beside its elements' form. */
enum {
	LIST_FORM_SCALAR = 0x8000, /* one value without brackets */
};

/* One element of an array of objects: a member's value. */
struct member {
	field_id field;
	uint32_t element; /* counted from 0 within the array */
	struct value value;
};

struct record {
	struct slice source; /* the whole message */
	bool regular;        /* the items give the source back */
	bool spaced;         /* ": " and ", " */
	bool deleted;        /* table: has "_deleted": true, a tombstone */
	bool has_time;       /* the time field had a usable value */
	int64_t time;        /* it; or what the caller puts there */
	const struct item *items;
	uint32_t nitems;
	const struct value *values;
	uint32_t nvalues;
	const struct member *members; /* grouped by object, then by element */
	uint32_t nmembers;
	const uint32_t *elements; /* per object: number of elements */
	const field_id *invalid; /* fields whose value did not fit, no doubles */
	uint32_t ninvalid;
	const field_id *truncated;
	uint32_t ntruncated;
};

#endif
