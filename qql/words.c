/*
 * qql/words.c - words and patterns of a query's values.
 */
#include "qql/words_int.h"

#include "qql/diag_int.h"
#include "qql/look_int.h"
#include "schemas/words.h"

#define SHOW(s) qql_diag_show(s).text

struct slice qql_words_fold(struct qql_check *c, struct slice s)
{
	buf_reset(&c->scratch);
	fold_append(&c->scratch, s);
	if (c->scratch.error)
		return slice_of(NULL, 0);
	return arena_dup(c->arena, buf_slice(&c->scratch));
}

static uint32_t count_words(struct slice text)
{
	struct words w;
	struct slice word;
	uint32_t n = 0;

	words_init(&w, text);
	while (words_next(&w, &word))
		n++;
	return n;
}

/* The words of `text` as one phrase; none leaves it empty. */
static int make_phrase(struct qql_check *c, struct slice text,
		       struct plan_phrase *out)
{
	struct slice *list, word;
	struct words w;
	uint32_t n = count_words(text);

	out->n = 0;
	if (!n)
		return 0;
	list = arena_calloc(c->arena, n, sizeof(*list));
	if (!list)
		return err_nomem(c->err);
	words_init(&w, text);
	while (words_next(&w, &word)) {
		list[out->n] = qql_words_fold(c, word);
		if (!list[out->n++].p)
			return err_nomem(c->err);
	}
	out->words = list;
	return 0;
}

static uint32_t count_pieces(const struct qql_value *v)
{
	struct slice piece;
	uint32_t at = 0, n = 0;

	while (qql_value_piece(v, &at, &piece))
		n++;
	return n;
}

static int no_words(struct qql_check *c, const struct qql_test *t,
		    const struct qql_value *v)
{
	int ret = qql_check_fail(c, v->span, "\"%s\" holds no word",
				 SHOW(v->raw));

	if (t->node->op == QQL_FREE)
		err_hint(c->err,
			 "name a token: name:*%s* finds a part of its value",
			 SHOW(v->raw));
	else if (v->raw.len)
		err_hint(
			c->err,
			"write `%s` for the whole value, *%s* for a part of it",
			SHOW(v->raw), SHOW(v->raw));
	else
		err_hint(c->err, "write `` for the empty text");
	return ret;
}

int qql_words_phrases(struct qql_check *c, const struct qql_test *t,
		      const struct qql_value *v, struct plan_node **out)
{
	struct plan_phrase *list =
		arena_calloc(c->arena, count_pieces(v), sizeof(*list));
	struct slice piece;
	uint32_t at = 0, n = 0;
	int ret;

	if (!list)
		return err_nomem(c->err);
	while (qql_value_piece(v, &at, &piece)) {
		struct slice text = qql_value_unescape(c->arena, piece);

		if (!text.p)
			return err_nomem(c->err);
		ret = make_phrase(c, text, &list[n]);
		if (ret < 0)
			return ret;
		n += list[n].n > 0;
	}
	if (!n)
		return no_words(c, t, v);
	list[n - 1].prefix = true;
	ret = qql_node_leaf(c, PLAN_WORDS, t, out);
	if (ret < 0)
		return ret;
	(*out)->words.phrases = list;
	(*out)->words.n = n;
	return 0;
}

/* Adds the text between two stars; a run of stars is one. */
static int add_atom(struct qql_check *c, struct plan_atom *atoms, uint32_t *n,
		    enum plan_atom_kind kind, struct slice raw)
{
	struct slice text;

	if (kind == PLAN_ATOM_RUN && *n && atoms[*n - 1].kind == PLAN_ATOM_RUN)
		return 0;
	atoms[*n].kind = kind;
	if (kind == PLAN_ATOM_TEXT) {
		if (!raw.len)
			return 0;
		text = qql_value_unescape(c->arena, raw);
		if (text.p)
			text = qql_words_fold(c, text);
		if (!text.p)
			return err_nomem(c->err);
		atoms[*n].text = text;
	}
	++*n;
	return 0;
}

static int make_atoms(struct qql_check *c, struct slice raw,
		      struct plan_atom *atoms, uint32_t *n)
{
	uint32_t start = 0, at = 0;
	int ret = 0;

