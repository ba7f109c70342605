/*
 * schemas/unicode_int.h - pinned tables (tools/unicode/tables.pl).
 *
 * Two stages: code points below the limit find their block by their upper
 * bits, the byte in it by the lower ones; above the limit all are 0.
 */
#ifndef SCHEMAS_UNICODE_INT_H
#define SCHEMAS_UNICODE_INT_H

#include <stdint.h>

enum {
	WORD_CLASSES = 28,
	WORD_DEAD = 0, /* states of the automaton */
	WORD_START = 1,
	CLASS_SHIFT = 7,
	LOWER_SHIFT = 6,
};

extern const uint32_t unicode_class_limit;
extern const uint8_t unicode_class_index[];
extern const uint8_t unicode_class_blocks[];

extern const uint32_t unicode_lower_limit;
extern const uint8_t unicode_lower_index[];
extern const uint8_t unicode_lower_blocks[]; /* indexes of distances */
extern const int32_t unicode_lower_delta[];

extern const uint8_t unicode_word_accepts[]; /* by state */
extern const uint8_t unicode_word_next[][WORD_CLASSES];

static inline unsigned unicode_class(uint32_t cp)
{
	uint32_t block;

	if (cp >= unicode_class_limit)
		return 0;
	block = unicode_class_index[cp >> CLASS_SHIFT];
	return unicode_class_blocks[block << CLASS_SHIFT |
				    (cp & ((1u << CLASS_SHIFT) - 1))];
}

#endif
