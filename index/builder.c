/*
 * index/builder.c - records to a growing segment.
 *
 * Room for a record is made before anything of it is written; only interning
 * a new text can fail after that, and then the log is cut back and everything
 * derived from it is counted again.
 */
#include "index/builder_int.h"

#include <assert.h>
#include <string.h>
#include <sys/random.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/time.h"

/* In what find_text() says: the rest is an id. */
static const uint64_t FOUND = UINT64_C(1) << 32;

/* Values are chosen by whoever causes events. */
static uint64_t random_seed(const struct index_builder *b)
{
	uint64_t seed;

	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) ==
	    (ssize_t)sizeof(seed))
		return seed;
	return (uint64_t)time_now() * (uintptr_t)b;
}

static void init_cols(struct index_builder *b)
{
	uint64_t seed = random_seed(b);
	uint32_t i;

	b->b16s.seed = seed;
	for (i = 0; i < b->ds->nall; i++) {
		b->cols[i].texts.seed = seed;
		b->cols[i].class = field_class(b->ds->fields[i].type);
		b->cols[i].forms[0] = FORM_CANONICAL;
		b->cols[i].nforms = 1;
	}
}

int index_builder_new(struct index_builder **out, const struct dataset *ds,
		      struct err *err)
{
	struct index_builder *b = mem_calloc(1, sizeof(*b));
	int ret = ERR_NO_MEMORY;

	if (!b)
		return err_nomem(err);
	b->ds = ds;
	arena_init(&b->scratch, BUILDER_SCRATCH);
	index_writer_init(&b->writer);
	buf_init(&b->rebuilt, LIMIT_MESSAGE);
	b->cols = mem_calloc(ds->nall, sizeof(*b->cols));
	b->objs = mem_calloc(ds->nobjects, sizeof(*b->objs));
	b->slot_raws = mem_calloc(TEMPLATE_SLOTS, sizeof(*b->slot_raws));
	if (!b->cols || !b->objs || !b->slot_raws)
		goto out;
	init_cols(b);
	ret = index_templates_init(&b->templates, ds->nall);
	if (ret < 0)
		goto out;
	ret = index_zstd_new(&b->zstd);
	if (ret < 0)
		goto out;
	*out = b;
	b = NULL;
out:
	index_builder_free(b);
	return ret < 0 ? err_nomem(err) : 0;
}

void index_builder_free(struct index_builder *b)
{
	uint32_t i;

	if (!b)
		return;
	for (i = 0; b->cols && i < b->ds->nall; i++)
		index_intern_release(&b->cols[i].texts);
	index_intern_release(&b->b16s);
	index_templates_release(&b->templates);
	index_writer_release(&b->writer);
	index_zstd_free(b->zstd);
	arena_release(&b->scratch);
	buf_release(&b->rebuilt);
	mem_free(b->cols);
	mem_free(b->objs);
	mem_free(b->slot_raws);
	mem_free(b->log);
	mem_free(b->sources);
	mem_free(b->rows);
	mem_free(b->found);
	mem_free(b);
}

uint32_t index_builder_rows(const struct index_builder *b)
{
	return b->nrows;
}

size_t index_builder_bytes(const struct index_builder *b)
{
	return b->nsources;
}

void index_builder_clear(struct index_builder *b)
{
	uint32_t i;

	for (i = 0; i < b->ds->nall; i++) {
		struct index_col *c = &b->cols[i];

		index_intern_clear(&c->texts);
		c->n = (struct index_col_counts){ .rows = 0 };
		c->row = 0;
		c->nforms = 1;
		c->last_form = FORM_CANONICAL;
		c->last_code = 0;
	}
	for (i = 0; i < b->ds->nobjects; i++)
		b->objs[i] = (struct index_obj){ .rows = 0 };
	memset(b->slot_raws, 0, TEMPLATE_SLOTS * sizeof(*b->slot_raws));
	index_templates_clear(&b->templates);
	b->nlog = 0;
	b->nsources = 0;
	b->nrows = 0;
}

static int room(void **p, size_t *cap, size_t need, size_t size)
{
	size_t n = *cap ? *cap * 2 : 1024;
	void *q;

	if (need <= *cap)
		return 0;
	if (n < need)
		n = need;
	q = mem_realloc_array(*p, n, size);
	if (!q)
		return ERR_NO_MEMORY;
	*p = q;
	*cap = n;
	return 0;
}

/* The most words a record can need. */
static size_t words_of(const struct dataset *ds, const struct record *rec)
{
	return 5 * (size_t)rec->nitems + 2 * (size_t)rec->nvalues +
	       3 * (size_t)rec->nmembers + ds->nobjects + rec->ninvalid +
	       rec->ntruncated + 4;
}

