/*
 * tests/unit/qql/helper_plan.h - random plans and random query texts over
 * "things".
 */
#ifndef TESTS_UNIT_QQL_HELPER_PLAN_H
#define TESTS_UNIT_QQL_HELPER_PLAN_H

#include "base/arena.h"
#include "base/buf.h"
#include "qql/plan.h"

/* A tree of at most `depth` levels, of every kind of node. */
struct plan_node *helper_plan(uint64_t *random, struct arena *a,
			      const struct dataset *ds, unsigned depth);
/* A query that mostly compiles. */
void helper_query(uint64_t *random, struct buf *out, const struct dataset *ds,
		  unsigned depth);

#endif
