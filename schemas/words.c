/*
 * schemas/words.c - words by the automaton of unicode_table.c: at each place
 * the longest match is a word; where nothing matches, one code point is
 * passed over.
 *
 * A match sees at most 255 UTF-16 units, as the tokenizer's buffer does, so a
 * longer word falls into pieces.
 */
#include "schemas/words.h"

#include "base/utf8.h"
#include "schemas/unicode_int.h"

enum { WORD_UNITS = 255 };

void words_init(struct words *w, struct slice text)
{
	w->p = text.p;
	w->end = text.p + text.len;
}

/* The class of what stands at p, and how long that is; bytes that are not
 * UTF-8 are in no word. */
static inline unsigned class_at(const char *p, const char *end, size_t *len,
				unsigned *units)
{
	uint32_t cp;

	*units = 1;
	if ((unsigned char)*p < 0x80) {
		*len = 1;
		return unicode_class_blocks[unicode_class_index[0]
						    << CLASS_SHIFT |
					    (unsigned char)*p];
	}
	*len = utf8_decode(p, end, &cp);
	if (*len == 0) {
		*len = 1;
		return 0;
	}
	*units = cp > 0xffff ? 2 : 1;
	return unicode_class(cp);
}

/* The end of the longest word that starts at p; p if there is none, and then
 * *next is where to go on. */
static const char *match(const char *p, const char *end, const char **next)
{
	const char *longest = p;
	unsigned state = WORD_START, left = WORD_UNITS;
	size_t len;
	unsigned units;

	for (const char *at = p; at < end; at += len) {
		unsigned class = class_at(at, end, &len, &units);

		if (at == p)
			*next = p + len;
		if (units > left)
			break;
		left -= units;
		state = unicode_word_next[state][class];
		if (state == WORD_DEAD)
			break;
		if (unicode_word_accepts[state])
			longest = at + len;
	}
	return longest;
}

bool words_next(struct words *w, struct slice *word)
{
	while (w->p < w->end) {
		const char *next = w->p;
		const char *stop = match(w->p, w->end, &next);

		if (stop > w->p) {
			*word = slice_of(w->p, (size_t)(stop - w->p));
			w->p = stop;
			return true;
		}
		w->p = next;
	}
	return false;
}

bool words_any(struct slice text)
{
	struct words w;
	struct slice word;

	words_init(&w, text);
	return words_next(&w, &word);
}
