/*
 * schemas/schema_check.c - how the fields of a schema fit each other.
 *
 * Names are unique and none is the dotted prefix of another, ASCII case
 * ignored.  The same holds of paths, byte for byte, because a key in a message
 * leads to one thing.  What stands inside an array of objects carries the
 * array's name and path, and nothing else does.
 */
#include <string.h>

#include "schemas/schema_int.h"

/* The dotted keys of a path without its "[]", and how many of its bytes lead
 * to the array (0: there is none). */
struct plain_path {
	struct slice keys;
	size_t array;
};

static bool path_below(struct slice path, struct slice above)
{
	return path.len > above.len && path.p[above.len] == '.' &&
	       memcmp(path.p, above.p, above.len) == 0;
}

static int make_plain(struct plain_path *out, struct arena *a,
		      struct slice path, struct err *err)
{
	const char *brackets = memmem(path.p, path.len, "[]", 2);
	char *copy;

	*out = (struct plain_path){ .keys = path };
	if (!brackets)
		return 0;
	out->array = (size_t)(brackets - path.p);
	copy = arena_alloc(a, path.len);
	if (!copy)
		return err_nomem(err);
	memcpy(copy, path.p, out->array);
	memcpy(copy + out->array, brackets + 2, path.len - out->array - 2);
	out->keys = slice_of(copy, path.len - 2);
	return 0;
}

static int check_names(const struct field *a, const struct field *b,
		       struct slice name, struct schema_place at,
		       struct err *err)
{
	const struct slice *others = &b->name;
	uint32_t n = 1;

	for (int round = 0; round < 2; round++) {
		for (uint32_t i = 0; i < n; i++) {
			if (a == b && others[i].p == name.p)
				continue;
			if (slice_eq_ascii_case(name, others[i]))
				return schema_refuse(
					&at, err, "\"%.*s\" is taken already",
					SLICE_ARG(name));
			if (schema_name_below(name, others[i]) ||
			    schema_name_below(others[i], name))
				return schema_refuse(
					&at, err,
					"\"%.*s\" clashes with \"%.*s\": a "
					"name is not both a field and a prefix",
					SLICE_ARG(name), SLICE_ARG(others[i]));
		}
		others = b->aliases;
		n = b->naliases;
	}
	return 0;
}

static int check_aliases(const struct field *fields, uint32_t i,
			 struct schema_place at, struct err *err)
{
	const struct field *f = &fields[i];

	at.key = "alias";
	for (uint32_t k = 0; k < f->naliases; k++) {
		struct slice name = f->aliases[k];
		int ret = 0;

		if (!schema_is_name(name) || name.len > LIMIT_NAME ||
		    name.p[0] == '_')
			return schema_refuse(&at, err, "\"%.*s\" is no name",
					     SLICE_ARG(name));
		for (uint32_t j = 0; ret == 0 && j <= i; j++)
			ret = check_names(f, &fields[j], name, at, err);
		if (ret < 0)
			return ret;
	}
	return 0;
}

/* Two arrays in one path, or one key that is both a value and a container. */
static int check_paths(const struct plain_path *a, const struct plain_path *b,
		       struct schema_place at, struct err *err)
{
	struct slice array_a = slice_of(a->keys.p, a->array);
	struct slice array_b = slice_of(b->keys.p, b->array);

	at.key = "path";
	if (slice_eq(a->keys, b->keys))
		return schema_refuse(&at, err, "\"%.*s\" is taken already",
				     SLICE_ARG(a->keys));
	if (path_below(a->keys, b->keys) || path_below(b->keys, a->keys))
		return schema_refuse(
			&at, err,
			"\"%.*s\" clashes with \"%.*s\": a key holds "
			"either a value or more keys",
			SLICE_ARG(a->keys), SLICE_ARG(b->keys));
	if (slice_eq(array_a, array_b))
		return 0;
	if ((a->array &&
	     (slice_eq(b->keys, array_a) || path_below(b->keys, array_a))) ||
	    (b->array &&
	     (slice_eq(a->keys, array_b) || path_below(a->keys, array_b))))
		return schema_refuse(
			&at, err,
			"\"%.*s\" clashes with \"%.*s\": one of them is "
			"in an array of objects",
			SLICE_ARG(a->keys), SLICE_ARG(b->keys));
	return 0;
}

