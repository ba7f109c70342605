/*
 * index/builder_int.h - a growing segment, as adding and sealing share it.
 *
 * Rows are kept as they come: each appends a few words to a log.  Sealing
 * walks the log in the order of time and spreads it over columns, so that rows
 * are sorted once and not once for each column, and a row that could not be
 * added whole is simply cut off the end again.
 *
 * An entry of the log is a word, often followed by values:
 *
 *	VALUE   field code 0        one value
 *	LIST    field code n        n values
 *	MEMBER  field    0 element  one value
 *	OBJECT  object   0 elements
 *	NULL    field
 *	RAW     field    0 offset   length; offset in the row's message
 *
 * A value is an id (of the field's interned texts), a number, or 16 bytes in
 * two words.  RAW's field may be PART_FIELD_UNKNOWN + slot.
 */
#ifndef INDEX_BUILDER_INT_H
#define INDEX_BUILDER_INT_H

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "index/builder.h"
#include "index/intern_int.h"
#include "index/raw_int.h"
#include "index/template_int.h"
#include "index/writer_int.h"

enum index_log_kind {
	LOG_VALUE,
	LOG_LIST,
	LOG_MEMBER,
	LOG_OBJECT,
	LOG_NULL,
	LOG_RAW,
};

struct index_log_entry {
	uint16_t field;
	enum index_log_kind kind;
	uint8_t code; /* index into the field's forms */
	uint32_t x;
};

static inline uint64_t index_log_pack(uint16_t field, enum index_log_kind kind,
				      uint8_t code, uint32_t x)
{
	return field | (uint64_t)kind << 16 | (uint64_t)code << 24 |
	       (uint64_t)x << 32;
}

static inline struct index_log_entry index_log_unpack(uint64_t word)
{
	return (struct index_log_entry){
		.field = (uint16_t)word,
		.kind = (enum index_log_kind)(word >> 16 & 0xff),
		.code = (uint8_t)(word >> 24),
		.x = (uint32_t)(word >> 32),
	};
}

enum {
	BUILDER_FORMS = 255,     /* forms of one field, in a segment */
	BUILDER_BYTES = 1 << 30, /* messages of a segment */
	BUILDER_SCRATCH = 0x7fffffff,
};

/* What a row has of a field, counted over the log. */
struct index_col_counts {
	uint32_t rows;
	uint32_t values;
	uint32_t nulls;
	uint32_t raws;
};

struct index_col {
	enum value_class class;
	uint32_t row; /* + 1: the last row with a value */
	struct index_col_counts n;
	value_form last_form; /* the one used last, and its code */
	uint8_t last_code;
	uint32_t element;          /* members: the last element of that row */
	struct index_intern texts; /* CLASS_TEXT */
	uint32_t nforms;
	value_form forms[BUILDER_FORMS]; /* [0] is FORM_CANONICAL */
};

struct index_obj {
	uint32_t rows;
	uint32_t elements;
};

struct index_row {
	int64_t time;
	uint64_t log;    /* its first word */
	uint64_t source; /* its first byte */
	uint32_t source_len;
	uint16_t tmpl;
};

struct index_builder {
	const struct dataset *ds;
	struct index_col *cols; /* ds->nall */
	struct index_obj *objs; /* ds->nobjects */
	uint32_t *slot_raws;    /* TEMPLATE_SLOTS */
	struct index_templates templates;
	uint64_t *found; /* of each value of the record at hand */
	size_t found_cap;
	uint64_t *log;
	size_t nlog, log_cap;
	char *sources;
	size_t nsources, sources_cap;
	struct index_row *rows;
	uint32_t nrows, row_cap;
	/* Sealing. */
	struct arena scratch;
	struct index_writer writer;
	struct index_intern b16s; /* of the field at hand */
	struct index_zstd *zstd;
	struct buf rebuilt;
};

static inline struct slice index_row_source(const struct index_builder *b,
					    const struct index_row *r)
{
	return slice_of(b->sources + r->source, r->source_len);
}

/* Words of a value in the log. */
static inline uint32_t index_log_words(enum value_class class)
{
	return class == CLASS_B16 ? 2 : 1;
}

#endif
