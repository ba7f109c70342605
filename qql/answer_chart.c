/*
 * qql/answer_chart.c - a row for each bucket and series, also the empty ones.
 */
#include "qql/answer_int.h"

/* Numbers of buckets, both ends included. */
struct range {
	int64_t first, last;
	bool any;
};

static int too_many(uint64_t n, struct err *err)
{
	err_set(err, ERR_LIMIT,
		"the chart has %llu buckets, more than the limit of %d",
		(unsigned long long)n, LIMIT_BUCKETS);
	err_hint(
		err,
		"take a longer span, or a shorter time with --since and --until");
	return ERR_LIMIT;
}

static int check_range(const struct range *r, struct err *err)
{
	uint64_t n = (uint64_t)r->last - (uint64_t)r->first + 1;

	return r->any && r->last >= r->first && n > LIMIT_BUCKETS ?
		       too_many(n, err) :
		       0;
}

/* What the query says of the time comes before what rows there are. */
static struct range bounds(const struct plan *plan, struct range rows)
{
	bool lower = plan->time_min != INT64_MIN;
	bool upper = plan->time_max != INT64_MAX;
	struct qql_bucket b;

	qql_bucket_init(&b, plan->aggregate->keys[0].span, plan->zone);
	if (lower)
		rows.first = qql_bucket_find(&b, plan->time_min);
	if (upper)
		rows.last = qql_bucket_find(&b, plan->time_max);
	rows.any = rows.any || (lower && upper);
	return rows;
}

int qql_answer_check_time(const struct plan *plan, struct err *err)
{
	struct range r = { .any = false };

	if (plan->time_min == INT64_MIN || plan->time_max == INT64_MAX)
		return 0;
	r = bounds(plan, r);
	return check_range(&r, err);
}

static struct range of_rows(const struct qql_agg *agg)
{
	struct range r = { .any = false };

	for (uint32_t g = 0; g < agg->ngroups; g++) {
		uint32_t code = agg->codes[(size_t)g * agg->nkeys];
		int64_t n;

		if (code == QQL_CODE_NULL)
			continue;
		n = agg->keys[0].values.values[code].num;
		if (!r.any || n < r.first)
			r.first = n;
		if (!r.any || n > r.last)
			r.last = n;
		r.any = true;
	}
	return r;
}

/* The place of a code among the series; nseries: it is none of them. */
static uint32_t find_series(const uint32_t *series, uint32_t nseries,
			    uint32_t code)
{
	uint32_t i = 0;

	while (i < nseries && series[i] != code)
		i++;
	return i;
}

/* Group plus 1 of each bucket and series; 0: no rows. */
static int lay_out(const struct qql_agg *agg, struct range r,
		   const uint32_t *series, uint32_t nseries, uint32_t *groups)
{
	for (uint32_t g = 0; g < agg->ngroups; g++) {
		const uint32_t *codes = agg->codes + (size_t)g * agg->nkeys;
		uint32_t place = 0;
		int64_t n;

		if (codes[0] == QQL_CODE_NULL)
			continue;
		n = agg->keys[0].values.values[codes[0]].num;
		if (agg->nkeys > 1)
			place = find_series(series, nseries, codes[1]);
		if (n >= r.first && n <= r.last && place < nseries)
			groups[(size_t)(n - r.first) * nseries + place] = g + 1;
	}
	return 0;
}

static void put_series(const struct qql_agg *agg, uint32_t code,
		       struct qql_answer_cell *out)
{
	if (code == QQL_CODE_NULL)
		return;
	out->kind = code == QQL_CODE_OTHER ? QQL_ANSWER_OTHER : QQL_ANSWER_IS;
	if (code != QQL_CODE_OTHER)
		out->value = agg->keys[1].values.values[code];
	if (code != QQL_CODE_OTHER && agg->keys[1].plan->op == PLAN_KEY_BUCKET)
		out->value.num =
			qql_bucket_start(&agg->keys[1].bucket, out->value.num);
}

static int add_row(struct qql_answer *a, int64_t start, uint32_t series,
		   uint32_t group, struct err *err)
{
	const struct plan_stage *s = a->plan->aggregate;
	enum plan_function f = s->aggregates[0].function;
	struct qql_answer_cell *cells, *result;
	int ret = qql_answer_add(a, &cells, err);

	if (ret < 0)
		return ret;
	cells[0].kind = QQL_ANSWER_IS;
	cells[0].value.num = start;
	if (s->nkeys > 1)
		put_series(&a->agg, series, &cells[1]);
	result = &cells[s->nkeys];
	if (group)
		return qql_agg_cell(&a->agg, group - 1, s->aggregates, 0,
				    result, err);
	if (f == PLAN_COUNT || f == PLAN_COUNT_OF || f == PLAN_DISTINCT)
		result->kind = QQL_ANSWER_IS; /* of zero */
	return 0;
}

int qql_answer_chart(struct qql_answer *a, const uint32_t *series,
		     uint32_t nseries, struct err *err)
{
	struct range r = bounds(a->plan, of_rows(&a->agg));
	const struct qql_bucket *b = &a->agg.keys[0].bucket;
	void *groups = NULL;
	size_t cells;
	int ret = check_range(&r, err);

	if (ret < 0 || !r.any || r.last < r.first || !nseries)
		return ret;
	cells = (size_t)(r.last - r.first + 1) * nseries;
	ret = qql_memory_grow(&a->memory, &groups, 0, cells, sizeof(uint32_t),
			      err);
	if (ret == 0)
		ret = lay_out(&a->agg, r, series, nseries, groups);
	for (int64_t n = r.first; n <= r.last && ret == 0; n++) {
		int64_t start = qql_bucket_start(b, n);
		const uint32_t *row = groups;

		/* An hour that a clock change leaves out. */
		if (start == qql_bucket_start(b, n + 1))
			continue;
		row += (size_t)(n - r.first) * nseries;
		for (uint32_t i = 0; i < nseries && ret == 0; i++)
			ret = add_row(a, start, series[i], row[i], err);
	}
	qql_memory_free(&a->memory, &groups, cells, sizeof(uint32_t));
	return ret;
}
