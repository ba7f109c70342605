/*
 * qql/agg_count.c - segments of which only rows are counted.
 *
 * Groups by time are stretches of the runs, which are sorted by time.  A field
 * of few values is held against each of them; of many, ids are counted and
 * looked up once for each that occurs.
 */
#include "qql/agg_part_int.h"

#include <string.h>

#include "base/mem.h"

enum {
	/* Up to here a comparison for each value is cheaper than counting. */
	FEW_VALUES = 16,
	/* Neighbours often have the same id: each adds to another table. */
	TABLES = 4,
};

static bool only_counts(const struct qql_agg *a)
{
	for (uint32_t i = 0; i < a->nstates; i++) {
		if (a->states[i].kind != QQL_AGG_ROWS &&
		    (a->nkeys || a->states[i].kind != QQL_AGG_PRESENT))
			return false;
	}
	return true;
}

/* Adds rows to the one group of a code. */
static int add_rows(struct qql_agg *a, uint32_t code, uint64_t rows,
		    struct err *err)
{
	uint32_t group;
	int ret = rows ? qql_agg_group(a, &code, &group, err) : 0;

	for (uint32_t i = 0; i < a->nstates && rows && ret == 0; i++)
		qql_agg_counts(&a->states[i])[group] += rows;
	return ret;
}

static uint64_t count_both(struct index_mask m, const struct qql_hits *hits)
{
	if (hits->verdict == QQL_SOME)
		index_mask_and(m, hits->mask);
	return index_mask_count(m);
}

/* All rows are one group: how many, and how many with a value. */
static int count_all(struct qql_agg_reader *r, struct err *err)
{
	const struct qql_part *part = r->part;

	for (uint32_t i = 0; i < r->agg->nstates; i++) {
		struct qql_agg_state *s = &r->agg->states[i];
		const struct index_column *col = r->columns[s->column].col;
		struct index_mask m;

		if (s->kind == QQL_AGG_ROWS) {
			qql_agg_counts(s)[0] += part->matched;
			continue;
		}
		if (!col)
			continue;
		m = index_mask_new(&r->scratch, part->desc->rows);
		if (!m.words)
			return err_nomem(err);
		index_scan_present(col, m);
		qql_agg_counts(s)[0] += count_both(m, part->hits);
	}
	return 0;
}

static uint64_t count_between(const struct qql_hits *hits, uint32_t from,
			      uint32_t to)
{
	uint64_t n = 0;

	if (hits->verdict == QQL_ALL)
		return to - from;
	while (from < to) {
		uint32_t in_word = 64 - from % 64;
		uint64_t bits = hits->mask.words[from / 64] >> from % 64;

		if (in_word > to - from) {
			in_word = to - from;
			bits &= (UINT64_C(1) << in_word) - 1;
		}
		n += (uint64_t)__builtin_popcountll(bits);
		from += in_word;
	}
	return n;
}

/* The first row of [lo, hi) at or behind an instant. */
static int find_time(struct qql_agg_reader *r, uint32_t lo, uint32_t hi,
		     int64_t at, uint32_t *out, struct err *err)
{
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		int64_t time;
		int ret = index_segment_time(r->part->seg, mid, &time, err);

		if (ret < 0)
			return ret;
		if (time < at)
			lo = mid + 1;
		else
			hi = mid;
	}
	*out = lo;
	return 0;
}

static int count_run(struct qql_agg_reader *r, const struct index_run *run,
		     struct err *err)
{
	struct qql_agg_key *k = &r->agg->keys[0];
	uint32_t row = run->first, end = run->first + run->rows, next;
	int64_t time, until;
	struct value v;
	int ret = 0;

	for (; row < end && ret == 0; row = next) {
		uint64_t n;
		uint32_t code;

		ret = index_segment_time(r->part->seg, row, &time, err);
		if (ret < 0)
			return ret;
		v.num = qql_bucket_until(&k->bucket, time, &until);
		ret = find_time(r, row + 1, end, until, &next, err);
		if (ret < 0)
			return ret;
		n = count_between(r->part->hits, row, next);
		if (!n)
			continue;
		ret = qql_intern_add(&k->values, &v, &code, err);
		if (ret == 0)
			ret = add_rows(r->agg, code, n, err);
	}
	return ret;
}

