/*
 * Random pipes over random rows: what the engine gives is what the oracle
 * gives, cell by cell.
 *
 * A few hundred in `make check`; CRS_RANDOM_PIPES=N runs N,
 * CRS_RANDOM_SEED=N begins there.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/arena.h"
#include "qql/answer.h"
#include "qql/query.h"
#include "schemas/decode.h"
#include "tests/oracle/oracle.h"
#include "tests/oracle/stages.h"
#include "tests/test.h"
#include "tests/unit/qql/helper_plan.h"
#include "tests/unit/qql/helper_rows.h"

enum { PIPES = 400, PER_STORE = 40, ARENA_MAX = 64 << 20 };

struct world {
	struct helper_rows h;
	struct decoder *decoder;
	struct oracle_input *rows; /* by sequence */
	struct oracle_input *found;
	size_t *order;
	struct arena values, arena;
	struct qql_zone *zone;
};

static void add_value(struct world *w, struct oracle_values *to,
		      const struct field *f, const struct value *v)
{
	struct value *p = arena_calloc(&w->values, to->n + 1, sizeof(*p));

	assert_non_null(p);
	if (to->n)
		memcpy(p, to->v, to->n * sizeof(*p));
	p[to->n] = *v;
	if (field_class(f->type) == CLASS_TEXT)
		p[to->n].text = arena_dup(&w->values, v->text);
	to->v = p;
	to->n++;
}

static void read_row(struct world *w, size_t i)
{
	const struct helper_row *row = &w->h.rows[i];
	struct oracle_input *in = &w->rows[i];
	const struct dataset *ds = w->h.ds;
	struct decode_refusal refused;
	const struct record *rec;

	*in = (struct oracle_input){ .time = row->time,
				     .sequence = row->sequence };
	in->fields = arena_calloc(&w->values, ds->nall, sizeof(*in->fields));
	assert_non_null(in->fields);
	assert_int_equal(decode_message(w->decoder,
					slice_of(row->source, row->len), &rec,
					&refused, NULL),
			 0);
	for (uint32_t k = 0; k < rec->nitems; k++) {
		const struct item *item = &rec->items[k];

		for (uint32_t n = 0; n < item->n; n++)
			if (item->field != ds->time)
				add_value(w, &in->fields[item->field],
					  &ds->fields[item->field],
					  &rec->values[item->first + n]);
	}
	for (uint32_t k = 0; k < rec->nmembers; k++)
		add_value(w, &in->fields[rec->members[k].field],
			  &ds->fields[rec->members[k].field],
			  &rec->members[k].value);
	add_value(w, &in->fields[ds->time], &ds->fields[ds->time],
		  &(struct value){ .num = row->time });
}

static void world_init(struct world *w, uint64_t seed)
{
	*w = (struct world){ .zone = NULL };
	helper_rows_init(&w->h, seed);
	for (uint32_t i = 0, n = 1 + helper_below(&w->h.random, 4); i < n; i++)
		helper_rows_batch(&w->h, 1 + helper_below(&w->h.random, 150));
	arena_init(&w->values, ARENA_MAX);
	arena_init(&w->arena, ARENA_MAX);
	assert_int_equal(decoder_new(&w->decoder, w->h.ds, NULL), 0);
	w->rows = calloc(w->h.n, sizeof(*w->rows));
	w->found = calloc(w->h.n, sizeof(*w->found));
	w->order = calloc(w->h.n, sizeof(*w->order));
	assert_true(w->rows && w->found && w->order);
	helper_rows_order(&w->h, w->order);
	for (size_t i = 0; i < w->h.n; i++)
		read_row(w, i);
	if (helper_below(&w->h.random, 2))
		assert_int_equal(qql_zone_new(&w->zone,
					      SLICE_LIT("Europe/Berlin"), NULL),
				 0);
}

static void world_release(struct world *w)
{
	qql_zone_free(w->zone);
	free(w->rows);
	free(w->found);
	free(w->order);
	decoder_free(w->decoder);
	arena_release(&w->values);
	arena_release(&w->arena);
	helper_rows_release(&w->h);
}

#define PICK(list) ((list)[helper_below(random, ARRAY_SIZE(list))])

static const char *const fields[] = {
	"kw", "kws", "tx",  "txs", "en", "n",   "ns",   "d",      "b",
	"id", "ip",  "ips", "sha", "at", "pod", "seen", "v.name", "v.sev",
};
static const char *const numbers[] = { "n", "ns", "d", "size", "v.sev" };
static const char *const simple[] = { "kw", "en", "n", "d", "ip", "seen", "b" };

