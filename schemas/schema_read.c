/*
 * schemas/schema_read.c - a schema file's own members, and the small readers
 * that everything in it shares.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "schemas/schema_int.h"
#include "schemas/value.h"

enum { COLUMNS_MAX = 16 };

int schema_refuse(const struct schema_place *at, struct err *err,
		  const char *fmt, ...)
{
	char message[ERR_MESSAGE_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	if (at->field < 0 && at->key)
		return err_set(err, ERR_SCHEMA, "%s: %s: %s", at->origin,
			       at->key, message);
	if (at->field < 0)
		return err_set(err, ERR_SCHEMA, "%s: %s", at->origin, message);
	return err_set(err, ERR_SCHEMA, "%s: fields[%d]%s%s: %s", at->origin,
		       at->field, at->key ? "." : "", at->key ? at->key : "",
		       message);
}

static const char *kind_name(enum json_node_kind kind)
{
	static const char *const names[] = {
		[JSON_NODE_NULL] = "null",
		[JSON_NODE_BOOL] = "a boolean",
		[JSON_NODE_NUMBER] = "a number",
		[JSON_NODE_STRING] = "a string",
		[JSON_NODE_OBJECT] = "an object",
		[JSON_NODE_ARRAY] = "a list",
	};

	return names[kind];
}

static int wrong_kind(const struct schema_place *at, enum json_node_kind want,
		      const struct json_node *n, struct err *err)
{
	return schema_refuse(at, err, "%s is wanted, not %s", kind_name(want),
			     kind_name(n->kind));
}

int schema_string(const struct json_node *node, struct schema_place at,
		  const char *key, struct slice missing, struct slice *out,
		  struct err *err)
{
	const struct json_node *n = json_member(node, key);

	at.key = key;
	*out = missing;
	if (!n)
		return 0;
	if (n->kind != JSON_NODE_STRING)
		return wrong_kind(&at, JSON_NODE_STRING, n, err);
	*out = n->text;
	return 0;
}

int schema_bool(const struct json_node *node, struct schema_place at,
		const char *key, bool missing, bool *out, struct err *err)
{
	const struct json_node *n = json_member(node, key);

	at.key = key;
	*out = missing;
	if (!n)
		return 0;
	if (n->kind != JSON_NODE_BOOL)
		return wrong_kind(&at, JSON_NODE_BOOL, n, err);
	*out = n->text.p[0] == 't';
	return 0;
}

int schema_strings(const struct json_node *node, struct arena *a,
		   struct schema_place at, const char *key,
		   const struct slice **out, uint32_t *count, struct err *err)
{
	const struct json_node *n = json_member(node, key);
	struct slice *list;
	uint32_t len = 0;

	at.key = key;
	*out = NULL;
	*count = 0;
	if (!n)
		return 0;
	if (n->kind != JSON_NODE_STRING && n->kind != JSON_NODE_ARRAY)
		return wrong_kind(&at, JSON_NODE_ARRAY, n, err);
	for (const struct json_node *c = n->first; c; c = c->next) {
		if (c->kind != JSON_NODE_STRING)
			return schema_refuse(
				&at, err,
				"element %u: a string is wanted, not %s", len,
				kind_name(c->kind));
		len++;
	}
	if (n->kind == JSON_NODE_STRING)
		len = 1;
	list = arena_calloc(a, len, sizeof(*list));
	if (!list)
		return err_nomem(err);
	*out = list;
	*count = len;
	if (n->kind == JSON_NODE_STRING)
		list[0] = n->text;
	for (const struct json_node *c = n->first; c; c = c->next)
		*list++ = c->text;
	return 0;
}

int schema_check_keys(const struct json_node *node, struct schema_place at,
		      const char *const *known, struct err *err)
{
	for (const struct json_node *n = node->first; n; n = n->next) {
		struct near near;
		bool found = false;

		near_init(&near, n->key);
		for (const char *const *k = known; *k && !found; k++) {
			found = slice_eq(n->key, slice_str(*k));
			near_offer(&near, slice_str(*k));
		}
		if (!found) {
			(void)schema_refuse(&at, err, "unknown key \"%.*s\"",
					    SLICE_ARG(n->key));
			if (near.best.p)
				err_hint(err, "did you mean \"%.*s\"?",
					 SLICE_ARG(near.best));
			return ERR_SCHEMA;
		}
		for (const struct json_node *m = node->first; m != n;
		     m = m->next)
			if (slice_eq(m->key, n->key))
				return schema_refuse(
					&at, err,
					"key \"%.*s\" stands there twice",
					SLICE_ARG(n->key));
	}
	return 0;
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	       c == '@';
}

bool schema_is_name(struct slice name)
{
	bool start = true;

	for (size_t i = 0; i < name.len; i++) {
		char c = name.p[i];

		if (start && !is_letter(c))
			return false;
		if (!start && c != '.' && c != '-' && !is_letter(c) &&
		    !(c >= '0' && c <= '9'))
			return false;
		start = c == '.';
	}
	return !start;
}

bool schema_name_below(struct slice name, struct slice prefix)
{
	return name.len > prefix.len && name.p[prefix.len] == '.' &&
	       slice_eq_ascii_case(slice_of(name.p, prefix.len), prefix);
}

/* The name a dataset has in queries, file names and databases. */
static int read_name(struct dataset *ds, const struct json_node *root,
		     struct schema_place at, struct err *err)
{
	int ret = schema_string(root, at, "dataset", SLICE_LIT(""), &ds->name,
				err);

