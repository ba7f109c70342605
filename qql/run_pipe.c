/*
 * qql/run_pipe.c - rows through `sort` and `limit`.
 *
 * The stages come down to steps: an order, then a number of rows.  The first
 * step is what qql_run_rows() does by itself; only with more than one are the
 * rows of the first kept and put in order again.
 */
#include "qql/run_pipe_int.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/mem.h"
#include "qql/memory_int.h"
#include "qql/sort_int.h"

struct step {
	const struct plan_order *orders;
	uint32_t norders;
	uint64_t limit;
};

struct steps {
	struct step list[LIMIT_STAGES + 1];
	uint32_t n;
};

static void make_steps(const struct plan *plan, struct steps *out)
{
	struct step *last = &out->list[0];

	*last = (struct step){ .limit = UINT64_MAX };
	for (uint32_t i = 0; i < plan->nstages; i++) {
		const struct plan_stage *s = &plan->stages[i];

		if (s == plan->aggregate)
			break;
		if (s->op == PLAN_LIMIT && s->limit < last->limit)
			last->limit = s->limit;
		if (s->op != PLAN_SORT)
			continue;
		/* An order of all rows replaces the one before. */
		if (last->limit != UINT64_MAX)
			*++last = (struct step){ .limit = UINT64_MAX };
		last->orders = s->orders;
		last->norders = s->norders;
	}
	out->n = (uint32_t)(last - out->list) + 1;
}

bool qql_pipe_cuts(const struct plan *plan)
{
	struct steps steps;

	make_steps(plan, &steps);
	return steps.list[0].limit != UINT64_MAX;
}

/* A row kept, with what the later steps sort by behind its own cells. */
struct kept {
	struct qql_row row;
	const struct keeper *keeper;
};

struct keeper {
	const struct plan *plan;
	const struct step *step;
	const uint32_t *places; /* cell of each order of the step */
	struct arena memory;
	struct kept *rows;
	size_t n, cap;
	uint32_t nfields;
};

static int too_much(struct err *err)
{
	err_set(err, ERR_LIMIT, "the rows to sort do not fit into %d MiB",
		QQL_MEMORY_MAX >> 20);
	err_hint(err, "give a smaller limit before sorting");
	return ERR_LIMIT;
}

static int copy_cell(struct keeper *k, const struct qql_cell *from, field_id id,
		     struct qql_cell *out, struct err *err)
{
	const struct field *f = &k->plan->ds->fields[id];
	struct value *v = arena_calloc(&k->memory, from->n + 1, sizeof(*v));

	if (!v)
		return too_much(err);
	for (uint32_t n = 0; n < from->n; n++) {
		v[n] = from->values[n];
		if (field_class(f->type) != CLASS_TEXT)
			continue;
		v[n].text = arena_dup(&k->memory, v[n].text);
		if (!v[n].text.p)
			return too_much(err);
	}
	*out = (struct qql_cell){ v, from->n };
	return 0;
}

struct keep_run {
	struct keeper keeper;
	const field_id *fields;
};

static int keep_row(void *ctx, const struct qql_row *row, struct err *err)
{
	struct keep_run *run = ctx;
	struct keeper *k = &run->keeper;
	struct qql_cell *cells;
	struct kept *to;
	int ret = 0;

	if (!row)
		return 0;
	if (k->n == k->cap) {
		size_t cap = k->cap ? 2 * k->cap : 256;
		struct kept *p = mem_realloc_array(k->rows, cap, sizeof(*p));

		if (!p)
			return err_nomem(err);
		k->rows = p;
		k->cap = cap;
	}
	to = &k->rows[k->n];
	to->row = *row;
	to->keeper = k;
	cells = arena_calloc(&k->memory, k->nfields + 1, sizeof(*cells));
	if (!cells)
		return too_much(err);
	for (uint32_t i = 0; i < k->nfields && ret == 0; i++)
		ret = copy_cell(k, &row->cells[i], run->fields[i], &cells[i],
				err);
	if (ret < 0)
		return ret;
	to->row.cells = cells;
	if (row->source.p) {
		to->row.source = arena_dup(&k->memory, row->source);
		if (!to->row.source.p)
			return too_much(err);
	}
	k->n++;
	return 0;
}

