/*
 * qql/plan_print.c - the plan as one line.
 *
 *   (and (num severity 4..) (words message "one" "two three"*))
 *
 * A star after a phrase: its last word may go on.
 */
#include "base/json.h"
#include "qql/plan.h"
#include "schemas/value.h"

static void print_texts(struct buf *out, const struct slice *texts, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		buf_putc(out, ' ');
		json_quote(out, texts[i]);
	}
}

static void print_pattern(struct buf *out, const struct plan_node *n)
{
	for (uint32_t i = 0; i < n->pattern.n; i++) {
		const struct plan_atom *a = &n->pattern.atoms[i];

		buf_putc(out, ' ');
		if (a->kind == PLAN_ATOM_TEXT)
			json_quote(out, a->text);
		else
			buf_putc(out, a->kind == PLAN_ATOM_ONE ? '?' : '*');
	}
}

static void print_phrases(struct buf *out, const struct plan_node *n)
{
	for (uint32_t i = 0; i < n->words.n; i++) {
		const struct plan_phrase *phrase = &n->words.phrases[i];

		buf_puts(out, " \"");
		for (uint32_t k = 0; k < phrase->n; k++) {
			if (k)
				buf_putc(out, ' ');
			buf_put_slice(out, phrase->words[k]);
		}
		buf_putc(out, '"');
		if (phrase->prefix)
			buf_putc(out, '*');
	}
}

static void print_text_range(struct buf *out, const struct plan_text_range *r)
{
	buf_puts(out, r->lo_open ? " (" : " [");
	if (r->lo.p)
		json_quote(out, r->lo);
	buf_puts(out, " .. ");
	if (r->hi.p)
		json_quote(out, r->hi);
	buf_putc(out, r->hi_open ? ')' : ']');
}

static void print_nums(struct buf *out, const struct field *f,
		       const struct plan_node *n)
{
	for (uint32_t i = 0; i < n->num.n; i++) {
		const struct plan_num_range *r = &n->num.ranges[i];
		struct value lo = { .num = r->lo }, hi = { .num = r->hi };

		buf_putc(out, ' ');
		if (r->lo != INT64_MIN || r->lo == r->hi)
			value_print(out, f, &lo);
		if (r->lo == r->hi)
			continue;
		buf_puts(out, "..");
		if (r->hi != INT64_MAX)
			value_print(out, f, &hi);
	}
}

static void print_b16s(struct buf *out, const struct field *f,
		       const struct plan_node *n)
{
	for (uint32_t i = 0; i < n->b16.n; i++) {
		struct value lo, hi;

		memcpy(lo.b16, n->b16.ranges[i].lo, sizeof(lo.b16));
		memcpy(hi.b16, n->b16.ranges[i].hi, sizeof(hi.b16));
		buf_putc(out, ' ');
		value_print(out, f, &lo);
		if (memcmp(lo.b16, hi.b16, sizeof(lo.b16)) == 0)
			continue;
		buf_puts(out, "..");
		value_print(out, f, &hi);
	}
}

static const char *op_name(enum plan_op op)
{
	static const char *const names[] = {
		[PLAN_ALL] = "all",         [PLAN_NONE] = "none",
		[PLAN_AND] = "and",         [PLAN_OR] = "or",
		[PLAN_NOT] = "not",         [PLAN_ELEMENT] = "element",
		[PLAN_PRESENT] = "present", [PLAN_ANY_ELEMENT] = "any-element",
		[PLAN_EQUAL] = "equal",     [PLAN_EXACT] = "exact",
		[PLAN_PREFIX] = "prefix",   [PLAN_PATTERN] = "pattern",
		[PLAN_WORDS] = "words",     [PLAN_TEXT_RANGE] = "text-range",
		[PLAN_NUM] = "num",         [PLAN_B16] = "b16",
	};

	return names[op];
}

static void print_arguments(struct buf *out, const struct field *f,
			    const struct plan_node *n)
{
	switch (n->op) {
	case PLAN_EQUAL:
	case PLAN_EXACT:
	case PLAN_PREFIX:
		print_texts(out, n->text.texts, n->text.n);
		break;
	case PLAN_PATTERN:
		print_pattern(out, n);
		break;
	case PLAN_WORDS:
		print_phrases(out, n);
		break;
	case PLAN_TEXT_RANGE:
		print_text_range(out, &n->text_range);
		break;
	case PLAN_NUM:
		print_nums(out, f, n);
		break;
	case PLAN_B16:
		print_b16s(out, f, n);
		break;
	case PLAN_ALL:
	case PLAN_NONE:
	case PLAN_AND:
	case PLAN_OR:
	case PLAN_NOT:
	case PLAN_ELEMENT:
	case PLAN_PRESENT:
	case PLAN_ANY_ELEMENT:
		break;
	}
}

void qql_plan_print_node(struct buf *out, const struct dataset *ds,
			 const struct plan_node *node)
{
	const struct field *f =
		node->field == FIELD_NONE ? NULL : &ds->fields[node->field];

	buf_putc(out, '(');
	buf_puts(out, op_name(node->op));
	if (node->object != OBJECT_NONE) {
		buf_putc(out, ' ');
		buf_put_slice(out, ds->objects[node->object].name);
	}
	if (f) {
		buf_putc(out, ' ');
		buf_put_slice(out, f->name);
		print_arguments(out, f, node);
	}
	for (uint32_t i = 0; i < node->nkids; i++) {
		buf_putc(out, ' ');
		qql_plan_print_node(out, ds, node->kids[i]);
	}
	buf_putc(out, ')');
}

void qql_plan_print(struct buf *out, const struct plan *plan)
{
	qql_plan_print_node(out, plan->ds, plan->filter);
	qql_plan_print_stages(out, plan);
	if (plan->time_min == INT64_MIN && plan->time_max == INT64_MAX)
		return;
	buf_puts(out, " time");
	/* The bounds look like a condition on the time. */
	print_nums(out, &plan->ds->fields[plan->ds->time],
		   &(struct plan_node){
			   .num = { &(struct plan_num_range){ plan->time_min,
							      plan->time_max },
				    1 } });
}
