/*
 * qql/agg.c - groups and the states of aggregates.
 */
#include "qql/agg_int.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"

static uint32_t add_field(struct qql_agg *a, field_id id)
{
	for (uint32_t i = 0; i < a->nfields; i++) {
		if (a->fields[i] == id)
			return i;
	}
	a->multi |= field_multi(&a->plan->ds->fields[id]);
	a->fields[a->nfields] = id;
	return a->nfields++;
}

static enum qql_agg_kind kind_of(const struct plan_aggregate *p,
				 const struct dataset *ds)
{
	switch (p->function) {
	case PLAN_COUNT:
		return QQL_AGG_ROWS;
	case PLAN_COUNT_OF:
		return QQL_AGG_PRESENT;
	case PLAN_DISTINCT:
		return QQL_AGG_DISTINCT;
	case PLAN_SUM:
	case PLAN_AVG:
		return ds->fields[p->field].type == FIELD_DOUBLE ?
			       QQL_AGG_REAL :
			       QQL_AGG_WHOLE;
	case PLAN_MIN:
	case PLAN_MAX:
		return QQL_AGG_RANGE;
	case PLAN_PERCENTILE:
		break;
	}
	return QQL_AGG_SAMPLES;
}

static size_t size_of(enum qql_agg_kind kind)
{
	switch (kind) {
	case QQL_AGG_ROWS:
	case QQL_AGG_PRESENT:
	case QQL_AGG_DISTINCT:
		return sizeof(uint64_t);
	case QQL_AGG_WHOLE:
		return sizeof(struct qql_agg_whole);
	case QQL_AGG_REAL:
		return sizeof(struct qql_agg_real);
	case QQL_AGG_RANGE:
		return sizeof(struct qql_agg_range);
	case QQL_AGG_SAMPLES:
		break;
	}
	return sizeof(struct qql_samples);
}

/* The state that serves an aggregate, a new one if none does. */
static uint32_t add_state(struct qql_agg *a, const struct plan_aggregate *p)
{
	enum qql_agg_kind kind = kind_of(p, a->plan->ds);
	uint32_t column = kind == QQL_AGG_ROWS ? 0 : add_field(a, p->field);
	struct qql_agg_state *s;

	for (uint32_t i = 0; i < a->nstates; i++) {
		if (a->states[i].kind == kind && a->states[i].column == column)
			return i;
	}
	s = &a->states[a->nstates];
	*s = (struct qql_agg_state){ .kind = kind,
				     .column = column,
				     .size = size_of(kind) };
	if (kind == QQL_AGG_DISTINCT)
		qql_intern_init(&s->values,
				field_class(a->plan->ds->fields[p->field].type),
				a->memory);
	return a->nstates++;
}

static void add_key(struct qql_agg *a, const struct plan_key *p)
{
	struct qql_agg_key *k = &a->keys[a->nkeys++];

	k->plan = p;
	k->null_code = QQL_CODE_NULL;
	k->column = add_field(a, p->field);
	qql_intern_init(&k->values,
			field_class(a->plan->ds->fields[p->field].type),
			a->memory);
	if (p->op == PLAN_KEY_BUCKET)
		qql_bucket_init(&k->bucket, p->span, a->plan->zone);
}

int qql_agg_init(struct qql_agg *a, const struct plan *plan,
		 const struct plan_key *keys, uint32_t nkeys,
		 const struct plan_aggregate *aggregates, uint32_t naggregates,
		 struct qql_memory *memory, struct err *err)
{
	uint32_t group;

	*a = (struct qql_agg){ .plan = plan,
			       .memory = memory,
			       .naggregates = naggregates };
	a->states =
		mem_calloc(naggregates ? naggregates : 1, sizeof(*a->states));
	a->state_of =
		mem_calloc(naggregates ? naggregates : 1, sizeof(*a->state_of));
	if (!a->states || !a->state_of)
		return err_nomem(err);
	for (uint32_t i = 0; i < nkeys; i++)
		add_key(a, &keys[i]);
	for (uint32_t i = 0; i < naggregates; i++)
		a->state_of[i] = add_state(a, &aggregates[i]);
	/* Without keys there is one group, also of no rows. */
	return nkeys ? 0 : qql_agg_group(a, NULL, &group, err);
}

static void release_state(struct qql_agg *a, struct qql_agg_state *s)
{
	void *pairs = s->pairs;

	for (uint32_t i = 0; i < a->ngroups; i++) {
		if (s->kind == QQL_AGG_REAL)
			qql_exact_free(&((struct qql_agg_real *)s->data)[i].sum,
				       a->memory);
		if (s->kind == QQL_AGG_SAMPLES)
			qql_samples_free(&((struct qql_samples *)s->data)[i],
					 a->memory);
	}
	qql_memory_free(a->memory, &s->data, a->cap, s->size);
	qql_memory_free(a->memory, &pairs, s->pairs_cap, sizeof(*s->pairs));
	qql_intern_release(&s->values);
}

