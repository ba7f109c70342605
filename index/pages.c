/*
 * index/pages.c - the page structure of data.mdb: the meta pages.
 */
#include "index/pages_int.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	META_SIZE = 136, /* without the page head */
	META_MAGIC_AT = 0,
	META_VERSION_AT = 4,
	META_FREE_AT = 24,
	META_MAIN_AT = META_FREE_AT + INDEX_TREE_SIZE,
	META_LAST_AT = META_MAIN_AT + INDEX_TREE_SIZE,
	META_TXN_AT = META_LAST_AT + 8,
	PAGE_META = 0x08,
	/* Pages taken and given back in one transaction are never written, so
	 * the file may end this much before its last page. */
	UNWRITTEN_PAGES = 64,
	PROBE_TRIES = 20,
};

#define META_MAGIC UINT32_C(0xBEEFC0DE)
#define NO_PAGE UINT64_MAX

void index_tree_load(struct index_tree *t, const char *p)
{
	t->flags = index_load16(p + 4);
	t->depth = index_load16(p + 6);
	t->branch_pages = index_load64(p + 8);
	t->leaf_pages = index_load64(p + 16);
	t->overflow_pages = index_load64(p + 24);
	t->entries = index_load64(p + 32);
	t->root = index_load64(p + 40);
}

static void load_head(struct index_head *h, const char *meta)
{
	index_tree_load(&h->free, meta + META_FREE_AT);
	index_tree_load(&h->main, meta + META_MAIN_AT);
	h->page_size = index_load32(meta + META_FREE_AT);
	h->last_page = index_load64(meta + META_LAST_AT);
	h->txnid = index_load64(meta + META_TXN_AT);
}

/* What is wrong with one meta page; NULL if nothing is. */
const char *index_tree_bad(const struct index_tree *t, uint16_t flags,
			   uint64_t last_page)
{
	if (t->flags != flags)
		return "unknown tree flags";
	if (t->root == NO_PAGE)
		return t->depth || t->entries ? "a tree without a root" : NULL;
	if (t->root < INDEX_PAGE_FIRST || t->root > last_page)
		return "a root that is no page";
	if (t->depth < 1 || t->depth > INDEX_TREE_DEPTH)
		return "an impossible depth";
	return NULL;
}

static const char *bad_meta(const char *page, uint64_t number)
{
	const char *meta = page + INDEX_PAGE_HEAD;
	struct index_head h;

	if (index_load64(page) != number ||
	    index_load16(page + 10) != PAGE_META)
		return "no meta page";
	if (index_load32(meta + META_MAGIC_AT) != META_MAGIC)
		return "not an LMDB file";
	load_head(&h, meta);
	if (h.page_size < 512 || h.page_size > 65536 ||
	    (h.page_size & (h.page_size - 1)))
		return "an impossible page size";
	if (h.last_page < 1 || h.last_page >= UINT64_MAX / 65536)
		return "an impossible number of pages";
	return NULL;
}

/* Only of the newer one: when a commit cannot be written, LMDB puts the old
 * number back over the new roots. */
static const char *bad_roots(const struct index_head *h)
{
	const char *why =
		index_tree_bad(&h->free, INDEX_TREE_INTEGER_KEYS, h->last_page);

	return why ? why : index_tree_bad(&h->main, 0, h->last_page);
}

/* Both meta pages: transaction n is kept on page n mod 2, so they are one
 * apart.  A writer may be at work meanwhile. */
static const char *bad_pair(const struct index_head *a,
			    const struct index_head *b)
{
	if (a->page_size != b->page_size)
		return "two page sizes";
	if (a->txnid == 0 && b->txnid == 0)
		return NULL; /* nothing written yet */
	if ((a->txnid & 1) != 0 || (b->txnid & 1) != 1 ||
	    (a->txnid + 1 != b->txnid && b->txnid + 1 != a->txnid))
		return "transaction numbers that do not follow each other";
	return NULL;
}

/* One look at the meta pages: 0, or ERR_* with *why what is wrong. */
static int probe_once(struct index_head *out, int fd, const char **why)
{
	char first[INDEX_PAGE_HEAD + META_SIZE],
		second[INDEX_PAGE_HEAD + META_SIZE];
	struct index_head a, b;
	uint64_t have, need;
	struct stat st;
	ssize_t n;

	n = pread(fd, first, sizeof(first), 0);
	if (n < 0)
		return ERR_IO;
	*why = n == 0 ? "it is empty" : "it is cut short";
	if (n < (ssize_t)sizeof(first))
		return ERR_CORRUPT;
	*why = bad_meta(first, 0);
	if (*why)
		return ERR_CORRUPT;
	load_head(&a, first + INDEX_PAGE_HEAD);
	n = pread(fd, second, sizeof(second), a.page_size);
	if (n < 0)
		return ERR_IO;
	*why = "it is cut short";
	if (n < (ssize_t)sizeof(second))
		return ERR_CORRUPT;
	*why = bad_meta(second, 1);
	if (*why)
		return ERR_CORRUPT;
	load_head(&b, second + INDEX_PAGE_HEAD);
	*why = "another version of LMDB's own format";
	if (index_load32(first + INDEX_PAGE_HEAD + META_VERSION_AT) != 1 ||
	    index_load32(second + INDEX_PAGE_HEAD + META_VERSION_AT) != 1)
		return ERR_VERSION;
	*why = bad_pair(&a, &b);
	if (*why)
		return ERR_CORRUPT;
	*out = a.txnid > b.txnid ? a : b;
	*why = bad_roots(out);
	if (*why)
		return ERR_CORRUPT;
	/* The file only grows, and was as long before the meta page said so. */
	if (fstat(fd, &st) < 0)
		return ERR_IO;
	have = (uint64_t)st.st_size / out->page_size;
	need = out->last_page + 1;
	*why = "it is cut short";
	return have < INDEX_PAGE_FIRST || have + UNWRITTEN_PAGES < need ?
		       ERR_CORRUPT :
		       0;
}

int index_pages_probe(struct index_head *out, int fd, const char *dir,
		      struct err *err)
{
	const char *why = NULL;
	int ret = 0;

	/* A read that meets a commit may see half of it; damage stays. */
	for (int i = 0; i < PROBE_TRIES; i++) {
		ret = probe_once(out, fd, &why);
		if (ret == 0)
			return 0;
		if (ret == ERR_IO)
			return err_errno(err, ERR_IO, errno,
					 "cannot read \"%s/data.mdb\"", dir);
		usleep(500);
	}
	return err_set(err, ret, "\"%s/data.mdb\" is damaged: %s", dir, why);
}

bool index_pages_head(struct index_head *out, const char *map, size_t page_size,
		      uint64_t txnid)
{
	const char *page = map + (txnid & 1) * page_size;
	char meta[META_SIZE];

	memcpy(meta, page + INDEX_PAGE_HEAD, sizeof(meta));
	load_head(out, meta);
	out->page_size = (uint32_t)page_size;
	return out->txnid == txnid;
}
