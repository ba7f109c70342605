/*
 * index/pages_int.h - the page structure of data.mdb, read without LMDB.
 *
 * LMDB trusts its file: a flipped bit in a page header can make it read
 * outside the page, write outside a heap block or follow pages in a circle.
 * This code reads the same bytes and believes none of them.  It knows the
 * data format 1 of LMDB 0.9 (MDB_meta, MDB_page, MDB_node, MDB_db).
 */
#ifndef INDEX_PAGES_INT_H
#define INDEX_PAGES_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/compiler.h"
#include "base/err.h"

/*
 *   page    u64 number | u16 pad | u16 flags | u16 lower | u16 upper | u16 ptr[]
 *   node    u16 lo | u16 hi | u16 flags | u16 key size | key | data
 *           leaf: lo, hi are the data's size; branch: lo, hi, flags its child
 *   large   a page whose lower/upper are a u32 count of pages, then the bytes
 *   tree    u32 pad | u16 flags | u16 depth | u64 branch, leaf, overflow pages
 *           | u64 entries | u64 root
 *   meta    page head (16) | u32 magic | u32 version | u64 address | u64 map
 *           size | tree free (its pad is the page size) | tree main | u64 last
 *           page | u64 transaction
 *
 * All in the machine's byte order.
 */
enum {
	INDEX_PAGE_HEAD = 16,
	INDEX_NODE_HEAD = 8,
	INDEX_TREE_SIZE = 48,
	INDEX_TREE_INTEGER_KEYS = 0x08,
	INDEX_PAGE_FIRST = 2,  /* behind the meta pages */
	INDEX_TREE_DEPTH = 32, /* LMDB's CURSOR_STACK */
};

struct index_tree {
	uint16_t flags;
	uint16_t depth;
	uint64_t branch_pages, leaf_pages, overflow_pages;
	uint64_t entries;
	uint64_t root; /* UINT64_MAX: empty */
};

/* A meta page: the state one transaction left. */
struct index_head {
	uint64_t txnid;
	uint64_t last_page;
	uint32_t page_size;
	struct index_tree free, main;
};

/* The newer meta page of the data file, when both make sense together.
 * ERR_CORRUPT, ERR_VERSION (LMDB's own), ERR_IO; messages name `dir`. */
MUST_CHECK int index_pages_probe(struct index_head *out, int fd,
				 const char *dir, struct err *err);
/* The meta page in the map that transaction `txnid` left; false if a writer
 * has written it anew since. */
bool index_pages_head(struct index_head *out, const char *map, size_t page_size,
		      uint64_t txnid);

/* Shared by the two files that read pages. */
static inline uint16_t index_load16(const char *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline uint32_t index_load32(const char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline uint64_t index_load64(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

void index_tree_load(struct index_tree *out, const char *p);
/* What is wrong with a tree record; NULL if nothing is. */
const char *index_tree_bad(const struct index_tree *t, uint16_t flags,
			   uint64_t last_page);

typedef void index_pages_fn(void *ctx, const char *line);

/* Walks every tree of that state; each fault found is one line.  With `deep`
 * the heads of overflow runs are read as well, a page for each large value.
 * `file_bytes` of the map may be touched.  Other errors: ERR_NO_MEMORY. */
MUST_CHECK int index_pages_check(const char *map, uint64_t file_bytes,
				 const struct index_head *head, bool deep,
				 index_pages_fn *found, void *ctx,
				 struct err *err);

#endif