void qql_agg_release(struct qql_agg *a)
{
	void *codes = a->codes, *index = a->index;

	for (uint32_t i = 0; i < a->nstates; i++)
		release_state(a, &a->states[i]);
	for (uint32_t i = 0; i < a->nkeys; i++)
		qql_intern_release(&a->keys[i].values);
	if (a->memory) {
		qql_memory_free(a->memory, &codes, (size_t)a->cap * a->nkeys,
				sizeof(*a->codes));
		qql_memory_free(a->memory, &index, a->nindex,
				sizeof(*a->index));
	}
	mem_free(a->states);
	mem_free(a->state_of);
	mem_free(a->row_codes);
	mem_free(a->row_values);
	*a = (struct qql_agg){ .nkeys = 0 };
}

static int grow_groups(struct qql_agg *a, struct err *err)
{
	uint32_t cap = a->cap ? 2 * a->cap : 16;
	void *codes = a->codes;
	int ret = 0;

	if (a->nkeys)
		ret = qql_memory_grow(a->memory, &codes,
				      (size_t)a->cap * a->nkeys,
				      (size_t)cap * a->nkeys, sizeof(*a->codes),
				      err);
	a->codes = codes;
	/* What has grown already is given back as if it had not. */
	for (uint32_t i = 0; i < a->nstates && ret == 0; i++) {
		struct qql_agg_state *s = &a->states[i];

		ret = qql_memory_grow(a->memory, &s->data, a->cap, cap, s->size,
				      err);
	}
	if (ret == 0)
		a->cap = cap;
	return ret;
}

static int add_group(struct qql_agg *a, const uint32_t *codes, uint32_t *group,
		     struct err *err)
{
	int ret = a->ngroups < a->cap ? 0 : grow_groups(a, err);

	if (ret < 0)
		return ret;
	if (a->nkeys)
		memcpy(a->codes + (size_t)a->ngroups * a->nkeys, codes,
		       a->nkeys * sizeof(*codes));
	*group = a->ngroups++;
	return 0;
}

static int group_of_one(struct qql_agg *a, uint32_t code, uint32_t *group,
			struct err *err)
{
	uint32_t at = code + 2, n = a->nindex ? a->nindex : 64;
	void *index = a->index;
	int ret;

	if (at >= a->nindex) {
		while (n <= at)
			n *= 2;
		ret = qql_memory_grow(a->memory, &index, a->nindex, n,
				      sizeof(*a->index), err);
		if (ret < 0)
			return ret;
		a->index = index;
		a->nindex = n;
	}
	if (!a->index[at]) {
		ret = add_group(a, &code, group, err);
		if (ret < 0)
			return ret;
		a->index[at] = *group + 1;
	}
	*group = a->index[at] - 1;
	return 0;
}

static uint32_t hash_codes(const uint32_t *codes, uint32_t n)
{
	uint64_t h = 0;

	for (uint32_t i = 0; i < n; i++) {
		h = (h ^ codes[i]) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 29;
	}
	return (uint32_t)(h >> 16);
}

static int grow_index(struct qql_agg *a, struct err *err)
{
	uint32_t n = a->nindex ? 2 * a->nindex : 64, old = a->nindex;
	void *p = NULL, *gone = a->index;
	int ret = qql_memory_grow(a->memory, &p, 0, n, sizeof(*a->index), err);

	if (ret < 0)
		return ret;
	a->index = p;
	a->nindex = n;
	for (uint32_t g = 0; g < a->ngroups; g++) {
		uint32_t at =
			hash_codes(a->codes + (size_t)g * a->nkeys, a->nkeys) &
			(n - 1);

		while (a->index[at])
			at = (at + 1) & (n - 1);
		a->index[at] = g + 1;
	}
	qql_memory_free(a->memory, &gone, old, sizeof(*a->index));
	return 0;
}

static int group_of_many(struct qql_agg *a, const uint32_t *codes,
			 uint32_t *group, struct err *err)
{
	size_t size = a->nkeys * sizeof(*codes);
	uint32_t at;
	int ret;

	if (2 * (uint64_t)a->ngroups >= a->nindex) {
		ret = grow_index(a, err);
		if (ret < 0)
			return ret;
	}
	at = hash_codes(codes, a->nkeys) & (a->nindex - 1);
	for (; a->index[at]; at = (at + 1) & (a->nindex - 1)) {
		*group = a->index[at] - 1;
		if (memcmp(a->codes + (size_t)*group * a->nkeys, codes, size) ==
		    0)
			return 0;
	}
	ret = add_group(a, codes, group, err);
	if (ret == 0)
		a->index[at] = *group + 1;
	return ret;
}

