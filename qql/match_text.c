/*
 * qql/match_text.c - does one text value meet a condition?
 */
#include "qql/match_int.h"

#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "schemas/words.h"

enum {
	/* Folding a code point adds at most one byte to two. */
	FOLDED_MAX = 2 * LIMIT_VALUE,
};

static struct slice longer(struct slice a, struct slice b)
{
	return b.len > a.len ? b : a;
}

/* Letters and digits of ASCII: one word, which nothing splits. */
static bool is_plain_word(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!(s.p[i] >= 'a' && s.p[i] <= 'z') &&
		    !(s.p[i] >= '0' && s.p[i] <= '9'))
			return false;
	return s.len > 0;
}

static void init_words(struct qql_matcher *m)
{
	const struct plan_phrase *ph = m->node->words.phrases;
	uint32_t n = m->node->words.n;

	for (uint32_t i = 0; i < n; i++)
		for (uint32_t k = 0; k < ph[i].n; k++)
			m->anchor = longer(m->anchor, ph[i].words[k]);
	m->one_word = n == 1 && ph[0].n == 1 && is_plain_word(m->anchor);
	m->word_goes_on = m->one_word && ph[0].prefix;
}

static void init_pattern(struct qql_matcher *m)
{
	const struct plan_atom *a = m->node->pattern.atoms;
	uint32_t n = m->node->pattern.n;

	for (uint32_t i = 0; i < n; i++)
		if (a[i].kind == PLAN_ATOM_TEXT)
			m->anchor = longer(m->anchor, a[i].text);
	if (n && a[0].kind == PLAN_ATOM_TEXT)
		m->head = a[0].text;
	m->head_only = n == 2 && m->head.len && a[1].kind == PLAN_ATOM_RUN;
	m->contains = n == 3 && a[0].kind == PLAN_ATOM_RUN &&
		      a[1].kind == PLAN_ATOM_TEXT && a[2].kind == PLAN_ATOM_RUN;
}

void qql_matcher_init(struct qql_matcher *m, const struct plan_node *node)
{
	*m = (struct qql_matcher){ .node = node, .anchor = SLICE_LIT("") };
	buf_init(&m->folded, FOLDED_MAX);
	buf_init(&m->words.text, FOLDED_MAX);
	if (node->op == PLAN_WORDS)
		init_words(m);
	else if (node->op == PLAN_PATTERN)
		init_pattern(m);
}

void qql_matcher_release(struct qql_matcher *m)
{
	buf_release(&m->folded);
	buf_release(&m->words.text);
	mem_free(m->words.ends);
	mem_free(m->piece);
}

static int add_word(struct qql_word_list *w, struct slice word)
{
	if (w->n == w->cap) {
		uint32_t cap = w->cap ? 2 * w->cap : 64;
		uint32_t *ends = mem_realloc_array(w->ends, cap, sizeof(*ends));

		if (!ends)
			return ERR_NO_MEMORY;
		w->ends = ends;
		w->cap = cap;
	}
	fold_append(&w->text, word);
	w->ends[w->n++] = (uint32_t)w->text.len;
	return w->text.error;
}

static struct slice word_at(const struct qql_word_list *w, uint32_t i)
{
	uint32_t start = i ? w->ends[i - 1] : 0;

	return slice_of(w->text.p + start, w->ends[i] - start);
}

static bool phrase_at(const struct qql_word_list *w, uint32_t at,
		      const struct plan_phrase *ph)
{
	for (uint32_t k = 0; k < ph->n; k++) {
		struct slice have = word_at(w, at + k), want = ph->words[k];
		bool open = ph->prefix && k + 1 == ph->n;

		if (open ? have.len < want.len : have.len != want.len)
			return false;
		if (memcmp(have.p, want.p, want.len) != 0)
			return false;
	}
	return true;
}

static bool has_phrase(const struct qql_word_list *w,
		       const struct plan_phrase *ph)
{
	for (uint32_t at = 0; at + ph->n <= w->n; at++)
		if (phrase_at(w, at, ph))
			return true;
	return false;
}

static int test_words(struct qql_matcher *m, struct slice value)
{
	struct qql_word_list *w = &m->words;
	struct words walk;
	struct slice word;
	int ret;

	buf_reset(&w->text);
	w->n = 0;
	words_init(&walk, value);
	while (words_next(&walk, &word)) {
		ret = add_word(w, word);
		if (ret < 0)
			return ret;
	}
	for (uint32_t i = 0; i < m->node->words.n; i++)
		if (!has_phrase(w, &m->node->words.phrases[i]))
			return 0;
	return 1;
}