static int count_times(struct qql_agg_reader *r, struct err *err)
{
	const struct index_run *runs;
	uint32_t n;
	int ret = index_segment_runs(r->part->seg, &runs, &n, err);

	for (uint32_t i = 0; i < n && ret == 0; i++)
		ret = count_run(r, &runs[i], err);
	return ret;
}

static int add_id(struct qql_agg_reader *r, uint32_t id, uint64_t rows,
		  struct err *err)
{
	uint32_t code;
	int ret;

	if (!rows)
		return 0;
	ret = qql_agg_reader_code(r, 0, id, &code, err);
	return ret < 0 ? ret : add_rows(r->agg, code, rows, err);
}

/* Rows without a value are the group null. */
static int add_nulls(struct qql_agg_reader *r, uint64_t with, struct err *err)
{
	return add_rows(r->agg, r->agg->keys[0].null_code,
			r->part->matched - with, err);
}

/* A row with several values is met by each of them, once. */
static int compare_few(struct qql_agg_reader *r, const struct index_column *col,
		       uint32_t n, struct err *err)
{
	struct index_mask m = index_mask_new(&r->scratch, r->part->desc->rows);
	struct index_idset set = { .bitmap = NULL };
	int ret = 0;

	if (!m.words)
		return err_nomem(err);
	for (uint32_t id = 0; id < n && ret == 0; id++) {
		set.lo = id;
		set.hi = id + 1;
		index_scan_ids(col, &set, m);
		ret = add_id(r, id, count_both(m, r->part->hits), err);
	}
	if (ret < 0)
		return ret;
	index_scan_present(col, m);
	return add_nulls(r, count_both(m, r->part->hits), err);
}

static void count_span(const struct qql_agg_reader *r, const uint32_t *at,
		       uint32_t *counts, uint32_t n)
{
	for (uint32_t i = 0; i < r->n; i++) {
		uint32_t id = at[r->rows[i]];

		/* The last place is that of rows without a value. */
		id = id < n ? id : n;
		counts[(size_t)(i % TABLES) * (n + 1) + id]++;
	}
}

static int count_ids(struct qql_agg_reader *r, uint32_t n, struct err *err)
{
	size_t size = (size_t)TABLES * (n + 1) * sizeof(uint32_t);
	struct reader_column *c = &r->columns[r->agg->keys[0].column];
	uint32_t *counts = arena_calloc(&r->scratch, 1, size);
	uint64_t with = 0;
	int ret = 0;

	if (!counts)
		return err_nomem(err);
	for (r->first = 0; r->first < r->part->desc->rows;
	     r->first += QQL_AGG_SPAN) {
		uint32_t rows = qql_agg_reader_rows(r);

		if (!r->n)
			continue;
		qql_agg_reader_column(r, c, rows);
		count_span(r, c->at, counts, n);
	}
	for (uint32_t id = 0; id < n && ret == 0; id++) {
		uint64_t rows = 0;

		for (size_t t = 0; t < TABLES; t++)
			rows += counts[t * (n + 1) + id];
		with += rows;
		ret = add_id(r, id, rows, err);
	}
	return ret < 0 ? ret : add_nulls(r, with, err);
}

int qql_agg_count(struct qql_agg_reader *r, struct err *err)
{
	const struct qql_agg_key *k = &r->agg->keys[0];
	const struct reader_column *c = &r->columns[k->column];
	const struct plan *plan = r->agg->plan;
	uint32_t n;
	int ret;

	if (!only_counts(r->agg) || !r->part->whole || r->agg->nkeys > 1)
		return 0;
	if (!r->agg->nkeys) {
		ret = count_all(r, err);
		return ret < 0 ? ret : 1;
	}
	if (k->plan->op == PLAN_KEY_BUCKET) {
		if (k->plan->field != plan->ds->time ||
		    plan->ds->kind != DATASET_LOG)
			return 0;
		ret = count_times(r, err);
		return ret < 0 ? ret : 1;
	}
	if (!c->col) {
		ret = add_nulls(r, 0, err);
		return ret < 0 ? ret : 1;
	}
	if (c->coding != INDEX_CODED_DICT)
		return 0;
	n = index_column_distinct(c->col);
	/* A net, or `other`, may be the key of two values of a row. */
	if (n <= FEW_VALUES && k->plan->op == PLAN_KEY_VALUE &&
	    !(r->agg->multi && k->values.frozen))
		ret = compare_few(r, c->col, n, err);
	else if (r->agg->multi)
		return 0;
	else
		ret = count_ids(r, n, err);
	return ret < 0 ? ret : 1;
}