static int compare_kept(const void *a, const void *b)
{
	const struct kept *x = a, *y = b;
	const struct keeper *k = x->keeper;

	for (uint32_t i = 0; i < k->step->norders; i++) {
		const struct plan_order *o = &k->step->orders[i];
		const struct qql_cell *p = &x->row.cells[k->places[i]];
		const struct qql_cell *q = &y->row.cells[k->places[i]];
		int c;

		if (!p->n || !q->n)
			c = (int)!p->n - (int)!q->n;
		else
			c = qql_sort_compare(&k->plan->ds->fields[o->column],
					     p->values, q->values) *
			    (o->descending ? -1 : 1);
		if (c)
			return c;
	}
	if (x->row.time != y->row.time)
		return x->row.time > y->row.time ? -1 : 1;
	return x->row.sequence > y->row.sequence ? -1 : 1;
}

/* The cell of `id`, added behind the others if it is not asked for. */
static uint32_t place_of(field_id *fields, uint32_t *n, field_id id)
{
	for (uint32_t i = 0; i < *n; i++) {
		if (fields[i] == id)
			return i;
	}
	fields[*n] = id;
	return (*n)++;
}

static int sort_again(struct keep_run *run, const struct steps *steps,
		      field_id *fields)
{
	struct keeper *k = &run->keeper;
	uint32_t places[LIMIT_STAGE_TERMS], known = k->nfields;

	k->places = places;
	for (uint32_t s = 1; s < steps->n; s++) {
		k->step = &steps->list[s];
		for (uint32_t i = 0; i < k->step->norders; i++)
			places[i] =
				place_of(fields, &known,
					 (field_id)k->step->orders[i].column);
		qsort(k->rows, k->n, sizeof(*k->rows), compare_kept);
		if (k->n > k->step->limit)
			k->n = (size_t)k->step->limit;
	}
	k->places = NULL;
	return 0;
}

/* The first step with the rows kept, then the others. */
static int run_steps(const struct plan *plan, struct index_store *store,
		     const struct steps *steps,
		     const struct qql_run_options *opt, qql_row_fn *fn,
		     void *ctx, struct qql_run_stats *stats, struct err *err)
{
	struct keep_run run = { .keeper = { .plan = plan } };
	struct qql_run_options first = *opt;
	struct keeper *k = &run.keeper;
	field_id *fields;
	uint32_t n = opt->nfields, max = n;
	int ret;

	for (uint32_t s = 1; s < steps->n; s++)
		max += steps->list[s].norders;
	fields = mem_calloc(max + 1, sizeof(*fields));
	if (!fields)
		return err_nomem(err);
	for (uint32_t i = 0; i < n; i++)
		fields[i] = opt->fields[i];
	for (uint32_t s = 1; s < steps->n; s++) {
		for (uint32_t i = 0; i < steps->list[s].norders; i++)
			(void)place_of(
				fields, &n,
				(field_id)steps->list[s].orders[i].column);
	}
	arena_init(&k->memory, QQL_MEMORY_MAX);
	run.fields = fields;
	k->nfields = first.nfields = n;
	first.fields = fields;
	first.limit = steps->list[0].limit;
	ret = qql_run_rows(plan, store, &first, keep_row, &run, stats, err);
	if (ret == 0)
		ret = sort_again(&run, steps, fields);
	stats->more = ret == 0 && k->n > opt->limit;
	for (size_t i = 0; i < k->n && i < opt->limit && ret == 0; i++)
		ret = fn(ctx, &k->rows[i].row, err);
	arena_release(&k->memory);
	mem_free(k->rows);
	mem_free(fields);
	return ret;
}

int qql_run_pipe(const struct plan *plan, struct index_store *store,
		 const struct qql_run_options *opt, qql_row_fn *fn, void *ctx,
		 struct qql_run_stats *stats, struct err *err)
{
	struct qql_run_stats ignored;
	struct qql_run_options run = *opt;
	struct qql_sort *sort = NULL;
	struct steps steps;
	int ret;

	make_steps(plan, &steps);
	if (steps.list[0].norders) {
		sort = mem_calloc(steps.list[0].norders, sizeof(*sort));
		if (!sort)
			return err_nomem(err);
		for (uint32_t i = 0; i < steps.list[0].norders; i++)
			sort[i] = (struct qql_sort){
				(field_id)steps.list[0].orders[i].column,
				!steps.list[0].orders[i].descending
			};
		run.sort = sort;
		run.nsort = steps.list[0].norders;
	}
	if (!stats)
		stats = &ignored;
	if (steps.n > 1) {
		ret = run_steps(plan, store, &steps, &run, fn, ctx, stats, err);
	} else {
		bool own = steps.list[0].limit <= run.limit;

		if (own)
			run.limit = steps.list[0].limit;
		ret = qql_run_rows(plan, store, &run, fn, ctx, stats, err);
		/* What the query itself leaves out is no next page. */
		if (own)
			stats->more = false;
	}
	mem_free(sort);
	return ret;
}