static void put_aggregate(uint64_t *random, struct buf *out)
{
	static const char *const of_numbers[] = { "sum", "avg", "min", "max",
						  "p50", "p90", "p95", "p99" };
	static const char *const of_dates[] = { "avg", "min", "max", "p90" };
	static const char *const dates[] = { "at", "seen" };

	switch (helper_below(random, 6)) {
	case 0:
		buf_puts(out, "count");
		break;
	case 1:
		buf_printf(out, "count(%s)", PICK(fields));
		break;
	case 2:
		buf_printf(out, "distinct(%s)", PICK(fields));
		break;
	case 3:
		buf_printf(out, "%s(%s)", PICK(of_dates), PICK(dates));
		break;
	default:
		buf_printf(out, "%s(%s)", PICK(of_numbers), PICK(numbers));
		break;
	}
}

static void put_key(uint64_t *random, struct buf *out)
{
	static const char *const spans[] = { "10m", "1h", "6h", "1d", "3d",
					     "2w",  "1M", "2q", "3y", "30s" };
	static const char *const ips[] = { "ip", "ips", "v.addr" };

	switch (helper_below(random, 6)) {
	case 0:
		buf_printf(out, "bucket(%s, %s)",
			   helper_below(random, 2) ? "at" : "seen",
			   PICK(spans));
		break;
	case 1:
		buf_printf(out, "cidr(%s, %u, %u)", PICK(ips),
			   helper_below(random, 33), helper_below(random, 129));
		break;
	default:
		buf_puts(out, PICK(fields));
		break;
	}
}

/* Stages before and behind the aggregate; columns are called as given. */
static void put_rest(uint64_t *random, struct buf *out,
		     const char *const *columns, uint32_t n)
{
	while (helper_below(random, 3) == 0) {
		if (helper_below(random, 2))
			buf_printf(out, " | limit %u",
				   1 + helper_below(random, 60));
		else
			buf_printf(out, " | sort %s%s, %s",
				   helper_below(random, 2) ? "-" : "",
				   columns[helper_below(random, n)],
				   columns[helper_below(random, n)]);
	}
}

static void put_stats(uint64_t *random, struct buf *out)
{
	static const char *const columns[] = { "a0", "a1" };
	uint32_t n = 1 + helper_below(random, 4);

	buf_puts(out, " | stats ");
	for (uint32_t i = 0; i < n || i < 2; i++) {
		buf_puts(out, i ? ", " : "");
		put_aggregate(random, out);
		buf_printf(out, " as a%u", i);
	}
	n = helper_below(random, 4);
	for (uint32_t i = 0; i < n; i++) {
		buf_puts(out, i ? ", " : " by ");
		put_key(random, out);
	}
	put_rest(random, out, columns, ARRAY_SIZE(columns));
}

static void put_chart(uint64_t *random, struct buf *out)
{
	static const char *const spans[] = { "10m", "1h", "4h", "1d", "1w",
					     "1M",  "1q", "1y", "1s" };

	buf_printf(out, " | timechart %s ", PICK(spans));
	put_aggregate(random, out);
	buf_puts(out, " as a0");
	if (helper_below(random, 3)) {
		buf_puts(out, " by ");
		put_key(random, out);
	}
	if (out->p[out->len - 1] != '0' && helper_below(random, 2))
		buf_printf(out, " limit %u", 1 + helper_below(random, 4));
}

static void put_pipe(uint64_t *random, struct buf *out)
{
	static const char *const counts[] = { "count", "share" };

	put_rest(random, out, simple, ARRAY_SIZE(simple));
	switch (helper_below(random, 4)) {
	case 0:
		put_chart(random, out);
		return;
	case 1:
		buf_printf(out, " | %s %u ",
			   helper_below(random, 2) ? "top" : "rare",
			   1 + helper_below(random, 5));
		put_key(random, out);
		if (helper_below(random, 2)) {
			buf_puts(out, " by ");
			put_key(random, out);
		}
		put_rest(random, out, counts, ARRAY_SIZE(counts));
		return;
	default:
		put_stats(random, out);
		return;
	}
}

/* Matching rows newest first, through what stands before the aggregate. */
static size_t ask_oracle(struct world *w, const struct plan *plan)
{
	size_t n = 0;

	for (size_t i = 0; i < w->h.n; i++) {
		const struct helper_row *row = &w->h.rows[w->order[i]];
		struct decode_refusal refused;
		const struct record *rec;
		struct record copy;

		assert_int_equal(decode_message(w->decoder,
						slice_of(row->source, row->len),
						&rec, &refused, NULL),
				 0);
		copy = *rec;
		copy.time = row->time;
		if (oracle_matches(plan, &copy,
				   &(struct oracle_row){ row->received,
							 row->sequence }))
			w->found[n++] = w->rows[w->order[i]];
	}
	oracle_pipe(plan, w->found, &n);
	return n;
}

