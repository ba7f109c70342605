/*
 * qql/select.c - newest first, with what is kept while the store is let go.
 *
 * (S1) Every matching row not yet handed out is older than the last one that
 *      was: rows at or above `last` are never shown again.
 * (S2) A source's bitmap and runs are our own memory and stay true as long as
 *      its segment exists, since segments never change.
 * (S3) When a segment is gone after pinning again, its rows stand in others
 *      (merged) or nowhere (expired); those others start below `last`.
 */
#include "qql/select_int.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/time.h"
#include "index/scan.h"
#include "qql/filter_int.h"
#include "qql/heap_int.h"

enum source_state { WAITING, OPEN, DONE };

struct source {
	struct index_descriptor desc;
	enum source_state state;
	struct index_segment *seg; /* NULL: not opened in this view */
	bool carried;              /* known before the view was renewed */
	bool all;                  /* every row matches: no bitmap */
	struct index_mask mask;    /* on the heap */
	struct index_run *runs;
	uint32_t nruns;
	uint32_t live; /* runs that stand in the heap */
};

enum { NO_RUN = UINT32_MAX, GONE = UINT32_MAX };

struct qql_select {
	struct qql_exec *x;
	struct qql_filter *filter;
	bool by_time;
	struct source *sources; /* by sequence */
	uint32_t nsources;
	struct qql_heap heap;
	bool has_last;
	int64_t last_time;
	uint64_t last_sequence;
};

/* (S1) */
static bool is_older(const struct qql_select *s, int64_t time,
		     uint64_t sequence)
{
	return !s->has_last || time < s->last_time ||
	       (time == s->last_time && sequence < s->last_sequence);
}

static int push_source(struct qql_select *s, uint32_t i, struct err *err)
{
	struct source *src = &s->sources[i];
	const struct index_descriptor *d = &src->desc;
	struct qql_entry e = {
		.time = s->by_time ? d->time_max : 0,
		.sequence = d->sequence_end - 1,
		.source = i,
		.run = NO_RUN,
	};
	bool behind = !is_older(s, s->by_time ? d->time_min : 0, d->sequence);

	if (behind || qql_prune(s->x->plan, d) == QQL_NONE) {
		s->x->stats->pruned += !behind;
		src->state = DONE;
		return 0;
	}
	return qql_heap_push(&s->heap, &e, err);
}

static void close_source(struct source *src)
{
	index_segment_close(src->seg);
	src->seg = NULL;
}

static void release_source(struct source *src)
{
	close_source(src);
	mem_free(src->mask.words);
	mem_free(src->runs);
	src->mask.words = NULL;
	src->runs = NULL;
}

static int list_sources(struct qql_select *s, struct err *err)
{
	uint32_t n = 0;

	while (n < s->x->data.nsegments &&
	       s->x->data.segments[n].sequence < s->x->end_sequence)
		n++;
	s->sources = mem_calloc(n ? n : 1, sizeof(*s->sources));
	if (!s->sources)
		return err_nomem(err);
	s->nsources = n;
	for (uint32_t i = 0; i < n; i++)
		s->sources[i].desc = s->x->data.segments[i];
	return 0;
}

int qql_select_new(struct qql_select **out, struct qql_exec *x, struct err *err)
{
	struct qql_select *s = mem_calloc(1, sizeof(*s));
	int ret;

	if (!s)
		return err_nomem(err);
	s->x = x;
	s->by_time = x->plan->ds->kind == DATASET_LOG;
	if (x->opt->after) {
		s->has_last = true;
		s->last_time = s->by_time ? x->opt->after_time : 0;
		s->last_sequence = x->opt->after_sequence;
	}
	ret = qql_filter_new(&s->filter, x, err);
	if (ret == 0)
		ret = list_sources(s, err);
	x->stats->segments = s->nsources;
	for (uint32_t i = 0; ret == 0 && i < s->nsources; i++)
		ret = push_source(s, i, err);
	if (ret < 0) {
		qql_select_free(s);
		return ret;
	}
	*out = s;
	return 0;
}

void qql_select_free(struct qql_select *s)
{
	if (!s)
		return;
	for (uint32_t i = 0; i < s->nsources; i++)
		release_source(&s->sources[i]);
	qql_filter_free(s->filter);
	mem_free(s->sources);
	mem_free(s->heap.entries);
	mem_free(s);
}

/* A source stands at its segment's place in the view. */
static int open_segment(struct qql_select *s, uint32_t i, struct err *err)
{
	struct source *src = &s->sources[i];

	if (src->seg)
		return 0;
	return index_segment_open(&src->seg, s->x->snap, &s->x->data,
				  &s->x->data.segments[i], err);
}

