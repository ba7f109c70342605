/*
 * index/template_encode.c - the templates' part of a segment.
 *
 *	u32 slots, u32 templates, u32 steps, u32 bytes of keys
 *	per slot: u16 field, u16 object?, u32 end of its key
 *	per template: u32 end of its steps, u32 spaced?
 *	steps: u16 slot, or 0xffff for the end of an object
 *	keys
 *
 * Slot 0 is the message.  An object's steps stand between its slot and 0xffff.
 */
#include "base/limits.h"
#include "index/part_int.h"
#include "index/template_int.h"

enum { NODE_NONE = 0xffff };

/* Scratch for one template; index nnodes stands for the message. */
struct order {
	uint16_t *topo;   /* nodes, last first */
	uint32_t *cursor; /* edge to follow next, + 1 */
	uint16_t *stack;
	bool *seen;
	uint16_t *child; /* first child of a node */
	uint16_t *next;  /* next child of the same parent */
};

static int order_alloc(struct order *o, struct arena *a, uint32_t n)
{
	o->topo = arena_calloc(a, n + 1, sizeof(*o->topo));
	o->cursor = arena_calloc(a, n + 1, sizeof(*o->cursor));
	o->stack = arena_calloc(a, n + 1, sizeof(*o->stack));
	o->seen = arena_calloc(a, n + 1, sizeof(*o->seen));
	o->child = arena_calloc(a, n + 1, sizeof(*o->child));
	o->next = arena_calloc(a, n + 1, sizeof(*o->next));
	if (!o->topo || !o->cursor || !o->stack || !o->seen || !o->child ||
	    !o->next)
		return ERR_NO_MEMORY;
	return 0;
}

/* Depth-first from `root`: a node is put after all that follow it. */
static uint32_t visit(const struct index_tmpl *tm, struct order *o,
		      uint16_t root, uint32_t done)
{
	uint32_t depth = 0;

	o->stack[depth++] = root;
	o->seen[root] = true;
	o->cursor[root] = tm->nodes[root].edges;
	while (depth) {
		uint16_t node = o->stack[depth - 1];
		uint32_t e = o->cursor[node];
		uint16_t to;

		if (!e) {
			o->topo[done++] = node;
			depth--;
			continue;
		}
		o->cursor[node] = tm->edges[e - 1].next;
		to = tm->edges[e - 1].to;
		if (o->seen[to])
			continue;
		o->seen[to] = true;
		o->cursor[to] = tm->nodes[to].edges;
		o->stack[depth++] = to;
	}
	return done;
}

/* Children of each node, in an order that every row agrees with. */
static void sort_nodes(const struct index_templates *t,
		       const struct index_tmpl *tm, struct order *o)
{
	uint32_t n = tm->nnodes, done = 0, i;

	for (i = n; i-- > 0;)
		if (!o->seen[i])
			done = visit(tm, o, (uint16_t)i, done);
	for (i = 0; i <= n; i++)
		o->child[i] = NODE_NONE;
	for (i = 0; i < n; i++) {
		uint16_t node = o->topo[i];
		uint16_t parent = t->slots[tm->nodes[node].slot].parent;
		uint32_t at = parent == SLOT_ROOT ? n :
						    tm->node_of[parent] - 1u;

		o->next[node] = o->child[at];
		o->child[at] = node;
	}
}

static void put_step(struct buf *out, uint16_t step)
{
	char le[2];

	index_set16(le, step);
	buf_put(out, le, sizeof(le));
}

static uint32_t put_steps(const struct index_templates *t,
			  const struct index_tmpl *tm, struct order *o,
			  struct buf *out)
{
	uint16_t open[LIMIT_JSON_DEPTH + 2], node = o->child[tm->nnodes];
	uint32_t depth = 0, steps = 0;

	while (node != NODE_NONE) {
		uint16_t slot = tm->nodes[node].slot;

		put_step(out, slot);
		steps++;
		if (t->slots[slot].object) {
			open[depth++] = node;
			node = o->child[node];
		} else {
			node = o->next[node];
		}
		while (node == NODE_NONE && depth) {
			put_step(out, SLOT_CLOSE);
			steps++;
			node = o->next[open[--depth]];
		}
	}
	return steps;
}

static void put_slots(const struct index_templates *t, struct buf *out)
{
	uint32_t i;

	for (i = 0; i < t->nslots; i++) {
		const struct index_slot *s = &t->slots[i];

		put_step(out, s->field);
		put_step(out, s->object);
		index_put32(out, s->key + s->key_len);
	}
}

int index_templates_encode(const struct index_templates *t,
			   struct arena *scratch, struct buf *out)
{
	size_t start = out->len, directory;
	uint32_t i, steps = 0;

	index_put32(out, t->nslots);
	index_put32(out, t->ntmpls);
	index_put32(out, 0);
	index_put32(out, (uint32_t)t->keys.len);
	put_slots(t, out);
	directory = out->len;
	for (i = 0; i < t->ntmpls; i++)
		index_put64(out, 0);
	for (i = 0; i < t->ntmpls; i++) {
		const struct index_tmpl *tm = &t->tmpls[i];
		struct arena_mark mark = arena_mark(scratch);
		struct order o;

		if (order_alloc(&o, scratch, tm->nnodes) < 0)
			return ERR_NO_MEMORY;
		sort_nodes(t, tm, &o);
		steps += put_steps(t, tm, &o, out);
		arena_rewind(scratch, mark);
		if (out->error)
			return out->error;
		index_set32(out->p + directory + (size_t)i * 8, steps);
		index_set32(out->p + directory + (size_t)i * 8 + 4, tm->spaced);
	}
	if (out->error)
		return out->error;
	index_set32(out->p + start + 8, steps);
	index_put_pad(out, start);
	buf_put_slice(out, buf_slice(&t->keys));
	index_put_pad(out, start);
	return out->error;
}