	while (at < raw.len && ret == 0) {
		char ch = raw.p[at];

		if (ch != '*' && ch != '?') {
			if (ch == '\\' && at + 1 < raw.len)
				at++;
			at += qql_look_char(raw, at);
			continue;
		}
		ret = add_atom(c, atoms, n, PLAN_ATOM_TEXT,
			       slice_of(raw.p + start, at - start));
		if (ret == 0)
			ret = add_atom(c, atoms, n,
				       ch == '*' ? PLAN_ATOM_RUN :
						   PLAN_ATOM_ONE,
				       slice_of(NULL, 0));
		start = ++at;
	}
	if (ret == 0)
		ret = add_atom(c, atoms, n, PLAN_ATOM_TEXT,
			       slice_of(raw.p + start, raw.len - start));
	return ret;
}

int qql_words_pattern(struct qql_check *c, const struct qql_test *t,
		      const struct qql_value *v, struct plan_node **out)
{
	struct slice raw = qql_value_joined(c->arena, v);
	struct plan_atom *atoms;
	uint32_t n = 0, marks = 1;
	int ret;

	if (!raw.p)
		return err_nomem(c->err);
	for (size_t i = 0; i < raw.len; i++)
		marks += raw.p[i] == '*' || raw.p[i] == '?';
	atoms = arena_calloc(c->arena, 2 * (size_t)marks, sizeof(*atoms));
	if (!atoms)
		return err_nomem(c->err);
	ret = make_atoms(c, raw, atoms, &n);
	if (ret < 0)
		return ret;
	if (n == 2 && atoms[0].kind == PLAN_ATOM_TEXT &&
	    atoms[1].kind == PLAN_ATOM_RUN) {
		ret = qql_node_leaf(c, PLAN_PREFIX, t, out);
		if (ret == 0) {
			(*out)->text.texts = &atoms[0].text;
			(*out)->text.n = 1;
		}
		return ret;
	}
	ret = qql_node_leaf(c,
			    n == 1 && atoms[0].kind == PLAN_ATOM_RUN ?
				    PLAN_PRESENT :
				    PLAN_PATTERN,
			    t, out);
	if (ret == 0 && (*out)->op == PLAN_PATTERN) {
		(*out)->pattern.atoms = atoms;
		(*out)->pattern.n = n;
	}
	return ret;
}

/* Length of the start of `s` that an atom (no run) takes; -1: it does not fit. */
static ptrdiff_t take_atom(const struct plan_atom *a, struct slice s)
{
	if (a->kind == PLAN_ATOM_ONE)
		return s.len ? (ptrdiff_t)qql_look_char(s, 0) : -1;
	if (s.len < a->text.len || memcmp(s.p, a->text.p, a->text.len) != 0)
		return -1;
	return (ptrdiff_t)a->text.len;
}

/* The usual walk: on a mismatch the last run takes one byte more. */
static bool like_atoms(const struct plan_atom *atoms, uint32_t n,
		       struct slice s)
{
	uint32_t i = 0, run = n;
	size_t at = 0, again = 0;

	for (;;) {
		ptrdiff_t took;

		if (i < n && atoms[i].kind == PLAN_ATOM_RUN) {
			run = i++;
			again = at;
			continue;
		}
		took = i < n ? take_atom(&atoms[i],
					 slice_of(s.p + at, s.len - at)) :
			       -1;
		if (took >= 0) {
			at += (size_t)took;
			i++;
		} else if (i == n && at == s.len) {
			return true;
		} else if (run == n || again >= s.len) {
			return false;
		} else {
			at = ++again;
			i = run + 1;
		}
	}
}

bool qql_words_like(const struct plan_node *pattern, struct slice folded)
{
	if (pattern->op == PLAN_PRESENT)
		return true;
	if (pattern->op == PLAN_PREFIX) {
		struct slice start = pattern->text.texts[0];

		return folded.len >= start.len &&
		       memcmp(folded.p, start.p, start.len) == 0;
	}
	return like_atoms(pattern->pattern.atoms, pattern->pattern.n, folded);
}
