/*
 * qql/agg_row.c - one row into its groups, by the values of its cells.
 *
 * A row with several values of a key goes into several groups, each once; of
 * what it adds there, each different value counts once.
 */
#include "qql/agg_int.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static int by_text(const void *a, const void *b)
{
	const struct value *x = a, *y = b;

	return slice_cmp(x->text, y->text);
}

static int by_num(const void *a, const void *b)
{
	const struct value *x = a, *y = b;

	return (x->num > y->num) - (x->num < y->num);
}

static int by_bytes(const void *a, const void *b)
{
	const struct value *x = a, *y = b;

	return memcmp(x->b16, y->b16, sizeof(x->b16));
}

static int by_code(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* The different values of a cell, lent until the next call. */
static int different(struct qql_agg *a, enum value_class class,
		     const struct qql_cell *in, struct qql_cell *out,
		     struct err *err)
{
	static int (*const compare[])(const void *, const void *) = {
		[CLASS_TEXT] = by_text,
		[CLASS_NUM] = by_num,
		[CLASS_B16] = by_bytes,
	};
	uint32_t n = 0;

	*out = *in;
	if (in->n < 2)
		return 0;
	if (in->n > a->nrow_values) {
		struct value *p =
			mem_realloc_array(a->row_values, in->n, sizeof(*p));

		if (!p)
			return err_nomem(err);
		a->row_values = p;
		a->nrow_values = in->n;
	}
	memcpy(a->row_values, in->values, in->n * sizeof(*in->values));
	qsort(a->row_values, in->n, sizeof(*a->row_values), compare[class]);
	for (uint32_t i = 0; i < in->n; i++) {
		if (!n || compare[class](&a->row_values[n - 1],
					 &a->row_values[i]) != 0)
			a->row_values[n++] = a->row_values[i];
	}
	*out = (struct qql_cell){ a->row_values, n };
	return 0;
}

static int update(struct qql_agg *a, struct qql_agg_state *s, uint32_t group,
		  const struct qql_cell *cells, struct err *err)
{
	const struct field *f;
	struct qql_cell cell;
	uint32_t code;
	int ret;

	if (s->kind == QQL_AGG_ROWS || s->kind == QQL_AGG_PRESENT) {
		qql_agg_counts(s)[group] += s->kind == QQL_AGG_ROWS ||
					    cells[s->column].n > 0;
		return 0;
	}
	f = &a->plan->ds->fields[a->fields[s->column]];
	ret = different(a, field_class(f->type), &cells[s->column], &cell, err);
	for (uint32_t i = 0; i < cell.n && ret == 0; i++) {
		if (s->kind != QQL_AGG_DISTINCT) {
			ret = qql_agg_number(a, s, group, cell.values[i].num,
					     err);
			continue;
		}
		ret = qql_intern_add(&s->values, &cell.values[i], &code, err);
		if (ret == 0)
			ret = qql_agg_pair(a, s, group, code, err);
	}
	return ret;
}

/* The different codes of key `k`, behind those of the keys before. */
static int add_codes(struct qql_agg *a, struct qql_agg_key *k,
		     const struct qql_cell *cell, uint32_t first, uint32_t *n,
		     struct err *err)
{
	uint32_t max = first + (cell->n ? cell->n : 1), count = 0;
	int ret;

	if (max > a->nrow_codes) {
		uint32_t *p = mem_realloc_array(a->row_codes, max, sizeof(*p));

		if (!p)
			return err_nomem(err);
		a->row_codes = p;
		a->nrow_codes = max;
	}
	*n = 1;
	a->row_codes[first] = k->null_code;
	for (uint32_t i = 0; i < cell->n; i++) {
		ret = qql_agg_code(k, &cell->values[i],
				   &a->row_codes[first + i], err);
		if (ret < 0)
			return ret;
	}
	if (cell->n < 2)
		return 0;
	qsort(a->row_codes + first, cell->n, sizeof(*a->row_codes), by_code);
	for (uint32_t i = 0; i < cell->n; i++) {
		uint32_t code = a->row_codes[first + i];

		if (!count || a->row_codes[first + count - 1] != code)
			a->row_codes[first + count++] = code;
	}
	*n = count;
	return 0;
}

int qql_agg_row(struct qql_agg *a, const struct qql_cell *cells,
		struct err *err)
{
	uint32_t n[LIMIT_GROUP_KEYS], at[LIMIT_GROUP_KEYS] = { 0 };
	uint32_t codes[LIMIT_GROUP_KEYS], first = 0, group, k;
	int ret = 0;

	for (k = 0; k < a->nkeys && ret == 0; k++) {
		ret = add_codes(a, &a->keys[k], &cells[a->keys[k].column],
				first, &n[k], err);
		first += n[k];
	}
	while (ret == 0) {
		for (k = 0, first = 0; k < a->nkeys; first += n[k++])
			codes[k] = a->row_codes[first + at[k]];
		ret = qql_agg_group(a, codes, &group, err);
		for (uint32_t i = 0; i < a->nstates && ret == 0; i++)
			ret = update(a, &a->states[i], group, cells, err);
		/* The next combination. */
		for (k = 0; k < a->nkeys && ++at[k] == n[k]; k++)
			at[k] = 0;
		if (k == a->nkeys)
			break;
	}
	return ret;
}
