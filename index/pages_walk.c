/*
 * index/pages_walk.c - the page structure of data.mdb: the trees.
 *
 * Every page of every tree is met once.  What is checked is what LMDB takes
 * for granted: that page numbers lie in the file, nodes in their page, keys in
 * order, and that no page is used twice or is free and used.
 */
#include "index/pages_int.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/mem.h"

enum {
	PAGE_BRANCH = 0x01,
	PAGE_LEAF = 0x02,
	PAGE_OVERFLOW = 0x04,
	NODE_BIG = 0x01,
	NODE_TREE = 0x02,
	KEY_MAX = 511,
	TREES_MAX = 16,
};

#define NO_PAGE UINT64_MAX

enum tree_kind { TREE_FREE, TREE_MAIN, TREE_PLAIN };

struct walk {
	const char *map;
	uint64_t pages; /* of the file that may be touched and are in use */
	uint32_t page_size;
	uint64_t txnid;
	bool deep;
	uint64_t *seen; /* a bit for each page met */
	index_pages_fn *found;
	void *ctx;

	/* of the tree being walked */
	enum tree_kind kind;
	const char *name;
	uint64_t branch, leaf, overflow, entries;
	char last[KEY_MAX]; /* key of the last leaf node */
	size_t last_len;
	char least[KEY_MAX]; /* the next leaf key may not be below this */
	size_t least_len;
	bool has_last, has_least;
	bool broken; /* a page was passed over: counts cannot be right */

	/* trees named in the main one */
	struct index_tree trees[TREES_MAX];
	char names[TREES_MAX][16];
	unsigned ntrees;
};

struct node {
	uint16_t flags;
	uint32_t size;  /* leaf: of the value */
	uint64_t child; /* branch */
	const char *key;
	size_t key_len;
	const char *data;
};

static void report(struct walk *w, uint64_t page, const char *what)
{
	char line[160];

	w->broken = true;
	snprintf(line, sizeof(line), "page %" PRIu64 " of \"%s\": %s", page,
		 w->name, what);
	w->found(w->ctx, line);
}

/* Marks `n` pages as met; says what is wrong with that. */
static const char *meet(struct walk *w, uint64_t first, uint64_t n)
{
	if (first < INDEX_PAGE_FIRST || first >= w->pages ||
	    n > w->pages - first)
		return "outside the file";
	for (uint64_t p = first; p < first + n; p++) {
		uint64_t bit = UINT64_C(1) << (p & 63);

		if (w->seen[p >> 6] & bit)
			return "used twice";
		w->seen[p >> 6] |= bit;
	}
	return NULL;
}

static const char *page_at(const struct walk *w, uint64_t number)
{
	return w->map + number * w->page_size;
}

static unsigned page_nodes(const char *page)
{
	return (index_load16(page + 12) - INDEX_PAGE_HEAD) / 2u;
}

static size_t node_bytes(const struct node *n, bool leaf)
{
	size_t size = INDEX_NODE_HEAD + n->key_len;

	if (leaf)
		size += n->flags & NODE_BIG ? 8 : n->size;
	return size + (size & 1);
}

/* Node i of a page whose head is known to be right; false if it is not
 * inside the page. */
static bool load_node(const struct walk *w, const char *page, unsigned i,
		      bool leaf, struct node *n)
{
	uint16_t upper = index_load16(page + 14);
	uint32_t at = index_load16(page + INDEX_PAGE_HEAD + 2 * i);
	const char *p = page + at;

	if (at < upper || (at & 1) || at + INDEX_NODE_HEAD > w->page_size)
		return false;
	n->flags = index_load16(p + 4);
	n->size = index_load16(p) | (uint32_t)index_load16(p + 2) << 16;
	n->child = n->size | (uint64_t)n->flags << 32;
	n->key = p + INDEX_NODE_HEAD;
	n->key_len = index_load16(p + 6);
	n->data = n->key + n->key_len;
	return n->key_len <= KEY_MAX &&
	       node_bytes(n, leaf) <= w->page_size - at;
}

static int key_cmp(const struct walk *w, const char *a, size_t na,
		   const char *b, size_t nb)
{
	size_t n = na < nb ? na : nb;
	int c;

	if (w->kind == TREE_FREE) {
		uint64_t x = index_load64(a), y = index_load64(b);

		return (x > y) - (x < y);
	}
	c = memcmp(a, b, n);
	return c ? c : (na > nb) - (na < nb);
}

