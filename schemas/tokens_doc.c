/*
 * schemas/tokens_doc.c - the help of tokens in the house pattern.
 */
#include "schemas/tokens_doc.h"

struct form {
	struct slice about;
	const char *after; /* what stands behind the name */
};

static const struct form text_forms[] = {
	{ SLICE_INIT("Show any that contain the words in any order"),
	  ": one two" },
	{ SLICE_INIT("Show any that contain these words next to each other"),
	  ": \"one two\"" },
	{ SLICE_INIT("Show exact matches only"), ": `one two`" },
};

static const struct form date_forms[] = {
	{ SLICE_INIT("Show those within a range of days"),
	  ":[2018-01-01 ... 2018-01-10]" },
	{ SLICE_INIT("Show those from a day until three months ago"),
	  ":[2017-06-01 ... now-3M]" },
	{ SLICE_INIT("Show those within the last two weeks"),
	  ":[now-2w ... now-1s]" },
	{ SLICE_INIT("Show those on a specific date"), ":'2018-01-22'" },
};

static const char boolean_operators[] =
	"\n## Supported Boolean operators\n\n"
	"Use `and` where both conditions must hold, `or` where one of them is\n"
	"enough, and `not` before a condition that must not hold. Parentheses\n"
	"group; `not` binds tightest, then `and`, then `or`.\n";

static void put_values(struct buf *out, const struct field *f)
{
	for (uint32_t i = 0; i < f->nvalues; i++) {
		if (i)
			buf_puts(out, i + 1 == f->nvalues ? " or " : ", ");
		buf_put_slice(out, f->values[i]);
	}
}

void tokens_help(struct buf *out, const struct field *f)
{
	struct slice what = f->title.len ? f->title : f->name;

	if (f->help.len) {
		buf_put_slice(out, f->help);
		return;
	}
	switch (f->type) {
	case FIELD_TEXT:
		buf_puts(
			out,
			"Use values within quotes or backticks to help you find "
			"records by their ");
		break;
	case FIELD_DATE:
		buf_puts(
			out,
			"Use a date range or specific date to find records by their ");
		break;
	case FIELD_INT:
		buf_puts(
			out,
			"Use an integer value ##### to find records by their ");
		break;
	case FIELD_DOUBLE:
		buf_puts(out, "Use a number ##### to find records by their ");
		break;
	case FIELD_BOOL:
		buf_puts(
			out,
			"Use the values true | false to find records by their ");
		break;
	case FIELD_IP:
		buf_puts(
			out,
			"Use an IP address or a range of addresses to find records "
			"by their ");
		break;
	case FIELD_ENUM:
		buf_puts(out, "Use a text value (");
		put_values(out, f);
		buf_puts(out, ") to find records by their ");
		break;
	case FIELD_KEYWORD:
	case FIELD_UUID:
		buf_puts(out,
			 "Use a text value ##### to find records by their ");
		break;
	}
	buf_put_slice(out, what);
	buf_putc(out, '.');
}

const char *tokens_operators(const struct field *f)
{
	switch (f->type) {
	case FIELD_TEXT:
		return ": [a, b] is null";
	case FIELD_ENUM:
	case FIELD_BOOL:
		return ": = != [a, b] is null";
	case FIELD_KEYWORD:
	case FIELD_UUID:
	case FIELD_INT:
	case FIELD_DOUBLE:
	case FIELD_DATE:
	case FIELD_IP:
		break;
	}
	return ": = != < <= > >= [a .. b] (a .. b) [a, b] is null";
}

/* The forms of a field that has no examples of its own. */
static const struct form *forms_of(const struct field *f, uint32_t *n)
{
	*n = 0;
	if (f->nexamples || (f->type != FIELD_TEXT && f->type != FIELD_DATE))
		return NULL;
	*n = f->type == FIELD_TEXT ? ARRAY_SIZE(text_forms) :
				     ARRAY_SIZE(date_forms);
	return f->type == FIELD_TEXT ? text_forms : date_forms;
}

uint32_t tokens_example_count(const struct field *f)
{
	uint32_t n;

	(void)forms_of(f, &n);
	return f->nexamples + n;
}

struct slice tokens_example_about(const struct field *f, uint32_t i)
{
	uint32_t n;
	const struct form *forms = forms_of(f, &n);

	return forms ? forms[i].about : f->examples[i].about;
}

void tokens_example_query(struct buf *out, const struct field *f, uint32_t i)
{
	uint32_t n;
	const struct form *forms = forms_of(f, &n);

	if (!forms) {
		buf_put_slice(out, f->examples[i].query);
		return;
	}
	buf_put_slice(out, f->name);
	buf_puts(out, forms[i].after);
}

static void put_traits(struct buf *out, const struct field *f)
{
	buf_puts(out, field_type_name(f->type));
	if (f->list)
		buf_puts(out, ", list");
	if (f->object != OBJECT_NONE)
		buf_puts(out, ", in an array of objects");
	if (f->sortable)
		buf_puts(out, ", sortable");
	if (f->free_text)
		buf_puts(out, ", found by free text");
	if (f->prefix)
		buf_puts(out, ", matched from the start");
	if (f->unit == UNIT_BYTES)
		buf_puts(out, ", in bytes: takes kB MB GB TB KiB MiB GiB TiB");
}

static void put_token(struct buf *out, const struct field *f)
{
	uint32_t n = tokens_example_count(f);

	buf_puts(out, "\n### ");
	buf_put_slice(out, f->name);
	buf_puts(out, "\n\n");
	tokens_help(out, f);
	buf_puts(out, "\n\nType: ");
	put_traits(out, f);
	buf_printf(out, "  \nOperators: `%s`", tokens_operators(f));
	for (uint32_t i = 0; i < f->naliases; i++) {
		buf_puts(out, i ? ", `" : "  \nAlso: `");
		buf_put_slice(out, f->aliases[i]);
		buf_putc(out, '`');
	}
	buf_putc(out, '\n');
	if (n)
		buf_puts(out, n > 1 ? "\nExamples\n" : "\nExample\n");
	for (uint32_t i = 0; i < n; i++) {
		buf_putc(out, '\n');
		buf_put_slice(out, tokens_example_about(f, i));
		buf_puts(out, "\n\n    ");
		tokens_example_query(out, f, i);
		buf_putc(out, '\n');
	}
}

int tokens_markdown(struct buf *out, const struct dataset *ds)
{
	buf_puts(out, "# ");
	buf_put_slice(out, ds->title);
	buf_puts(out, ": tokens of the dataset `");
	buf_put_slice(out, ds->name);
	buf_puts(out, "`\n\n");
	if (ds->help.len) {
		buf_put_slice(out, ds->help);
		buf_puts(out, "\n\n");
	}
	buf_puts(out,
		 "This page is generated from the schema (`qql tokens --output "
		 "markdown`).\n");
	for (field_id id = 0; id < ds->nall; id++)
		put_token(out, &ds->fields[id]);
	buf_puts(out, boolean_operators);
	return out->error;
}
