/*
 * tests/oracle/stages.c - what pipe stages mean.
 */
#include "tests/oracle/stages.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/time.h"
#include "qql/zone.h"
#include "schemas/words.h"

/* Values in their order: text without case, then by bytes. */
static int compare(const struct field *f, const struct value *a,
		   const struct value *b)
{
	switch (field_class(f->type)) {
	case CLASS_TEXT:
		return fold_cmp(a->text, b->text);
	case CLASS_NUM:
		return (a->num > b->num) - (a->num < b->num);
	case CLASS_B16:
		break;
	}
	return memcmp(a->b16, b->b16, sizeof(a->b16));
}

static bool same(const struct field *f, const struct value *a,
		 const struct value *b)
{
	return field_class(f->type) == CLASS_TEXT ? slice_eq(a->text, b->text) :
						    compare(f, a, b) == 0;
}

static bool row_before(const struct plan *plan, const struct plan_stage *s,
		       const struct oracle_input *a,
		       const struct oracle_input *b)
{
	for (uint32_t i = 0; i < s->norders; i++) {
		uint32_t id = s->orders[i].column;
		const struct oracle_values *x = &a->fields[id];
		const struct oracle_values *y = &b->fields[id];
		int c = (int)!x->n - (int)!y->n;

		if (!c && x->n)
			c = compare(&plan->ds->fields[id], x->v, y->v) *
			    (s->orders[i].descending ? -1 : 1);
		if (c)
			return c < 0;
	}
	if (a->time != b->time)
		return a->time > b->time;
	return a->sequence > b->sequence;
}

void oracle_pipe(const struct plan *plan, struct oracle_input *rows, size_t *n)
{
	for (uint32_t i = 0; i < plan->nstages; i++) {
		const struct plan_stage *s = &plan->stages[i];

		if (s == plan->aggregate)
			return;
		if (s->op == PLAN_LIMIT && s->limit < *n)
			*n = s->limit;
		for (size_t k = 1; s->op == PLAN_SORT && k < *n; k++) {
			struct oracle_input row = rows[k];
			size_t at = k;

			for (; at && row_before(plan, s, &row, &rows[at - 1]);
			     at--)
				rows[at] = rows[at - 1];
			rows[at] = row;
		}
	}
}

/* The first instant of the calendar's span that `ns` lies in. */
static int64_t bucket_of(const struct plan *plan, const struct plan_span *span,
			 int64_t ns)
{
	struct civil c;
	int64_t days, n = span->n, first = 4;

	qql_zone_to_local(plan->zone, ns, &c);
	c.nanos = 0;
	days = time_days_from_civil(c.year, c.month, c.day);
	switch (span->unit) {
	case 's':
		c.second -= c.second % (int)n;
		break;
	case 'm':
		c.second = 0;
		c.minute -= c.minute % (int)n;
		break;
	case 'h':
		c.second = c.minute = 0;
		c.hour -= c.hour % (int)n;
		break;
	case 'M':
		c = (struct civil){ .year = c.year, .month = c.month };
		c.month -= (c.month - 1) % (int)n;
		c.day = 1;
		break;
	case 'q':
		c = (struct civil){ .year = c.year, .month = c.month };
		c.month -= (c.month - 1) % (3 * (int)n);
		c.day = 1;
		break;
	case 'y':
		c = (struct civil){ .year = c.year, .month = 1, .day = 1 };
		while ((c.year - 1970) % n)
			c.year--;
		break;
	default:
		n *= span->unit == 'w' ? 7 : 1;
		first = span->unit == 'w' ? 4 : 0;
		while ((days - first) % n)
			days--;
		time_civil_from_ns(days * NS_PER_DAY, &c);
		break;
	}
	return qql_zone_from_local(plan->zone, &c);
}

static struct value key_of(const struct plan *plan, const struct plan_key *k,
			   const struct value *v)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	struct value out = *v;
	uint32_t bits;

	if (k->op == PLAN_KEY_BUCKET)
		out.num = bucket_of(plan, &k->span, v->num);
	if (k->op != PLAN_KEY_NET)
		return out;
	bits = memcmp(v->b16, mapped, 12) == 0 ? 96 + k->bits4 : k->bits6;
	for (uint32_t i = bits; i < 128; i++)
		out.b16[i / 8] &= (uint8_t) ~(0x80 >> i % 8);
	return out;
}

