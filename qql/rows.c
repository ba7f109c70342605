/*
 * qql/rows.c - a batch of copied rows.
 */
#include "qql/rows_int.h"

#include "base/mem.h"
#include "base/time.h"

enum {
	ROWS_FIRST = 64,
	ROWS_MAX = 4096,
	BYTES_FULL = 1 << 20,
	/* One row can be a whole message of the largest kind, and its values. */
	BYTES_MAX = 64 << 20,
	MEMORY_MAX = 256 << 20,
	/* Rows that were found are shown though the next may be far off. */
	WAIT_MAX_MS = 100,
};

int qql_rows_init(struct qql_rows *r, const struct qql_run_options *opt,
		  struct err *err)
{
	*r = (struct qql_rows){ .opt = opt, .max = ROWS_FIRST };
	arena_init(&r->memory, MEMORY_MAX);
	buf_init(&r->bytes, BYTES_MAX);
	r->rows = mem_alloc(ROWS_MAX * sizeof(*r->rows));
	return r->rows ? 0 : err_nomem(err);
}

void qql_rows_release(struct qql_rows *r)
{
	arena_release(&r->memory);
	buf_release(&r->bytes);
	mem_free(r->rows);
	r->rows = NULL;
}

bool qql_rows_full(const struct qql_rows *r)
{
	return r->n >= r->max || r->bytes.len >= BYTES_FULL ||
	       r->memory.used >= BYTES_FULL ||
	       (r->n && time_monotonic() - r->since > WAIT_MAX_MS * NS_PER_MS);
}

/* Texts go into the arena: their place does not move. */
static int copy_cell(struct qql_rows *r, const struct field *f,
		     const struct index_column *c, uint32_t row,
		     struct qql_cell *out)
{
	uint32_t first, n;
	struct value *values;

	*out = (struct qql_cell){ .n = 0 };
	if (!c)
		return 0;
	index_column_row(c, row, &first, &n);
	if (!n)
		return 0;
	values = arena_calloc(&r->memory, n, sizeof(*values));
	if (!values)
		return ERR_NO_MEMORY;
	for (uint32_t i = 0; i < n; i++) {
		index_column_value(c, first + i, &values[i]);
		if (field_class(f->type) != CLASS_TEXT)
			continue;
		values[i].text = arena_dup(&r->memory, values[i].text);
		if (!values[i].text.p)
			return ERR_NO_MEMORY;
	}
	out->values = values;
	out->n = n;
	return 0;
}

static int copy_cells(struct qql_rows *r, const struct qql_hit *hit,
		      const struct dataset *ds, struct qql_row *row,
		      struct err *err)
{
	uint32_t n = r->opt->nfields;
	struct qql_cell *cells;
	int ret;

	if (!n)
		return 0;
	cells = arena_calloc(&r->memory, n, sizeof(*cells));
	if (!cells)
		return err_nomem(err);
	for (uint32_t i = 0; i < n; i++) {
		const struct index_column *c;
		field_id id = r->opt->fields[i];

		ret = index_segment_column(hit->seg, id, &c, err);
		if (ret < 0)
			return ret;
		ret = copy_cell(r, &ds->fields[id], c, hit->row, &cells[i]);
		if (ret < 0)
			return err_nomem(err);
	}
	row->cells = cells;
	return 0;
}

int qql_rows_add(struct qql_rows *r, const struct qql_hit *hit,
		 const struct dataset *ds, struct err *err)
{
	struct qql_row *row = &r->rows[r->n];
	size_t start = r->bytes.len;
	int ret;

	if (!r->n)
		r->since = time_monotonic();
	*row = (struct qql_row){ .time = hit->time, .sequence = hit->sequence };
	if (r->opt->want_source) {
		ret = index_segment_source(hit->seg, hit->row, &r->bytes, err);
		if (ret == 0)
			ret = buf_error(&r->bytes, "a batch of rows", err);
		if (ret < 0)
			return ret;
		row->source.len = r->bytes.len - start;
	}
	ret = copy_cells(r, hit, ds, row, err);
	if (ret < 0)
		return ret;
	r->n++;
	return 0;
}

int qql_rows_hand_out(struct qql_rows *r, qql_row_fn *fn, void *ctx,
		      uint32_t *taken, struct err *err)
{
	const char *source = r->bytes.p;
	uint32_t i;
	int ret = 0;

	for (i = 0; i < r->n && ret == 0; i++) {
		struct qql_row *row = &r->rows[i];

		/* The buffer stands still now. */
		row->source.p = source;
		source += row->source.len;
		ret = fn(ctx, row, err);
	}
	*taken = i;
	if (ret == 0 && i)
		ret = fn(ctx, NULL, err);
	r->n = 0;
	r->max = r->max < ROWS_MAX / 2 ? 2 * r->max : ROWS_MAX;
	buf_reset(&r->bytes);
	arena_reset(&r->memory);
	return ret;
}