	at.key = "dataset";
	if (ret < 0)
		return ret;
	if (!ds->name.len)
		return schema_refuse(&at, err, "a dataset needs a name");
	if (!schema_is_name(ds->name) ||
	    memchr(ds->name.p, '.', ds->name.len) || ds->name.p[0] == '_')
		return schema_refuse(&at, err, "\"%.*s\" is no name",
				     SLICE_ARG(ds->name));
	if (ds->name.len > LIMIT_NAME)
		return schema_refuse(&at, err, "longer than %d bytes",
				     (int)LIMIT_NAME);
	return 0;
}

static int read_kind(struct dataset *ds, const struct json_node *root,
		     struct schema_place at, struct err *err)
{
	struct slice kind;
	int ret = schema_string(root, at, "kind", SLICE_LIT("log"), &kind, err);

	at.key = "kind";
	if (ret < 0)
		return ret;
	if (slice_eq(kind, SLICE_LIT("log")))
		ds->kind = DATASET_LOG;
	else if (slice_eq(kind, SLICE_LIT("table")))
		ds->kind = DATASET_TABLE;
	else
		return schema_refuse(
			&at, err, "unknown kind \"%.*s\", it is log or table",
			SLICE_ARG(kind));
	return 0;
}

static int read_retention(struct dataset *ds, const struct json_node *root,
			  struct schema_place at, struct err *err)
{
	static const char *const known[] = { "days", NULL };
	const struct json_node *n = json_member(root, "retention");
	const struct json_node *days;
	int64_t value;
	int ret;

	at.key = "retention";
	if (!n)
		return 0;
	if (n->kind != JSON_NODE_OBJECT)
		return wrong_kind(&at, JSON_NODE_OBJECT, n, err);
	if (ds->kind == DATASET_TABLE)
		return schema_refuse(&at, err, "a table is kept for ever");
	ret = schema_check_keys(n, at, known, err);
	if (ret < 0)
		return ret;
	days = json_member(n, "days");
	at.key = "retention.days";
	if (!days || days->kind != JSON_NODE_NUMBER ||
	    !value_parse_int(days->text, &value) || value < 1 || value > 36500)
		return schema_refuse(
			&at, err, "a whole number from 1 to 36500 is wanted");
	ds->retention_days = (uint32_t)value;
	return 0;
}

/* What the maker of the language calls _received. */
static const struct slice received_alias = SLICE_INIT("receivedTime");

