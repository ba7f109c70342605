/*
 * schemas/schema_field.c - one field of a schema file.
 */
#include <string.h>

#include "base/limits.h"
#include "schemas/schema_int.h"

static int check_name(const struct field *f, struct schema_place at,
		      struct err *err)
{
	static const struct slice keywords[] = {
		SLICE_INIT("and"),
		SLICE_INIT("or"),
		SLICE_INIT("not"),
	};

	at.key = "name";
	if (!f->name.len)
		return schema_refuse(&at, err, "a field needs a name");
	if (f->name.len > LIMIT_NAME)
		return schema_refuse(&at, err, "longer than %d bytes",
				     (int)LIMIT_NAME);
	if (!schema_is_name(f->name))
		return schema_refuse(&at, err, "\"%.*s\" is no name",
				     SLICE_ARG(f->name));
	if (f->name.p[0] == '_')
		return schema_refuse(
			&at, err,
			"\"%.*s\": names that begin with \"_\" are reserved",
			SLICE_ARG(f->name));
	for (size_t i = 0; i < ARRAY_SIZE(keywords); i++)
		if (slice_eq_ascii_case(f->name, keywords[i]))
			return schema_refuse(
				&at, err,
				"\"%.*s\" is a word of the query language",
				SLICE_ARG(f->name));
	return 0;
}

/* Segments joined by dots, none empty, with at most one "[]". */
static int check_path(const struct field *f, struct schema_place at,
		      struct err *err)
{
	struct slice path = f->path;
	unsigned arrays = 0;
	bool empty = true;

	at.key = "path";
	if (path.len > LIMIT_PATH)
		return schema_refuse(&at, err, "longer than %d bytes",
				     (int)LIMIT_PATH);
	for (size_t i = 0; i < path.len; i++) {
		if (path.p[i] == '[') {
			if (empty || i + 2 >= path.len ||
			    path.p[i + 1] != ']' || path.p[i + 2] != '.')
				return schema_refuse(
					&at, err,
					"\"%.*s\": \"[]\" stands between a key "
					"and a dot",
					SLICE_ARG(path));
			arrays++;
			i += 2;
			empty = true;
		} else if (path.p[i] == '.') {
			if (empty)
				break;
			empty = true;
		} else {
			empty = false;
		}
	}
	if (empty)
		return schema_refuse(&at, err, "\"%.*s\" has an empty key",
				     SLICE_ARG(path));
	if (arrays > 1)
		return schema_refuse(&at, err,
				     "\"%.*s\": an array inside an array",
				     SLICE_ARG(path));
	if (arrays && f->list)
		return schema_refuse(
			&at, err, "\"%.*s\": a list inside an array of objects",
			SLICE_ARG(path));
	return 0;
}

/* Without a name the path gives it, less its "[]". */
static int name_from_path(struct field *f, struct arena *a, struct err *err)
{
	const char *brackets = memmem(f->path.p, f->path.len, "[]", 2);
	size_t before;
	char *name;

	f->name = f->path;
	if (!brackets)
		return 0;
	before = (size_t)(brackets - f->path.p);
	name = arena_alloc(a, f->path.len);
	if (!name)
		return err_nomem(err);
	memcpy(name, f->path.p, before);
	memcpy(name + before, brackets + 2, f->path.len - before - 2);
	f->name = slice_of(name, f->path.len - 2);
	return 0;
}

static int read_name(struct field *f, struct arena *a,
		     const struct json_node *node, struct schema_place at,
		     struct err *err)
{
	int ret = schema_string(node, at, "name", SLICE_LIT(""), &f->name, err);

	if (ret == 0)
		ret = schema_string(node, at, "path", f->name, &f->path, err);
	if (ret < 0)
		return ret;
	if (!json_member(node, "name") && f->path.len) {
		ret = check_path(f, at, err);
		if (ret == 0)
			ret = name_from_path(f, a, err);
	}
	if (ret == 0)
		ret = check_name(f, at, err);
	return ret < 0 ? ret : check_path(f, at, err);
}

