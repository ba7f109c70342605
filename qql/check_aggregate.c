/*
 * qql/check_aggregate.c - aggregates and group keys: names looked up, types
 * compared.
 */
#include "qql/check_int.h"

#include "base/limits.h"
#include "base/near.h"
#include "qql/diag_int.h"
#include "qql/stage_int.h"

#define SHOW(s) qql_diag_show(s).text

static const struct {
	const char *name;
	enum plan_function function;
	uint32_t percent;
} functions[] = {
	{ "count", PLAN_COUNT, 0 },     { "distinct", PLAN_DISTINCT, 0 },
	{ "sum", PLAN_SUM, 0 },         { "avg", PLAN_AVG, 0 },
	{ "min", PLAN_MIN, 0 },         { "max", PLAN_MAX, 0 },
	{ "p50", PLAN_PERCENTILE, 50 }, { "p90", PLAN_PERCENTILE, 90 },
	{ "p95", PLAN_PERCENTILE, 95 }, { "p99", PLAN_PERCENTILE, 99 },
};

static bool is_name(struct slice s, const char *name)
{
	return slice_eq_ascii_case(s, slice_str(name));
}

static int find_function(struct slice name)
{
	for (size_t i = 0; i < ARRAY_SIZE(functions); i++) {
		if (is_name(name, functions[i].name))
			return (int)i;
	}
	return -1;
}

struct slice qql_check_term_name(struct qql_check *c, const struct qql_term *t)
{
	enum { NAME_MAX_BYTES = 64 << 10 };
	struct slice name;
	struct buf text;
	field_id id;

	buf_init(&text, NAME_MAX_BYTES);
	id = t->call ? FIELD_NONE : dataset_find(c->ds, t->text);
	if (id != FIELD_NONE)
		buf_put_slice(&text, c->ds->fields[id].name);
	for (size_t i = 0; i < t->text.len && id == FIELD_NONE; i++) {
		char ch = t->text.p[i];

		buf_putc(&text, t->call && ch >= 'A' && ch <= 'Z' ?
					(char)(ch | 0x20) :
					ch);
	}
	if (t->call)
		buf_putc(&text, '(');
	for (const struct qql_term *a = t->arguments.first; a; a = a->next) {
		if (a != t->arguments.first)
			buf_puts(&text, ", ");
		id = a->kind == QQL_TERM_NAME ? dataset_find(c->ds, a->text) :
						FIELD_NONE;
		buf_put_slice(&text, id == FIELD_NONE ? a->text :
							c->ds->fields[id].name);
	}
	if (t->call)
		buf_putc(&text, ')');
	name = text.error ? slice_of(NULL, 0) :
			    arena_dup(c->arena, buf_slice(&text));
	buf_release(&text);
	return name;
}

static bool is_left_out(const struct qql_check *c, field_id id)
{
	const struct plan_stage *f = c->narrowed;

	for (uint32_t i = 0; f && i < f->ncolumns; i++) {
		if (f->columns[i] == id)
			return false;
	}
	return f != NULL;
}

int qql_check_field(struct qql_check *c, const struct qql_term *t,
		    field_id *out)
{
	field_id id = t->kind == QQL_TERM_NAME && !t->call ?
			      dataset_find(c->ds, t->text) :
			      FIELD_NONE;
	field_id near;
	int ret;

	if (id != FIELD_NONE && is_left_out(c, id))
		return qql_check_fail(
			c, t->span, "\"%s\" was left out by \"fields\" before",
			SHOW(t->text));
	if (id != FIELD_NONE) {
		*out = id;
		return 0;
	}
	if (t->call || t->kind != QQL_TERM_NAME) {
		ret = qql_check_fail(c, t->span,
				     "\"%s\" stands where a token is expected",
				     SHOW(qql_check_span(c, t->span)));
		return ret;
	}
	if (dataset_is_prefix(c->ds, t->text) ||
	    dataset_find_object(c->ds, t->text) != OBJECT_NONE)
		return qql_check_fail(c, t->span,
				      "\"%s\" is not a token but holds some",
				      SHOW(t->text));
	near = t->text.len <= LIMIT_NAME ? dataset_nearest(c->ds, t->text) :
					   FIELD_NONE;
	ret = qql_check_fail(c, t->span, "unknown token \"%s\" in dataset %.*s",
			     SHOW(t->text), SLICE_ARG(c->ds->name));
	if (near != FIELD_NONE)
		err_hint(c->err, "did you mean \"%.*s\"?",
			 SLICE_ARG(c->ds->fields[near].name));
	else
		err_hint(c->err, "qql tokens -d %.*s lists them",
			 SLICE_ARG(c->ds->name));
	return ret;
}

