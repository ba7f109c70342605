/*
 * helper_store.h - stores to test with: directories, datasets, packs by hand.
 */
#ifndef TESTS_UNIT_INDEX_HELPER_STORE_H
#define TESTS_UNIT_INDEX_HELPER_STORE_H

#include <stdint.h>

#include "index/commit.h"
#include "index/seal_int.h"
#include "index/snapshot.h"
#include "index/store.h"

enum { HELPER_PATH = 64, HELPER_PACKS = 4 };

/* A new, empty directory below /tmp. */
void helper_dir_make(char path[HELPER_PATH]);
/* With everything in it. */
void helper_dir_remove(const char *path);
/* "DIR/NAME" in a buffer that the next call overwrites. */
const char *helper_file(const char *dir, const char *name);

struct dataset *helper_dataset(const char *json);
extern const char helper_schema[]; /* a log dataset "events" */

/* A sealed segment whose packs hold bytes made from `seed`. */
struct helper_sealed {
	struct index_sealed sealed;
	struct slice packs[HELPER_PACKS];
	char *bytes;
};
void helper_sealed_make(struct helper_sealed *h, const struct dataset *ds,
			uint32_t rows, uint64_t seed);
void helper_sealed_release(struct helper_sealed *h);

/* One batch: a segment of `rows` rows made from `seed`, and "position" =
 * the seed in decimal. */
int helper_commit(struct index_store *s, const struct dataset *ds,
		  uint32_t rows, uint64_t seed, int64_t received,
		  struct err *err);
/* The value of "position"; 0 if there is none. */
uint64_t helper_position(struct index_store *s);

/* Runs fn(ctx) in a child that is killed after 20 s; returns waitpid's status
 * and what the child wrote to its standard error. */
int helper_in_child(void (*fn)(void *ctx), void *ctx, char *words, size_t size);

/* Small, fast, seeded. */
uint64_t helper_random(uint64_t *state);

#endif
