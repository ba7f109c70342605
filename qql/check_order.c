/*
 * qql/check_order.c - conditions on ordered types: int, double, bool, date,
 * ip, uuid.
 *
 * The type's reader makes an interval of each literal; what a comparison, a
 * list or a range asks for follows from the intervals alone, in the same way
 * for all types.
 */
#include "qql/check_int.h"

#include <assert.h>
#include <stdlib.h>

#include "qql/diag_int.h"
#include "qql/look_int.h"

/* The ranges a condition allows, under construction. */
struct ranges {
	struct qql_interval *list;
	uint32_t n;
	enum value_class class;
	qql_read_fn *read;
};

static qql_read_fn *reader(enum field_type type)
{
	switch (type) {
	case FIELD_INT:
		return qql_read_int;
	case FIELD_DOUBLE:
		return qql_read_double;
	case FIELD_BOOL:
		return qql_read_bool;
	case FIELD_DATE:
		return qql_read_date;
	case FIELD_IP:
		return qql_read_ip;
	case FIELD_UUID:
	case FIELD_KEYWORD:
	case FIELD_TEXT:
	case FIELD_ENUM:
		break;
	}
	return qql_read_uuid;
}

struct qql_key qql_key_num(int64_t v)
{
	return (struct qql_key){ .lo = (uint64_t)v ^ (UINT64_C(1) << 63) };
}

int64_t qql_key_to_num(struct qql_key k)
{
	return (int64_t)(k.lo ^ (UINT64_C(1) << 63));
}

struct qql_key qql_key_b16(const uint8_t b[16])
{
	struct qql_key k = { 0 };

	for (int i = 0; i < 8; i++) {
		k.hi = k.hi << 8 | b[i];
		k.lo = k.lo << 8 | b[8 + i];
	}
	return k;
}

void qql_key_to_b16(struct qql_key k, uint8_t out[16])
{
	for (int i = 7; i >= 0; i--) {
		out[i] = (uint8_t)k.hi;
		out[8 + i] = (uint8_t)k.lo;
		k.hi >>= 8;
		k.lo >>= 8;
	}
}

int qql_key_cmp(struct qql_key a, struct qql_key b)
{
	if (a.side != b.side)
		return a.side < b.side ? -1 : 1;
	if (a.side != 0)
		return 0;
	if (a.hi != b.hi)
		return a.hi < b.hi ? -1 : 1;
	return (a.lo > b.lo) - (a.lo < b.lo);
}

static struct qql_key first_key(void)
{
	return (struct qql_key){ 0 };
}

static struct qql_key last_key(enum value_class class)
{
	return (struct qql_key){ .hi = class == CLASS_NUM ? 0 : UINT64_MAX,
				 .lo = UINT64_MAX };
}

struct qql_key qql_key_next(struct qql_key k, enum value_class class)
{
	if (k.side > 0)
		return k;
	if (k.side < 0)
		return first_key();
	if (qql_key_cmp(k, last_key(class)) == 0)
		return (struct qql_key){ .side = 1 };
	k.lo++;
	k.hi += k.lo == 0;
	return k;
}

struct qql_key qql_key_before(struct qql_key k, enum value_class class)
{
	if (k.side < 0)
		return k;
	if (k.side > 0)
		return last_key(class);
	if (qql_key_cmp(k, first_key()) == 0)
		return (struct qql_key){ .side = -1 };
	k.hi -= k.lo == 0;
	k.lo--;
	return k;
}

/* Keeps what lies within the type; nothing is kept of an empty range. */
static void add_range(struct ranges *r, struct qql_key start,
		      struct qql_key end)
{
	if (start.side < 0)
		start = first_key();
	if (end.side > 0)
		end = last_key(r->class);
	if (start.side || end.side || qql_key_cmp(start, end) > 0)
		return;
	r->list[r->n++] = (struct qql_interval){ .start = start, .end = end };
}

/* Does interval `lo` begin after `hi` ends?  Two that lie between the same two
 * values are ordered by their numbers. */
