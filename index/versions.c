/*
 * index/versions.c - the schema versions a store knows, read when needed.
 *
 * A store has a handful of datasets and versions, so the table is a list.
 */
#include "index/versions_int.h"

#include <assert.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>

#include "base/mem.h"
#include "index/env_int.h"
#include "index/meta_int.h"

struct version {
	struct version *next;
	uint16_t number;
	uint32_t version;
	const struct dataset *ds;
	struct dataset *owned; /* NULL: adopted */
};

struct map {
	struct map *next;
	const struct dataset *from;
	struct index_field_map map;
	field_id *fields;
	object_id *objects;
};

struct index_versions {
	pthread_mutex_t lock;
	struct version *list;
	struct map *maps;
};

int index_versions_new(struct index_versions **out, struct err *err)
{
	struct index_versions *v = mem_calloc(1, sizeof(*v));

	if (!v)
		return err_nomem(err);
	pthread_mutex_init(&v->lock, NULL);
	*out = v;
	return 0;
}

static void free_map(struct map *m)
{
	if (!m)
		return;
	mem_free(m->fields);
	mem_free(m->objects);
	mem_free(m);
}

void index_versions_free(struct index_versions *v)
{
	if (!v)
		return;
	while (v->list) {
		struct version *next = v->list->next;

		dataset_free(v->list->owned);
		mem_free(v->list);
		v->list = next;
	}
	while (v->maps) {
		struct map *next = v->maps->next;

		free_map(v->maps);
		v->maps = next;
	}
	pthread_mutex_destroy(&v->lock);
	mem_free(v);
}

static struct version *look_up(struct index_versions *v, uint16_t number,
			       uint32_t version)
{
	struct version *i = v->list;

	while (i && (i->number != number || i->version != version))
		i = i->next;
	return i;
}

static int add(struct index_versions *v, uint16_t number, uint32_t version,
	       const struct dataset *ds, struct dataset *owned, struct err *err)
{
	struct version *i = mem_calloc(1, sizeof(*i));

	if (!i)
		return err_nomem(err);
	i->number = number;
	i->version = version;
	i->ds = ds;
	i->owned = owned;
	i->next = v->list;
	v->list = i;
	return 0;
}

static int load(struct index_versions *v, struct index_env *e, MDB_txn *txn,
		uint16_t number, uint32_t version, struct err *err)
{
	struct dataset *ds = NULL;
	struct slice json;
	char origin[64];
	int ret;

	ret = index_meta_schema(e, txn, number, version, &json, err);
	if (ret < 0)
		return ret;
	snprintf(origin, sizeof(origin), "stored schema %u, version %" PRIu32,
		 number, version);
	ret = dataset_new(&ds, json, origin, err);
	if (ret < 0)
		return ret;
	ret = add(v, number, version, ds, ds, err);
	if (ret < 0)
		dataset_free(ds);
	return ret;
}

int index_versions_get(struct index_versions *v, struct index_env *e,
		       MDB_txn *txn, uint16_t number, uint32_t version,
		       const struct dataset **out, struct err *err)
{
	int ret = 0;

	pthread_mutex_lock(&v->lock);
	if (!look_up(v, number, version))
		ret = load(v, e, txn, number, version, err);
	if (ret == 0)
		*out = look_up(v, number, version)->ds;
	pthread_mutex_unlock(&v->lock);
	return ret;
}

int index_versions_adopt(struct index_versions *v, const struct dataset *ds,
			 uint16_t number, uint32_t version, struct err *err)
{
	int ret = 0;

	pthread_mutex_lock(&v->lock);
	/* In front of one that was read: both stay valid. */
	ret = add(v, number, version, ds, NULL, err);
	pthread_mutex_unlock(&v->lock);
	return ret;
}

bool index_versions_find(struct index_versions *v, const struct dataset *ds,
			 uint16_t *number, uint32_t *version)
{
	struct version *i;

	pthread_mutex_lock(&v->lock);
	for (i = v->list; i && i->ds != ds; i = i->next)
		;
	if (i) {
		*number = i->number;
		*version = i->version;
	}
	pthread_mutex_unlock(&v->lock);
	return i != NULL;
}

static field_id field_in(const struct dataset *ds, const struct field *f)
{
	for (uint32_t i = 0; i < ds->nall; i++) {
		if (slice_eq(ds->fields[i].name, f->name))
			return (field_id)i;
	}
	return FIELD_NONE;
}

static object_id object_in(const struct dataset *ds, const struct object *o)
{
	for (uint32_t i = 0; i < ds->nobjects; i++) {
		if (slice_eq(ds->objects[i].name, o->name))
			return (object_id)i;
	}
	return OBJECT_NONE;
}

static int make_map(struct map **out, const struct dataset *from,
		    const struct dataset *to, struct err *err)
{
	struct map *m = mem_calloc(1, sizeof(*m));

	if (!m)
		return err_nomem(err);
	m->fields = mem_calloc(from->nall, sizeof(*m->fields));
	m->objects = mem_calloc(from->nobjects, sizeof(*m->objects));
	if (!m->fields || !m->objects) {
		free_map(m);
		return err_nomem(err);
	}
	for (uint32_t i = 0; i < from->nall; i++)
		m->fields[i] = field_in(to, &from->fields[i]);
	for (uint32_t i = 0; i < from->nobjects; i++)
		m->objects[i] = object_in(to, &from->objects[i]);
	m->from = from;
	m->map = (struct index_field_map){
		.to = to,
		.fields = m->fields,
		.nfields = from->nall,
		.objects = m->objects,
		.nobjects = from->nobjects,
	};
	*out = m;
	return 0;
}

int index_versions_map(struct index_versions *v, uint16_t number,
		       const struct dataset *from, uint32_t version,
		       struct index_field_map *out, struct err *err)
{
	const struct version *to;
	struct map *m;
	int ret = 0;

	pthread_mutex_lock(&v->lock);
	to = look_up(v, number, version);
	assert(to);
	for (m = v->maps; m && (m->from != from || m->map.to != to->ds);
	     m = m->next)
		;
	if (!m) {
		ret = make_map(&m, from, to->ds, err);
		if (ret < 0)
			goto out;
		m->next = v->maps;
		v->maps = m;
	}
	*out = m->map;
out:
	pthread_mutex_unlock(&v->lock);
	return ret;
}