static int make_room(struct index_builder *b, const struct record *rec)
{
	size_t cap = b->row_cap;
	void *p = b->log;
	int ret = room(&p, &b->log_cap, b->nlog + words_of(b->ds, rec),
		       sizeof(*b->log));

	b->log = p;
	if (ret < 0)
		return ret;
	p = b->sources;
	ret = room(&p, &b->sources_cap, b->nsources + rec->source.len, 1);
	b->sources = p;
	if (ret < 0)
		return ret;
	p = b->rows;
	ret = room(&p, &cap, b->nrows + 1, sizeof(*b->rows));
	b->rows = p;
	b->row_cap = (uint32_t)cap;
	if (ret < 0)
		return ret;
	p = b->found;
	ret = room(&p, &b->found_cap, rec->nvalues, sizeof(*b->found));
	b->found = p;
	return ret;
}

/* What is searched of a text. */
static struct slice searched(struct slice s)
{
	return slice_of(s.p, s.len < LIMIT_VALUE ? s.len : LIMIT_VALUE);
}

/* The id of a text that its field had before, or its hash. */
static void find_text(struct index_builder *b, const struct index_col *c,
		      const struct value *v, uint32_t i)
{
	struct slice s = searched(v[i].text);

	if (index_intern_again(&c->texts, s))
		b->found[i] = FOUND | c->texts.last;
	else
		b->found[i] = index_intern_hash(&c->texts, s);
}

/* Looks for all texts of a record before any is used, so that the memory each
 * lookup needs is fetched while the others are hashed. */
static void find_texts(struct index_builder *b, const struct record *rec)
{
	uint32_t i, k;

	for (i = 0; i < rec->nitems; i++) {
		const struct item *it = &rec->items[i];
		const struct index_col *c;

		if (it->kind != ITEM_VALUE && it->kind != ITEM_LIST)
			continue;
		c = &b->cols[it->field];
		if (c->class != CLASS_TEXT)
			continue;
		for (k = it->first; k < it->first + it->n; k++)
			find_text(b, c, rec->values, k);
	}
}

/* Forms beyond the table's end are written down as canonical: the proof then
 * finds the difference. */
static uint8_t find_form(struct index_col *c, value_form form)
{
	uint32_t i;

	for (i = 0; i < c->nforms && c->forms[i] != form; i++)
		;
	if (i == BUILDER_FORMS)
		return 0;
	if (i == c->nforms)
		c->forms[c->nforms++] = form;
	c->last_form = form;
	c->last_code = (uint8_t)i;
	return c->last_code;
}

static inline uint8_t form_code(struct index_col *c, value_form form)
{
	return likely(c->last_form == form) ? c->last_code : find_form(c, form);
}

/* Of a value, or of a list in or without brackets. */
static bool is_raw(value_form form)
{
	return (form & ~LIST_FORM_SCALAR) == FORM_RAW;
}

/* Writes the words of a value and returns the place behind them; NULL if memory
 * is exhausted.  `found` is what find_text() said, or NULL. */
static inline uint64_t *put_value(struct index_col *c, uint64_t *log,
				  const struct value *v, const uint64_t *found)
{
	struct slice s;
	uint32_t id;

	switch (c->class) {
	case CLASS_TEXT:
		if (found && *found & FOUND) {
			*log = (uint32_t)*found;
			return log + 1;
		}
		s = searched(v->text);
		id = index_intern_put(&c->texts, s,
				      found ? (uint32_t)*found :
					      index_intern_hash(&c->texts, s));
		*log = id;
		return id == INTERN_FULL ? NULL : log + 1;
	case CLASS_NUM:
		*log = (uint64_t)v->num;
		return log + 1;
	case CLASS_B16:
	default:
		memcpy(log, v->b16, sizeof(v->b16));
		return log + 2;
	}
}

static void put_entry(struct index_builder *b, uint16_t field,
		      enum index_log_kind kind, uint8_t code, uint32_t x)
{
	b->log[b->nlog++] = index_log_pack(field, kind, code, x);
}

/* Values [first, first + n) of the record. */
static int put_values(struct index_builder *b, field_id field,
		      enum index_log_kind kind, value_form form,
		      const struct record *rec, uint32_t first, uint32_t n)
{
	struct index_col *c = &b->cols[field];
	uint64_t *log;
	uint32_t i;

	/* Of a field that stands there twice the first one counts. */
	if (c->row == b->nrows + 1)
		return 0;
	c->row = b->nrows + 1;
	c->n.rows++;
	c->n.values += n;
	log = b->log + b->nlog;
	*log++ = index_log_pack(field, kind,
				is_raw(form) ? 0 : form_code(c, form), n);
	for (i = first; log && i < first + n; i++)
		log = put_value(c, log, &rec->values[i], &b->found[i]);
	if (!log)
		return ERR_NO_MEMORY;
	b->nlog = (size_t)(log - b->log);
	return 0;
}