static int unknown_function(struct qql_check *c, const struct qql_term *t)
{
	static const struct {
		const char *wrong, *right;
	} habits[] = {
		{ "mean", "avg" },
		{ "average", "avg" },
		{ "median", "p50" },
		{ "dc", "distinct" },
		{ "dcount", "distinct" },
		{ "cardinality", "distinct" },
		{ "uniq", "distinct" },
		{ "count_distinct", "distinct" },
		{ "distinct_count", "distinct" },
	};
	struct near near;
	const char *right = NULL;
	bool field = !t->call && dataset_find(c->ds, t->text) != FIELD_NONE;
	int ret = qql_check_fail(c, t->name_span, "\"%s\" is not an aggregate",
				 SHOW(t->text));

	near_init(&near, t->text);
	for (size_t i = 0; i < ARRAY_SIZE(functions); i++)
		near_offer(&near, slice_str(functions[i].name));
	for (size_t i = 0; i < ARRAY_SIZE(habits); i++) {
		if (is_name(t->text, habits[i].wrong))
			right = habits[i].right;
	}
	if (right)
		err_hint(c->err, "write %s", right);
	else if (field)
		err_hint(c->err,
			 "write count(%s), or \"by %s\" behind the aggregates",
			 SHOW(t->text), SHOW(t->text));
	else if (near.best.p)
		err_hint(c->err, "did you mean \"%.*s\"?",
			 SLICE_ARG(near.best));
	else
		err_hint(
			c->err,
			"aggregates are count, distinct, sum, avg, min, max, "
			"p50, p90, p95 and p99");
	return ret;
}

static bool takes(enum plan_function function, enum field_type type)
{
	bool number = type == FIELD_INT || type == FIELD_DOUBLE;

	switch (function) {
	case PLAN_COUNT:
	case PLAN_COUNT_OF:
	case PLAN_DISTINCT:
		return true;
	case PLAN_SUM:
		return number;
	case PLAN_AVG:
	case PLAN_MIN:
	case PLAN_MAX:
	case PLAN_PERCENTILE:
		break;
	}
	return number || type == FIELD_DATE;
}

static int wrong_type(struct qql_check *c, const struct qql_term *t,
		      const struct field *f, enum plan_function function)
{
	const char *type = field_type_name(f->type);
	bool vowel = strchr("aeiou", type[0]) && f->type != FIELD_UUID;
	int ret = qql_check_fail(
		c, t->arguments.first->span,
		"\"%s\" takes %s, and \"%.*s\" is %s %s", SHOW(t->text),
		function == PLAN_SUM ? "numbers" : "numbers and dates",
		SLICE_ARG(f->name), vowel ? "an" : "a", type);

	if (f->type == FIELD_DATE)
		err_hint(c->err, "avg, min, max and p50 take dates");
	else
		err_hint(c->err, "count(%.*s) and distinct(%.*s) take any type",
			 SLICE_ARG(f->name), SLICE_ARG(f->name));
	return ret;
}

static void set_type(struct plan_column *column, const struct field *f,
		     enum plan_function function)
{
	column->field = f;
	switch (function) {
	case PLAN_COUNT:
	case PLAN_COUNT_OF:
	case PLAN_DISTINCT:
		column->type = PLAN_COLUMN_WHOLE;
		return;
	case PLAN_SUM:
		column->type = f->type == FIELD_INT ? PLAN_COLUMN_WHOLE :
						      PLAN_COLUMN_REAL;
		return;
	case PLAN_AVG:
		column->type = f->type == FIELD_DATE ? PLAN_COLUMN_VALUE :
						       PLAN_COLUMN_REAL;
		return;
	case PLAN_MIN:
	case PLAN_MAX:
	case PLAN_PERCENTILE:
		break;
	}
	column->type = PLAN_COLUMN_VALUE;
}