static int refuse_unknown(const struct schema_place *at, const char *what,
			  struct slice name, const struct near *near,
			  struct err *err)
{
	(void)schema_refuse(at, err, "unknown %s \"%.*s\"", what,
			    SLICE_ARG(name));
	if (near->best.p)
		err_hint(err, "did you mean \"%.*s\"?", SLICE_ARG(near->best));
	return ERR_SCHEMA;
}

/* What other systems call a type leads to what we call it. */
static void offer_foreign_types(struct near *near)
{
	static const struct {
		struct slice theirs, ours;
	} names[] = {
		{ SLICE_INIT("string"), SLICE_INIT("keyword") },
		{ SLICE_INIT("integer"), SLICE_INIT("int") },
		{ SLICE_INIT("long"), SLICE_INIT("int") },
		{ SLICE_INIT("number"), SLICE_INIT("double") },
		{ SLICE_INIT("float"), SLICE_INIT("double") },
		{ SLICE_INIT("boolean"), SLICE_INIT("bool") },
		{ SLICE_INIT("timestamp"), SLICE_INIT("date") },
		{ SLICE_INIT("datetime"), SLICE_INIT("date") },
		{ SLICE_INIT("address"), SLICE_INIT("ip") },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		near_offer(near, names[i].theirs);
		if (near->best.p == names[i].theirs.p)
			near->best = names[i].ours;
	}
}

static int read_type(struct field *f, const struct json_node *node,
		     struct schema_place at, struct err *err)
{
	struct slice type, unit;
	struct near near;
	int ret = schema_string(node, at, "type", SLICE_LIT("keyword"), &type,
				err);

	if (ret == 0)
		ret = schema_string(node, at, "unit", SLICE_LIT(""), &unit,
				    err);
	if (ret < 0)
		return ret;
	at.key = "type";
	near_init(&near, type);
	if (!field_type_find(type, &f->type, &near)) {
		offer_foreign_types(&near);
		return refuse_unknown(&at, "type", type, &near, err);
	}
	at.key = "unit";
	if (!json_member(node, "unit"))
		return 0;
	near_init(&near, unit);
	if (!field_unit_find(unit, &f->unit, &near))
		return refuse_unknown(&at, "unit", unit, &near, err);
	if (f->type != (f->unit == UNIT_BYTES ? FIELD_INT : FIELD_DATE))
		return schema_refuse(&at, err,
				     "\"%.*s\" does not go with type %s",
				     SLICE_ARG(unit), field_type_name(f->type));
	return 0;
}

static int read_flags(struct field *f, const struct json_node *node,
		      struct schema_place at, struct err *err)
{
	bool text = f->type == FIELD_TEXT;
	bool uuid = f->type == FIELD_UUID;
	bool words = field_class(f->type) == CLASS_TEXT;
	bool multi = f->list || memchr(f->path.p, '[', f->path.len);
	int ret = schema_bool(node, at, "sortable", !text && !multi,
			      &f->sortable, err);

	if (ret == 0)
		ret = schema_bool(node, at, "freeText", text, &f->free_text,
				  err);
	if (ret == 0)
		ret = schema_bool(node, at, "prefix", uuid, &f->prefix, err);
	if (ret < 0)
		return ret;
	at.key = "sortable";
	if (f->sortable && (text || multi))
		return schema_refuse(
			&at, err,
			"a text or a field with several values cannot "
			"be sorted by");
	at.key = "freeText";
	if (f->free_text && !words)
		return schema_refuse(&at, err, "type %s has no words",
				     field_type_name(f->type));
	at.key = "prefix";
	if (f->prefix && !uuid && f->type != FIELD_KEYWORD)
		return schema_refuse(
			&at, err,
			"only keyword and uuid match from the start, not %s",
			field_type_name(f->type));
	return 0;
}

