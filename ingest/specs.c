/*
 * ingest/specs.c - SOURCE arguments: kafka:TOPIC,... spool:DIR file:PATH -
 */
#include "ingest/specs.h"

#include <string.h>
#include <unistd.h>

#include "ingest/source_file.h"
#include "ingest/source_spool.h"
#include "ingest/source_stdin.h"

enum { TOPIC_MAX = 249 };

static const struct {
	const char *prefix;
	enum ingest_kind kind;
} forms[] = {
	{ "kafka:", INGEST_KAFKA },
	{ "spool:", INGEST_SPOOL },
	{ "file:", INGEST_FILE },
};

/* Kafka's own rule. */
static int check_topic(struct slice name, const char *source, struct err *err)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._-";
	bool ok = name.len > 0 && name.len <= TOPIC_MAX;

	for (size_t i = 0; i < name.len && ok; i++)
		ok = name.p[i] && strchr(allowed, name.p[i]);
	if (ok)
		return 0;
	err_set(err, ERR_USAGE, "source \"%s\": \"%.*s\" is not a topic name",
		source, SLICE_ARG(name));
	err_hint(err, "write kafka:TOPIC or kafka:TOPIC,TOPIC");
	return ERR_USAGE;
}

static int parse_topics(struct ingest_spec *spec, const char *list,
			struct arena *a, struct err *err)
{
	size_t n = 1;

	for (const char *p = list; *p; p++)
		n += *p == ',';
	spec->topics = arena_calloc(a, n, sizeof(*spec->topics));
	if (!spec->topics)
		return err_nomem(err);
	for (const char *p = list; spec->ntopics < n; p += strcspn(p, ",") + 1) {
		struct slice name = slice_of(p, strcspn(p, ","));
		int ret = check_topic(name, spec->text, err);

		if (ret < 0)
			return ret;
		name = arena_dup(a, name);
		if (!name.p)
			return err_nomem(err);
		spec->topics[spec->ntopics++].name = name.p;
	}
	return 0;
}

static int not_a_source(const char *text, struct err *err)
{
	err_set(err, ERR_USAGE, "\"%s\" is not a source", text);
	if (access(text, F_OK) == 0)
		err_hint(err, "for a file write file:%s, for a spool directory spool:%s",
			 text, text);
	else
		err_hint(err, "write kafka:TOPIC, spool:DIR, file:PATH or -");
	return ERR_USAGE;
}

static int parse_spec(struct ingest_spec *spec, const char *text,
		      struct arena *a, struct err *err)
{
	*spec = (struct ingest_spec){ .text = text };
	if (strcmp(text, "-") == 0) {
		spec->kind = INGEST_STDIN;
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		size_t len = strlen(forms[i].prefix);

		if (strncmp(text, forms[i].prefix, len) != 0)
			continue;
		spec->kind = forms[i].kind;
		spec->path = text + len;
		if (!*spec->path)
			break;
		return spec->kind == INGEST_KAFKA ?
			       parse_topics(spec, spec->path, a, err) : 0;
	}
	return not_a_source(text, err);
}

static bool shares_topic(const struct ingest_spec *a, const struct ingest_spec *b)
{
	for (size_t i = 0; i < a->ntopics; i++) {
		for (size_t j = 0; j < b->ntopics; j++) {
			if ((a != b || i != j) &&
			    strcmp(a->topics[i].name, b->topics[j].name) == 0)
				return true;
		}
	}
	return false;
}

/* One source read twice would store everything twice. */
static int check_twice(const struct ingest_specs *s, const struct ingest_spec *spec,
		       struct err *err)
{
	bool twice = shares_topic(spec, spec);

	for (size_t i = 0; i < s->n && !twice; i++)
		twice = strcmp(s->specs[i].text, spec->text) == 0 ||
			shares_topic(&s->specs[i], spec);
	return twice ? err_set(err, ERR_USAGE, "source \"%s\" is given twice",
			       spec->text) : 0;
}

static int parse_properties(struct ingest_specs *out,
			    const struct ingest_settings *s, struct arena *a,
			    struct err *err)
{
	int ret = 0;