static int name_column(struct qql_check *c, const struct qql_term *t,
		       struct plan_column *column)
{
	column->name = t->alias.len ? t->alias : qql_check_term_name(c, t);
	return column->name.p ? 0 : err_nomem(c->err);
}

int qql_check_aggregate(struct qql_check *c, const struct qql_term *t,
			struct plan_aggregate *out, struct plan_column *column)
{
	int at = find_function(t->text);
	const struct field *f = NULL;
	int ret;

	if (at < 0)
		return unknown_function(c, t);
	*column = (struct plan_column){ .key = NULL };
	*out = (struct plan_aggregate){ functions[at].function, FIELD_NONE,
					functions[at].percent };
	if (!t->call && out->function != PLAN_COUNT) {
		ret = qql_check_fail(c, t->span, "\"%s\" lacks its field",
				     SHOW(t->text));
		err_hint(c->err, "write %s(FIELD)", functions[at].name);
		return ret;
	}
	if (t->arguments.n > 1)
		return qql_check_fail(c, t->arguments.first->next->span,
				      "\"%s\" takes one field", SHOW(t->text));
	if (t->call) {
		ret = qql_check_field(c, t->arguments.first, &out->field);
		if (ret < 0)
			return ret;
		f = &c->ds->fields[out->field];
		if (out->function == PLAN_COUNT)
			out->function = PLAN_COUNT_OF;
		if (!takes(out->function, f->type))
			return wrong_type(c, t, f, out->function);
	}
	set_type(column, f, out->function);
	if (!t->call && !t->alias.len) {
		column->name = SLICE_LIT("count");
		return 0;
	}
	return name_column(c, t, column);
}

/* What a unit must divide; 0: it counts from 1970. */
static uint32_t whole_of(char unit, const char **name)
{
	switch (unit) {
	case 's':
		*name = "a minute";
		return 60;
	case 'm':
		*name = "an hour";
		return 60;
	case 'h':
		*name = "a day";
		return 24;
	case 'M':
		*name = "a year";
		return 12;
	case 'q':
		*name = "a year";
		return 4;
	default:
		return 0;
	}
}

static int does_not_divide(struct qql_check *c, const struct qql_term *t,
			   uint32_t whole, const char *name, char unit)
{
	char list[ERR_HINT_MAX];
	struct buf text;
	int ret = qql_check_fail(c, t->span, "spans of \"%s\" do not divide %s",
				 SHOW(t->text), name);

	buf_init(&text, sizeof(list));
	for (uint32_t n = 1; n < whole; n++) {
		if (whole % n == 0)
			buf_printf(&text, "%s%u%c", n > 1 ? ", " : "", n, unit);
	}
	err_hint(c->err, "write one of %s", buf_cstr(&text));
	buf_release(&text);
	return ret;
}

int qql_check_period(struct qql_check *c, const struct qql_term *t,
		     struct plan_span *out)
{
	enum { SPAN_MAX = 10000 };
	const char *name = NULL;
	uint32_t n = 0, whole;
	size_t i = 0;
	int ret;

	for (; i < t->text.len && t->text.p[i] >= '0' && t->text.p[i] <= '9';
	     i++) {
		if (n <= SPAN_MAX)
			n = n * 10 + (uint32_t)(t->text.p[i] - '0');
	}
	if (t->kind != QQL_TERM_PERIOD || i + 1 != t->text.len ||
	    !strchr("smhdwMqy", t->text.p[i])) {
		ret = qql_check_fail(c, t->span, "\"%s\" is not a time span",
				     SHOW(t->text));
		err_hint(
			c->err,
			"write a number and a unit: s m h d w M q y; M is a month, m a minute");
		return ret;
	}
	if (n == 0 || n > SPAN_MAX)
		return qql_check_fail(
			c, t->span, "a time span has 1 to %d units", SPAN_MAX);
	whole = whole_of(t->text.p[i], &name);
	if (whole && whole % n)
		return does_not_divide(c, t, whole, name, t->text.p[i]);
	*out = (struct plan_span){ t->text.p[i], n };
	return 0;
}

