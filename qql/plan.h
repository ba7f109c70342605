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

struct plan {
	const struct dataset *ds;
	struct plan_node *filter; /* never NULL */
	/* Every matching row's time lies in here (log datasets); the whole
	 * int64 range if nothing is known. */
	int64_t time_min, time_max;
	int64_t now; /* the instant read once for this query */
};

/* One line, stable: (and (num severity 4..) (equal hostName "web-01")). */
void qql_plan_print(struct buf *out, const struct plan *plan);
void qql_plan_print_node(struct buf *out, const struct dataset *ds,
		     const struct plan_node *node);

#endif
