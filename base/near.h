/*
 * base/near.h - the nearest known name, for "did you mean".
 */
#ifndef BASE_NEAR_H
#define BASE_NEAR_H

#include <stddef.h>

#include "base/slice.h"

/* Restricted Damerau-Levenshtein distance (optimal string alignment), ASCII
 * case ignored; `max` + 1 if it is larger than max. */
unsigned near_distance(struct slice a, struct slice b, unsigned max);

/* Fed one candidate after another; keeps the best. */
struct near {
	struct slice wanted;
	struct slice best; /* .p NULL: nothing near enough */
	unsigned distance;
};
void near_init(struct near *n, struct slice wanted);
void near_offer(struct near *n, struct slice candidate);

#endif