/* A group: its keys, and the rows in it. */
struct group {
	struct oracle_cell keys[LIMIT_GROUP_KEYS];
	const struct oracle_input **rows;
	size_t n, cap;
};
struct groups {
	const struct plan *plan;
	const struct plan_key *keys;
	uint32_t nkeys;
	struct group *list;
	size_t n, cap;
};

static bool same_cell(const struct field *f, const struct oracle_cell *a,
		      const struct oracle_cell *b)
{
	return a->kind == b->kind &&
	       (a->kind != ORACLE_VALUE || same(f, &a->value, &b->value));
}

static struct group *find_group(struct groups *g,
				const struct oracle_cell *keys)
{
	for (size_t i = 0; i < g->n; i++) {
		uint32_t k = 0;

		while (k < g->nkeys &&
		       same_cell(&g->plan->ds->fields[g->keys[k].field],
				 &g->list[i].keys[k], &keys[k]))
			k++;
		if (k == g->nkeys)
			return &g->list[i];
	}
	if (g->n == g->cap) {
		g->cap = g->cap ? 2 * g->cap : 16;
		g->list = realloc(g->list, g->cap * sizeof(*g->list));
	}
	g->list[g->n] = (struct group){ .n = 0 };
	memcpy(g->list[g->n].keys, keys, g->nkeys * sizeof(*keys));
	return &g->list[g->n++];
}

static void add_to(struct group *g, const struct oracle_input *row)
{
	/* The same keys by another of its values. */
	if (g->n && g->rows[g->n - 1] == row)
		return;
	if (g->n == g->cap) {
		g->cap = g->cap ? 2 * g->cap : 16;
		g->rows = realloc(g->rows, g->cap * sizeof(*g->rows));
	}
	g->rows[g->n++] = row;
}

/* Every combination of the row's values from key `k` on.  `series`: the values
 * that the last key may have, others are `other`. */
static void add_row(struct groups *g, const struct oracle_input *row,
		    uint32_t k, struct oracle_cell *keys,
		    const struct groups *series, size_t nseries)
{
	const struct plan_key *key = &g->keys[k];
	const struct oracle_values *v;
	bool known;

	if (k == g->nkeys) {
		add_to(find_group(g, keys), row);
		return;
	}
	v = &row->fields[key->field];
	for (size_t i = 0; i < v->n || (i == 0 && !v->n); i++) {
		keys[k] = (struct oracle_cell){ .kind = ORACLE_NULL };
		if (v->n) {
			keys[k].kind = ORACLE_VALUE;
			keys[k].value = key_of(g->plan, key, &v->v[i]);
		}
		known = !series || k + 1 < g->nkeys;
		for (size_t s = 0; !known && s < nseries; s++)
			known = same_cell(&g->plan->ds->fields[key->field],
					  &series->list[s].keys[0], &keys[k]);
		if (!known)
			keys[k] = (struct oracle_cell){ .kind = ORACLE_OTHER };
		add_row(g, row, k + 1, keys, series, nseries);
	}
}

static void free_groups(struct groups *g)
{
	for (size_t i = 0; i < g->n; i++)
		free(g->list[i].rows);
	free(g->list);
}

/* All different values of each row of a group, one after the other. */
static struct value *values_of(const struct plan *plan, const struct group *g,
			       field_id id, size_t *n)
{
	const struct field *f = &plan->ds->fields[id];
	struct value *out;
	size_t max = 1;

	for (size_t i = 0; i < g->n; i++)
		max += g->rows[i]->fields[id].n;
	out = malloc(max * sizeof(*out));
	*n = 0;
	for (size_t i = 0; i < g->n; i++) {
		const struct oracle_values *v = &g->rows[i]->fields[id];
		size_t first = *n;

		for (size_t k = 0; k < v->n; k++) {
			size_t at = first;

			while (at < *n && !same(f, &out[at], &v->v[k]))
				at++;
			if (at == *n)
				out[(*n)++] = v->v[k];
		}
	}
	return out;
}

/*
 * A sum as so many of each power of two, from 2^LOWEST on, divided and rounded
 * to the nearest double, ties to even.
 */
