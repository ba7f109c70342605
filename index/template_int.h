/*
 * index/template_int.h - in which order the keys of a segment's rows stand.
 *
 * A slot is a place in a message: a key below a parent slot, holding a known
 * field, text of an unknown key, or an object.  A template is a set of slots
 * with an order among the children of each object.  A row uses a template if
 * its keys are some of the template's, in the template's order; which ones
 * they are is read from the columns.
 *
 * While rows come in, a template keeps only what it has seen: key b directly
 * behind key a.  A row fits as long as no circle of such pairs arises, so
 * however many optional keys a producer has and in whatever mixture they come,
 * one fixed order is one template.  The total order is made when the segment
 * is sealed.
 */
#ifndef INDEX_TEMPLATE_INT_H
#define INDEX_TEMPLATE_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/compiler.h"
#include "base/err.h"
#include "schemas/record.h"

enum {
	/* Slots of a segment; their keys' bytes; a key's bytes. */
	TEMPLATE_SLOTS = 8192,
	TEMPLATE_KEY_BYTES = 1 << 20,
	TEMPLATE_KEY = 4096,
	/* Slots up to which a template takes new ones whatever the row. */
	TEMPLATE_WIDE = 512,
	/* Steps of searching for circles that a segment may cost, and those
	 * that each further row adds. */
	TEMPLATE_WORK = 4 << 20,
	TEMPLATE_WORK_ROW = 2048,
	/* Templates that a new sequence of keys is tried with. */
	TEMPLATE_TRIES = 64,
	/* Sequences of keys remembered with their template. */
	TEMPLATE_MEMORY = 1024,
	SLOT_ROOT = 0, /* the message itself */
	SLOT_CLOSE = 0xffff,
};

struct index_slot {
	uint16_t parent;
	field_id field; /* FIELD_NONE: unknown key or object */
	bool object;
	uint16_t key_len;
	uint32_t key;     /* in keys */
	uint16_t sibling; /* of the same field, elsewhere; 0: none */
	uint16_t next;    /* what stood behind it last */
	/* The template, + 1, that a row beginning here took last: plain, spaced. */
	uint16_t begins[2];
};

struct index_tmpl_node {
	uint16_t slot;
	uint32_t edges; /* + 1; 0: none */
	uint32_t visited;
};

struct index_tmpl_edge {
	uint16_t from, to; /* nodes */
	uint32_t next;     /* + 1: the edge from the same node before it */
};

struct index_tmpl {
	bool spaced;
	uint16_t *node_of; /* slot to node + 1 */
	uint32_t nslots;   /* slots that node_of covers */
	struct index_tmpl_node *nodes;
	uint32_t nnodes, node_cap;
	struct index_tmpl_edge *edges;
	uint32_t nedges, edge_cap;
	uint32_t stamp;
};

struct index_seen {
	uint64_t hash;
	uint16_t tmpl;
	bool used;
};

struct index_templates {
	struct index_slot *slots;
	uint32_t nslots, slot_cap;
	uint16_t *slot_of_field; /* 0: none yet */
	uint32_t nfields;
	uint16_t *table; /* slots by (parent, key), open addressing */
	struct buf keys;
	struct index_tmpl *tmpls;
	uint32_t ntmpls, tmpl_cap; /* those above ntmpls keep their memory */
	uint16_t recent[TEMPLATE_TRIES];
	uint32_t nrecent;
	uint64_t work;
	struct index_seen *seen;
	/* The row at hand: slots in order, SLOT_CLOSE at the end of an object. */
	uint16_t *row;
	uint32_t nrow, row_cap;
	uint16_t *stack; /* nodes, when searching */
	uint32_t stack_cap;
};

MUST_CHECK int index_templates_init(struct index_templates *t,
				    uint32_t nfields);
void index_templates_release(struct index_templates *t); /* also of zeros */
void index_templates_clear(struct index_templates *t);

/* The template of a regular record, TEMPLATE_NONE if it gets none.  t->row
 * then names the slot of each item.  ERR_NO_MEMORY. */
MUST_CHECK int index_templates_place(struct index_templates *t,
				     const struct record *rec, uint16_t *tmpl);

/* Its second half: the template that t->row fits or is fitted to. */
MUST_CHECK int index_templates_fit(struct index_templates *t, bool spaced,
				   uint16_t *tmpl);

/* Appends the templates' part; `scratch` is the caller's to rewind. */
MUST_CHECK int index_templates_encode(const struct index_templates *t,
				      struct arena *scratch, struct buf *out);

#endif
