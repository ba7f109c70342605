/*
 * qql/agg_part.c - the columns of a segment into groups.
 *
 * Rows are taken in spans.  Of each field the span's ids or numbers are read
 * at once; ids become codes by a table per segment, so a text is looked up
 * once per segment and not once per row.  Where some field may have several
 * values rows go one by one.
 */
#include "qql/agg_part_int.h"

#include <string.h>

#include "base/mem.h"

enum {
	SPAN = QQL_AGG_SPAN,
	/* With fewer rows of a span than one in so many, each is looked up. */
	FEW = 16,
	SCRATCH_MAX = 64 << 20,
	/* Codes of a last key that are remembered. */
	RECENT_MAX = 1 << 16,
};

void qql_agg_reader_free(struct qql_agg_reader *r)
{
	if (!r)
		return;
	for (uint32_t i = 0; r->key_codes && i < r->agg->nkeys; i++)
		mem_free(r->key_codes[i].of);
	for (uint32_t i = 0; r->state_codes && i < r->agg->nstates; i++)
		mem_free(r->state_codes[i].of);
	mem_free(r->key_codes);
	mem_free(r->state_codes);
	mem_free(r->columns);
	mem_free(r->recent);
	arena_release(&r->scratch);
	mem_free(r);
}

int qql_agg_reader_new(struct qql_agg_reader **out, struct qql_agg *a,
		       struct err *err)
{
	struct qql_agg_reader *r = mem_calloc(1, sizeof(*r));

	if (!r)
		return err_nomem(err);
	r->agg = a;
	arena_init(&r->scratch, SCRATCH_MAX);
	r->columns = mem_calloc(a->nfields + 1, sizeof(*r->columns));
	r->key_codes = mem_calloc(a->nkeys + 1, sizeof(*r->key_codes));
	r->state_codes = mem_calloc(a->nstates + 1, sizeof(*r->state_codes));
	if (!r->columns || !r->key_codes || !r->state_codes) {
		qql_agg_reader_free(r);
		return err_nomem(err);
	}
	*out = r;
	return 0;
}

static int open_column(struct qql_agg_reader *r, uint32_t i, struct err *err)
{
	struct reader_column *c = &r->columns[i];
	int ret = index_segment_column(r->part->seg, r->agg->fields[i], &c->col,
				       err);

	if (ret < 0 || !c->col)
		return ret;
	c->coding = index_column_coding(c->col);
	c->dense = index_column_values(c->col) == index_column_rows(c->col) &&
		   index_column_present(c->col) == index_column_rows(c->col);
	if (c->dense || r->agg->multi)
		return 0;
	c->present = index_mask_new(&r->scratch, index_column_rows(c->col));
	if (!c->present.words)
		return err_nomem(err);
	index_scan_present(c->col, c->present);
	return 0;
}

/* A table of this segment's ids, all of them still unknown. */
static int reset_codes(struct reader_codes *t, const struct reader_column *c,
		       struct err *err)
{
	t->n = c->col && c->coding == INDEX_CODED_DICT ?
		       index_column_distinct(c->col) :
		       0;
	if (t->n > t->cap) {
		uint32_t *p = mem_realloc_array(t->of, t->n, sizeof(*p));

		if (!p)
			return err_nomem(err);
		t->of = p;
		t->cap = t->n;
	}
	for (uint32_t i = 0; i < t->n; i++)
		t->of[i] = QQL_CODE_UNKNOWN;
	return 0;
}

static int begin(struct qql_agg_reader *r, const struct qql_part *part,
		 struct err *err)
{
	struct qql_agg *a = r->agg;
	int ret = 0;

	r->part = part;
	arena_reset(&r->scratch);
	for (uint32_t i = 0; i < a->nfields && ret == 0; i++)
		ret = open_column(r, i, err);
	for (uint32_t i = 0; i < a->nkeys && ret == 0; i++)
		ret = reset_codes(&r->key_codes[i],
				  &r->columns[a->keys[i].column], err);
	for (uint32_t i = 0; i < a->nstates && ret == 0; i++) {
		if (a->states[i].kind == QQL_AGG_DISTINCT)
			ret = reset_codes(&r->state_codes[i],
					  &r->columns[a->states[i].column],
					  err);
	}
	return ret;
}

/* Numbers, ids or places of `n` values that stand one after the other. */
static void read_values(const struct reader_column *c, uint32_t first,
			uint32_t n, uint32_t *at, int64_t *nums)
{
	if (c->coding == INDEX_CODED_NUM)
		index_column_nums(c->col, first, n, nums);
	if (c->coding == INDEX_CODED_DICT)
		index_column_ids(c->col, first, n, at);
	else
		for (uint32_t i = 0; i < n; i++)
			at[i] = first + i;
}