enum { LOWEST = -1300, POWERS = 2700, LEAST = -1074, MANTISSA = 53 };

static void add_power(int64_t *sum, double d)
{
	int e;
	double fraction = frexp(d, &e);
	int64_t m = (int64_t)ldexp(fraction, MANTISSA);

	for (int i = 0; i < MANTISSA; i++) {
		if (llabs(m) >> i & 1)
			sum[e - MANTISSA + i - LOWEST] += m < 0 ? -1 : 1;
	}
}

static int settle(int64_t *sum)
{
	for (int i = 0; i + 1 < POWERS; i++) {
		int64_t bit = sum[i] & 1;

		sum[i + 1] += (sum[i] - bit) / 2;
		sum[i] = bit;
	}
	return sum[POWERS - 1] < 0 ? -1 : 1;
}

static double round_sum(int64_t *sum, uint64_t by)
{
	int sign = settle(sum), top = POWERS - 1, least;
	oracle_whole rest = 0;
	double m = 0;
	bool half, more = false;

	for (int i = 0; sign < 0 && i < POWERS; i++)
		sum[i] = -sum[i];
	settle(sum);
	for (int i = POWERS - 1; i >= 0; i--) {
		rest = rest * 2 + sum[i];
		sum[i] = rest >= by;
		rest -= sum[i] ? (oracle_whole)by : 0;
	}
	while (top >= 0 && !sum[top])
		top--;
	if (top < 0)
		return 0;
	least = top - MANTISSA + 1;
	if (least < LEAST - LOWEST)
		least = LEAST - LOWEST;
	for (int i = top; i >= least; i--)
		m = 2 * m + (double)sum[i];
	half = sum[least - 1];
	for (int i = least - 2; i >= 0; i--)
		more = more || sum[i];
	if (half && (more || rest || fmod(m, 2) == 1))
		m += 1;
	return sign * ldexp(m, least + LOWEST);
}

static double real_sum(const struct value *v, size_t n, bool doubles,
		       uint64_t by)
{
	static int64_t sum[POWERS];

	memset(sum, 0, sizeof(sum));
	for (size_t i = 0; i < n; i++) {
		if (doubles) {
			add_power(sum, value_to_double(v[i].num));
			continue;
		}
		/* In two halves, which doubles hold exactly. */
		add_power(sum, (double)(v[i].num >> 32) * 0x1p32);
		add_power(sum, (double)(uint32_t)v[i].num);
	}
	return round_sum(sum, by);
}

static int by_num(const void *a, const void *b)
{
	int64_t x = ((const struct value *)a)->num;
	int64_t y = ((const struct value *)b)->num;

	return (x > y) - (x < y);
}

static int64_t mean_date(const struct value *v, size_t n)
{
	oracle_whole sum = 0, q, twice;

	for (size_t i = 0; i < n; i++)
		sum += v[i].num;
	q = sum / (oracle_whole)n;
	if (sum % (oracle_whole)n < 0)
		q--;
	twice = 2 * (sum - q * (oracle_whole)n);
	if (twice > (oracle_whole)n || (twice == (oracle_whole)n && q % 2))
		q++;
	return (int64_t)q;
}

static size_t count_different(const struct field *f, const struct value *v,
			      size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++) {
		size_t k = 0;

		while (k < i && !same(f, &v[k], &v[i]))
			k++;
		count += k == i;
	}
	return count;
}

/* SUM, AVG, MIN, MAX and percentiles of at least one value. */
static void of_numbers(const struct field *f, const struct plan_aggregate *a,
		       struct value *v, size_t n, struct oracle_cell *out)
{
	bool doubles = f->type == FIELD_DOUBLE;
	size_t rank = (a->percent * n + 99) / 100;

	out->kind = ORACLE_VALUE;
	qsort(v, n, sizeof(*v), by_num);
	if (a->function == PLAN_SUM && !doubles) {
		for (size_t i = 0; i < n; i++)
			out->whole += v[i].num;
	} else if (a->function == PLAN_AVG && f->type == FIELD_DATE) {
		out->value.num = mean_date(v, n);
	} else if (a->function == PLAN_SUM || a->function == PLAN_AVG) {
		out->real = real_sum(v, n, doubles,
				     a->function == PLAN_AVG ? n : 1);
		if (!isfinite(out->real))
			out->kind = ORACLE_NULL;
	} else {
		out->value = a->function == PLAN_MIN ? v[0] :
			     a->function == PLAN_MAX ? v[n - 1] :
						       v[rank - 1];
	}
}

