/*
 * index/merge.h - neighbouring segments become one.
 *
 * A store that takes small batches would soon have more segments than a query
 * can open; merging keeps their number near the logarithm of the rows.  What
 * a query sees never changes: rows, sequence numbers, times received and the
 * bytes of messages are those of before.
 *
 * A merger belongs to one thread, and a store has one at a time.  Commits,
 * queries and snapshots go on meanwhile: no transaction of a merge changes
 * more than 4 MiB.
 */
#ifndef INDEX_MERGE_H
#define INDEX_MERGE_H

#include <stdint.h>

#include "base/compiler.h"
#include "base/err.h"
#include "index/store.h"

struct index_merger;

struct index_merge_done {
	uint32_t segments; /* that are gone */
	uint32_t rows;
	uint64_t bytes_before, bytes_after;
};

/* `s` must be open for writing and outlive the merger. */
MUST_CHECK int index_merger_new(struct index_merger **out,
				struct index_store *s, struct err *err);
void index_merger_free(struct index_merger *m); /* NULL is fine */

/* Does the most urgent merge of all datasets.  1: done, and there may be more;
 * 0: none is due.  After an error the store is as it was, and a merge that
 * failed for what its segments hold (ERR_CORRUPT, ERR_LIMIT) is not tried
 * again by this merger. */
MUST_CHECK int index_merger_step(struct index_merger *m,
				 struct index_merge_done *done,
				 struct err *err);

#endif