/* Everything about a page that does not need its neighbours. */
static const char *bad_page(const struct walk *w, uint64_t number, bool leaf)
{
	const char *page = page_at(w, number);
	uint16_t lower = index_load16(page + 12),
		 upper = index_load16(page + 14);
	size_t used = 0;
	struct node n;

	if (index_load64(page) != number)
		return "the number in it is another one";
	if (index_load16(page + 10) != (leaf ? PAGE_LEAF : PAGE_BRANCH))
		return "of the wrong kind";
	if (lower < INDEX_PAGE_HEAD || (lower & 1) || upper < lower ||
	    upper > w->page_size)
		return "impossible bounds";
	/* LMDB insists on two children, but not in the free list. */
	if (page_nodes(page) < (leaf || w->kind == TREE_FREE ? 1u : 2u))
		return "too few nodes";
	for (unsigned i = 0; i < page_nodes(page); i++) {
		if (!load_node(w, page, i, leaf, &n))
			return "a node outside the page";
		if (w->kind == TREE_FREE && n.key_len != 8 && (leaf || i > 0))
			return "a key of the wrong size";
		used += node_bytes(&n, leaf);
	}
	return used != w->page_size - upper ? "nodes that overlap" : NULL;
}

/* A value of the free list: a count, then page numbers, falling. */
static const char *bad_free_list(struct walk *w, const struct node *n,
				 const char *value)
{
	uint64_t count, before = NO_PAGE;

	if (index_load64(n->key) > w->txnid)
		return "pages freed by a transaction that has not been";
	if (n->size < 8 || n->size % 8)
		return "a free list of an impossible size";
	count = index_load64(value);
	if (count > n->size / 8 - 1)
		return "a free list longer than its value";
	for (uint64_t i = 1; i <= count; i++) {
		uint64_t page = index_load64(value + 8 * i);

		if (page >= before || meet(w, page, 1))
			return "a free page that is in use, or no page";
		before = page;
	}
	return NULL;
}

/* The run of pages behind a large value. */
static const char *bad_run(struct walk *w, const struct node *n,
			   const char **value)
{
	uint64_t first = index_load64(n->data);
	uint64_t need =
		((uint64_t)n->size + INDEX_PAGE_HEAD + w->page_size - 1) /
		w->page_size;
	uint64_t have = need;
	const char *why = meet(w, first, need);

	if (why)
		return "a value on pages outside the file or used twice";
	*value = page_at(w, first) + INDEX_PAGE_HEAD;
	if (w->deep || w->kind == TREE_FREE) {
		const char *page = page_at(w, first);

		have = index_load32(page + 12);
		if (index_load64(page) != first ||
		    index_load16(page + 10) != PAGE_OVERFLOW || have < need ||
		    (have > need && meet(w, first + need, have - need)))
			return "a value whose first page is damaged";
	}
	w->overflow += have;
	return NULL;
}

static const char *bad_subtree(struct walk *w, const struct node *n)
{
	struct index_tree *t = &w->trees[w->ntrees];

	if (n->flags != NODE_TREE || n->size != INDEX_TREE_SIZE ||
	    n->key_len >= sizeof(w->names[0]) || w->ntrees == TREES_MAX)
		return "not the name of a database";
	index_tree_load(t, n->data);
	if (index_tree_bad(t, 0, w->pages - 1))
		return "a damaged database record";
	memcpy(w->names[w->ntrees], n->key, n->key_len);
	w->names[w->ntrees++][n->key_len] = '\0';
	return NULL;
}

static const char *bad_leaf_node(struct walk *w, const struct node *n)
{
	const char *value = n->data;
	const char *why;

	if (n->key_len == 0 ||
	    (w->has_last &&
	     key_cmp(w, n->key, n->key_len, w->last, w->last_len) <= 0) ||
	    (w->has_least &&
	     key_cmp(w, n->key, n->key_len, w->least, w->least_len) < 0))
		return "keys out of order";
	memcpy(w->last, n->key, n->key_len);
	w->last_len = n->key_len;
	w->has_last = true;
	w->has_least = false;
	w->entries++;
	if (w->kind == TREE_MAIN)
		return bad_subtree(w, n);
	if (n->flags & ~NODE_BIG)
		return "unknown node flags";
	if (n->flags & NODE_BIG) {
		why = bad_run(w, n, &value);
		if (why)
			return why;
	}
	return w->kind == TREE_FREE ? bad_free_list(w, n, value) : NULL;
}