static void add_virtual(struct dataset *ds, struct field *own)
{
	static const struct field virtuals[VIRTUAL_FIELDS] = {
		{ .name = SLICE_INIT("_received"),
		  .type = FIELD_DATE,
		  .is_virtual = VIRTUAL_RECEIVED,
		  .sortable = true,
		  .title = SLICE_INIT("Received"),
		  .help = SLICE_INIT(
			  "Use a date range or specific date to find records by when "
			  "they were stored.") },
		{ .name = SLICE_INIT("_invalid"),
		  .type = FIELD_KEYWORD,
		  .is_virtual = VIRTUAL_INVALID,
		  .list = true,
		  .title = SLICE_INIT("Invalid fields"),
		  .help = SLICE_INIT(
			  "Use a token name ##### to find records whose value for that "
			  "token did not fit its type.") },
		{ .name = SLICE_INIT("_truncated"),
		  .type = FIELD_KEYWORD,
		  .is_virtual = VIRTUAL_TRUNCATED,
		  .list = true,
		  .title = SLICE_INIT("Truncated fields"),
		  .help = SLICE_INIT(
			  "Use a token name ##### to find records whose value for that "
			  "token is searched by its first part only.") },
		{ .name = SLICE_INIT("_seq"),
		  .type = FIELD_INT,
		  .is_virtual = VIRTUAL_SEQ,
		  .sortable = true,
		  .title = SLICE_INIT("Sequence number"),
		  .help = SLICE_INIT(
			  "Use an integer value ##### to find records by their "
			  "sequence number.") },
	};
	for (size_t i = 0; i < VIRTUAL_FIELDS; i++) {
		own[i] = virtuals[i];
		own[i].object = OBJECT_NONE;
	}
	ds->nall = ds->nfields;
	if (dataset_find(ds, received_alias) == FIELD_NONE &&
	    !dataset_is_prefix(ds, received_alias)) {
		own[0].aliases = &received_alias;
		own[0].naliases = 1;
	}
	ds->nall = ds->nfields + VIRTUAL_FIELDS;
	ds->received = (field_id)ds->nfields;
	ds->invalid = (field_id)(ds->nfields + 1);
	ds->truncated = (field_id)(ds->nfields + 2);
	ds->seq = (field_id)(ds->nfields + 3);
}

static int read_fields(struct dataset *ds, struct arena *a,
		       const struct json_node *root, const char *origin,
		       struct err *err)
{
	struct schema_place at = { .origin = origin,
				   .field = -1,
				   .key = "fields" };
	const struct json_node *list = json_member(root, "fields");
	struct field *fields;
	int ret = 0;

	if (!list)
		return schema_refuse(&at, err, "a dataset needs fields");
	if (list->kind != JSON_NODE_ARRAY)
		return wrong_kind(&at, JSON_NODE_ARRAY, list, err);
	for (const struct json_node *n = list->first; n; n = n->next)
		ds->nfields++;
	if (ds->nfields == 0)
		return schema_refuse(&at, err, "a dataset needs fields");
	if (ds->nfields > LIMIT_FIELDS)
		return schema_refuse(&at, err,
				     "%u are more than the limit of %d",
				     ds->nfields, (int)LIMIT_FIELDS);
	fields = arena_calloc(a, ds->nfields + VIRTUAL_FIELDS, sizeof(*fields));
	if (!fields)
		return err_nomem(err);
	ds->fields = fields;
	at.key = NULL;
	at.field = 0;
	for (const struct json_node *n = list->first; n; n = n->next) {
		if (n->kind != JSON_NODE_OBJECT)
			return wrong_kind(&at, JSON_NODE_OBJECT, n, err);
		ret = schema_read_field(&fields[at.field], a, n, at, err);
		if (ret < 0)
			return ret;
		at.field++;
	}
	ret = schema_check_fields(ds, a, fields, origin, err);
	if (ret == 0)
		add_virtual(ds, fields + ds->nfields);
	return ret;
}

static int unknown_field(const struct dataset *ds, struct slice name,
			 const struct schema_place *at, struct err *err)
{
	field_id near = dataset_nearest(ds, name);

	(void)schema_refuse(at, err, "there is no field \"%.*s\"",
			    SLICE_ARG(name));
	if (near < ds->nfields)
		err_hint(err, "did you mean \"%.*s\"?",
			 SLICE_ARG(ds->fields[near].name));
	return ERR_SCHEMA;
}

static field_id exact_field(const struct dataset *ds, struct slice name)
{
	for (field_id id = 0; id < ds->nall; id++)
		if (slice_eq(ds->fields[id].name, name))
			return id;
	return FIELD_NONE;
}

static int read_columns(struct dataset *ds, struct arena *a,
			const struct json_node *root, struct schema_place at,
			struct err *err)
{
	const struct slice *names;
	field_id *columns;
	int ret = schema_strings(root, a, at, "columns", &names, &ds->ncolumns,
				 err);