/* The time that orders the rows, whether it stood in the message or not. */
static void put_time(struct index_builder *b, const struct record *rec,
		     value_form form)
{
	struct index_col *c = &b->cols[b->ds->time];

	if (c->row == b->nrows + 1)
		return;
	c->row = b->nrows + 1;
	c->n.rows++;
	c->n.values++;
	put_entry(b, b->ds->time, LOG_VALUE,
		  is_raw(form) ? 0 : form_code(c, form), 1);
	b->log[b->nlog++] = (uint64_t)rec->time;
}

/* Text that is kept itself, if the row is rebuilt at all. */
static void put_raw(struct index_builder *b, const struct record *rec,
		    const struct item *it, uint32_t i, bool rebuilt)
{
	size_t offset = (size_t)(it->raw.p - rec->source.p);
	uint16_t field = it->field;

	if (!rebuilt)
		return;
	assert(offset <= rec->source.len &&
	       it->raw.len <= rec->source.len - offset);
	if (field == FIELD_NONE) {
		b->slot_raws[b->templates.row[i]]++;
		field = (uint16_t)(PART_FIELD_UNKNOWN + b->templates.row[i]);
	} else {
		b->cols[field].n.raws++;
	}
	put_entry(b, field, LOG_RAW, 0, (uint32_t)offset);
	b->log[b->nlog++] = it->raw.len;
}

static int put_item(struct index_builder *b, const struct record *rec,
		    uint32_t i, bool rebuilt)
{
	const struct item *it = &rec->items[i];
	int ret = 0;

	switch (it->kind) {
	case ITEM_VALUE:
		if (it->field == b->ds->time)
			put_time(b, rec, it->form);
		else
			ret = put_values(b, it->field, LOG_VALUE, it->form, rec,
					 it->first, 1);
		break;
	case ITEM_LIST:
		if (it->n)
			ret = put_values(b, it->field, LOG_LIST, it->form, rec,
					 it->first, it->n);
		break;
	case ITEM_NULL:
		if (it->field == FIELD_NONE) {
			put_raw(b, rec, it, i, rebuilt);
		} else if (rebuilt) {
			b->cols[it->field].n.nulls++;
			put_entry(b, it->field, LOG_NULL, 0, 0);
		}
		return 0;
	case ITEM_RAW:
		put_raw(b, rec, it, i, rebuilt);
		return 0;
	case ITEM_OPEN:
	case ITEM_CLOSE:
		return 0;
	}
	/* An empty list has no value, so its text is kept. */
	if (ret == 0 &&
	    (is_raw(it->form) || (it->kind == ITEM_LIST && it->n == 0)))
		put_raw(b, rec, it, i, rebuilt);
	return ret;
}

static int put_members(struct index_builder *b, const struct record *rec)
{
	uint64_t *log;
	uint32_t i;

	for (i = 0; rec->elements && i < b->ds->nobjects; i++) {
		if (!rec->elements[i])
			continue;
		b->objs[i].rows++;
		b->objs[i].elements += rec->elements[i];
		put_entry(b, (uint16_t)i, LOG_OBJECT, 0, rec->elements[i]);
	}
	for (i = 0; i < rec->nmembers; i++) {
		const struct member *m = &rec->members[i];
		struct index_col *c = &b->cols[m->field];

		assert(m->element <
		       rec->elements[b->ds->fields[m->field].object]);
		if (c->row == b->nrows + 1 && m->element <= c->element)
			continue;
		c->n.rows += c->row != b->nrows + 1;
		c->row = b->nrows + 1;
		c->element = m->element;
		c->n.values++;
		put_entry(b, m->field, LOG_MEMBER, 0, m->element);
		log = put_value(c, b->log + b->nlog, &m->value, NULL);
		if (!log)
			return ERR_NO_MEMORY;
		b->nlog = (size_t)(log - b->log);
	}
	return 0;
}

/* _invalid, _truncated: lists of the names of fields. */
static int put_names(struct index_builder *b, field_id field,
		     const field_id *ids, uint32_t n)
{
	struct index_col *c = &b->cols[field];
	uint64_t *log;
	uint32_t i;

	if (n == 0)
		return 0;
	c->n.rows++;
	c->n.values += n;
	put_entry(b, field, LOG_LIST, 0, n);
	for (i = 0; i < n; i++) {
		struct value v = { .text = b->ds->fields[ids[i]].name };

		log = put_value(c, b->log + b->nlog, &v, NULL);
		if (!log)
			return ERR_NO_MEMORY;
		b->nlog = (size_t)(log - b->log);
	}
	return 0;
}