static int wrong_key_type(struct qql_check *c, const struct qql_term *t,
			  const struct field *f, const char *wanted)
{
	return qql_check_fail(c, t->arguments.first->span,
			      "\"%s\" takes %s, and \"%.*s\" is not one",
			      SHOW(t->text), wanted, SLICE_ARG(f->name));
}

static int check_bucket(struct qql_check *c, const struct qql_term *t,
			struct plan_key *out)
{
	int ret;

	if (t->arguments.n != 2) {
		ret = qql_check_fail(c, t->span,
				     "\"bucket\" takes a date and a time span");
		err_hint(c->err, "write bucket(FIELD, 1h)");
		return ret;
	}
	ret = qql_check_field(c, t->arguments.first, &out->field);
	if (ret < 0)
		return ret;
	if (c->ds->fields[out->field].type != FIELD_DATE)
		return wrong_key_type(c, t, &c->ds->fields[out->field],
				      "a date");
	out->op = PLAN_KEY_BUCKET;
	return qql_check_period(c, t->arguments.last, &out->span);
}

static int check_length(struct qql_check *c, const struct qql_term *t,
			uint32_t max, uint32_t *out)
{
	uint32_t n = 0;

	for (size_t i = 0; i < t->text.len && n <= max; i++) {
		if (t->kind != QQL_TERM_NUMBER)
			n = max;
		n = n * 10 + (uint32_t)(t->text.p[i] - '0');
	}
	if (t->kind != QQL_TERM_NUMBER || n > max)
		return qql_check_fail(c, t->span,
				      "\"%s\" is not a prefix length up to %u",
				      SHOW(t->text), max);
	*out = n;
	return 0;
}

static int check_cidr(struct qql_check *c, const struct qql_term *t,
		      struct plan_key *out)
{
	enum { BITS4 = 32, BITS6 = 128, DEFAULT6 = 64 };
	const struct qql_term *first = t->arguments.first;
	int ret;

	if (t->arguments.n < 2 || t->arguments.n > 3) {
		ret = qql_check_fail(
			c, t->span,
			"\"cidr\" takes an ip and one or two prefix lengths");
		err_hint(c->err,
			 "write cidr(FIELD, 24) or cidr(FIELD, 24, 64)");
		return ret;
	}
	ret = qql_check_field(c, first, &out->field);
	if (ret < 0)
		return ret;
	if (c->ds->fields[out->field].type != FIELD_IP)
		return wrong_key_type(c, t, &c->ds->fields[out->field],
				      "an ip");
	out->op = PLAN_KEY_NET;
	out->bits6 = DEFAULT6;
	ret = check_length(c, first->next, BITS4, &out->bits4);
	if (ret == 0 && first->next->next)
		ret = check_length(c, first->next->next, BITS6, &out->bits6);
	return ret;
}

static int unknown_key(struct qql_check *c, const struct qql_term *t)
{
	int ret = qql_check_fail(c, t->name_span,
				 "rows cannot be grouped by \"%s\"",
				 SHOW(qql_check_span(c, t->span)));

	err_hint(c->err, "keys are fields, bucket(DATE, 1h) and cidr(IP, 24)");
	return ret;
}

int qql_check_key(struct qql_check *c, const struct qql_term *t,
		  struct plan_key *out, struct plan_column *column)
{
	int ret;

	*out = (struct plan_key){ .op = PLAN_KEY_VALUE, .field = FIELD_NONE };
	if (!t->call)
		ret = qql_check_field(c, t, &out->field);
	else if (is_name(t->text, "bucket"))
		ret = check_bucket(c, t, out);
	else if (is_name(t->text, "cidr"))
		ret = check_cidr(c, t, out);
	else
		ret = unknown_key(c, t);
	if (ret < 0)
		return ret;
	*column = (struct plan_column){
		.type = out->op == PLAN_KEY_NET ? PLAN_COLUMN_NET :
						  PLAN_COLUMN_VALUE,
		.field = &c->ds->fields[out->field],
		.key = out,
	};
	return name_column(c, t, column);
}