static struct oracle_cell aggregate(const struct plan *plan,
				    const struct plan_aggregate *a,
				    const struct group *g)
{
	struct oracle_cell out = { .kind = ORACLE_VALUE };
	const struct field *f;
	struct value *v;
	size_t n;

	if (a->function == PLAN_COUNT) {
		out.whole = (oracle_whole)g->n;
		return out;
	}
	f = &plan->ds->fields[a->field];
	v = values_of(plan, g, a->field, &n);
	if (a->function == PLAN_COUNT_OF) {
		for (size_t i = 0; i < g->n; i++)
			out.whole += g->rows[i]->fields[a->field].n > 0;
	} else if (a->function == PLAN_DISTINCT) {
		out.whole = (oracle_whole)count_different(f, v, n);
	} else if (n) {
		of_numbers(f, a, v, n, &out);
	} else {
		out.kind = ORACLE_NULL;
	}
	free(v);
	return out;
}

static int compare_cells(const struct plan_column *c,
			 const struct oracle_cell *a,
			 const struct oracle_cell *b, bool descending)
{
	static const int ranks[] = {
		[ORACLE_VALUE] = 0, [ORACLE_NULL] = 1, [ORACLE_OTHER] = 2
	};
	int order;

	if (a->kind != ORACLE_VALUE || b->kind != ORACLE_VALUE)
		return ranks[a->kind] - ranks[b->kind];
	if (c->type == PLAN_COLUMN_WHOLE)
		order = (a->whole > b->whole) - (a->whole < b->whole);
	else if (c->type == PLAN_COLUMN_REAL || c->type == PLAN_COLUMN_SHARE)
		order = (a->real > b->real) - (a->real < b->real);
	else
		order = compare(c->field, &a->value, &b->value);
	return descending ? -order : order;
}

/* Insertion: rows that are equal stay as they are. */
static void sort_table(const struct plan *plan, struct oracle_table *t,
		       const struct plan_order *orders, uint32_t n)
{
	size_t size = t->columns * sizeof(*t->cells);
	struct oracle_cell *row = malloc(size);

	for (size_t i = 1; i < t->rows; i++) {
		size_t at = i;

		memcpy(row, t->cells + i * t->columns, size);
		for (; at; at--) {
			struct oracle_cell *p =
				t->cells + (at - 1) * t->columns;
			int c = 0;

			for (uint32_t k = 0; k < n && !c; k++)
				c = compare_cells(
					&plan->columns[orders[k].column],
					&row[orders[k].column],
					&p[orders[k].column],
					orders[k].descending);
			if (c >= 0)
				break;
			memcpy(p + t->columns, p, size);
		}
		memcpy(t->cells + at * t->columns, row, size);
	}
	free(row);
}

static struct oracle_cell *add_cells(struct oracle_table *t)
{
	struct oracle_cell *row;

	t->cells = realloc(t->cells,
			   (t->rows + 1) * t->columns * sizeof(*t->cells));
	row = t->cells + t->rows++ * t->columns;
	memset(row, 0, t->columns * sizeof(*row));
	return row;
}

static void group_rows(struct groups *g, const struct oracle_input *rows,
		       size_t n, const struct groups *series, size_t nseries)
{
	struct oracle_cell keys[LIMIT_GROUP_KEYS] = { { .whole = 0 } };

	if (!g->nkeys)
		(void)find_group(g, keys);
	for (size_t i = 0; i < n; i++)
		add_row(g, &rows[i], 0, keys, series, nseries);
}

static void answer_stats(const struct plan *plan, struct groups *g,
			 struct oracle_table *t)
{
	const struct plan_stage *s = plan->aggregate;
	struct plan_order orders[LIMIT_GROUP_KEYS];

	for (size_t i = 0; i < g->n; i++) {
		struct oracle_cell *row = add_cells(t);

		for (uint32_t k = 0; k < s->nkeys; k++)
			row[k] = g->list[i].keys[k];
		for (uint32_t k = 0; k < s->naggregates; k++)
			row[s->nkeys + k] =
				aggregate(plan, &s->aggregates[k], &g->list[i]);
	}
	for (uint32_t k = 0; k < s->nkeys; k++)
		orders[k] = (struct plan_order){ .column = k };
	sort_table(plan, t, orders, s->nkeys);
}

