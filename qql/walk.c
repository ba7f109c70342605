/*
 * qql/walk.c - all segments, in sequence order.
 */
#include "qql/walk_int.h"

#include "base/time.h"

int qql_walk_init(struct qql_walk *w, struct qql_exec *x, struct err *err)
{
	*w = (struct qql_walk){ .x = x, .until = x->end_sequence };
	return qql_filter_new(&w->filter, x, err);
}

void qql_walk_release(struct qql_walk *w)
{
	qql_filter_free(w->filter);
	w->filter = NULL;
}

static void trace(struct qql_walk *w, struct qql_segment_trace *t)
{
	const struct qql_run_options *opt = w->x->opt;
	struct qql_run_stats *stats = w->x->stats;

	stats->segments++;
	stats->open_ns += t->open_ns;
	stats->filter_ns += t->filter_ns;
	if (t->outcome == QQL_PRUNED_DESCRIPTOR ||
	    t->outcome == QQL_PRUNED_BOUNDS) {
		stats->pruned++;
	} else {
		stats->scanned++;
		stats->rows += t->desc->rows;
	}
	if (opt->trace)
		opt->trace(opt->trace_ctx, t);
}

static uint64_t count_part(const struct qql_part *part)
{
	struct qql_part_rows it = { .part = part };
	uint64_t n = 0;
	uint32_t row;

	if (part->hits->verdict == QQL_NONE)
		return 0;
	if (!part->whole) {
		while (qql_part_next(&it, &row))
			n++;
		return n;
	}
	return part->hits->verdict == QQL_ALL ?
		       part->desc->rows :
		       index_mask_count(part->hits->mask);
}

/* Opens and filters the segment of `part`. */
static int look_into(struct qql_walk *w, struct qql_part *part,
		     struct qql_hits *hits, struct qql_segment_trace *t,
		     struct err *err)
{
	int64_t start = time_monotonic(), opened;
	int ret;

	ret = index_segment_open(&part->seg, w->x->snap, &w->x->data,
				 part->desc, err);
	if (ret < 0)
		return ret;
	opened = time_monotonic();
	ret = qql_filter_segment(w->filter, part->seg, hits, err);
	t->open_ns = opened - start;
	t->filter_ns = time_monotonic() - opened;
	t->outcome = hits->scanned	      ? QQL_SCANNED :
		     hits->verdict == QQL_ALL ? QQL_TAKEN_WHOLE :
						QQL_PRUNED_BOUNDS;
	return ret;
}

static int take_segment(struct qql_walk *w, const struct index_descriptor *d,
			qql_part_fn *fn, void *ctx, struct err *err)
{
	struct qql_hits hits = { .verdict = qql_prune(w->x->plan, d) };
	struct qql_part part = {
		.desc = d,
		.hits = &hits,
		.from = w->next,
		.until = w->until,
		.whole = d->sequence >= w->next && d->sequence_end <= w->until,
	};
	struct qql_segment_trace t = { .desc = d };
	bool blind = part.whole && !w->open_all;
	int ret = 0;

	if (hits.verdict == QQL_NONE)
		t.outcome = QQL_PRUNED_DESCRIPTOR;
	else if (hits.verdict == QQL_ALL && blind)
		t.outcome = QQL_TAKEN_WHOLE;
	else
		ret = look_into(w, &part, &hits, &t, err);
	if (ret == 0) {
		t.matched = part.matched = count_part(&part);
		trace(w, &t);
		if (part.matched)
			ret = fn(ctx, &part, err);
	}
	index_segment_close(part.seg);
	return ret;
}

/* Rows of the view in [w->next, end of the run). */
static uint64_t rows_ahead(const struct qql_walk *w)
{
	const struct index_dataset *d = &w->x->data;
	uint64_t n = 0;

	for (uint32_t i = qql_exec_segment_at(w->x, w->next);
	     i < d->nsegments && d->segments[i].sequence < w->until; i++)
		n += d->segments[i].rows;
	return n;
}

static int renew(struct qql_walk *w, struct err *err)
{
	uint64_t before = rows_ahead(w), after;
	int ret;

	qql_exec_unpin(w->x);
	ret = qql_exec_pin(w->x, err);
	if (ret < 0)
		return ret;
	after = rows_ahead(w);
	if (before > after)
		w->x->stats->expired += before - after;
	return 0;
}

int qql_walk_run(struct qql_walk *w, qql_part_fn *fn, void *ctx,
		 struct err *err)
{
	uint32_t i = qql_exec_segment_at(w->x, w->next);
	int ret;

	while (i < w->x->data.nsegments) {
		const struct index_descriptor *d = &w->x->data.segments[i];

		if (d->sequence >= w->until)
			break;
		ret = take_segment(w, d, fn, ctx, err);
		if (ret)
			return ret;
		w->next = d->sequence_end;
		i++;
		ret = qql_exec_check(w->x, err);
		if (ret == 0 && qql_exec_is_stale(w->x)) {
			ret = renew(w, err);
			i = qql_exec_segment_at(w->x, w->next);
		}
		if (ret < 0)
			return ret;
	}
	return 0;
}

int qql_part_next(struct qql_part_rows *it, uint32_t *row)
{
	const struct qql_part *part = it->part;
	int64_t at;

	for (;;) {
		at = it->next;
		if (part->hits->verdict == QQL_SOME)
			at = index_mask_next(part->hits->mask, it->next);
		if (at < 0 || at >= part->desc->rows)
			return 0;
		it->next = (uint32_t)at + 1;
		if (!part->whole) {
			uint64_t seq =
				index_segment_sequence(part->seg, (uint32_t)at);

			if (seq < part->from || seq >= part->until)
				continue;
		}
		*row = (uint32_t)at;
		return 1;
	}
}
