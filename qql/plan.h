/*
 * qql/plan.h - what a query asks, in terms any engine could run.
 *
 * The plan is the seam between the language and its engines: names are
 * resolved, constants are typed, folded and clamped, dates are instants, free
 * text and groups are spelled out.  Nothing here knows how events are stored.
 *
 * Two-valued logic: a condition on a missing value is false.  A condition on a
 * field with several values holds if some value satisfies it; within
 * PLAN_ELEMENT the conditions speak of one element of an array of objects.
 *
 * Ownership: everything is in the query's arena.
 */
#ifndef QQL_PLAN_H
#define QQL_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"
#include "schemas/dataset.h"

enum plan_op {
	PLAN_ALL,          /* every row */
	PLAN_NONE,         /* no row */
	PLAN_AND,          /* kids */
	PLAN_OR,           /* kids */
	PLAN_NOT,          /* kids[0] */
	PLAN_ELEMENT,      /* one element of `object` satisfies kids[0] */
	PLAN_PRESENT,      /* the field has a value; within PLAN_ELEMENT: of it */
	PLAN_ANY_ELEMENT,  /* the array `object` has at least one element */
	PLAN_EQUAL,        /* text: equals one of `texts` without case */
	PLAN_EXACT,        /* text: equals one of `texts` byte for byte */
	PLAN_PREFIX,       /* text: begins with one of `texts` without case */
	PLAN_PATTERN,      /* text: matches `pattern` without case */
	PLAN_WORDS,        /* text: contains every one of `phrases` */
	PLAN_TEXT_RANGE,   /* text: within `text_range`, folded bytes */
	PLAN_NUM,          /* int, double, bool, date: in one of `nums` */
	PLAN_B16,          /* ip, uuid: in one of `b16s` */
};

/* Inclusive on both sides; never reversed. */
struct plan_num_range {
	int64_t lo, hi;
};
struct plan_b16_range {
	uint8_t lo[16], hi[16];
};
struct plan_text_range {
	struct slice lo, hi; /* folded; .p NULL: open */
	bool lo_open, hi_open; /* the bound itself is out */
};

/* Words next to each other in one value, in this order. */
struct plan_phrase {
	const struct slice *words; /* folded */
	uint32_t n;
	bool prefix; /* the last word may go on */
};

enum plan_atom_kind {
	PLAN_ATOM_TEXT, /* these folded bytes */
	PLAN_ATOM_ONE,  /* one code point */
	PLAN_ATOM_RUN,  /* any run, also none */
};
struct plan_atom {
	enum plan_atom_kind kind;
	struct slice text;
};

struct plan_node {
	enum plan_op op;
	field_id field;
	object_id object;
	struct span span; /* in the query text */
	struct plan_node **kids;
	uint32_t nkids;
	union {
		/* EQUAL, PREFIX: folded; EXACT: as written.  Sorted by bytes,
		 * no doubles. */
		struct { const struct slice *texts; uint32_t n; } text;
		struct { const struct plan_atom *atoms; uint32_t n; } pattern;
		struct { const struct plan_phrase *phrases; uint32_t n; } words;
		struct plan_text_range text_range;
		/* Sorted, disjoint. */
		struct { const struct plan_num_range *ranges; uint32_t n; } num;
		struct { const struct plan_b16_range *ranges; uint32_t n; } b16;
	};
};

/*
 * Pipe stages.  The rows that the filter leaves come newest first; each stage
 * takes what the one before gives.  At most one of them aggregates; before it
 * columns are fields, after it they are the aggregate's columns by index.
 */
enum plan_function {
	PLAN_COUNT,    /* rows */
	PLAN_COUNT_OF, /* rows with a value */
	PLAN_DISTINCT,
	PLAN_SUM,
	PLAN_AVG,
	PLAN_MIN,
	PLAN_MAX,
	PLAN_PERCENTILE, /* nearest rank */
};
struct plan_aggregate {
	enum plan_function function;
	field_id field;	  /* PLAN_COUNT: FIELD_NONE */
	uint32_t percent; /* PLAN_PERCENTILE */
};

/* N units of the calendar: s m h d w M q y. */
struct plan_span {
	char unit;
	uint32_t n;
};

enum plan_key_op {
	PLAN_KEY_VALUE,
	PLAN_KEY_BUCKET, /* the span a date lies in, by its first instant */
	PLAN_KEY_NET,	 /* the net an address lies in, by its first address */
};
/* What rows are grouped by.  Rows without a value are the group null; one with
 * several counts once for each different key. */
struct plan_key {
	enum plan_key_op op;
	field_id field;
	struct plan_span span;
	uint32_t bits4, bits6; /* lengths of the net */
};

enum plan_column_type {
	PLAN_COLUMN_VALUE, /* like values of `field` */
	PLAN_COLUMN_NET,   /* of `key` */
	PLAN_COLUMN_WHOLE, /* an integer of 128 bits */
	PLAN_COLUMN_REAL,
	PLAN_COLUMN_SHARE, /* a real number, part of 1 */
};
struct plan_column {
	struct slice name;
	enum plan_column_type type;
	const struct field *field;
	const struct plan_key *key; /* NULL: an aggregate */
};

struct plan_order {
	uint32_t column; /* before the aggregate: a field_id */
	bool descending;
};

enum plan_stage_op {
	PLAN_STATS,
	PLAN_TOP,
	PLAN_RARE,
	PLAN_TIMECHART,
	PLAN_SORT,
	PLAN_LIMIT,
	PLAN_FIELDS,
};
struct plan_stage {
	enum plan_stage_op op;
	uint64_t limit; /* LIMIT: rows; TOP, RARE: values; TIMECHART: series */
	const struct plan_order *orders; /* SORT */
	uint32_t norders;
	const uint32_t *columns; /* FIELDS: field_ids before the aggregate */
	uint32_t ncolumns;
	/* The aggregating ones.  TOP, RARE: the last key is the field that is
	 * counted; TIMECHART: the first one is the bucket. */
	const struct plan_key *keys;
	uint32_t nkeys;
	const struct plan_aggregate *aggregates;
	uint32_t naggregates;
};

struct qql_zone;

struct plan {
	const struct dataset *ds;
	struct plan_node *filter; /* never NULL */
	/* Every matching row's time lies in here (log datasets); the whole
	 * int64 range if nothing is known. */
	int64_t time_min, time_max;
	int64_t now; /* the instant read once for this query */
	const struct qql_zone *zone; /* of buckets; NULL: UTC */

	const struct plan_stage *stages;
	uint32_t nstages;
	const struct plan_stage *aggregate;  /* one of them, or NULL */
	const struct plan_column *columns; /* of the aggregate: keys first */
	uint32_t ncolumns;
	/* What is shown in the end: field_ids, with an aggregate columns; none:
	 * nobody has said. */
	const uint32_t *shown;
	uint32_t nshown;
};

/* One line, stable: (and (num severity 4..) (equal hostName "web-01")). */
void qql_plan_print(struct buf *out, const struct plan *plan);
void qql_plan_print_node(struct buf *out, const struct dataset *ds,
		     const struct plan_node *node);
/* " | (top 10 containerName)" for each stage. */
void qql_plan_print_stages(struct buf *out, const struct plan *plan);

#endif