static bool is_reversed(const struct qql_interval *lo,
			const struct qql_interval *hi)
{
	if (lo->between && hi->between &&
	    qql_key_cmp(lo->start, hi->start) == 0)
		return qql_number_cmp(&lo->number, &hi->number) > 0;
	return qql_key_cmp(lo->start, hi->end) > 0;
}

static int add_ends(struct qql_check *c, const struct qql_test *t,
		    struct ranges *r, const struct qql_literal *lo,
		    const struct qql_literal *hi, bool lo_open, bool hi_open)
{
	struct qql_interval a = { .start = { .side = -1 },
				  .end = { .side = -1 } };
	struct qql_interval b = { .start = { .side = 1 },
				  .end = { .side = 1 } };
	int ret = lo ? r->read(c, t, lo, &a) : 0;

	if (ret == 0 && hi)
		ret = r->read(c, t, hi, &b);
	if (ret < 0)
		return ret;
	if (lo && hi && is_reversed(&a, &b))
		return qql_check_reversed(c, t, lo->span, hi->span);
	add_range(r, lo && lo_open ? qql_key_next(a.end, r->class) : a.start,
		  hi && hi_open ? qql_key_before(b.start, r->class) : b.end);
	return 0;
}

static int literal_of(struct qql_check *c, const struct qql_value *v,
		      enum qql_use use, struct qql_literal *out)
{
	assert(v);
	out->text = qql_value_text(c->arena, v);
	out->span = v->span;
	out->use = use;
	out->exact = v->quote == QQL_EXACT;
	return out->text.p ? 0 : err_nomem(c->err);
}

/* One end inside a range that is quoted whole: trimmed, its own quotes off. */
static void inner_end(struct slice text, uint32_t from, uint32_t to,
		      uint32_t offset, struct qql_literal *out)
{
	while (from < to && text.p[from] == ' ')
		from++;
	while (to > from && text.p[to - 1] == ' ')
		to--;
	if (to - from >= 2 && (text.p[from] == '"' || text.p[from] == '\'') &&
	    text.p[to - 1] == text.p[from]) {
		from++;
		to--;
	}
	*out = (struct qql_literal){ .text = slice_of(text.p + from, to - from),
				     .span = { offset + from, offset + to },
				     .use = QQL_USE_ORDER };
}

/* '[now-7d ... now]': 1 if the quoted text is a range, which is then added. */
static int quoted_range(struct qql_check *c, const struct qql_test *t,
			struct ranges *r, const struct qql_value *v)
{
	struct slice text = v->raw;
	uint32_t dots = qql_look_dots(text), after = dots;
	uint32_t offset = (uint32_t)(text.p - c->text.p);
	struct qql_literal lo, hi;
	int ret;

	if (v->quote == QQL_BARE || text.len < 4 || dots == text.len ||
	    (text.p[0] != '[' && text.p[0] != '(') ||
	    (text.p[text.len - 1] != ']' && text.p[text.len - 1] != ')'))
		return 0;
	while (after < text.len && text.p[after] == '.')
		after++;
	if (after == dots)
		after += qql_look_char(text, dots);
	inner_end(text, 1, dots, offset, &lo);
	inner_end(text, after, (uint32_t)text.len - 1, offset, &hi);
	if (after - dots > 3 || (!lo.text.len && !hi.text.len)) {
		ret = qql_check_fail(c, v->span, "\"%s\" is not a range",
				     qql_diag_show(text).text);
		err_hint(c->err, "a range is written [a .. b]");
		return ret;
	}
	ret = add_ends(c, t, r, lo.text.len ? &lo : NULL,
		       hi.text.len ? &hi : NULL, text.p[0] == '(',
		       text.p[text.len - 1] == ')');
	return ret < 0 ? ret : 1;
}

static int add_value(struct qql_check *c, const struct qql_test *t,
		     struct ranges *r, const struct qql_value *v,
		     enum qql_use use)
{
	struct qql_literal l;
	struct qql_interval i = { 0 };
	bool ranges = t->field->type != FIELD_BOOL &&
		      t->field->type != FIELD_UUID && use == QQL_USE_MATCH;
	int ret = ranges ? quoted_range(c, t, r, v) : 0;

