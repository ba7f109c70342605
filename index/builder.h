/*
 * index/builder.h - records to a sealed segment, in memory.
 *
 * A builder collects the records of one batch for one dataset; sealing sorts
 * them by time (ties in order of arrival), writes dictionaries and columns,
 * and proves row by row that the source can be rebuilt byte for byte: what
 * cannot goes to the exceptions.  The builder is then empty and keeps its
 * memory, so that a warm one allocates nothing per event.
 *
 * Threads: one at a time; builders are independent of each other.
 */
#ifndef INDEX_BUILDER_H
#define INDEX_BUILDER_H

#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/err.h"
#include "schemas/dataset.h"
#include "schemas/record.h"

struct index_builder;
struct index_sealed;

MUST_CHECK int index_builder_new(struct index_builder **out,
				 const struct dataset *ds, struct err *err);
void index_builder_free(struct index_builder *b);

/* Copies what it needs.  rec->time must be set, with or without has_time.  On
 * ERR_NO_MEMORY the builder holds what it held before. */
MUST_CHECK int index_builder_add(struct index_builder *b,
				 const struct record *rec, struct err *err);
uint32_t index_builder_rows(const struct index_builder *b);
size_t index_builder_bytes(const struct index_builder *b); /* of sources */
void index_builder_clear(struct index_builder *b);

/* The segment of all rows added (at least one).  The builder is empty after a
 * success, unchanged after a failure. */
MUST_CHECK int index_builder_seal(struct index_builder *b,
				  struct index_sealed **out, struct err *err);
void index_sealed_free(struct index_sealed *s);
uint32_t index_sealed_rows(const struct index_sealed *s);
uint64_t index_sealed_bytes(const struct index_sealed *s);
uint32_t index_sealed_exceptions(const struct index_sealed *s);

#endif