/* Rows of the group around that have the field which is counted. */
static size_t rows_with(const struct plan *plan, struct groups *around,
			const struct group *g)
{
	field_id id = plan->aggregate->keys[plan->aggregate->nkeys - 1].field;
	struct group *all = find_group(around, g->keys);
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++)
		n += all->rows[i]->fields[id].n > 0;
	return n;
}

static void answer_top(const struct plan *plan, struct groups *g,
		       const struct oracle_input *rows, size_t n,
		       struct oracle_table *t)
{
	const struct plan_stage *s = plan->aggregate;
	struct groups around = { .plan = plan,
				 .keys = s->keys,
				 .nkeys = s->nkeys - 1 };
	struct plan_order orders[LIMIT_GROUP_KEYS + 1];
	uint32_t last = s->nkeys - 1, in_run = 0;
	size_t kept = 0;

	group_rows(&around, rows, n, NULL, 0);
	for (size_t i = 0; i < g->n; i++) {
		struct oracle_cell *row;

		if (g->list[i].keys[last].kind == ORACLE_NULL)
			continue;
		row = add_cells(t);
		for (uint32_t k = 0; k < s->nkeys; k++)
			row[k] = g->list[i].keys[k];
		row[s->nkeys].kind = row[s->nkeys + 1].kind = ORACLE_VALUE;
		row[s->nkeys].whole = (oracle_whole)g->list[i].n;
		row[s->nkeys + 1].real =
			(double)g->list[i].n /
			(double)rows_with(plan, &around, &g->list[i]);
	}
	for (uint32_t k = 0; k < last; k++)
		orders[k] = (struct plan_order){ .column = k };
	orders[last] = (struct plan_order){ s->nkeys, s->op == PLAN_TOP };
	orders[last + 1] = (struct plan_order){ .column = last };
	sort_table(plan, t, orders, s->nkeys + 1);
	for (size_t i = 0; i < t->rows; i++) {
		struct oracle_cell *row = t->cells + i * t->columns;
		bool new_run = !kept;

		for (uint32_t k = 0; k < last && !new_run; k++)
			new_run = !same_cell(
				plan->columns[k].field, &row[k],
				&t->cells[(kept - 1) * t->columns + k]);
		in_run = new_run ? 1 : in_run + 1;
		if (in_run <= s->limit)
			memmove(t->cells + kept++ * t->columns, row,
				t->columns * sizeof(*row));
	}
	t->rows = kept;
	free_groups(&around);
}

/* Series by their totals, largest first, then by value. */
static void rank_series(const struct plan *plan, struct groups *series)
{
	const struct plan_stage *s = plan->aggregate;

	for (size_t i = 1; i < series->n; i++) {
		struct group g = series->list[i];
		size_t at = i;

		for (; at; at--) {
			struct group *p = &series->list[at - 1];
			struct oracle_cell x =
				aggregate(plan, s->aggregates, &g);
			struct oracle_cell y =
				aggregate(plan, s->aggregates, p);
			int c = compare_cells(&plan->columns[2], &x, &y, true);

			if (!c)
				c = compare_cells(&plan->columns[1], g.keys,
						  p->keys, false);
			if (c >= 0)
				break;
			series->list[at] = *p;
		}
		series->list[at] = g;
	}
}

static void add_point(const struct plan *plan, struct groups *g,
		      struct oracle_table *t, int64_t start,
		      const struct oracle_cell *series)
{
	const struct plan_stage *s = plan->aggregate;
	struct oracle_cell *row = add_cells(t);
	enum plan_function f = s->aggregates[0].function;

	row[0].kind = ORACLE_VALUE;
	row[0].value.num = start;
	if (series)
		row[1] = *series;
	if (f == PLAN_COUNT || f == PLAN_COUNT_OF || f == PLAN_DISTINCT)
		row[s->nkeys].kind = ORACLE_VALUE;
	for (size_t i = 0; i < g->n; i++) {
		if (g->list[i].keys[0].value.num == start &&
		    (!series || same_cell(plan->columns[1].field,
					  &g->list[i].keys[1], series)))
			row[s->nkeys] =
				aggregate(plan, s->aggregates, &g->list[i]);
	}
}

