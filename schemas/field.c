/*
 * schemas/field.c - what the types of fields are called and how they are held.
 */
#include "schemas/field.h"

#include "schemas/schema_int.h"

static const char *const type_names[] = {
	[FIELD_KEYWORD] = "keyword", [FIELD_TEXT] = "text",
	[FIELD_ENUM] = "enum",       [FIELD_INT] = "int",
	[FIELD_DOUBLE] = "double",   [FIELD_BOOL] = "bool",
	[FIELD_DATE] = "date",       [FIELD_IP] = "ip",
	[FIELD_UUID] = "uuid",
};

static const char *const unit_names[] = {
	[UNIT_NONE] = "", [UNIT_BYTES] = "bytes", [UNIT_S] = "s",
	[UNIT_MS] = "ms", [UNIT_US] = "us",       [UNIT_NS] = "ns",
};

enum value_class field_class(enum field_type type)
{
	switch (type) {
	case FIELD_KEYWORD:
	case FIELD_TEXT:
	case FIELD_ENUM:
		return CLASS_TEXT;
	case FIELD_INT:
	case FIELD_DOUBLE:
	case FIELD_BOOL:
	case FIELD_DATE:
		return CLASS_NUM;
	case FIELD_IP:
	case FIELD_UUID:
		return CLASS_B16;
	}
	return CLASS_TEXT;
}

const char *field_type_name(enum field_type type)
{
	return type_names[type];
}

const char *field_unit_name(enum field_unit unit)
{
	return unit_names[unit];
}

static bool name_find(const char *const *names, size_t n, struct slice name,
		      struct near *near, size_t *at)
{
	for (size_t i = 0; i < n; i++) {
		if (names[i][0] && slice_eq(slice_str(names[i]), name)) {
			*at = i;
			return true;
		}
		near_offer(near, slice_str(names[i]));
	}
	return false;
}

bool field_type_find(struct slice name, enum field_type *out, struct near *near)
{
	size_t at;

	if (!name_find(type_names, ARRAY_SIZE(type_names), name, near, &at))
		return false;
	*out = (enum field_type)at;
	return true;
}

bool field_unit_find(struct slice name, enum field_unit *out, struct near *near)
{
	size_t at;

	if (!name_find(unit_names, ARRAY_SIZE(unit_names), name, near, &at))
		return false;
	*out = (enum field_unit)at;
	return true;
}