int qql_agg_group(struct qql_agg *a, const uint32_t *codes, uint32_t *group,
		  struct err *err)
{
	if (!a->nkeys && a->ngroups) {
		*group = 0;
		return 0;
	}
	if (!a->nkeys)
		return add_group(a, NULL, group, err);
	return a->nkeys == 1 ? group_of_one(a, codes[0], group, err) :
			       group_of_many(a, codes, group, err);
}

static void clear_bits(uint8_t *b16, uint32_t from)
{
	for (uint32_t i = from; i < 128; i++)
		b16[i / 8] &= (uint8_t) ~(0x80 >> i % 8);
}

static void mask_net(const struct plan_key *p, const struct value *v,
		     struct value *out)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	bool v4 = memcmp(v->b16, mapped, sizeof(mapped)) == 0;

	memcpy(out->b16, v->b16, sizeof(out->b16));
	clear_bits(out->b16, v4 ? 96 + p->bits4 : p->bits6);
}

int qql_agg_code(struct qql_agg_key *k, const struct value *v, uint32_t *code,
		 struct err *err)
{
	struct value key = *v;

	if (k->plan->op == PLAN_KEY_BUCKET)
		key.num = qql_bucket_find(&k->bucket, v->num);
	if (k->plan->op == PLAN_KEY_NET)
		mask_net(k->plan, v, &key);
	return qql_intern_add(&k->values, &key, code, err);
}

static uint32_t pair_at(const struct qql_agg_state *s, uint64_t pair)
{
	uint64_t h = pair * UINT64_C(0x9e3779b97f4a7c15);
	uint32_t at = (uint32_t)(h >> 32) & (s->pairs_cap - 1);

	while (s->pairs[at] && s->pairs[at] != pair)
		at = (at + 1) & (s->pairs_cap - 1);
	return at;
}

static int grow_pairs(struct qql_agg *a, struct qql_agg_state *s,
		      struct err *err)
{
	uint32_t n = s->pairs_cap ? 2 * s->pairs_cap : 64, old = s->pairs_cap;
	uint64_t *from = s->pairs;
	void *p = NULL, *gone = from;
	int ret = qql_memory_grow(a->memory, &p, 0, n, sizeof(*s->pairs), err);

	if (ret < 0)
		return ret;
	s->pairs = p;
	s->pairs_cap = n;
	for (uint32_t i = 0; i < old; i++) {
		if (from[i])
			s->pairs[pair_at(s, from[i])] = from[i];
	}
	qql_memory_free(a->memory, &gone, old, sizeof(*s->pairs));
	return 0;
}

int qql_agg_pair(struct qql_agg *a, struct qql_agg_state *s, uint32_t group,
		 uint32_t code, struct err *err)
{
	uint64_t pair = ((uint64_t)group << 32 | code) + 1;
	uint32_t at;
	int ret;

	/* A single group has every value that there is. */
	if (!a->nkeys)
		return 0;
	if (4 * (uint64_t)s->npairs >= 3 * (uint64_t)s->pairs_cap) {
		ret = grow_pairs(a, s, err);
		if (ret < 0)
			return ret;
	}
	at = pair_at(s, pair);
	if (s->pairs[at])
		return 0;
	s->pairs[at] = pair;
	s->npairs++;
	qql_agg_counts(s)[group]++;
	return 0;
}

int qql_agg_number(struct qql_agg *a, struct qql_agg_state *s, uint32_t group,
		   int64_t num, struct err *err)
{
	struct qql_agg_whole *whole;
	struct qql_agg_range *range;
	struct qql_agg_real *real;

	if (s->kind == QQL_AGG_WHOLE) {
		whole = (struct qql_agg_whole *)s->data + group;
		whole->sum += num;
		whole->n++;
		return 0;
	}
	if (s->kind == QQL_AGG_RANGE) {
		range = (struct qql_agg_range *)s->data + group;
		if (!range->any || num < range->min)
			range->min = num;
		if (!range->any || num > range->max)
			range->max = num;
		range->any = true;
		return 0;
	}
	if (s->kind == QQL_AGG_REAL) {
		real = (struct qql_agg_real *)s->data + group;
		real->n++;
		return qql_exact_add(&real->sum, value_to_double(num),
				     a->memory, err);
	}
	return qql_samples_add((struct qql_samples *)s->data + group, num,
			       a->memory, err);
}