static void walk_leaf(struct walk *w, uint64_t number)
{
	const char *page = page_at(w, number);
	const char *why;
	struct node n;

	w->leaf++;
	for (unsigned i = 0; i < page_nodes(page); i++) {
		if (!load_node(w, page, i, true, &n))
			return;
		why = bad_leaf_node(w, &n);
		if (why)
			report(w, number, why);
	}
}

/* What comes below node i of a branch page has keys from its key on. */
static const char *bad_separator(struct walk *w, const struct node *n,
				 unsigned i)
{
	if (i == 0)
		return NULL; /* everything below the next one */
	if (w->has_last &&
	    key_cmp(w, w->last, w->last_len, n->key, n->key_len) >= 0)
		return "keys out of order";
	memcpy(w->least, n->key, n->key_len);
	w->least_len = n->key_len;
	w->has_least = true;
	return NULL;
}

static void check_counts(struct walk *w, const struct index_tree *t)
{
	if (!w->broken &&
	    (w->branch != t->branch_pages || w->leaf != t->leaf_pages ||
	     w->entries != t->entries ||
	     (w->deep && w->overflow != t->overflow_pages)))
		report(w, t->root, "its tree has another size than is noted");
}

static void walk_tree(struct walk *w, const struct index_tree *t,
		      enum tree_kind kind, const char *name)
{
	struct {
		uint64_t page;
		unsigned next;
	} stack[INDEX_TREE_DEPTH];
	uint64_t page = t->root;
	unsigned depth = 0;

	w->kind = kind;
	w->name = name;
	w->branch = w->leaf = w->overflow = w->entries = 0;
	w->has_last = w->has_least = w->broken = false;
	while (page != NO_PAGE) {
		bool leaf = depth + 1u == t->depth;
		const char *why = meet(w, page, 1);

		if (!why)
			why = bad_page(w, page, leaf);
		if (why) {
			report(w, page, why);
		} else if (leaf) {
			walk_leaf(w, page);
		} else {
			w->branch++;
			stack[depth].page = page;
			stack[depth++].next = 0;
		}
		/* Up to a page with a child left, and down into that. */
		for (page = NO_PAGE; depth > 0 && page == NO_PAGE;) {
			const char *p = page_at(w, stack[depth - 1].page);
			unsigned i = stack[depth - 1].next++;
			struct node n;

			if (i == page_nodes(p) ||
			    !load_node(w, p, i, false, &n)) {
				depth--;
				continue;
			}
			why = bad_separator(w, &n, i);
			if (why)
				report(w, stack[depth - 1].page, why);
			page = n.child;
		}
	}
	check_counts(w, t);
}

int index_pages_check(const char *map, uint64_t file_bytes,
		      const struct index_head *head, bool deep,
		      index_pages_fn *found, void *ctx, struct err *err)
{
	struct walk *w = mem_calloc(1, sizeof(*w));
	int ret = 0;

	if (!w)
		return err_nomem(err);
	w->map = map;
	w->page_size = head->page_size;
	w->pages = file_bytes / head->page_size;
	if (w->pages > head->last_page + 1)
		w->pages = head->last_page + 1;
	w->txnid = head->txnid;
	w->deep = deep;
	w->found = found;
	w->ctx = ctx;
	w->seen = mem_calloc(w->pages / 64 + 1, sizeof(*w->seen));
	if (!w->seen) {
		ret = err_nomem(err);
		goto out;
	}
	walk_tree(w, &head->main, TREE_MAIN, "databases");
	for (unsigned i = 0; i < w->ntrees; i++)
		walk_tree(w, &w->trees[i], TREE_PLAIN, w->names[i]);
	/* Last: a page that is both free and in use is named as free. */
	walk_tree(w, &head->free, TREE_FREE, "free pages");
out:
	mem_free(w->seen);
	mem_free(w);
	return ret;
}
