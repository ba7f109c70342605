#include "tests/unit/qql/helper_plan.h"

#include <inttypes.h>
#include <stdlib.h>

#include "schemas/value.h"
#include "schemas/words.h"
#include "tests/test.h"
#include "tests/unit/qql/helper_rows.h"

struct made {
	uint64_t *random;
	struct arena *a;
	const struct dataset *ds;
	object_id element; /* OBJECT_NONE: rows */
};

static void *take(struct made *m, size_t n, size_t size)
{
	void *p = arena_calloc(m->a, n, size);

	assert_non_null(p);
	return p;
}

static uint32_t below(struct made *m, uint32_t n)
{
	return helper_below(m->random, n);
}

static struct slice folded(struct made *m, struct slice s)
{
	struct slice copy;
	struct buf b;

	buf_init(&b, 1 << 16);
	fold_append(&b, s);
	copy = arena_dup(m->a, slice_of(b.p ? b.p : "", b.len));
	assert_non_null(copy.p);
	buf_release(&b);
	return copy;
}

static struct slice some_text(struct made *m)
{
	static const char *const more[] = { "DENY", "allow", "dc58", "zzz",
					    "n",    "kw",    "ip",   "00ff",
					    "x",    "size" };

	return slice_str(below(m, 3) ? helper_text(m->random) :
				       more[below(m, ARRAY_SIZE(more))]);
}

static int by_bytes(const void *a, const void *b)
{
	return slice_cmp(*(const struct slice *)a, *(const struct slice *)b);
}

static void put_texts(struct made *m, struct plan_node *node)
{
	uint32_t n = 1 + (below(m, 3) ? 0 : below(m, 25)), kept = 0;
	struct slice *texts = take(m, n, sizeof(*texts));

	for (uint32_t i = 0; i < n; i++) {
		texts[i] = some_text(m);
		if (node->op != PLAN_EXACT)
			texts[i] = folded(m, texts[i]);
		if (node->op == PLAN_PREFIX)
			texts[i].len = below(m, (uint32_t)texts[i].len + 1);
		while (texts[i].len && texts[i].len < 64 &&
		       (texts[i].p[texts[i].len] & 0xc0) == 0x80)
			texts[i].len--;
	}
	qsort(texts, n, sizeof(*texts), by_bytes);
	for (uint32_t i = 0; i < n; i++)
		if (!i || !slice_eq(texts[i], texts[kept - 1]))
			texts[kept++] = texts[i];
	node->text.texts = texts;
	node->text.n = kept;
}

static void put_pattern(struct made *m, struct plan_node *node)
{
	uint32_t n = 1 + below(m, 5);
	struct plan_atom *atoms = take(m, n, sizeof(*atoms));

	for (uint32_t i = 0; i < n; i++) {
		atoms[i].kind = (enum plan_atom_kind)below(m, 3);
		if (atoms[i].kind == PLAN_ATOM_TEXT) {
			struct slice t = folded(m, some_text(m));
			uint32_t from = below(m, (uint32_t)t.len + 1);

			t = slice_of(t.p + from, t.len - from);
			if (t.len > 3 && below(m, 2))
				t.len = 3;
			/* Whole code points only; never empty. */
			while (t.len && (t.p[0] & 0xc0) == 0x80)
				t = slice_of(t.p + 1, t.len - 1);
			while (t.len && (t.p[t.len] & 0xc0) == 0x80)
				t.len--;
			atoms[i].text = t.len ? t : SLICE_LIT("e");
		}
	}
	node->pattern.atoms = atoms;
	node->pattern.n = n;
}

/* Some words of a text, in its order. */
static void put_phrase(struct made *m, struct plan_phrase *ph)
{
	struct slice *words = take(m, 16, sizeof(*words));
	struct words walk;
	struct slice word;

	do {
		words_init(&walk, some_text(m));
		for (ph->n = 0; ph->n < 16 && words_next(&walk, &word);)
			words[ph->n++] = folded(m, word);
	} while (!ph->n);
	ph->words = words;
	if (ph->n > 1 && below(m, 2)) {
		uint32_t from = below(m, ph->n);

		ph->words += from;
		ph->n -= from;
	}
	if (ph->n > 2 && below(m, 2))
		ph->n = 1 + below(m, ph->n);
	ph->prefix = below(m, 2);
	word = ph->words[ph->n - 1];
	if (ph->prefix && word.len > 1 && (word.p[1] & 0x80) == 0)
		words[ph->words - words + ph->n - 1].len =
			word.p[0] & 0x80 ? word.len : 1 + below(m, 2);
	if (words[ph->words - words + ph->n - 1].len > word.len)
		words[ph->words - words + ph->n - 1].len = word.len;
}

