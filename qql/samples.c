/*
 * qql/samples.c - a bag of numbers, for percentiles.
 */
#include "qql/samples_int.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"

enum { TAIL_MIN = 4, TAIL_SORTED = 4096, RADIX_MIN = 512 };

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* One pass of a radix sort, by byte `shift` / 8 of values without sign. */
static void sort_byte(const uint64_t *from, uint64_t *to, uint32_t n,
		      unsigned shift, const uint32_t *counts)
{
	uint32_t places[256], at = 0;

	for (unsigned i = 0; i < 256; i++) {
		places[i] = at;
		at += counts[i];
	}
	for (uint32_t i = 0; i < n; i++)
		to[places[from[i] >> shift & 0xff]++] = from[i];
}

/* Bytes that are the same in all values, mostly the upper ones, cost nothing
 * but being counted. */
static void radix_sort(int64_t *values, int64_t *spare, uint32_t n)
{
	static const uint64_t sign = UINT64_C(1) << 63;
	uint64_t *from = (uint64_t *)values, *to = (uint64_t *)spare;

	for (uint32_t i = 0; i < n; i++)
		from[i] ^= sign;
	for (unsigned shift = 0; shift < 64; shift += 8) {
		uint32_t counts[256] = { 0 };
		uint64_t *other = from;

		for (uint32_t i = 0; i < n; i++)
			counts[from[i] >> shift & 0xff]++;
		if (counts[from[0] >> shift & 0xff] == n)
			continue;
		sort_byte(from, to, n, shift, counts);
		from = to;
		to = other;
	}
	for (uint32_t i = 0; i < n; i++)
		values[i] = (int64_t)(from[i] ^ sign);
}

/* Small ones, and large ones for which there is no spare memory. */
static void sort_values(int64_t *values, uint32_t n)
{
	int64_t *spare = n < RADIX_MIN ? NULL : mem_calloc(n, sizeof(*spare));

	if (spare)
		radix_sort(values, spare, n);
	else
		qsort(values, n, sizeof(*values), by_value);
	mem_free(spare);
}

/* Appends to runs that are being built. */
static uint32_t append(struct qql_samples_run *runs, uint32_t n, int64_t value,
		       uint64_t times)
{
	if (n && runs[n - 1].value == value) {
		runs[n - 1].n += times;
		return n;
	}
	runs[n] = (struct qql_samples_run){ value, times };
	return n + 1;
}

int qql_samples_settle(struct qql_samples *s, struct qql_memory *m,
		       struct err *err)
{
	struct qql_samples_run *merged;
	void *p = NULL, *old = s->runs;
	uint32_t cap = s->nruns, n = 0, i = 0, k = 0;
	int ret;

	if (!s->ntail)
		return 0;
	sort_values(s->tail, s->ntail);
	for (uint32_t t = 0; t < s->ntail; t++)
		cap += !t || s->tail[t] != s->tail[t - 1];
	ret = qql_memory_grow(m, &p, 0, cap, sizeof(*merged), err);
	if (ret < 0)
		return ret;
	merged = p;
	while (i < s->nruns || k < s->ntail) {
		if (k == s->ntail ||
		    (i < s->nruns && s->runs[i].value <= s->tail[k])) {
			n = append(merged, n, s->runs[i].value, s->runs[i].n);
			i++;
		} else {
			n = append(merged, n, s->tail[k++], 1);
		}
	}
	qql_memory_free(m, &old, s->runs_cap, sizeof(*merged));
	s->runs = merged;
	s->runs_cap = cap;
	s->nruns = n;
	s->ntail = 0;
	return 0;
}

static int make_room(struct qql_samples *s, struct qql_memory *m,
		     struct err *err)
{
	void *tail = s->tail;
	uint32_t cap = s->cap ? 2 * s->cap : TAIL_MIN;
	int ret;

	/* The tail keeps step with the runs, so that each value is merged a
	 * bounded number of times. */
	if (s->cap >= TAIL_SORTED && s->cap > s->nruns)
		return qql_samples_settle(s, m, err);
	ret = qql_memory_grow(m, &tail, s->cap, cap, sizeof(*s->tail), err);
	if (ret < 0)
		return ret;
	s->tail = tail;
	s->cap = cap;
	return 0;
}

int qql_samples_add(struct qql_samples *s, int64_t value, struct qql_memory *m,
		    struct err *err)
{
	if (s->ntail == s->cap) {
		int ret = make_room(s, m, err);

		if (ret < 0)
			return ret;
	}
	s->tail[s->ntail++] = value;
	s->n++;
	return 0;
}

int64_t qql_samples_rank(const struct qql_samples *s, uint32_t percent)
{
	/* n * percent may overflow, n / 100 * percent not. */
	uint64_t rank =
		s->n / 100 * percent + (s->n % 100 * percent + 99) / 100;
	uint32_t i = 0;

	assert(!s->ntail && s->nruns);
	while (i + 1 < s->nruns && s->runs[i].n < rank)
		rank -= s->runs[i++].n;
	return s->runs[i].value;
}

void qql_samples_free(struct qql_samples *s, struct qql_memory *m)
{
	void *tail = s->tail, *runs = s->runs;

	qql_memory_free(m, &tail, s->cap, sizeof(*s->tail));
	qql_memory_free(m, &runs, s->runs_cap, sizeof(*s->runs));
	*s = (struct qql_samples){ .n = 0 };
}