/* The rows of the span that are taken, each by itself. */
static void read_few(struct qql_agg_reader *r, struct reader_column *c)
{
	for (uint32_t i = 0; i < r->n; i++) {
		uint32_t place = r->rows[i], first, n;

		c->at[place] = QQL_CODE_NULL;
		index_column_row(c->col, r->first + place, &first, &n);
		if (n)
			read_values(c, first, 1, &c->at[place],
				    &c->nums[place]);
	}
}

/* All rows of a span, of which some have no value: values are read one after
 * the other and then put, from the last on, where their rows stand. */
static void read_sparse(struct qql_agg_reader *r, struct reader_column *c,
			uint32_t rows)
{
	int64_t from = index_mask_next(c->present, r->first);
	uint32_t first, n, count = 0;

	for (uint32_t i = 0; i < rows; i++)
		count += index_mask_get(c->present, r->first + i);
	if (!count) {
		memset(c->at, 0xff, rows * sizeof(*c->at));
		return;
	}
	index_column_row(c->col, (uint32_t)from, &first, &n);
	read_values(c, first, count, c->at, c->nums);
	for (uint32_t i = rows; i-- > 0;) {
		if (!index_mask_get(c->present, r->first + i)) {
			c->at[i] = QQL_CODE_NULL;
			continue;
		}
		count--;
		c->at[i] = c->at[count];
		c->nums[i] = c->nums[count];
	}
}

void qql_agg_reader_column(struct qql_agg_reader *r, struct reader_column *c,
			   uint32_t rows)
{
	if (!c->col)
		memset(c->at, 0xff, rows * sizeof(*c->at));
	else if (r->n < rows / FEW)
		read_few(r, c);
	else if (c->dense)
		read_values(c, r->first, rows, c->at, c->nums);
	else
		read_sparse(r, c, rows);
}

int qql_agg_reader_code(struct qql_agg_reader *r, uint32_t key, uint32_t at,
			uint32_t *code, struct err *err)
{
	struct qql_agg_key *k = &r->agg->keys[key];
	const struct reader_column *c = &r->columns[k->column];
	struct value v;
	struct slice entry;

	if (c->coding != INDEX_CODED_DICT) {
		index_column_value(c->col, at, &v);
		return qql_agg_code(k, &v, code, err);
	}
	entry = index_column_entry(c->col, at);
	if (k->values.class == CLASS_TEXT)
		v.text = entry;
	else
		memcpy(v.b16, entry.p, sizeof(v.b16));
	return qql_agg_code(k, &v, code, err);
}

/* Numbers: the same one often comes again, and times lie in one bucket. */
static int code_nums(struct qql_agg_reader *r, uint32_t key, struct err *err)
{
	struct qql_agg_key *k = &r->agg->keys[key];
	const struct reader_column *c = &r->columns[k->column];
	bool bucket = k->plan->op == PLAN_KEY_BUCKET;
	struct value v = { .num = 0 };
	bool known = false;
	uint32_t code = 0;
	int64_t num, last = 0;
	int ret;

	for (uint32_t i = 0; i < r->n; i++) {
		uint32_t place = r->rows[i];

		if (c->at[place] == QQL_CODE_NULL) {
			r->codes[key][i] = k->null_code;
			continue;
		}
		num = c->nums[place];
		if (bucket)
			num = qql_bucket_find(&k->bucket, num);
		if (!known || num != last) {
			v.num = num;
			ret = qql_intern_add(&k->values, &v, &code, err);
			if (ret < 0)
				return ret;
			last = num;
			known = true;
		}
		r->codes[key][i] = code;
	}
	return 0;
}

static int code_key(struct qql_agg_reader *r, uint32_t key, struct err *err)
{
	struct qql_agg_key *k = &r->agg->keys[key];
	const struct reader_column *c = &r->columns[k->column];
	struct reader_codes *table = &r->key_codes[key];
	uint32_t own, *code;
	int ret;

	if (c->col && c->coding == INDEX_CODED_NUM)
		return code_nums(r, key, err);
	for (uint32_t i = 0; i < r->n; i++) {
		uint32_t at = c->at[r->rows[i]];

		if (at == QQL_CODE_NULL) {
			r->codes[key][i] = k->null_code;
			continue;
		}
		own = QQL_CODE_UNKNOWN;
		code = table->n ? &table->of[at] : &own;
		if (*code == QQL_CODE_UNKNOWN) {
			ret = qql_agg_reader_code(r, key, at, code, err);
			if (ret < 0)
				return ret;
		}
		r->codes[key][i] = *code;
	}
	return 0;
}