static void put_words(struct made *m, struct plan_node *node)
{
	uint32_t n = 1 + (below(m, 3) == 0);
	struct plan_phrase *phrases = take(m, n, sizeof(*phrases));

	for (uint32_t i = 0; i < n; i++)
		put_phrase(m, &phrases[i]);
	node->words.phrases = phrases;
	node->words.n = n;
}

static void put_text_range(struct made *m, struct plan_node *node)
{
	struct plan_text_range *r = &node->text_range;

	if (below(m, 3))
		r->lo = folded(m, some_text(m));
	if (below(m, 3))
		r->hi = folded(m, some_text(m));
	if (r->lo.p && r->hi.p && slice_cmp(r->lo, r->hi) > 0) {
		struct slice swap = r->lo;

		r->lo = r->hi;
		r->hi = swap;
	}
	r->lo_open = below(m, 2);
	r->hi_open = below(m, 2);
}

static int64_t some_num(struct made *m, const struct field *f)
{
	static const int64_t ints[] = { 0,         1,   -1,   5,    4,
					7,         443, 8080, 1000, INT64_MAX,
					INT64_MIN, 2,   3,    300 };
	static const double doubles[] = { 0,     1.5,    4.5, -2.25,
					  1e300, 1e-300, 3.5, 5 };
	const int64_t day = INT64_C(1769040000000000000);

	if (f->type == FIELD_DOUBLE)
		return value_from_double(
			doubles[below(m, ARRAY_SIZE(doubles))]);
	if (f->type == FIELD_BOOL)
		return below(m, 2);
	if (f->is_virtual == VIRTUAL_RECEIVED)
		return INT64_C(1769300000000000000) +
		       (int64_t)below(m, 700) * 1000000000;
	if (f->is_virtual == VIRTUAL_SEQ)
		return below(m, 700);
	if (f->type == FIELD_DATE && below(m, 2))
		return day + (int64_t)below(m, 300) * 600000000000;
	if (f->type == FIELD_DATE)
		return (int64_t)(helper_next(m->random) >> 1);
	return ints[below(m, ARRAY_SIZE(ints))];
}

static int by_low(const void *a, const void *b)
{
	const struct plan_num_range *x = a, *y = b;

	return (x->lo > y->lo) - (x->lo < y->lo);
}

static void put_nums(struct made *m, struct plan_node *node)
{
	const struct field *f = &m->ds->fields[node->field];
	uint32_t n = 1 + (below(m, 3) ? 0 : below(m, 12)), kept = 0;
	struct plan_num_range *r = take(m, n, sizeof(*r));

	for (uint32_t i = 0; i < n; i++) {
		r[i].lo = r[i].hi = some_num(m, f);
		if (below(m, 2)) {
			int64_t other = some_num(m, f);

			*(other < r[i].lo ? &r[i].lo : &r[i].hi) = other;
		}
	}
	qsort(r, n, sizeof(*r), by_low);
	for (uint32_t i = 0; i < n; i++)
		if (!i || r[i].lo > r[kept - 1].hi)
			r[kept++] = r[i];
	node->num.ranges = r;
	node->num.n = kept;
}

static void some_b16(struct made *m, const struct field *f, uint8_t out[16])
{
	static const char *const ips[] = {
		"10.0.0.1", "10.0.0.0", "10.0.0.255",  "192.168.1.1",
		"::1",      "fe80::",   "2001:db8::5", "::"
	};
	static const char *const ids[] = {
		"00000000-0000-0000-0000-000000000000",
		"dc58a1f0-1111-2222-3333-444455556666",
		"dc58a1f0-0000-0000-0000-000000000000",
		"ffffffff-ffff-ffff-ffff-ffffffffffff",
	};

	if (f->type == FIELD_IP)
		assert_true(value_parse_ip(
			slice_str(ips[below(m, ARRAY_SIZE(ips))]), out));
	else
		assert_true(value_parse_uuid(
			slice_str(ids[below(m, ARRAY_SIZE(ids))]), out));
}