/* The array a member belongs to, made when it is the first. */
static int join_object(struct dataset *ds, struct object *objects,
		       struct field *f, const struct plain_path *path,
		       struct schema_place at, struct err *err)
{
	struct slice array = slice_of(path->keys.p, path->array);
	size_t below = path->keys.len - path->array; /* ".qid" */
	struct slice name;
	uint32_t i = 0;

	at.key = "name";
	if (f->name.len <= below ||
	    memcmp(f->name.p + f->name.len - below, path->keys.p + path->array,
		   below) != 0)
		return schema_refuse(
			&at, err,
			"\"%.*s\" does not end in \"%.*s\" as its path does",
			SLICE_ARG(f->name), (int)below,
			path->keys.p + path->array);
	name = slice_of(f->name.p, f->name.len - below);
	while (i < ds->nobjects && !slice_eq(objects[i].path, array))
		i++;
	if (i == ds->nobjects) {
		objects[i] = (struct object){ .name = name, .path = array };
		ds->nobjects++;
	} else if (!slice_eq(objects[i].name, name)) {
		return schema_refuse(
			&at, err,
			"\"%.*s\": the other members of \"%.*s[]\" "
			"begin with \"%.*s.\"",
			SLICE_ARG(f->name), SLICE_ARG(array),
			SLICE_ARG(objects[i].name));
	}
	f->object = (object_id)i;
	return 0;
}

/* An array's name leads to its members only. */
static int check_under_objects(const struct dataset *ds, const char *origin,
			       struct err *err)
{
	struct schema_place at = { .origin = origin, .key = "name" };

	for (uint32_t i = 0; i < ds->nfields; i++) {
		const struct field *f = &ds->fields[i];

		for (uint32_t o = 0; o < ds->nobjects; o++) {
			at.field = (int)i;
			if (f->object != o &&
			    (schema_name_below(f->name, ds->objects[o].name) ||
			     slice_eq_ascii_case(f->name, ds->objects[o].name)))
				return schema_refuse(
					&at, err,
					"\"%.*s\" is not in the array of "
					"objects \"%.*s\"",
					SLICE_ARG(f->name),
					SLICE_ARG(ds->objects[o].name));
		}
	}
	return 0;
}

int schema_check_fields(struct dataset *ds, struct arena *a,
			struct field *fields, const char *origin,
			struct err *err)
{
	struct plain_path *paths = arena_calloc(a, ds->nfields, sizeof(*paths));
	struct object *objects = arena_calloc(a, ds->nfields, sizeof(*objects));
	struct schema_place at = { .origin = origin };
	int ret = 0;

	if (!paths || !objects)
		return err_nomem(err);
	ds->objects = objects;
	for (uint32_t i = 0; ret == 0 && i < ds->nfields; i++) {
		at.field = (int)i;
		ret = make_plain(&paths[i], a, fields[i].path, err);
		at.key = "name";
		for (uint32_t j = 0; ret == 0 && j < i; j++)
			ret = check_names(&fields[i], &fields[j],
					  fields[i].name, at, err);
		if (ret == 0)
			ret = check_aliases(fields, i, at, err);
		for (uint32_t j = 0; ret == 0 && j < i; j++)
			ret = check_paths(&paths[i], &paths[j], at, err);
		if (ret == 0 && paths[i].array)
			ret = join_object(ds, objects, &fields[i], &paths[i],
					  at, err);
	}
	return ret < 0 ? ret : check_under_objects(ds, origin, err);
}