	for (size_t i = 0; i < s->properties.n && ret == 0; i++)
		ret = ingest_property_parse(s->properties.items[i],
					    s->properties_on_command_line, a,
					    &out->properties[out->nproperties++], err);
	return ret;
}

int ingest_specs_parse(struct ingest_specs *out, char **args, int nargs,
		       const struct ingest_settings *s, struct arena *a,
		       struct err *err)
{
	int ret = 0;

	*out = (struct ingest_specs){ .n = 0 };
	if (nargs == 0) {
		err_set(err, ERR_USAGE, "no source is given");
		err_hint(err, "give kafka:TOPIC, spool:DIR, file:PATH or -");
		return ERR_USAGE;
	}
	if (nargs > INGEST_SOURCES_MAX)
		return err_set(err, ERR_USAGE, "more than %d sources",
			       INGEST_SOURCES_MAX);
	for (int i = 0; i < nargs && ret == 0; i++) {
		ret = parse_spec(&out->specs[out->n], args[i], a, err);
		if (ret == 0)
			ret = check_twice(out, &out->specs[out->n], err);
		if (ret == 0)
			out->n++;
	}
	return ret < 0 ? ret : parse_properties(out, s, a, err);
}

static int resolve_topics(struct ingest_spec *spec,
			  const struct ingest_settings *s,
			  const struct ingest_datasets *d,
			  struct ingest_crew *crew, struct err *err)
{
	int ret = 0;

	for (size_t i = 0; i < spec->ntopics && ret == 0; i++) {
		struct ingest_kafka_topic *t = &spec->topics[i];

		ret = s->dataset ?
			      ingest_datasets_by_name(d, slice_str(s->dataset),
						      &t->dataset, err) :
			      ingest_datasets_by_topic(d, slice_str(t->name),
						       &t->dataset, err);
		if (ret == 0)
			ret = ingest_crew_register(crew, t->dataset, err);
	}
	return ret;
}

int ingest_specs_resolve(struct ingest_specs *specs,
			 const struct ingest_settings *s,
			 const struct ingest_datasets *d,
			 struct ingest_crew *crew, struct err *err)
{
	const char *name = s->dataset ? s->dataset : "events";
	int ret = 0;

	for (size_t i = 0; i < specs->n && ret == 0; i++) {
		struct ingest_spec *spec = &specs->specs[i];

		if (spec->kind == INGEST_KAFKA) {
			ret = resolve_topics(spec, s, d, crew, err);
			continue;
		}
		ret = ingest_datasets_by_name(d, slice_str(name), &spec->dataset, err);
		if (ret == 0)
			ret = ingest_crew_register(crew, spec->dataset, err);
	}
	return ret;
}

int ingest_spec_open(struct ingest_source **out,
		     const struct ingest_specs *specs, size_t i,
		     const struct ingest_settings *s, struct index_store *store,
		     const volatile sig_atomic_t *stop, struct err *err)
{
	const struct ingest_spec *spec = &specs->specs[i];
	const struct ingest_kafka_options kafka = {
		.name = spec->text,
		.topics = spec->topics,
		.ntopics = spec->ntopics,
		.properties = specs->properties,
		.nproperties = specs->nproperties,
		.store = store,
		.once = s->once,
		.patience = s->patience,
		.stop = stop,
	};
	const struct ingest_spool_options spool = {
		.name = spec->text,
		.dir = spec->path,
		.dataset = spec->dataset,
		.store = store,
		.once = s->once,
	};
	const struct ingest_file_options file = {
		.name = spec->text,
		.path = spec->path,
		.dataset = spec->dataset,
		.store = store,
		.once = s->once,
	};

	switch (spec->kind) {
	case INGEST_KAFKA:
		return ingest_kafka_open(out, &kafka, err);
	case INGEST_SPOOL:
		return ingest_spool_open(out, &spool, err);
	case INGEST_FILE:
		return ingest_file_open(out, &file, err);
	case INGEST_STDIN:
		break;
	}
	return ingest_stdin_open(out, STDIN_FILENO, spec->dataset, err);
}
