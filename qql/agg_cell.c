/*
 * qql/agg_cell.c - what groups and their aggregates come to.
 */
#include "qql/agg_int.h"

#include <math.h>

void qql_agg_key_cell(const struct qql_agg *a, uint32_t group, uint32_t key,
		      struct qql_answer_cell *out)
{
	uint32_t code = a->codes[(size_t)group * a->nkeys + key];
	const struct qql_agg_key *k = &a->keys[key];

	*out = (struct qql_answer_cell){ .kind = QQL_ANSWER_NULL };
	if (code == QQL_CODE_NULL)
		return;
	if (code == QQL_CODE_OTHER) {
		out->kind = QQL_ANSWER_OTHER;
		return;
	}
	out->kind = QQL_ANSWER_IS;
	out->value = k->values.values[code];
	if (k->plan->op == PLAN_KEY_BUCKET)
		out->value.num = qql_bucket_start(&k->bucket, out->value.num);
}

static void put_whole(struct qql_answer_cell *out, qql_i128 v)
{
	out->kind = QQL_ANSWER_IS;
	out->whole = (struct qql_whole){ (int64_t)(v >> 64), (uint64_t)v };
}

static void put_real(struct qql_answer_cell *out, double d)
{
	/* Beyond the largest double there is no number to give. */
	if (!isfinite(d))
		return;
	out->kind = QQL_ANSWER_IS;
	out->real = d;
}

static void put_num(struct qql_answer_cell *out, int64_t num)
{
	out->kind = QQL_ANSWER_IS;
	out->value.num = num;
}

static void sum_of(const struct qql_agg *a, const struct qql_agg_state *s,
		   uint32_t group, bool average, struct qql_answer_cell *out)
{
	const struct qql_agg_whole *whole = s->data;
	const struct qql_agg_real *real = s->data;

	if (s->kind == QQL_AGG_REAL) {
		if (real[group].n)
			put_real(out,
				 qql_exact_round(&real[group].sum,
						 average ? real[group].n : 1));
		return;
	}
	if (!whole[group].n)
		return;
	if (!average)
		put_whole(out, whole[group].sum);
	else if (a->plan->ds->fields[a->fields[s->column]].type == FIELD_DATE)
		put_num(out, qql_exact_mean(whole[group].sum, whole[group].n));
	else
		put_real(out,
			 qql_exact_divide(whole[group].sum, whole[group].n));
}

static int percentile(struct qql_agg *a, const struct qql_agg_state *s,
		      uint32_t group, uint32_t percent,
		      struct qql_answer_cell *out, struct err *err)
{
	struct qql_samples *samples = (struct qql_samples *)s->data + group;
	int ret = qql_samples_settle(samples, a->memory, err);

	if (ret == 0 && samples->n)
		put_num(out, qql_samples_rank(samples, percent));
	return ret;
}

int qql_agg_cell(struct qql_agg *a, uint32_t group,
		 const struct plan_aggregate *list, uint32_t i,
		 struct qql_answer_cell *out, struct err *err)
{
	struct qql_agg_state *s = &a->states[a->state_of[i]];
	const struct qql_agg_range *range = s->data;

	*out = (struct qql_answer_cell){ .kind = QQL_ANSWER_NULL };
	switch (list[i].function) {
	case PLAN_COUNT:
	case PLAN_COUNT_OF:
		put_whole(out, qql_agg_counts(s)[group]);
		return 0;
	case PLAN_DISTINCT:
		put_whole(out,
			  a->nkeys ? qql_agg_counts(s)[group] : s->values.n);
		return 0;
	case PLAN_SUM:
	case PLAN_AVG:
		sum_of(a, s, group, list[i].function == PLAN_AVG, out);
		return 0;
	case PLAN_MIN:
	case PLAN_MAX:
		if (range[group].any)
			put_num(out, list[i].function == PLAN_MIN ?
					     range[group].min :
					     range[group].max);
		return 0;
	case PLAN_PERCENTILE:
		break;
	}
	return percentile(a, s, group, list[i].percent, out, err);
}