static void put_b16s(struct made *m, struct plan_node *node)
{
	const struct field *f = &m->ds->fields[node->field];
	struct plan_b16_range *r = take(m, 1, sizeof(*r));
	uint8_t other[16];

	some_b16(m, f, r->lo);
	memcpy(r->hi, r->lo, 16);
	if (below(m, 2)) {
		some_b16(m, f, other);
		memcpy(memcmp(other, r->lo, 16) < 0 ? r->lo : r->hi, other, 16);
	}
	node->b16.ranges = r;
	node->b16.n = 1;
}

static struct plan_node *leaf(struct made *m)
{
	static const enum plan_op text_ops[] = { PLAN_EQUAL,  PLAN_EXACT,
						 PLAN_PREFIX, PLAN_PATTERN,
						 PLAN_WORDS,  PLAN_TEXT_RANGE };
	struct plan_node *node = take(m, 1, sizeof(*node));
	const struct field *f;

	do {
		node->field = (field_id)below(m, m->ds->nall);
		f = &m->ds->fields[node->field];
	} while (m->element != OBJECT_NONE && f->object != m->element);
	node->object = f->object;
	node->op = PLAN_PRESENT;
	if (below(m, 8) == 0)
		return node;
	switch (field_class(f->type)) {
	case CLASS_NUM:
		node->op = PLAN_NUM;
		put_nums(m, node);
		return node;
	case CLASS_B16:
		node->op = PLAN_B16;
		put_b16s(m, node);
		return node;
	case CLASS_TEXT:
		break;
	}
	node->op = text_ops[below(m, ARRAY_SIZE(text_ops))];
	if (node->op == PLAN_PATTERN)
		put_pattern(m, node);
	else if (node->op == PLAN_WORDS)
		put_words(m, node);
	else if (node->op == PLAN_TEXT_RANGE)
		put_text_range(m, node);
	else
		put_texts(m, node);
	return node;
}

static struct plan_node *tree(struct made *m, unsigned depth);

static struct plan_node *branch(struct made *m, enum plan_op op, uint32_t n,
				unsigned depth)
{
	struct plan_node *node = take(m, 1, sizeof(*node));

	node->op = op;
	node->field = FIELD_NONE;
	node->object = OBJECT_NONE;
	node->kids = take(m, n, sizeof(struct plan_node *));
	for (; node->nkids < n; node->nkids++)
		node->kids[node->nkids] = tree(m, depth);
	return node;
}

static struct plan_node *tree(struct made *m, unsigned depth)
{
	struct plan_node *node;

	if (!depth || below(m, 3) == 0)
		return leaf(m);
	switch (below(m, 9)) {
	case 0:
	case 1:
	case 2:
		return branch(m, PLAN_AND, 2 + below(m, 2), depth - 1);
	case 3:
	case 4:
		return branch(m, PLAN_OR, 2 + below(m, 3), depth - 1);
	case 5:
	case 6:
		return branch(m, PLAN_NOT, 1, depth - 1);
	case 7:
		if (m->element != OBJECT_NONE)
			return leaf(m);
		m->element = 0;
		node = branch(m, PLAN_ELEMENT, 1, depth - 1);
		node->object = m->element;
		m->element = OBJECT_NONE;
		return node;
	default:
		node = branch(m, below(m, 2) ? PLAN_ALL : PLAN_NONE, 0, 0);
		if (m->element == OBJECT_NONE && below(m, 3) == 0) {
			node->op = PLAN_ANY_ELEMENT;
			node->object = 0;
		}
		return node;
	}
}

struct plan_node *helper_plan(uint64_t *random, struct arena *a,
			      const struct dataset *ds, unsigned depth)
{
	struct made m = { random, a, ds, OBJECT_NONE };

	return tree(&m, depth);
}

static void put_quoted(struct buf *out, const char *s, char quote)
{
	buf_putc(out, quote);
	for (; *s; s++) {
		if (*s == quote || *s == '\\')
			buf_putc(out, '\\');
		buf_putc(out, *s);
	}
	buf_putc(out, quote);
}