static int read_values(struct field *f, struct arena *a,
		       const struct json_node *node, struct schema_place at,
		       struct err *err)
{
	int ret = schema_strings(node, a, at, "values", &f->values, &f->nvalues,
				 err);

	at.key = "values";
	if (ret < 0)
		return ret;
	if (f->type == FIELD_ENUM && f->nvalues == 0)
		return schema_refuse(&at, err, "an enum needs its values");
	if (f->type != FIELD_ENUM && json_member(node, "values"))
		return schema_refuse(&at, err,
				     "only an enum has values, not %s",
				     field_type_name(f->type));
	for (uint32_t i = 0; i < f->nvalues; i++) {
		if (!f->values[i].len || f->values[i].len > LIMIT_NAME)
			return schema_refuse(&at, err,
					     "a value has 1 to %d bytes",
					     (int)LIMIT_NAME);
		for (uint32_t j = 0; j < i; j++)
			if (slice_eq_ascii_case(f->values[i], f->values[j]))
				return schema_refuse(
					&at, err, "\"%.*s\" stands there twice",
					SLICE_ARG(f->values[i]));
	}
	return 0;
}

static int read_examples(struct field *f, struct arena *a,
			 const struct json_node *node, struct schema_place at,
			 struct err *err)
{
	static const char *const known[] = { "about", "query", NULL };
	const struct json_node *list = json_member(node, "examples");
	struct field_example *e;
	int ret = 0;

	at.key = "examples";
	if (!list)
		return 0;
	if (list->kind != JSON_NODE_ARRAY)
		return schema_refuse(&at, err, "a list is wanted");
	for (const struct json_node *n = list->first; n; n = n->next)
		f->nexamples++;
	e = arena_calloc(a, f->nexamples, sizeof(*e));
	if (!e)
		return err_nomem(err);
	f->examples = e;
	for (const struct json_node *n = list->first; n; n = n->next, e++) {
		if (n->kind != JSON_NODE_OBJECT)
			return schema_refuse(
				&at, err,
				"an example is an object with \"about\" "
				"and \"query\"");
		ret = schema_check_keys(n, at, known, err);
		if (ret == 0)
			ret = schema_string(n, at, "about", SLICE_LIT(""),
					    &e->about, err);
		if (ret == 0)
			ret = schema_string(n, at, "query", SLICE_LIT(""),
					    &e->query, err);
		if (ret < 0)
			return ret;
		if (!e->query.len)
			return schema_refuse(&at, err,
					     "an example needs a \"query\"");
	}
	return 0;
}

int schema_read_field(struct field *f, struct arena *a,
		      const struct json_node *node, struct schema_place at,
		      struct err *err)
{
	static const char *const known[] = {
		"name",     "path",     "type",     "list", "values",
		"sortable", "freeText", "prefix",   "unit", "alias",
		"title",    "help",     "examples", NULL,
	};
	int ret = schema_check_keys(node, at, known, err);

	f->object = OBJECT_NONE;
	if (ret == 0)
		ret = schema_bool(node, at, "list", false, &f->list, err);
	if (ret == 0)
		ret = read_name(f, a, node, at, err);
	if (ret == 0)
		ret = read_type(f, node, at, err);
	if (ret == 0)
		ret = read_flags(f, node, at, err);
	if (ret == 0)
		ret = read_values(f, a, node, at, err);
	if (ret == 0)
		ret = schema_strings(node, a, at, "alias", &f->aliases,
				     &f->naliases, err);
	if (ret == 0)
		ret = schema_string(node, at, "title", SLICE_LIT(""), &f->title,
				    err);
	if (ret == 0)
		ret = schema_string(node, at, "help", SLICE_LIT(""), &f->help,
				    err);
	if (ret == 0)
		ret = read_examples(f, a, node, at, err);
	return ret;
}
