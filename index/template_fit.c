/*
 * index/template_fit.c - does a sequence of keys fit a template?
 *
 * A template is a graph: its nodes are slots, an edge leads from a key to the
 * one that some row had directly behind it in the same object.  A sequence
 * fits if adding its edges closes no circle, and if no field of it stands
 * elsewhere in the template.
 */
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "index/template_int.h"

static void *grow(void *p, uint32_t *cap, uint32_t need, size_t size)
{
	uint32_t n = *cap ? *cap * 2 : 32;
	void *q;

	if (n < need)
		n = need;
	q = mem_realloc_array(p, n, size);
	if (q)
		*cap = n;
	return q;
}

static int cover_slots(struct index_templates *t, struct index_tmpl *tm)
{
	uint32_t old = tm->nslots;
	uint16_t *node_of;

	if (t->nslots <= old)
		return 0;
	node_of = grow(tm->node_of, &tm->nslots, t->nslots, sizeof(*node_of));
	if (!node_of)
		return ERR_NO_MEMORY;
	memset(node_of + old, 0, (tm->nslots - old) * sizeof(*node_of));
	tm->node_of = node_of;
	return 0;
}

static int add_node(struct index_tmpl *tm, uint16_t slot)
{
	if (tm->nnodes == tm->node_cap) {
		struct index_tmpl_node *nodes =
			grow(tm->nodes, &tm->node_cap, 0, sizeof(*nodes));

		if (!nodes)
			return ERR_NO_MEMORY;
		tm->nodes = nodes;
	}
	tm->nodes[tm->nnodes] = (struct index_tmpl_node){ .slot = slot };
	tm->node_of[slot] = (uint16_t)++tm->nnodes;
	return 0;
}

static int add_edge(struct index_tmpl *tm, uint16_t from, uint16_t to)
{
	if (tm->nedges == tm->edge_cap) {
		struct index_tmpl_edge *edges =
			grow(tm->edges, &tm->edge_cap, 0, sizeof(*edges));

		if (!edges)
			return ERR_NO_MEMORY;
		tm->edges = edges;
	}
	tm->edges[tm->nedges] =
		(struct index_tmpl_edge){ from, to, tm->nodes[from].edges };
	tm->nodes[from].edges = ++tm->nedges;
	return 0;
}

static bool has_edge(const struct index_tmpl *tm, uint16_t from, uint16_t to)
{
	uint32_t e = tm->nodes[from].edges;

	while (e && tm->edges[e - 1].to != to)
		e = tm->edges[e - 1].next;
	return e != 0;
}

/* 1: `to` can be reached from `from` (or finding out costs too much), 0: not. */
static int reaches(struct index_templates *t, struct index_tmpl *tm,
		   uint16_t from, uint16_t to)
{
	uint32_t n = 0;

	if (tm->nnodes > t->stack_cap) {
		uint16_t *stack = grow(t->stack, &t->stack_cap, tm->nnodes,
				       sizeof(*stack));

		if (!stack)
			return ERR_NO_MEMORY;
		t->stack = stack;
	}
	tm->stamp++;
	t->stack[n++] = from;
	tm->nodes[from].visited = tm->stamp;
	while (n) {
		uint16_t node = t->stack[--n];
		uint32_t e = tm->nodes[node].edges;

		if (node == to)
			return 1;
		for (; e; e = tm->edges[e - 1].next) {
			uint16_t next = tm->edges[e - 1].to;

			if (++t->work > TEMPLATE_WORK)
				return 1;
			if (tm->nodes[next].visited == tm->stamp)
				continue;
			tm->nodes[next].visited = tm->stamp;
			t->stack[n++] = next;
		}
	}
	return 0;
}

/* Does the slot's field stand elsewhere in the template? */
static bool field_elsewhere(const struct index_templates *t,
			    const struct index_tmpl *tm, uint16_t slot)
{
	field_id field = t->slots[slot].field;
	uint16_t s;

	if (field >= t->nfields)
		return false;
	for (s = t->slot_of_field[field]; s; s = t->slots[s].sibling)
		if (s != slot && s < tm->nslots && tm->node_of[s])
			return true;
	return false;
}

/* Takes one key of the row in.  1: it fits, 0: it does not. */
static int take(struct index_templates *t, struct index_tmpl *tm,
		uint16_t before, uint16_t slot)
{
	uint16_t from, to;
	int ret;

	if (!tm->node_of[slot]) {
		if (field_elsewhere(t, tm, slot))
			return 0;
		ret = add_node(tm, slot);
		if (ret < 0)
			return ret;
	}
	if (!before)
		return 1;
	from = (uint16_t)(tm->node_of[before] - 1);
	to = (uint16_t)(tm->node_of[slot] - 1);
	if (from == to)
		return 0;
	if (has_edge(tm, from, to))
		return 1;
	ret = reaches(t, tm, to, from);
	if (ret != 0)
		return ret < 0 ? ret : 0;
	ret = add_edge(tm, from, to);
	return ret < 0 ? ret : 1;
}