static void put_value(struct made *m, struct buf *out, const struct field *f)
{
	static const char *const patterns[] = { "*a*",       "w*", "?eb",
						"*shadow*",  "*",  "10.*",
						"*\xc3\xa4*" };
	static const char *const nums[] = { "0",   "5",   "-1",
					    "4.5", "443", "9223372036854775807",
					    "1e3", "3" };
	static const char *const dates[] = {
		"2026-01-22",    "2026-01", "2026",
		"now-2d",        "now/d",   "2026-01-22T05:10:00Z",
		"1769040000000", "now-50y"
	};
	static const char *const ips[] = { "10.0.0.1", "10.0.0.0/8", "fe80::1",
					   "10.0.*",   "::1",        "::/0" };
	static const char *const words[] = { "web",  "policy", "shadow", "10",
					     "qual", "two",    "one" };

#define PUT(list) buf_puts(out, (list)[below(m, ARRAY_SIZE(list))])
	switch (f->type) {
	case FIELD_TEXT:
	case FIELD_KEYWORD:
		switch (below(m, 5)) {
		case 0:
			PUT(patterns);
			return;
		case 1:
			put_quoted(out, helper_text(m->random), '`');
			return;
		case 2:
			PUT(words);
			return;
		default:
			put_quoted(out, helper_text(m->random), '"');
			return;
		}
	case FIELD_ENUM:
		buf_puts(out, below(m, 2) ? "deny" : "ALLOW");
		return;
	case FIELD_INT:
	case FIELD_DOUBLE:
		PUT(nums);
		return;
	case FIELD_BOOL:
		buf_puts(out, below(m, 2) ? "true" : "FALSE");
		return;
	case FIELD_DATE:
		PUT(dates);
		return;
	case FIELD_IP:
		PUT(ips);
		return;
	case FIELD_UUID:
		buf_puts(out, below(m, 2) ?
				      "dc58a1f0" :
				      "dc58a1f0-1111-2222-3333-444455556666");
		return;
	}
#undef PUT
}

static bool has_order(const struct field *f)
{
	return f->type != FIELD_TEXT && f->type != FIELD_ENUM &&
	       f->type != FIELD_BOOL;
}

static void put_condition(struct made *m, struct buf *out, bool element)
{
	static const char *const cmps[] = { " < ",  " <= ", " > ",
					    " >= ", " = ",  " != " };
	const struct field *f;
	struct slice name;

	do {
		f = &m->ds->fields[below(m, m->ds->nall)];
	} while (element && f->object == OBJECT_NONE);
	name = f->name;
	if (element) /* relative to "v" */
		name = slice_of(name.p + 2, name.len - 2);
	buf_put_slice(out, name);
	switch (below(m, 8)) {
	case 0:
		buf_puts(out, below(m, 2) ? " is null" : " is not null");
		return;
	case 1:
		buf_puts(out, ":[");
		for (uint32_t i = 0, n = 1 + below(m, 6); i < n; i++) {
			if (i)
				buf_puts(out, ", ");
			put_value(m, out, f);
		}
		buf_puts(out, "]");
		return;
	case 2:
	case 3:
		if (!has_order(f))
			break;
		buf_puts(out, cmps[below(m, ARRAY_SIZE(cmps))]);
		put_value(m, out, f);
		return;
	case 4:
		if (!has_order(f))
			break;
		buf_puts(out, below(m, 2) ? ":[" : ":(");
		if (below(m, 4))
			put_value(m, out, f);
		buf_puts(out, " .. ");
		if (below(m, 4))
			put_value(m, out, f);
		buf_puts(out, below(m, 2) ? "]" : ")");
		return;
	default:
		break;
	}
	buf_puts(out, ":");
	put_value(m, out, f);
}

static void put_query(struct made *m, struct buf *out, unsigned depth,
		      bool element)
{
	if (!depth || below(m, 3) == 0) {
		put_condition(m, out, element);
		return;
	}
	switch (below(m, 8)) {
	case 0:
		buf_puts(out, "not ");
		put_query(m, out, 0, element);
		return;
	case 1:
		buf_puts(out, "not (");
		put_query(m, out, depth - 1, element);
		buf_puts(out, ")");
		return;
	case 2:
		if (element)
			break;
		buf_puts(out, "v:(");
		put_query(m, out, depth - 1, true);
		buf_puts(out, ")");
		return;
	case 3:
		if (element)
			break;
		put_quoted(out, helper_text(m->random), '"');
		return;
	default:
		break;
	}
	buf_puts(out, "(");
	put_query(m, out, depth - 1, element);
	buf_puts(out, below(m, 2) ? " and " : " or ");
	put_query(m, out, depth - 1, element);
	buf_puts(out, ")");
}

void helper_query(uint64_t *random, struct buf *out, const struct dataset *ds,
		  unsigned depth)
{
	struct made m = { random, NULL, ds, OBJECT_NONE };

	put_query(&m, out, depth, false);
}