	if (ret != 0)
		return ret < 0 ? ret : 0;
	ret = literal_of(c, v, use, &l);
	if (ret == 0)
		ret = r->read(c, t, &l, &i);
	if (ret == 0)
		add_range(r, i.start, i.end);
	return ret;
}

static int add_comparison(struct qql_check *c, const struct qql_test *t,
			  struct ranges *r)
{
	struct qql_key least = { .side = -1 }, most = { .side = 1 };
	struct qql_literal l;
	struct qql_interval i = { 0 };
	int ret = literal_of(c, t->node->value, QQL_USE_ORDER, &l);

	if (ret == 0)
		ret = r->read(c, t, &l, &i);
	if (ret < 0)
		return ret;
	switch (t->node->cmp) {
	case QQL_LT:
		add_range(r, least, qql_key_before(i.start, r->class));
		break;
	case QQL_LE:
		add_range(r, least, i.end);
		break;
	case QQL_GT:
		add_range(r, qql_key_next(i.end, r->class), most);
		break;
	case QQL_GE:
	case QQL_EQ:
	case QQL_NE:
		add_range(r, i.start, most);
		break;
	}
	return 0;
}

static int add_written_range(struct qql_check *c, const struct qql_test *t,
			     struct ranges *r)
{
	const struct qql_node *n = t->node;
	const struct qql_value *ends[] = { n->lo, n->hi };
	struct qql_literal l[2] = { 0 };

	for (int i = 0; i < 2; i++) {
		int ret = 0;

		if (ends[i] && qql_value_is_star(ends[i])) {
			ret = qql_check_fail(
				c, ends[i]->span,
				"\"*\" cannot be the end of a range");
			err_hint(c->err, "leave an open end out: %.*s:[a ..]",
				 SLICE_ARG(n->name));
		} else if (ends[i]) {
			ret = literal_of(c, ends[i], QQL_USE_ORDER, &l[i]);
		}
		if (ret < 0)
			return ret;
	}
	return add_ends(c, t, r, n->lo ? &l[0] : NULL, n->hi ? &l[1] : NULL,
			n->lo_open, n->hi_open);
}

static int cmp_intervals(const void *a, const void *b)
{
	const struct qql_interval *x = a, *y = b;

	return qql_key_cmp(x->start, y->start);
}

/* Sorted and disjoint; neighbours that touch become one. */
static void merge(struct ranges *r)
{
	uint32_t kept = 0;

	qsort(r->list, r->n, sizeof(*r->list), cmp_intervals);
	for (uint32_t i = 0; i < r->n; i++) {
		struct qql_interval *last = kept ? &r->list[kept - 1] : NULL;

		if (!last || qql_key_cmp(r->list[i].start,
					 qql_key_next(last->end, r->class)) > 0)
			r->list[kept++] = r->list[i];
		else if (qql_key_cmp(r->list[i].end, last->end) > 0)
			last->end = r->list[i].end;
	}
	r->n = kept;
}

static int finish_num(struct qql_check *c, const struct qql_test *t,
		      const struct ranges *r, struct plan_node **out)
{
	struct plan_num_range *list =
		arena_calloc(c->arena, r->n, sizeof(*list));
	int ret = qql_node_leaf(c, PLAN_NUM, t, out);

	if (ret < 0 || !list)
		return ret < 0 ? ret : err_nomem(c->err);
	for (uint32_t i = 0; i < r->n; i++) {
		list[i].lo = qql_key_to_num(r->list[i].start);
		list[i].hi = qql_key_to_num(r->list[i].end);
	}
	(*out)->num.ranges = list;
	(*out)->num.n = r->n;
	return 0;
}

