/*
 * tests/oracle/oracle.c - what a plan means.
 *
 * Slow on purpose: every text is folded and cut into words anew.
 */
#include "tests/oracle/oracle.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "schemas/words.h"

enum { TEXT_MAX = 1 << 24, NO_ELEMENT = -1 };

struct oracle {
	const struct dataset *ds;
	const struct record *rec;
	const struct oracle_row *row;
};

typedef bool value_fn(const struct plan_node *n, const struct value *v);

static char *folded(struct slice s, size_t *len)
{
	struct buf b;

	buf_init(&b, TEXT_MAX);
	buf_putc(&b, ' '); /* so that even an empty text has memory */
	fold_append(&b, s);
	assert(!b.error);
	*len = b.len - 1;
	memmove(b.p, b.p + 1, *len);
	return b.p;
}

static bool starts_with(const char *p, size_t len, struct slice start)
{
	return len >= start.len &&
	       (start.len == 0 || memcmp(p, start.p, start.len) == 0);
}

static bool equals_any(const struct plan_node *n, const struct value *v)
{
	size_t len;
	char *p = folded(v->text, &len);
	bool found = false;

	for (uint32_t i = 0; i < n->text.n; i++)
		found |= len == n->text.texts[i].len &&
			 starts_with(p, len, n->text.texts[i]);
	free(p);
	return found;
}

static bool is_exactly_any(const struct plan_node *n, const struct value *v)
{
	for (uint32_t i = 0; i < n->text.n; i++) {
		if (slice_eq(v->text, n->text.texts[i]))
			return true;
	}
	return false;
}

static bool begins_with_any(const struct plan_node *n, const struct value *v)
{
	size_t len;
	char *p = folded(v->text, &len);
	bool found = false;

	for (uint32_t i = 0; i < n->text.n; i++)
		found |= starts_with(p, len, n->text.texts[i]);
	free(p);
	return found;
}

static size_t code_point_length(const char *p, size_t len)
{
	size_t n = 1;

	while (n < len && ((unsigned char)p[n] & 0xc0) == 0x80)
		n++;
	return n;
}

/* reached[i]: the atoms so far can take exactly the first i bytes. */
static void take_atom(const struct plan_atom *a, const char *p, size_t len,
		      bool *reached)
{
	bool *next = calloc(len + 1, sizeof(*next));

	assert(next);
	for (size_t i = 0; i <= len; i++) {
		if (a->kind == PLAN_ATOM_RUN)
			next[i] = reached[i] || (i > 0 && next[i - 1]);
		if (!reached[i])
			continue;
		if (a->kind == PLAN_ATOM_ONE && i < len)
			next[i + code_point_length(p + i, len - i)] = true;
		if (a->kind == PLAN_ATOM_TEXT &&
		    starts_with(p + i, len - i, a->text))
			next[i + a->text.len] = true;
	}
	memcpy(reached, next, (len + 1) * sizeof(*next));
	free(next);
}

static bool has_pattern(const struct plan_node *n, const struct value *v)
{
	size_t len;
	char *p = folded(v->text, &len);
	bool *reached = calloc(len + 1, sizeof(*reached));
	bool found;

	assert(reached);
	reached[0] = true;
	for (uint32_t i = 0; i < n->pattern.n; i++)
		take_atom(&n->pattern.atoms[i], p, len, reached);
	found = reached[len];
	free(reached);
	free(p);
	return found;
}

/* Do the words of the phrase stand at the start of `text`, one by one? */
static bool phrase_here(const struct plan_phrase *phrase, struct words here)
{
	for (uint32_t i = 0; i < phrase->n; i++) {
		struct slice word;
		bool last = i + 1 == phrase->n, same;
		size_t len;
		char *p;

		if (!words_next(&here, &word))
			return false;
		p = folded(word, &len);
		same = starts_with(p, len, phrase->words[i]) &&
		       (len == phrase->words[i].len ||
			(last && phrase->prefix));
		free(p);
		if (!same)
			return false;
	}
	return true;
}

static bool has_phrase(const struct plan_phrase *phrase, struct slice text)
{
	struct words at;
	struct slice word;

	words_init(&at, text);
	do {
		if (phrase_here(phrase, at))
			return true;
	} while (words_next(&at, &word));
	return false;
}

static bool has_words(const struct plan_node *n, const struct value *v)
{
	for (uint32_t i = 0; i < n->words.n; i++) {
		if (!has_phrase(&n->words.phrases[i], v->text))
			return false;
	}
	return true;
}

static bool in_text_range(const struct plan_node *n, const struct value *v)
{
	const struct plan_text_range *r = &n->text_range;
	size_t len;
	char *p = folded(v->text, &len);
	struct slice text = { p, len };
	bool in = true;

	if (r->lo.p)
		in &= slice_cmp(text, r->lo) > (r->lo_open ? 0 : -1);
	if (r->hi.p)
		in &= slice_cmp(text, r->hi) < (r->hi_open ? 0 : 1);
	free(p);
	return in;
}