	at.key = "columns";
	if (ret < 0)
		return ret;
	if (ds->ncolumns > COLUMNS_MAX)
		return schema_refuse(&at, err,
				     "%u are more than the limit of %d",
				     ds->ncolumns, (int)COLUMNS_MAX);
	columns = arena_calloc(a, ds->ncolumns, sizeof(*columns));
	if (!columns)
		return err_nomem(err);
	ds->columns = columns;
	for (uint32_t i = 0; i < ds->ncolumns; i++) {
		columns[i] = exact_field(ds, names[i]);
		if (columns[i] == FIELD_NONE)
			return unknown_field(ds, names[i], &at, err);
		for (uint32_t j = 0; j < i; j++)
			if (columns[j] == columns[i])
				return schema_refuse(
					&at, err, "\"%.*s\" stands there twice",
					SLICE_ARG(names[i]));
	}
	return 0;
}

/* The field that has a role, such as the key; FIELD_NONE if none is named. */
static int read_role(const struct dataset *ds, const struct json_node *root,
		     struct schema_place at, const char *key, field_id *out,
		     struct err *err)
{
	struct slice name;
	int ret = schema_string(root, at, key, SLICE_LIT(""), &name, err);

	at.key = key;
	*out = FIELD_NONE;
	if (ret < 0 || !json_member(root, key))
		return ret;
	*out = exact_field(ds, name);
	if (*out >= ds->nfields)
		return unknown_field(ds, name, &at, err);
	if (field_multi(&ds->fields[*out]))
		return schema_refuse(&at, err,
				     "field \"%.*s\" can have several values",
				     SLICE_ARG(name));
	return 0;
}

static int read_roles(struct dataset *ds, const struct json_node *root,
		      struct schema_place at, struct err *err)
{
	bool log = ds->kind == DATASET_LOG;
	int ret = read_role(ds, root, at, "time", &ds->time, err);

	if (ret == 0)
		ret = read_role(ds, root, at, "id", &ds->id, err);
	if (ret == 0)
		ret = read_role(ds, root, at, "key", &ds->key, err);
	if (ret < 0)
		return ret;
	at.key = "time";
	if (log && ds->time == FIELD_NONE)
		return schema_refuse(&at, err, "a log needs a time field");
	if (!log && ds->time != FIELD_NONE)
		return schema_refuse(&at, err, "a table has no time field");
	if (log && ds->fields[ds->time].type != FIELD_DATE)
		return schema_refuse(&at, err, "field \"%.*s\" is no date",
				     SLICE_ARG(ds->fields[ds->time].name));
	at.key = "key";
	if (!log && ds->key == FIELD_NONE)
		return schema_refuse(&at, err, "a table needs a key field");
	if (log && ds->key != FIELD_NONE)
		return schema_refuse(&at, err, "a log has no key field");
	if (!log && ds->fields[ds->key].type == FIELD_DOUBLE)
		return schema_refuse(&at, err, "a double cannot be a key");
	return 0;
}

int schema_read(struct dataset *ds, struct arena *a,
		const struct json_node *root, const char *origin,
		struct err *err)
{
	static const char *const known[] = {
		"dataset", "title",  "help",      "kind",    "time",   "id",
		"key",     "topics", "retention", "columns", "fields", NULL,
	};
	struct schema_place at = { .origin = origin, .field = -1 };
	int ret;

	if (root->kind != JSON_NODE_OBJECT)
		return wrong_kind(&at, JSON_NODE_OBJECT, root, err);
	ret = schema_check_keys(root, at, known, err);
	if (ret == 0)
		ret = read_name(ds, root, at, err);
	if (ret == 0)
		ret = schema_string(root, at, "title", ds->name, &ds->title,
				    err);
	if (ret == 0)
		ret = schema_string(root, at, "help", SLICE_LIT(""), &ds->help,
				    err);
	if (ret == 0)
		ret = read_kind(ds, root, at, err);
	if (ret == 0)
		ret = schema_strings(root, a, at, "topics", &ds->topics,
				     &ds->ntopics, err);
	if (ret == 0)
		ret = read_retention(ds, root, at, err);
	if (ret == 0)
		ret = read_fields(ds, a, root, origin, err);
	if (ret == 0)
		ret = read_columns(ds, a, root, at, err);
	return ret < 0 ? ret : read_roles(ds, root, at, err);
}
