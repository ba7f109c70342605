/*
 * ingest/datasets.c - which dataset a source's messages belong to.
 */
#include "ingest/datasets.h"

int ingest_datasets_init(struct ingest_datasets *d,
			 const struct ingest_settings *s, struct err *err)
{
	int ret;

	*d = (struct ingest_datasets){ .given = NULL };
	ret = catalog_new(&d->given, err);
	if (ret == 0 && s->schema_dir)
		ret = catalog_add_dir(d->given, s->schema_dir, err);
	for (size_t i = 0; i < s->schemas.n && ret == 0; i++)
		ret = catalog_add_file(d->given, s->schemas.items[i], err);
	if (ret < 0)
		ingest_datasets_release(d);
	return ret;
}

int ingest_datasets_add_stored(struct ingest_datasets *d,
			       struct index_store *store, struct err *err)
{
	int ret = catalog_new(&d->stored, err);

	return ret < 0 ? ret : index_store_schemas(store, d->stored, err);
}

void ingest_datasets_release(struct ingest_datasets *d)
{
	catalog_free(d->given);
	catalog_free(d->stored);
	*d = (struct ingest_datasets){ .given = NULL };
}

int ingest_datasets_by_name(const struct ingest_datasets *d, struct slice name,
			    const struct dataset **out, struct err *err)
{
	const struct dataset *ds = catalog_find(d->given, name);
	int ret;

	if (!ds && d->stored)
		ds = catalog_find(d->stored, name);
	if (ds) {
		*out = ds;
		return 0;
	}
	ret = catalog_get(d->given, name, out, err);
	/* A name that is not known is wrong usage here, not an empty result. */
	if (ret == ERR_NOT_FOUND && err)
		err->code = ERR_USAGE;
	return ret == ERR_NOT_FOUND ? ERR_USAGE : ret;
}

int ingest_datasets_by_topic(const struct ingest_datasets *d,
			     struct slice topic, const struct dataset **out,
			     struct err *err)
{
	const struct dataset *ds = catalog_by_topic(d->given, topic);

	if (!ds && d->stored)
		ds = catalog_by_topic(d->stored, topic);
	if (!ds) {
		err_set(err, ERR_USAGE, "no dataset takes topic \"%.*s\"",
			SLICE_ARG(topic));
		err_hint(err, "give --dataset NAME, or name the topic in a schema");
		return ERR_USAGE;
	}
	*out = ds;
	return 0;
}