static bool in_num_range(const struct plan_node *n, const struct value *v)
{
	for (uint32_t i = 0; i < n->num.n; i++) {
		if (v->num >= n->num.ranges[i].lo &&
		    v->num <= n->num.ranges[i].hi)
			return true;
	}
	return false;
}

static bool in_b16_range(const struct plan_node *n, const struct value *v)
{
	for (uint32_t i = 0; i < n->b16.n; i++) {
		if (memcmp(v->b16, n->b16.ranges[i].lo, 16) >= 0 &&
		    memcmp(v->b16, n->b16.ranges[i].hi, 16) <= 0)
			return true;
	}
	return false;
}

static bool is_there(const struct plan_node *n, const struct value *v)
{
	(void)n;
	(void)v;
	return true;
}

static value_fn *test_of(enum plan_op op)
{
	switch (op) {
	case PLAN_EQUAL:
		return equals_any;
	case PLAN_EXACT:
		return is_exactly_any;
	case PLAN_PREFIX:
		return begins_with_any;
	case PLAN_PATTERN:
		return has_pattern;
	case PLAN_WORDS:
		return has_words;
	case PLAN_TEXT_RANGE:
		return in_text_range;
	case PLAN_NUM:
		return in_num_range;
	case PLAN_B16:
		return in_b16_range;
	case PLAN_PRESENT:
		return is_there;
	case PLAN_ALL:
	case PLAN_NONE:
	case PLAN_AND:
	case PLAN_OR:
	case PLAN_NOT:
	case PLAN_ELEMENT:
	case PLAN_ANY_ELEMENT:
		break;
	}
	assert(!"no condition on a field");
	return is_there;
}

/* _received, _seq, and the names of fields in _invalid and _truncated. */
static bool some_virtual(const struct oracle *o, const struct plan_node *n,
			 enum field_virtual which)
{
	value_fn *test = test_of(n->op);
	bool invalid = which == VIRTUAL_INVALID;
	const field_id *names = invalid ? o->rec->invalid : o->rec->truncated;
	uint32_t count = invalid ? o->rec->ninvalid : o->rec->ntruncated;

	if (which == VIRTUAL_RECEIVED)
		return test(n, &(struct value){ .num = o->row->received });
	if (which == VIRTUAL_SEQ)
		return test(
			n, &(struct value){ .num = (int64_t)o->row->sequence });
	for (uint32_t i = 0; i < count; i++) {
		if (test(n, &(struct value){
				    .text = o->ds->fields[names[i]].name }))
			return true;
	}
	return false;
}

/* Does some value of the field pass?  Within an element: some value of it. */
static bool some_value(const struct oracle *o, const struct plan_node *n,
		       int64_t element)
{
	const struct record *rec = o->rec;
	const struct field *f = &o->ds->fields[n->field];
	value_fn *test = test_of(n->op);

	if (f->is_virtual != VIRTUAL_NOT)
		return some_virtual(o, n, f->is_virtual);
	if (n->field == o->ds->time)
		return test(n, &(struct value){ .num = rec->time });
	for (uint32_t i = 0; i < rec->nmembers; i++) {
		const struct member *m = &rec->members[i];

		if (m->field == n->field &&
		    (element == NO_ELEMENT || m->element == element) &&
		    test(n, &m->value))
			return true;
	}
	for (uint32_t i = 0; i < rec->nitems; i++) {
		const struct item *item = &rec->items[i];

		if (item->field != n->field ||
		    (item->kind != ITEM_VALUE && item->kind != ITEM_LIST))
			continue;
		for (uint32_t k = 0; k < item->n; k++) {
			if (test(n, &rec->values[item->first + k]))
				return true;
		}
	}
	return false;
}

static bool holds(const struct oracle *o, const struct plan_node *n,
		  int64_t element)
{
	bool found = false;

	switch (n->op) {
	case PLAN_ALL:
		return true;
	case PLAN_NONE:
		return false;
	case PLAN_AND:
		for (uint32_t i = 0; i < n->nkids; i++) {
			if (!holds(o, n->kids[i], element))
				return false;
		}
		return true;
	case PLAN_OR:
		for (uint32_t i = 0; i < n->nkids; i++)
			found |= holds(o, n->kids[i], element);
		return found;
	case PLAN_NOT:
		return !holds(o, n->kids[0], element);
	case PLAN_ELEMENT:
		for (uint32_t e = 0; e < o->rec->elements[n->object]; e++)
			found |= holds(o, n->kids[0], e);
		return found;
	case PLAN_ANY_ELEMENT:
		return o->rec->elements[n->object] > 0;
	case PLAN_PRESENT:
	case PLAN_EQUAL:
	case PLAN_EXACT:
	case PLAN_PREFIX:
	case PLAN_PATTERN:
	case PLAN_WORDS:
	case PLAN_TEXT_RANGE:
	case PLAN_NUM:
	case PLAN_B16:
		break;
	}
	return some_value(o, n, element);
}

bool oracle_matches(const struct plan *plan, const struct record *rec,
		    const struct oracle_row *row)
{
	struct oracle o = { plan->ds, rec, row };

	return holds(&o, plan->filter, NO_ELEMENT);
}
