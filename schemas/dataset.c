/*
 * schemas/dataset.c - datasets in memory: their life, finding fields, and what
 * a later version of a schema may change.
 */
#include "schemas/dataset.h"

#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/near.h"
#include "schemas/schema_int.h"

enum { DATASET_MEMORY = 16 * LIMIT_SCHEMA };

/* What a dataset points to lives in its arena. */
struct owned_dataset {
	struct dataset ds;
	struct arena arena;
};

int dataset_new(struct dataset **out, struct slice json, const char *origin,
		struct err *err)
{
	struct owned_dataset *own = mem_calloc(1, sizeof(*own));
	const struct json_node *root;
	int ret;

	if (!own)
		return err_nomem(err);
	arena_init(&own->arena, DATASET_MEMORY);
	if (json.len > LIMIT_SCHEMA) {
		ret = err_set(err, ERR_LIMIT,
			      "%s: %zu bytes are more than the limit of %d",
			      origin, json.len, (int)LIMIT_SCHEMA);
		goto out;
	}
	own->ds.source = arena_dup(&own->arena, json);
	if (!own->ds.source.p) {
		ret = err_nomem(err);
		goto out;
	}
	ret = json_tree(&own->arena, own->ds.source, &root, err);
	if (ret < 0) {
		err_prefix(err, "%s", origin);
		goto out;
	}
	ret = schema_read(&own->ds, &own->arena, root, origin, err);
	if (ret < 0)
		goto out;
	*out = &own->ds;
	own = NULL;
out:
	if (own)
		dataset_free(&own->ds);
	return ret;
}

void dataset_free(struct dataset *ds)
{
	struct owned_dataset *own = (struct owned_dataset *)ds;

	if (!own)
		return;
	arena_release(&own->arena);
	mem_free(own);
}

field_id dataset_find(const struct dataset *ds, struct slice name)
{
	for (field_id id = 0; id < ds->nall; id++) {
		const struct field *f = &ds->fields[id];

		if (slice_eq_ascii_case(f->name, name))
			return id;
		for (uint32_t i = 0; i < f->naliases; i++)
			if (slice_eq_ascii_case(f->aliases[i], name))
				return id;
	}
	return FIELD_NONE;
}

object_id dataset_find_object(const struct dataset *ds, struct slice name)
{
	for (object_id id = 0; id < ds->nobjects; id++)
		if (slice_eq_ascii_case(ds->objects[id].name, name))
			return id;
	return OBJECT_NONE;
}

bool dataset_is_prefix(const struct dataset *ds, struct slice name)
{
	for (field_id id = 0; id < ds->nall; id++)
		if (schema_name_below(ds->fields[id].name, name))
			return true;
	return false;
}

field_id dataset_nearest(const struct dataset *ds, struct slice name)
{
	field_id best = FIELD_NONE;
	struct near near;

	near_init(&near, name);
	for (field_id id = 0; id < ds->nall; id++) {
		const struct field *f = &ds->fields[id];
		const char *before = near.best.p;

		near_offer(&near, f->name);
		for (uint32_t i = 0; i < f->naliases; i++)
			near_offer(&near, f->aliases[i]);
		if (near.best.p != before)
			best = id;
	}
	return best;
}

static int differs(struct err *err, const struct dataset *ds,
		   struct slice field, const char *what, struct slice was,
		   struct slice is)
{
	if (!field.len)
		return err_set(
			err, ERR_SCHEMA,
			"dataset %.*s cannot change its %s from \"%.*s\" to \"%.*s\"",
			SLICE_ARG(ds->name), what, SLICE_ARG(was),
			SLICE_ARG(is));
	return err_set(err, ERR_SCHEMA,
		       "dataset %.*s: field \"%.*s\" cannot change its %s from "
		       "\"%.*s\" to \"%.*s\"",
		       SLICE_ARG(ds->name), SLICE_ARG(field), what,
		       SLICE_ARG(was), SLICE_ARG(is));
}

static struct slice yes_no(bool b)
{
	return slice_str(b ? "true" : "false");
}

static bool has_value(const struct field *f, struct slice value)
{
	for (uint32_t i = 0; i < f->nvalues; i++)
		if (slice_eq(f->values[i], value))
			return true;
	return false;
}

static int check_field(const struct dataset *ds, const struct field *old,
		       const struct field *now, struct err *err)
{
	struct slice name = old->name;

	if (old->type != now->type)
		return differs(err, ds, name, "type",
			       slice_str(field_type_name(old->type)),
			       slice_str(field_type_name(now->type)));
	if (!slice_eq(old->path, now->path))
		return differs(err, ds, name, "path", old->path, now->path);
	if (old->list != now->list)
		return differs(err, ds, name, "list", yes_no(old->list),
			       yes_no(now->list));
	if (old->unit != now->unit)
		return differs(err, ds, name, "unit",
			       slice_str(field_unit_name(old->unit)),
			       slice_str(field_unit_name(now->unit)));
	for (uint32_t i = 0; i < old->nvalues; i++)
		if (!has_value(now, old->values[i]))
			return err_set(
				err, ERR_SCHEMA,
				"dataset %.*s: field \"%.*s\" cannot lose its "
				"value \"%.*s\"",
				SLICE_ARG(ds->name), SLICE_ARG(name),
				SLICE_ARG(old->values[i]));
	return 0;
}

static struct slice role(const struct dataset *ds, field_id id)
{
	return id == FIELD_NONE ? SLICE_LIT("") : ds->fields[id].name;
}

static int check_roles(const struct dataset *old, const struct dataset *now,
		       struct err *err)
{
	const struct slice none = SLICE_LIT("");
	const struct {
		const char *what;
		struct slice was, is;
	} roles[] = {
		{ "name", old->name, now->name },
		{ "kind", slice_str(old->kind == DATASET_LOG ? "log" : "table"),
		  slice_str(now->kind == DATASET_LOG ? "log" : "table") },
		{ "time", role(old, old->time), role(now, now->time) },
		{ "key", role(old, old->key), role(now, now->key) },
		{ "id", role(old, old->id), role(now, now->id) },
	};

	for (size_t i = 0; i < ARRAY_SIZE(roles); i++)
		if (!slice_eq(roles[i].was, roles[i].is))
			return differs(err, old, none, roles[i].what,
				       roles[i].was, roles[i].is);
	return 0;
}

int dataset_check_successor(const struct dataset *old,
			    const struct dataset *now, struct err *err)
{
	int ret = check_roles(old, now, err);

	for (uint32_t i = 0; ret == 0 && i < old->nfields; i++) {
		const struct field *f = &old->fields[i];
		field_id id = dataset_find(now, f->name);

		if (id == FIELD_NONE ||
		    !slice_eq(now->fields[id].name, f->name))
			return err_set(
				err, ERR_SCHEMA,
				"dataset %.*s cannot lose its field \"%.*s\"",
				SLICE_ARG(old->name), SLICE_ARG(f->name));
		ret = check_field(old, f, &now->fields[id], err);
	}
	return ret;
}