/* Room to remember groups by the codes of the last key. */
static int remember(struct qql_agg_reader *r, struct err *err)
{
	if (r->recent)
		return 0;
	r->recent = mem_calloc(RECENT_MAX, sizeof(*r->recent));
	return r->recent ? 0 : err_nomem(err);
}

/* What is remembered is for other keys. */
static void next_epoch(struct qql_agg_reader *r)
{
	if (++r->epoch)
		return;
	memset(r->recent, 0, RECENT_MAX * sizeof(*r->recent));
	r->epoch = 1;
}

/* The keys before the last often stay from row to row, as times do: then the
 * last one alone tells the group. */
static int find_many(struct qql_agg_reader *r, struct err *err)
{
	uint32_t codes[LIMIT_GROUP_KEYS] = { 0 }, last = r->agg->nkeys - 1;
	int ret = remember(r, err);

	for (uint32_t i = 0; i < r->n && ret == 0; i++) {
		struct reader_group *known = NULL;
		bool same = i > 0;

		for (uint32_t k = 0; k <= last; k++) {
			same = same &&
			       (k == last || codes[k] == r->codes[k][i]);
			codes[k] = r->codes[k][i];
		}
		if (!same)
			next_epoch(r);
		if (codes[last] < RECENT_MAX)
			known = &r->recent[codes[last]];
		if (known && known->epoch == r->epoch) {
			r->groups[i] = known->group;
			continue;
		}
		ret = qql_agg_group(r->agg, codes, &r->groups[i], err);
		if (known)
			*known =
				(struct reader_group){ r->epoch, r->groups[i] };
	}
	return ret;
}

static int find_groups(struct qql_agg_reader *r, struct err *err)
{
	const uint32_t *codes = r->codes[0];
	struct qql_agg *a = r->agg;
	int ret;

	if (a->nkeys > 1)
		return find_many(r, err);
	if (!a->nkeys) {
		memset(r->groups, 0, r->n * sizeof(*r->groups));
		return 0;
	}
	for (uint32_t i = 0; i < r->n; i++) {
		if (i && codes[i] == codes[i - 1]) {
			r->groups[i] = r->groups[i - 1];
			continue;
		}
		ret = qql_agg_group(a, &codes[i], &r->groups[i], err);
		if (ret < 0)
			return ret;
	}
	return 0;
}

static int update_distinct(struct qql_agg_reader *r, uint32_t state,
			   struct err *err)
{
	struct qql_agg_state *s = &r->agg->states[state];
	const struct reader_column *c = &r->columns[s->column];
	struct reader_codes *table = &r->state_codes[state];
	struct value v;
	int ret = 0;

	for (uint32_t i = 0; i < r->n && ret == 0; i++) {
		uint32_t at = c->at[r->rows[i]], code = QQL_CODE_UNKNOWN;

		if (at == QQL_CODE_NULL)
			continue;
		if (table->n)
			code = table->of[at];
		if (code == QQL_CODE_UNKNOWN && table->n) {
			ret = qql_intern_bytes(&s->values,
					       index_column_entry(c->col, at),
					       &code, err);
			table->of[at] = code;
		} else if (code == QQL_CODE_UNKNOWN) {
			if (c->coding == INDEX_CODED_NUM)
				v.num = c->nums[r->rows[i]];
			else
				index_column_value(c->col, at, &v);
			ret = qql_intern_add(&s->values, &v, &code, err);
		}
		if (ret == 0)
			ret = qql_agg_pair(r->agg, s, r->groups[i], code, err);
	}
	return ret;
}

static int update_numbers(struct qql_agg_reader *r, struct qql_agg_state *s,
			  struct err *err)
{
	const struct reader_column *c = &r->columns[s->column];
	struct qql_agg_whole *whole = s->data;
	int ret = 0;

	if (s->kind == QQL_AGG_WHOLE) {
		for (uint32_t i = 0; i < r->n; i++) {
			bool has = c->at[r->rows[i]] != QQL_CODE_NULL;

			whole[r->groups[i]].sum += has ? c->nums[r->rows[i]] :
							 0;
			whole[r->groups[i]].n += has;
		}
		return 0;
	}
	for (uint32_t i = 0; i < r->n && ret == 0; i++) {
		if (c->at[r->rows[i]] != QQL_CODE_NULL)
			ret = qql_agg_number(r->agg, s, r->groups[i],
					     c->nums[r->rows[i]], err);
	}
	return ret;
}