/* Where the atoms [from, n) up to the next run match at p; NULL: nowhere. */
static const char *group_at(const struct plan_atom *atoms, uint32_t n,
			    uint32_t from, const char *p, const char *end)
{
	uint32_t cp;

	for (uint32_t i = from; i < n && atoms[i].kind != PLAN_ATOM_RUN; i++) {
		if (atoms[i].kind == PLAN_ATOM_ONE) {
			if (p == end)
				return NULL;
			size_t len = utf8_decode(p, end, &cp);

			p += len ? len : 1;
			continue;
		}
		struct slice t = atoms[i].text;

		if ((size_t)(end - p) < t.len || memcmp(p, t.p, t.len) != 0)
			return NULL;
		p += t.len;
	}
	return p;
}

/* The next place at or after p where a group may begin; NULL: none. */
static const char *group_next(const struct plan_atom *first, const char *p,
			      const char *end)
{
	if (first->kind != PLAN_ATOM_TEXT)
		return p;
	return memmem(p, (size_t)(end - p), first->text.p, first->text.len);
}

static const char *next_code_point(const char *p, const char *end)
{
	uint32_t cp;
	size_t len = utf8_decode(p, end, &cp);

	return p + (len ? len : 1);
}

/*
 * Groups between runs are taken at their first place, which leaves most to
 * those that follow; only the last one, if no run ends the pattern, must sit
 * at the end of the value.
 */
static bool test_pattern(const struct plan_atom *atoms, uint32_t n,
			 struct slice folded)
{
	const char *p = folded.len ? folded.p : "";
	const char *end = p + folded.len, *after;
	uint32_t i = 0;
	bool run = false;

	while (i < n) {
		if (atoms[i].kind == PLAN_ATOM_RUN) {
			run = true;
			i++;
			continue;
		}
		uint32_t next = i;

		while (next < n && atoms[next].kind != PLAN_ATOM_RUN)
			next++;
		for (;; p = next_code_point(p, end)) {
			if (run)
				p = group_next(&atoms[i], p, end);
			if (!p)
				return false;
			after = group_at(atoms, n, i, p, end);
			if (after && (next < n || after == end))
				break;
			if (!run || p == end)
				return false;
		}
		p = after;
		i = next;
		run = false;
	}
	return run || p == end;
}

static bool in_texts(const struct plan_node *node, struct slice s)
{
	uint32_t lo = 0, hi = node->text.n;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		int c = slice_cmp(node->text.texts[mid], s);

		if (c == 0)
			return true;
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return false;
}

static bool has_prefix(const struct plan_node *node, struct slice s)
{
	for (uint32_t i = 0; i < node->text.n; i++) {
		struct slice t = node->text.texts[i];

		if (t.len <= s.len && memcmp(t.p, s.p, t.len) == 0)
			return true;
	}
	return false;
}

static bool in_range(const struct plan_text_range *r, struct slice s)
{
	if (r->lo.p) {
		int c = slice_cmp(s, r->lo);

		if (c < 0 || (c == 0 && r->lo_open))
			return false;
	}
	if (r->hi.p) {
		int c = slice_cmp(s, r->hi);

		if (c > 0 || (c == 0 && r->hi_open))
			return false;
	}
	return true;
}

/* `folded` is not looked at for WORDS and EXACT. */
static int test_folded(struct qql_matcher *m, struct slice value,
		       struct slice folded)
{
	const struct plan_node *node = m->node;

	switch ((int)node->op) {
	case PLAN_WORDS:
		return test_words(m, value);
	case PLAN_PATTERN:
		return test_pattern(node->pattern.atoms, node->pattern.n,
				    folded);
	case PLAN_EQUAL:
		return in_texts(node, folded);
	case PLAN_PREFIX:
		return has_prefix(node, folded);
	case PLAN_TEXT_RANGE:
		return in_range(&node->text_range, folded);
	default:
		return in_texts(node, value); /* EXACT */
	}
}

int qql_matcher_test(struct qql_matcher *m, struct slice value, struct err *err)
{
	int ret;

	buf_reset(&m->folded);
	if (m->node->op != PLAN_EXACT && m->node->op != PLAN_WORDS) {
		fold_append(&m->folded, value);
		if (m->folded.error)
			return buf_error(&m->folded, "a folded value", err);
	}
	ret = test_folded(m, value, buf_slice(&m->folded));
	return ret < 0 ? err_nomem(err) : ret;
}