/* A row's place in the order. */
static int place(struct qql_select *s, struct source *src, uint32_t row,
		 struct qql_entry *e, struct err *err)
{
	e->row = row;
	e->sequence = index_segment_sequence(src->seg, row);
	e->time = 0;
	return s->by_time ? index_segment_time(src->seg, row, &e->time, err) :
			    0;
}

/* Pushes the newest matching row of a run below `from` that may be shown. */
static int push_run(struct qql_select *s, uint32_t source, uint32_t run,
		    uint32_t from, struct err *err)
{
	struct source *src = &s->sources[source];
	struct qql_entry e = { .source = source, .run = run };
	int64_t row = from;
	int ret;

	for (;;) {
		row = src->all ? row - 1 :
				 index_mask_prev(src->mask, (uint32_t)row);
		if (row < (int64_t)src->runs[run].first)
			return 0;
		ret = place(s, src, (uint32_t)row, &e, err);
		if (ret < 0)
			return ret;
		if (e.sequence < s->x->end_sequence &&
		    is_older(s, e.time, e.sequence))
			break;
	}
	src->live++;
	return qql_heap_push(&s->heap, &e, err);
}

/* The first row of a run that may not be shown any more (S1). */
static int run_end(struct qql_select *s, struct source *src,
		   const struct index_run *run, uint32_t *end, struct err *err)
{
	uint32_t lo = run->first, hi = run->first + run->rows;
	struct qql_entry e;
	int ret;

	while (s->has_last && lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		ret = place(s, src, mid, &e, err);
		if (ret < 0)
			return ret;
		if (is_older(s, e.time, e.sequence))
			lo = mid + 1;
		else
			hi = mid;
	}
	*end = hi;
	return 0;
}

static int keep_mask(struct source *src, const struct qql_hits *hits,
		     struct err *err)
{
	size_t n = index_mask_words(hits->mask.bits);

	src->all = hits->verdict == QQL_ALL;
	if (src->all)
		return 0;
	src->mask.words = mem_alloc(n * sizeof(uint64_t));
	if (!src->mask.words)
		return err_nomem(err);
	memcpy(src->mask.words, hits->mask.words, n * sizeof(uint64_t));
	src->mask.bits = hits->mask.bits;
	return 0;
}

/* A table's rows are one run, by sequence. */
static int keep_runs(struct qql_select *s, struct source *src, struct err *err)
{
	struct index_run whole = { .rows = src->desc.rows };
	const struct index_run *runs = &whole;
	uint32_t n = 1;
	int ret = 0;

	if (s->by_time)
		ret = index_segment_runs(src->seg, &runs, &n, err);
	if (ret < 0)
		return ret;
	src->runs = mem_alloc(n * sizeof(*runs));
	if (!src->runs)
		return err_nomem(err);
	memcpy(src->runs, runs, n * sizeof(*runs));
	src->nruns = n;
	return 0;
}

static void finish(struct source *src)
{
	release_source(src);
	src->state = DONE;
}

/* It is the turn of a waiting segment: its runs take its place. */
static int open_source(struct qql_select *s, uint32_t i, struct err *err)
{
	struct source *src = &s->sources[i];
	struct qql_run_stats *stats = s->x->stats;
	int64_t start = time_monotonic(), opened;
	struct qql_hits hits;
	uint32_t end = 0;
	int ret;

	ret = open_segment(s, i, err);
	if (ret < 0)
		return ret;
	opened = time_monotonic();
	ret = qql_filter_segment(s->filter, src->seg, &hits, err);
	if (ret < 0)
		return ret;
	stats->open_ns += opened - start;
	stats->filter_ns += time_monotonic() - opened;
	if (hits.verdict == QQL_NONE) {
		stats->pruned += !hits.scanned;
		stats->scanned += hits.scanned;
		finish(src);
		return 0;
	}
	stats->scanned++;
	stats->rows += src->desc.rows;
	src->state = OPEN;
	ret = keep_mask(src, &hits, err);
	if (ret == 0)
		ret = keep_runs(s, src, err);
	for (uint32_t r = 0; ret == 0 && r < src->nruns; r++) {
		ret = run_end(s, src, &src->runs[r], &end, err);
		if (ret == 0)
			ret = push_run(s, i, r, end, err);
	}
	if (ret == 0 && !src->live)
		finish(src);
	return ret;
}