static bool same_cell(const struct plan_column *c,
		      const struct qql_answer_cell *is,
		      const struct oracle_cell *want)
{
	static const enum qql_answer_kind kinds[] = {
		[ORACLE_NULL] = QQL_ANSWER_NULL,
		[ORACLE_OTHER] = QQL_ANSWER_OTHER,
		[ORACLE_VALUE] = QQL_ANSWER_IS,
	};

	if (is->kind != kinds[want->kind])
		return false;
	if (want->kind != ORACLE_VALUE)
		return true;
	switch (c->type) {
	case PLAN_COLUMN_WHOLE:
		return is->whole.hi == (int64_t)(want->whole >> 64) &&
		       is->whole.lo == (uint64_t)want->whole;
	case PLAN_COLUMN_REAL:
	case PLAN_COLUMN_SHARE:
		return is->real == want->real;
	case PLAN_COLUMN_VALUE:
	case PLAN_COLUMN_NET:
		break;
	}
	if (field_class(c->field->type) == CLASS_TEXT)
		return slice_eq(is->value.text, want->value.text);
	if (field_class(c->field->type) == CLASS_NUM)
		return is->value.num == want->value.num;
	return memcmp(is->value.b16, want->value.b16, 16) == 0;
}

static void compare_answers(const struct plan *plan, struct qql_answer *is,
			    const struct oracle_table *want)
{
	assert_int_equal(qql_answer_rows(is), want->rows);
	for (uint64_t r = 0; r < want->rows; r++) {
		for (uint32_t i = 0; i < plan->ncolumns; i++) {
			if (!same_cell(&plan->columns[i],
				       qql_answer_cell(is, r, i),
				       &want->cells[r * want->columns + i]))
				fail_msg("row %" PRIu64 ", column %.*s", r,
					 SLICE_ARG(plan->columns[i].name));
		}
	}
}

static void check_pipe(struct world *w, const struct plan *plan)
{
	struct qql_run_options opt = { .limit = UINT64_MAX };
	size_t n = ask_oracle(w, plan);
	struct oracle_table want = oracle_answer(plan, w->found, n);
	struct err err = ERR_INIT;
	struct qql_answer *a;
	int ret = qql_run_answer(&a, plan, w->h.store, &opt, NULL, &err);

	if (want.too_many) {
		assert_int_equal(ret, ERR_LIMIT);
	} else {
		if (ret < 0)
			fail_msg("%s", err.message);
		compare_answers(plan, a, &want);
		qql_answer_free(a);
	}
	free(want.cells);
}

/* False: the text does not compile, which is right for two equal keys. */
static bool check_text(struct world *w, uint64_t *random)
{
	struct qql_options opt = { .ds = w->h.ds,
				   .zone = w->zone,
				   .now = INT64_C(1769126400000000000) };
	struct err err = ERR_INIT;
	struct qql_query *q;
	struct buf text;
	int ret;

	buf_init(&text, 1 << 20);
	if (helper_below(random, 3) == 0)
		buf_puts(&text, helper_below(random, 2) ?
					"n >= 0" :
					"at >= 2026-01-22T05:00");
	put_pipe(random, &text);
	ret = qql_compile(&q, &w->arena, &opt, buf_slice(&text), &err);
	if (ret == 0) {
		test_row("query %s", buf_cstr(&text));
		check_pipe(w, &q->plan);
	}
	buf_release(&text);
	return ret == 0;
}

static uint64_t number_from(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 10) : otherwise;
}

static void test_random_stages__the_engine_agrees_with_the_oracle(void **state)
{
	uint64_t n = number_from("CRS_RANDOM_PIPES", PIPES);
	uint64_t seed = number_from("CRS_RANDOM_SEED", 1), ran = 0;

	(void)state;
	for (uint64_t done = 0; done < n; seed++) {
		struct world w;

		world_init(&w, seed);
		for (int i = 0; i < PER_STORE && done < n; i++, done++) {
			uint64_t random = seed * 1000003 + (uint64_t)i;

			arena_reset(&w.arena);
			ran += check_text(&w, &random);
		}
		world_release(&w);
	}
	/* Most texts compile, or nothing was tested. */
	assert_true(ran * 4 > n * 3);
}

TEST_MAIN(TEST(test_random_stages__the_engine_agrees_with_the_oracle))
