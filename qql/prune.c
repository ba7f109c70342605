/*
 * qql/prune.c - what a segment's descriptor alone says about a query.
 *
 * Three answers: no row matches, every row does, or it depends.  Whatever is
 * not known from the descriptor depends, and so does `not` of that.
 */
#include "qql/exec_int.h"

static enum qql_verdict in_ranges(const struct plan_node *node, int64_t lo,
				  int64_t hi)
{
	enum qql_verdict v = QQL_NONE;

	for (uint32_t i = 0; i < node->num.n; i++) {
		const struct plan_num_range *r = &node->num.ranges[i];

		if (r->lo <= lo && hi <= r->hi)
			return QQL_ALL;
		if (r->lo <= hi && lo <= r->hi)
			v = QQL_SOME;
	}
	return v;
}

static enum qql_verdict prune_num(const struct dataset *ds,
				  const struct plan_node *node,
				  const struct index_descriptor *d)
{
	if (node->field == ds->time && ds->kind == DATASET_LOG)
		return in_ranges(node, d->time_min, d->time_max);
	if (node->field == ds->received)
		return in_ranges(node, d->received_min, d->received_max);
	if (node->field == ds->seq && d->rows)
		return in_ranges(node, (int64_t)d->sequence,
				 (int64_t)(d->sequence_end - 1));
	return QQL_SOME;
}

static enum qql_verdict prune_node(const struct dataset *ds,
				   const struct plan_node *node,
				   const struct index_descriptor *d)
{
	enum qql_verdict v, all;

	switch ((int)node->op) {
	case PLAN_ALL:
		return QQL_ALL;
	case PLAN_NONE:
		return QQL_NONE;
	case PLAN_NUM:
		return prune_num(ds, node, d);
	case PLAN_NOT:
		v = prune_node(ds, node->kids[0], d);
		return v == QQL_SOME ? v : v == QQL_ALL ? QQL_NONE : QQL_ALL;
	case PLAN_AND:
	case PLAN_OR:
		/* The kid's answer that decides, and the one that changes nothing. */
		all = node->op == PLAN_AND ? QQL_ALL : QQL_NONE;
		for (uint32_t i = 0, n = node->nkids; i < n; i++) {
			v = prune_node(ds, node->kids[i], d);
			if (v == QQL_SOME)
				all = QQL_SOME;
			else if (v !=
				 (node->op == PLAN_AND ? QQL_ALL : QQL_NONE))
				return v;
		}
		return all;
	default:
		return QQL_SOME;
	}
}

enum qql_verdict qql_prune(const struct plan *plan,
			   const struct index_descriptor *desc)
{
	if (plan->ds->kind == DATASET_LOG && (desc->time_max < plan->time_min ||
					      desc->time_min > plan->time_max))
		return QQL_NONE;
	return prune_node(plan->ds, plan->filter, desc);
}
