/*
 * qql/cli/token.c - one token's help, as text and as JSON.
 */
#include "qql/cli/token.h"

#include "schemas/tokens_doc.h"

enum { TEXT_MAX = 64 << 10 };

void cli_token_text(struct buf *out, const struct field *f)
{
	uint32_t n = tokens_example_count(f);

	buf_put_slice(out, f->name);
	buf_printf(out, "  (%s%s%s)\n    ", field_type_name(f->type),
		   field_multi(f) ? ", several values" : "",
		   f->sortable ? ", sortable" : "");
	tokens_help(out, f);
	if (f->naliases)
		buf_puts(out, "\n    also written");
	for (uint32_t i = 0; i < f->naliases; i++) {
		buf_puts(out, i ? ", " : " ");
		buf_put_slice(out, f->aliases[i]);
	}
	buf_printf(out, "\n    operators: %s\n", tokens_operators(f));
	for (uint32_t i = 0; i < n; i++) {
		buf_puts(out, "    ");
		buf_put_slice(out, tokens_example_about(f, i));
		buf_puts(out, "\n        ");
		tokens_example_query(out, f, i);
		buf_putc(out, '\n');
	}
}

static void put_examples(struct json_writer *w, const struct field *f)
{
	struct buf text;

	buf_init(&text, TEXT_MAX);
	json_key(w, "examples");
	json_array_begin(w);
	for (uint32_t i = 0; i < tokens_example_count(f); i++) {
		buf_reset(&text);
		tokens_example_query(&text, f, i);
		json_object_begin(w);
		json_key(w, "about");
		json_string(w, tokens_example_about(f, i));
		json_key(w, "query");
		json_string(w, buf_slice(&text));
		json_object_end(w);
	}
	json_array_end(w);
	buf_release(&text);
}

void cli_token_json(struct json_writer *w, const struct field *f)
{
	struct buf text;

	buf_init(&text, TEXT_MAX);
	tokens_help(&text, f);
	json_object_begin(w);
	json_key(w, "name");
	json_string(w, f->name);
	json_key(w, "type");
	json_str(w, field_type_name(f->type));
	json_key(w, "list");
	json_bool(w, field_multi(f));
	json_key(w, "sortable");
	json_bool(w, f->sortable);
	json_key(w, "freeText");
	json_bool(w, f->free_text);
	json_key(w, "help");
	json_string(w, buf_slice(&text));
	json_key(w, "operators");
	json_str(w, tokens_operators(f));
	if (f->nvalues) {
		json_key(w, "values");
		json_array_begin(w);
		for (uint32_t i = 0; i < f->nvalues; i++)
			json_string(w, f->values[i]);
		json_array_end(w);
	}
	put_examples(w, f);
	json_object_end(w);
	buf_release(&text);
}