static int put_record(struct index_builder *b, const struct record *rec,
		      uint16_t tmpl)
{
	uint32_t i;
	int ret;

	find_texts(b, rec);
	for (i = 0; i < rec->nitems; i++) {
		ret = put_item(b, rec, i, tmpl != TEMPLATE_NONE);
		if (ret < 0)
			return ret;
	}
	if (b->ds->time != FIELD_NONE)
		put_time(b, rec, FORM_ABSENT);
	ret = put_members(b, rec);
	if (ret < 0)
		return ret;
	ret = put_names(b, b->ds->invalid, rec->invalid, rec->ninvalid);
	if (ret < 0)
		return ret;
	return put_names(b, b->ds->truncated, rec->truncated, rec->ntruncated);
}

/* Counts an entry and returns the word behind it. */
static const uint64_t *recount(struct index_builder *b, const uint64_t *p)
{
	struct index_log_entry e = index_log_unpack(*p++);
	uint32_t n = e.kind == LOG_LIST ? e.x : 1, i;
	struct index_col *c;

	if (e.kind == LOG_OBJECT) {
		b->objs[e.field].rows++;
		b->objs[e.field].elements += e.x;
		return p;
	}
	if (e.field >= PART_FIELD_UNKNOWN) {
		b->slot_raws[e.field - PART_FIELD_UNKNOWN]++;
		return p + 1;
	}
	c = &b->cols[e.field];
	if (e.kind == LOG_NULL) {
		c->n.nulls++;
		return p;
	}
	if (e.kind == LOG_RAW) {
		c->n.raws++;
		return p + 1;
	}
	c->n.values += n;
	for (i = 0; i < n; i++, p += index_log_words(c->class))
		if (c->class == CLASS_TEXT && *p >= c->element)
			c->element = (uint32_t)*p + 1;
	return p;
}

/* The rows that are whole stay, as if the last one had never come. */
static void roll_back(struct index_builder *b, size_t nlog)
{
	const uint64_t *p = b->log;
	uint32_t i, row;

	for (i = 0; i < b->ds->nall; i++) {
		b->cols[i].n = (struct index_col_counts){ .rows = 0 };
		b->cols[i].row = 0;
		b->cols[i].element = 0; /* here: texts in use */
	}
	for (i = 0; i < b->ds->nobjects; i++)
		b->objs[i] = (struct index_obj){ .rows = 0 };
	memset(b->slot_raws, 0, TEMPLATE_SLOTS * sizeof(*b->slot_raws));
	b->nlog = nlog;
	for (row = 0; row < b->nrows; row++) {
		const uint64_t *end =
			b->log +
			(row + 1 < b->nrows ? b->rows[row + 1].log : nlog);

		while (p < end) {
			struct index_log_entry e = index_log_unpack(*p);

			p = recount(b, p);
			if (e.kind > LOG_MEMBER)
				continue;
			b->cols[e.field].n.rows += b->cols[e.field].row !=
						   row + 1;
			b->cols[e.field].row = row + 1;
		}
	}
	for (i = 0; i < b->ds->nall; i++)
		if (b->cols[i].class == CLASS_TEXT)
			index_intern_cut(&b->cols[i].texts, b->cols[i].element);
}

int index_builder_add(struct index_builder *b, const struct record *rec,
		      struct err *err)
{
	size_t nlog = b->nlog;
	struct index_row *row;
	uint16_t tmpl;

	if (b->nrows == LIMIT_SEGMENT_ROWS)
		return err_set(err, ERR_LIMIT,
			       "a segment holds at most %d rows",
			       LIMIT_SEGMENT_ROWS);
	if (rec->source.len > LIMIT_MESSAGE)
		return err_set(err, ERR_LIMIT,
			       "a message of %zu bytes; at most %d",
			       rec->source.len, LIMIT_MESSAGE);
	if (rec->source.len > BUILDER_BYTES - b->nsources)
		return err_set(
			err, ERR_LIMIT,
			"a segment is made from at most %d bytes of messages",
			BUILDER_BYTES);
	if (index_templates_place(&b->templates, rec, &tmpl) < 0 ||
	    make_room(b, rec) < 0)
		return err_nomem(err);
	if (put_record(b, rec, tmpl) < 0) {
		roll_back(b, nlog);
		return err_nomem(err);
	}
	row = &b->rows[b->nrows++];
	*row = (struct index_row){
		.time = rec->time,
		.log = nlog,
		.source = b->nsources,
		.source_len = (uint32_t)rec->source.len,
		.tmpl = tmpl,
	};
	if (rec->source.len)
		memcpy(b->sources + b->nsources, rec->source.p,
		       rec->source.len);
	b->nsources += rec->source.len;
	return 0;
}