static int64_t step_of(const struct plan_span *span)
{
	return span->unit == 's' ? NS_PER_S :
	       span->unit == 'm' ? 60 * NS_PER_S :
	       span->unit == 'h' ? 3600 * NS_PER_S :
				   NS_PER_DAY;
}

/* Steps in one unit, at most. */
static int64_t days_of(const struct plan_span *span)
{
	return span->unit == 'w' ? 7 :
	       span->unit == 'M' ? 31 :
	       span->unit == 'q' ? 92 :
	       span->unit == 'y' ? 366 :
				   1;
}

static void answer_chart(const struct plan *plan, struct groups *g,
			 const struct groups *series, size_t nseries,
			 const struct oracle_input *rows, size_t n,
			 struct oracle_table *t)
{
	const struct plan_span *span = &plan->aggregate->keys[0].span;
	struct oracle_cell other = { .kind = ORACLE_OTHER };
	int64_t lo = plan->time_min, hi = plan->time_max, last;
	size_t buckets = 0;

	for (size_t i = 0; i < n; i++) {
		if (plan->time_min == INT64_MIN &&
		    (i == 0 || rows[i].time < lo))
			lo = rows[i].time;
		if (plan->time_max == INT64_MAX &&
		    (i == 0 || rows[i].time > hi))
			hi = rows[i].time;
	}
	if (lo == INT64_MIN || hi == INT64_MAX)
		return;
	lo = bucket_of(plan, span, lo);
	hi = bucket_of(plan, span, hi);
	if ((hi - lo) / step_of(span) / days_of(span) / span->n >
	    2 * LIMIT_BUCKETS) {
		t->too_many = true;
		return;
	}
	last = INT64_MIN;
	for (int64_t at = lo; at <= hi; at += step_of(span)) {
		int64_t start = bucket_of(plan, span, at);

		if (start == last)
			continue;
		last = start;
		buckets++;
		if (buckets > LIMIT_BUCKETS)
			break;
		if (!series)
			add_point(plan, g, t, start, NULL);
		for (size_t s = 0; series && s < nseries; s++)
			add_point(plan, g, t, start, series->list[s].keys);
		if (series && series->n > nseries)
			add_point(plan, g, t, start, &other);
	}
	t->too_many = buckets > LIMIT_BUCKETS;
}

static void run_chart(const struct plan *plan, struct groups *g,
		      const struct oracle_input *rows, size_t n,
		      struct oracle_table *t)
{
	const struct plan_stage *s = plan->aggregate;
	struct groups series = { .plan = plan,
				 .keys = &s->keys[1],
				 .nkeys = 1 };
	size_t nseries;

	if (s->nkeys == 1) {
		group_rows(g, rows, n, NULL, 0);
		answer_chart(plan, g, NULL, 0, rows, n, t);
		return;
	}
	group_rows(&series, rows, n, NULL, 0);
	rank_series(plan, &series);
	nseries = series.n < s->limit ? series.n : s->limit;
	group_rows(g, rows, n, &series, nseries);
	answer_chart(plan, g, &series, nseries, rows, n, t);
	free_groups(&series);
}

struct oracle_table oracle_answer(const struct plan *plan,
				  const struct oracle_input *rows, size_t n)
{
	const struct plan_stage *s = plan->aggregate;
	struct groups g = { .plan = plan, .keys = s->keys, .nkeys = s->nkeys };
	struct oracle_table t = { .columns = plan->ncolumns };

	if (s->op == PLAN_TIMECHART) {
		run_chart(plan, &g, rows, n, &t);
	} else {
		group_rows(&g, rows, n, NULL, 0);
		if (s->op == PLAN_STATS)
			answer_stats(plan, &g, &t);
		else
			answer_top(plan, &g, rows, n, &t);
	}
	for (s++; s < plan->stages + plan->nstages; s++) {
		if (s->op == PLAN_SORT)
			sort_table(plan, &t, s->orders, s->norders);
		if (s->op == PLAN_LIMIT && s->limit < t.rows)
			t.rows = s->limit;
	}
	free_groups(&g);
	return t;
}