int qql_select_next(struct qql_select *s, struct qql_hit *out, struct err *err)
{
	struct source *src;
	struct qql_entry e;
	int ret;

	for (;;) {
		if (!s->heap.n)
			return 0;
		e = s->heap.entries[0];
		if (e.run != NO_RUN)
			break;
		qql_heap_pop(&s->heap);
		if (qql_exec_is_stale(s->x)) {
			ret = qql_heap_push(&s->heap, &e, err);
			qql_select_unpin(s);
			if (ret == 0)
				ret = qql_select_pin(s, err);
		} else {
			ret = open_source(s, e.source, err);
		}
		if (ret < 0)
			return ret;
	}
	src = &s->sources[e.source];
	ret = open_segment(s, e.source, err);
	if (ret < 0)
		return ret;
	qql_heap_pop(&s->heap);
	src->live--;
	s->has_last = true;
	s->last_time = e.time;
	s->last_sequence = e.sequence;
	*out = (struct qql_hit){ .seg = src->seg,
				 .row = e.row,
				 .time = e.time,
				 .sequence = e.sequence };
	ret = push_run(s, e.source, e.run, e.row, err);
	if (ret < 0)
		return ret;
	if (!src->live)
		src->state = DONE; /* the hit still needs its segment */
	return 1;
}

void qql_select_unpin(struct qql_select *s)
{
	for (uint32_t i = 0; i < s->nsources; i++) {
		if (s->sources[i].state == DONE)
			release_source(&s->sources[i]);
		else
			close_source(&s->sources[i]);
	}
	qql_exec_unpin(s->x);
}

static bool unchanged(const struct qql_select *s)
{
	const struct index_dataset *d = &s->x->data;

	if (d->nsegments < s->nsources)
		return false;
	for (uint32_t i = 0; i < s->nsources; i++)
		if (d->segments[i].segment != s->sources[i].desc.segment)
			return false;
	return d->nsegments == s->nsources ||
	       d->segments[s->nsources].sequence >= s->x->end_sequence;
}

static uint64_t rows_of(const struct source *sources, uint32_t n)
{
	uint64_t rows = 0;

	for (uint32_t i = 0; i < n; i++)
		rows += sources[i].desc.rows;
	return rows;
}

/* (S2) Moves what is known of `old` to the source of the same segment in the
 * new list; moved[i] says where it went. */
static void carry_over(struct qql_select *s, struct source *old, uint32_t nold,
		       uint32_t *moved)
{
	uint32_t at = 0;

	for (uint32_t i = 0; i < nold; i++) {
		while (at < s->nsources &&
		       s->sources[at].desc.sequence < old[i].desc.sequence)
			at++;
		moved[i] = GONE;
		if (at < s->nsources &&
		    s->sources[at].desc.segment == old[i].desc.segment) {
			s->sources[at] = old[i];
			s->sources[at].carried = true;
			moved[i] = at;
		} else {
			release_source(&old[i]);
		}
	}
}

/* The heap again, of what is still there and (S3) of what was not before. */
static int refill_heap(struct qql_select *s, const struct qql_heap *old,
		       const uint32_t *moved, struct err *err)
{
	int ret = 0;

	for (uint32_t i = 0; i < old->n && ret == 0; i++) {
		struct qql_entry e = old->entries[i];

		if (moved[e.source] == GONE)
			continue;
		e.source = moved[e.source];
		ret = qql_heap_push(&s->heap, &e, err);
	}
	for (uint32_t i = 0; i < s->nsources && ret == 0; i++)
		if (!s->sources[i].carried)
			ret = push_source(s, i, err);
	return ret;
}

static int relist(struct qql_select *s, struct err *err)
{
	struct source *old = s->sources;
	struct qql_heap heap = s->heap;
	uint32_t nold = s->nsources, *moved;
	uint64_t before, after;
	int ret;

	moved = mem_alloc((nold ? nold : 1) * sizeof(*moved));
	if (!moved)
		return err_nomem(err);
	ret = list_sources(s, err);
	if (ret < 0) {
		s->sources = old;
		mem_free(moved);
		return ret;
	}
	before = rows_of(old, nold);
	after = rows_of(s->sources, s->nsources);
	if (before > after)
		s->x->stats->expired += before - after;
	s->heap = (struct qql_heap){ .n = 0 };
	carry_over(s, old, nold, moved);
	ret = refill_heap(s, &heap, moved, err);
	mem_free(heap.entries);
	mem_free(old);
	mem_free(moved);
	return ret;
}

int qql_select_pin(struct qql_select *s, struct err *err)
{
	int ret = qql_exec_pin(s->x, err);

	if (ret < 0 || unchanged(s))
		return ret;
	return relist(s, err);
}