static int finish_b16(struct qql_check *c, const struct qql_test *t,
		      const struct ranges *r, struct plan_node **out)
{
	struct plan_b16_range *list =
		arena_calloc(c->arena, r->n, sizeof(*list));
	int ret = qql_node_leaf(c, PLAN_B16, t, out);

	if (ret < 0 || !list)
		return ret < 0 ? ret : err_nomem(c->err);
	for (uint32_t i = 0; i < r->n; i++) {
		qql_key_to_b16(r->list[i].start, list[i].lo);
		qql_key_to_b16(r->list[i].end, list[i].hi);
	}
	(*out)->b16.ranges = list;
	(*out)->b16.n = r->n;
	return 0;
}

static int finish(struct qql_check *c, const struct qql_test *t,
		  struct ranges *r, struct plan_node **out)
{
	merge(r);
	if (r->n == 0)
		return qql_node_new(c, PLAN_NONE, t->node->span, out);
	return r->class == CLASS_NUM ? finish_num(c, t, r, out) :
				       finish_b16(c, t, r, out);
}

static int not_ordered(struct qql_check *c, const struct qql_test *t)
{
	bool range = t->node->op == QQL_RANGE;
	int ret = qql_check_fail(
		c, t->node->span, "token \"%.*s\" is true or false and %s",
		SLICE_ARG(t->field->name),
		range ? "takes no range" : "cannot be compared");

	err_hint(c->err, "write %.*s:true", SLICE_ARG(t->node->name));
	return ret;
}

int qql_check_order(struct qql_check *c, const struct qql_test *t,
		    struct plan_node **out)
{
	const struct qql_node *n = t->node;
	struct ranges r = { .class = field_class(t->field->type),
			    .read = reader(t->field->type) };
	bool order = n->op == QQL_RANGE ||
		     (n->op == QQL_COMPARE && n->cmp > QQL_NE);
	size_t values = 1;
	int ret = 0;

	if (order && t->field->type == FIELD_BOOL)
		return not_ordered(c, t);
	for (const struct qql_value *v = n->value; v; v = v->next)
		values++;
	r.list = arena_calloc(c->arena, values, sizeof(*r.list));
	if (!r.list)
		return err_nomem(c->err);
	if (n->op == QQL_RANGE)
		ret = add_written_range(c, t, &r);
	else if (order)
		ret = add_comparison(c, t, &r);
	for (const struct qql_value *v = n->value; v && !order && ret == 0;
	     v = v->next)
		ret = add_value(c, t, &r, v,
				n->op == QQL_COMPARE ? QQL_USE_EQUAL :
						       QQL_USE_MATCH);
	return ret < 0 ? ret : finish(c, t, &r, out);
}

/* Reads one of the two texts; its errors have no place in the query. */
static int window_end(struct qql_check *c, const struct qql_test *t,
		      const char *option, struct slice text,
		      struct qql_interval *out)
{
	struct qql_literal l = { .text = text, .use = QQL_USE_ORDER };
	int ret = text.len ? qql_read_date(c, t, &l, out) : 0;

	if (ret < 0 && ret != ERR_NO_MEMORY) {
		c->err->flags &= ~(unsigned)ERR_HAS_SPAN;
		err_prefix(c->err, "%s", option);
	}
	return ret;
}

int qql_check_window(struct qql_check *c, struct slice since,
		     struct slice until, struct plan_node **out)
{
	struct qql_node n = { .op = QQL_RANGE };
	struct qql_test t = { &n, &c->ds->fields[c->ds->time], c->ds->time };
	struct qql_interval a = { .start = { .side = -1 } };
	struct qql_interval b = { .end = { .side = 1 } }, list;
	struct ranges r = { .list = &list, .class = CLASS_NUM };
	int ret = window_end(c, &t, "--since", since, &a);

	if (ret == 0)
		ret = window_end(c, &t, "--until", until, &b);
	if (ret < 0)
		return ret;
	if (since.len && until.len && is_reversed(&a, &b))
		return err_set(c->err, ERR_MEANING,
			       "--since \"%.*s\" is after --until \"%.*s\"",
			       SLICE_ARG(since), SLICE_ARG(until));
	add_range(&r, a.start, b.end);
	return finish(c, &t, &r, out);
}
