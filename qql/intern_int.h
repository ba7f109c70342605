/*
 * qql/intern_int.h - different values of one field, numbered as they come.
 *
 * Values are compared byte for byte.  What has no value, and what is summed up
 * as `other`, have codes of their own.
 */
#ifndef QQL_INTERN_INT_H
#define QQL_INTERN_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "qql/memory_int.h"
#include "schemas/value.h"

#define QQL_CODE_NULL UINT32_MAX
#define QQL_CODE_OTHER (UINT32_MAX - 1)
/* Never a code: no answer yet. */
#define QQL_CODE_UNKNOWN (UINT32_MAX - 2)

struct qql_intern_slot {
	uint32_t hash;
	uint32_t code; /* plus 1; 0: free */
};
struct qql_intern {
	enum value_class class;
	struct qql_memory *memory;
	struct arena texts;
	struct value *values; /* by code */
	uint32_t n, cap;
	struct qql_intern_slot *slots;
	uint32_t nslots;
	bool frozen; /* what is not known is QQL_CODE_OTHER */
};

void qql_intern_init(struct qql_intern *it, enum value_class class,
		     struct qql_memory *memory);
void qql_intern_release(struct qql_intern *it);
MUST_CHECK int qql_intern_add(struct qql_intern *it, const struct value *v,
			      uint32_t *code, struct err *err);
/* An entry of a dictionary: text, or 16 bytes. */
MUST_CHECK int qql_intern_bytes(struct qql_intern *it, struct slice bytes,
				uint32_t *code, struct err *err);

#endif