/* Takes back what a row that does not fit has added: the newest come off
 * first, so each is the head of its list. */
static void undo(struct index_tmpl *tm, uint32_t nnodes, uint32_t nedges)
{
	while (tm->nedges > nedges) {
		const struct index_tmpl_edge *e = &tm->edges[--tm->nedges];

		tm->nodes[e->from].edges = e->next;
	}
	while (tm->nnodes > nnodes)
		tm->node_of[tm->nodes[--tm->nnodes].slot] = 0;
}

/* 1: the row at hand fits the template now, 0: it does not. */
static int try_template(struct index_templates *t, struct index_tmpl *tm)
{
	uint32_t nnodes = tm->nnodes, nedges = tm->nedges, depth = 0, i;
	uint16_t before[LIMIT_JSON_DEPTH + 2];
	int ret = cover_slots(t, tm);

	if (ret < 0)
		return ret;
	before[0] = 0;
	for (i = 0, ret = 1; i < t->nrow && ret > 0; i++) {
		uint16_t slot = t->row[i];

		if (slot == SLOT_CLOSE) {
			depth--;
			continue;
		}
		ret = take(t, tm, before[depth], slot);
		before[depth] = slot;
		if (t->slots[slot].object)
			before[++depth] = 0;
	}
	if (ret > 0 && tm->nnodes > TEMPLATE_WIDE && tm->nnodes > nnodes &&
	    nnodes)
		ret = 0;
	if (ret <= 0)
		undo(tm, nnodes, nedges);
	return ret;
}

static int new_template(struct index_templates *t, bool spaced)
{
	struct index_tmpl *tm;

	if (t->ntmpls == t->tmpl_cap) {
		uint32_t old = t->tmpl_cap;

		tm = grow(t->tmpls, &t->tmpl_cap, 0, sizeof(*tm));
		if (!tm)
			return ERR_NO_MEMORY;
		memset(tm + old, 0, (t->tmpl_cap - old) * sizeof(*tm));
		t->tmpls = tm;
	}
	tm = &t->tmpls[t->ntmpls];
	tm->spaced = spaced;
	tm->nnodes = 0;
	tm->nedges = 0;
	if (tm->nslots)
		memset(tm->node_of, 0, tm->nslots * sizeof(*tm->node_of));
	return try_template(t, tm);
}

/* Most recently used first. */
static void remember(struct index_templates *t, uint32_t i, uint16_t tmpl)
{
	if (i == t->nrecent && t->nrecent < TEMPLATE_TRIES)
		t->nrecent++;
	else if (i == t->nrecent)
		i--;
	memmove(t->recent + 1, t->recent, i * sizeof(*t->recent));
	t->recent[0] = tmpl;
}

/* Those used lately, save `but`.  1: *tmpl fits, 0: none does. */
static int try_recent(struct index_templates *t, bool spaced, uint32_t but,
		      uint16_t *tmpl)
{
	uint32_t i;

	for (i = 0; i < t->nrecent; i++) {
		uint16_t recent = t->recent[i];
		int ret;

		if (recent == but || t->tmpls[recent].spaced != spaced)
			continue;
		ret = try_template(t, &t->tmpls[recent]);
		if (ret > 0) {
			*tmpl = recent;
			remember(t, i, recent);
		}
		if (ret != 0)
			return ret;
	}
	return 0;
}

/* A producer's rows mostly begin with the same key, so what such a row took
 * last is tried first: producers that take turns do not disturb each other. */
int index_templates_fit(struct index_templates *t, bool spaced, uint16_t *tmpl)
{
	uint16_t *begins = t->nrow ? &t->slots[t->row[0]].begins[spaced] : NULL;
	uint32_t likely = begins && *begins ? *begins - 1U : UINT32_MAX;
	int ret = 0;

	t->work -= t->work < TEMPLATE_WORK_ROW ? t->work : TEMPLATE_WORK_ROW;
	if (t->work > TEMPLATE_WORK)
		return 0;
	if (likely != UINT32_MAX)
		ret = try_template(t, &t->tmpls[likely]);
	if (ret > 0)
		*tmpl = (uint16_t)likely;
	else if (ret == 0)
		ret = try_recent(t, spaced, likely, tmpl);
	if (ret < 0)
		return ret;
	if (ret > 0) {
		if (begins)
			*begins = (uint16_t)(*tmpl + 1);
		return 0;
	}
	if (t->ntmpls == LIMIT_TEMPLATES)
		return 0;
	ret = new_template(t, spaced);
	if (ret <= 0)
		return ret;
	*tmpl = (uint16_t)t->ntmpls++;
	if (begins)
		*begins = (uint16_t)(*tmpl + 1);
	remember(t, t->nrecent, *tmpl);
	return 0;
}
