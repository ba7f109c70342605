/*
 * schemas/catalog.c - the datasets a program knows.
 */
#include "schemas/catalog.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/near.h"
#include "schemas/builtin_int.h"

struct catalog {
	struct dataset *sets[LIMIT_DATASETS];
	size_t n;
};

/* Takes the dataset over, also on failure. */
static int put(struct catalog *c, struct dataset *ds, const char *origin,
	       struct err *err)
{
	size_t i = 0;

	while (i < c->n && !slice_eq(c->sets[i]->name, ds->name))
		i++;
	if (i == LIMIT_DATASETS) {
		dataset_free(ds);
		return err_set(err, ERR_LIMIT,
			       "%s: more than the limit of %d datasets", origin,
			       (int)LIMIT_DATASETS);
	}
	if (i < c->n)
		dataset_free(c->sets[i]);
	else
		c->n++;
	c->sets[i] = ds;
	return 0;
}

int catalog_add_json(struct catalog *c, struct slice json, const char *origin,
		     struct err *err)
{
	struct dataset *ds;
	int ret = dataset_new(&ds, json, origin, err);

	return ret < 0 ? ret : put(c, ds, origin, err);
}

int catalog_new(struct catalog **out, struct err *err)
{
	struct catalog *c = mem_calloc(1, sizeof(*c));
	int ret = 0;

	if (!c)
		return err_nomem(err);
	for (size_t i = 0; ret == 0 && i < builtin_schema_count; i++) {
		const struct builtin_schema *b = &builtin_schemas[i];
		char origin[64];

		snprintf(origin, sizeof(origin), "built-in %s", b->name);
		ret = catalog_add_json(c, slice_of(b->text, b->len), origin,
				       err);
	}
	if (ret < 0) {
		catalog_free(c);
		return ret;
	}
	*out = c;
	return 0;
}

void catalog_free(struct catalog *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n; i++)
		dataset_free(c->sets[i]);
	mem_free(c);
}

int catalog_add_file(struct catalog *c, const char *path, struct err *err)
{
	struct buf text;
	int ret;

	buf_init(&text, LIMIT_SCHEMA);
	ret = file_read(path, &text, err);
	if (ret == 0)
		ret = catalog_add_json(c, buf_slice(&text), path, err);
	buf_release(&text);
	return ret;
}

static int is_schema(const struct dirent *e)
{
	size_t len = strlen(e->d_name);

	return len > 5 && e->d_name[0] != '.' &&
	       strcmp(e->d_name + len - 5, ".json") == 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

int catalog_add_dir(struct catalog *c, const char *path, struct err *err)
{
	struct dirent **names = NULL;
	int n = scandir(path, &names, is_schema, by_name);
	struct buf file;
	int ret = 0;

	if (n < 0)
		return err_errno(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO,
				 errno, "could not read directory \"%s\"",
				 path);
	buf_init(&file, LIMIT_SCHEMA);
	for (int i = 0; i < n; i++) {
		buf_reset(&file);
		buf_printf(&file, "%s/%s", path, names[i]->d_name);
		if (ret == 0)
			ret = buf_error(&file, path, err);
		if (ret == 0)
			ret = catalog_add_file(c, buf_cstr(&file), err);
		free(names[i]); /* scandir's own malloc */
	}
	free(names);
	buf_release(&file);
	return ret;
}

size_t catalog_count(const struct catalog *c)
{
	return c->n;
}

const struct dataset *catalog_at(const struct catalog *c, size_t i)
{
	return c->sets[i];
}

const struct dataset *catalog_find(const struct catalog *c, struct slice name)
{
	for (size_t i = 0; i < c->n; i++)
		if (slice_eq(c->sets[i]->name, name))
			return c->sets[i];
	return NULL;
}

int catalog_get(const struct catalog *c, struct slice name,
		const struct dataset **out, struct err *err)
{
	const struct dataset *ds = catalog_find(c, name);
	struct near near;

	if (ds) {
		*out = ds;
		return 0;
	}
	near_init(&near, name);
	for (size_t i = 0; i < c->n; i++)
		near_offer(&near, c->sets[i]->name);
	(void)err_set(err, ERR_NOT_FOUND, "unknown dataset \"%.*s\"",
		      SLICE_ARG(name));
	if (near.best.p)
		err_hint(err, "did you mean \"%.*s\"?", SLICE_ARG(near.best));
	return ERR_NOT_FOUND;
}

const struct dataset *catalog_by_topic(const struct catalog *c,
				       struct slice topic)
{
	for (size_t i = 0; i < c->n; i++)
		for (uint32_t t = 0; t < c->sets[i]->ntopics; t++)
			if (slice_eq(c->sets[i]->topics[t], topic))
				return c->sets[i];
	return NULL;
}