static int update_state(struct qql_agg_reader *r, uint32_t state,
			struct err *err)
{
	struct qql_agg_state *s = &r->agg->states[state];
	const struct reader_column *c = &r->columns[s->column];
	uint64_t *counts = s->data;

	switch (s->kind) {
	case QQL_AGG_ROWS:
		for (uint32_t i = 0; i < r->n; i++)
			counts[r->groups[i]]++;
		return 0;
	case QQL_AGG_PRESENT:
		for (uint32_t i = 0; i < r->n; i++)
			counts[r->groups[i]] += c->at[r->rows[i]] !=
						QQL_CODE_NULL;
		return 0;
	case QQL_AGG_DISTINCT:
		return update_distinct(r, state, err);
	case QQL_AGG_WHOLE:
	case QQL_AGG_REAL:
	case QQL_AGG_RANGE:
	case QQL_AGG_SAMPLES:
		break;
	}
	return update_numbers(r, s, err);
}

uint32_t qql_agg_reader_rows(struct qql_agg_reader *r)
{
	const struct qql_hits *hits = r->part->hits;
	uint32_t rows = r->part->desc->rows - r->first;

	if (rows > SPAN)
		rows = SPAN;
	r->n = 0;
	if (hits->verdict == QQL_ALL) {
		for (; r->n < rows; r->n++)
			r->rows[r->n] = (uint16_t)r->n;
		return rows;
	}
	/* A span begins at a word of the mask. */
	for (uint32_t at = 0; at < rows; at += 64) {
		uint64_t bits = hits->mask.words[(r->first + at) / 64];

		for (; bits; bits &= bits - 1)
			r->rows[r->n++] =
				(uint16_t)(at +
					   (uint32_t)__builtin_ctzll(bits));
	}
	return rows;
}

static int take_span(struct qql_agg_reader *r, struct err *err)
{
	struct qql_agg *a = r->agg;
	uint32_t rows = qql_agg_reader_rows(r);
	int ret = 0;

	if (!r->n)
		return 0;
	for (uint32_t i = 0; i < a->nfields; i++)
		qql_agg_reader_column(r, &r->columns[i], rows);
	for (uint32_t k = 0; k < a->nkeys && ret == 0; k++)
		ret = code_key(r, k, err);
	if (ret == 0)
		ret = find_groups(r, err);
	for (uint32_t i = 0; i < a->nstates && ret == 0; i++)
		ret = update_state(r, i, err);
	return ret;
}

/* The values of a row's fields. */
static int read_cells(struct qql_agg_reader *r, uint32_t row,
		      struct qql_cell *cells, struct err *err)
{
	for (uint32_t i = 0; i < r->agg->nfields; i++) {
		const struct index_column *col = r->columns[i].col;
		uint32_t first, n = 0;
		struct value *v;

		if (col)
			index_column_row(col, row, &first, &n);
		v = arena_alloc(&r->scratch, (n + 1) * sizeof(*v));
		if (!v)
			return err_nomem(err);
		for (uint32_t k = 0; k < n; k++)
			index_column_value(col, first + k, &v[k]);
		cells[i] = (struct qql_cell){ v, n };
	}
	return 0;
}

static int take_one_by_one(struct qql_agg_reader *r, struct err *err)
{
	struct qql_part_rows it = { .part = r->part };
	struct qql_cell cells[LIMIT_FIELDS];
	struct arena_mark mark = arena_mark(&r->scratch);
	uint32_t row;
	int ret = 0;

	while (ret == 0 && qql_part_next(&it, &row)) {
		ret = read_cells(r, row, cells, err);
		if (ret == 0)
			ret = qql_agg_row(r->agg, cells, err);
		arena_rewind(&r->scratch, mark);
	}
	return ret;
}

int qql_agg_part(struct qql_agg_reader *r, const struct qql_part *part,
		 struct err *err)
{
	int ret = begin(r, part, err);

	if (ret == 0)
		ret = qql_agg_count(r, err);
	if (ret != 0)
		return ret < 0 ? ret : 0;
	if (r->agg->multi || !part->whole)
		return take_one_by_one(r, err);
	for (r->first = 0; r->first < part->desc->rows && ret == 0;
	     r->first += SPAN)
		ret = take_span(r, err);
	return ret;
}
