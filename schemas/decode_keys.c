/*
 * schemas/decode_keys.c - from the keys of a message to fields.
 *
 * Keys form a tree: each is found by its parent and its name.  The schema's
 * are put in first; others are added when they are met, as unknown, up to
 * LIMIT_UNKNOWN_NAMES of at most LIMIT_NAME bytes.  A dotted path of the schema
 * is also one literal key of the object it starts in.
 */
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "schemas/decode_int.h"

enum {
	SLOTS = 8192,
	KEYS_MEMORY = 4 << 20,
};

static uint32_t slot_of(const struct keys *k, uint32_t parent,
			struct slice name)
{
	return (uint32_t)(hash64(name.p, name.len) + parent * 0x9e3779b1u) &
	       k->mask;
}

/* The slot where the key is, or the empty one where it belongs. */
static uint32_t *probe(const struct keys *k, uint32_t parent, struct slice name)
{
	uint32_t i = slot_of(k, parent, name);

	while (k->slots[i] != KEY_NONE) {
		const struct key *key = &k->at[k->slots[i]];

		if (key->parent == parent && slice_eq(key->name, name))
			break;
		i = (i + 1) & k->mask;
	}
	return &k->slots[i];
}

static bool is_plain(struct slice name)
{
	for (size_t i = 0; i < name.len; i++)
		if (name.p[i] == '"' || name.p[i] == '\\' ||
		    (unsigned char)name.p[i] < ' ')
			return false;
	return true;
}

static uint32_t insert(struct keys *k, uint32_t parent, struct slice name,
		       enum key_kind kind)
{
	uint32_t *slot = probe(k, parent, name);

	if (*slot != KEY_NONE)
		return *slot;
	k->at[k->n] = (struct key){
		.name = name,
		.parent = parent,
		.next = KEY_NONE,
		.kind = kind,
		.plain = is_plain(name),
		.field = FIELD_NONE,
		.object = OBJECT_NONE,
	};
	*slot = k->n;
	return k->n++;
}

/* The whole of `path` under `parent` as one key, if it has dots. */
static struct key *insert_literal(struct keys *k, uint32_t parent,
				  struct slice path, enum key_kind kind)
{
	struct key *key;

	if (!memchr(path.p, '.', path.len))
		return NULL;
	key = &k->at[insert(k, parent, path, kind)];
	key->literal = true;
	return key;
}

/* Walks down a dotted path; all but the last key lead to plain objects. */
static uint32_t insert_path(struct keys *k, uint32_t parent, struct slice path,
			    enum key_kind last)
{
	const char *dot;

	while ((dot = memchr(path.p, '.', path.len))) {
		size_t len = (size_t)(dot - path.p);

		parent = insert(k, parent, slice_of(path.p, len), KEY_INNER);
		path = slice_of(dot + 1, path.len - len - 1);
	}
	return insert(k, parent, path, last);
}

static void insert_field(struct keys *k, const struct dataset *ds, field_id id)
{
	const struct field *f = &ds->fields[id];
	uint32_t roots[2] = { KEY_ROOT, KEY_NONE };
	struct slice rest = f->path;

	if (f->object != OBJECT_NONE) {
		struct slice array = ds->objects[f->object].path;
		struct key *literal =
			insert_literal(k, KEY_ROOT, array, KEY_ARRAY);

		roots[0] = insert_path(k, KEY_ROOT, array, KEY_ARRAY);
		k->at[roots[0]].object = f->object;
		if (literal) {
			literal->object = f->object;
			roots[1] = (uint32_t)(literal - k->at);
		}
		/* Behind "[]." */
		rest = slice_of(rest.p + array.len + 3,
				rest.len - array.len - 3);
	}
	for (int i = 0; i < 2 && roots[i] != KEY_NONE; i++) {
		struct key *literal =
			insert_literal(k, roots[i], rest, KEY_FIELD);

		k->at[insert_path(k, roots[i], rest, KEY_FIELD)].field = id;
		if (literal)
			literal->field = id;
	}
}

/* How many keys the schema's paths can make. */
static uint32_t count_keys(const struct dataset *ds)
{
	uint32_t n = 2; /* the root, "_deleted" */

	for (uint32_t i = 0; i < ds->nfields; i++) {
		struct slice path = ds->fields[i].path;
		uint32_t segments = 1;

		for (size_t c = 0; c < path.len; c++)
			segments += path.p[c] == '.';
		/* Twice below an array that has a literal form itself. */
		n += 2 * (segments + 2);
	}
	return n;
}

int decode_keys_init(struct keys *k, const struct dataset *ds, struct err *err)
{
	uint32_t cap = count_keys(ds) + LIMIT_UNKNOWN_NAMES;
	uint32_t slots = SLOTS;

	*k = (struct keys){ .n = 0 };
	arena_init(&k->arena, KEYS_MEMORY);
	while (slots < 2 * cap)
		slots *= 2;
	k->at = mem_calloc(cap, sizeof(*k->at));
	k->slots = mem_alloc(slots * sizeof(*k->slots));
	k->unknown = mem_calloc(LIMIT_UNKNOWN_NAMES + 1, sizeof(*k->unknown));
	if (!k->at || !k->slots || !k->unknown) {
		decode_keys_release(k);
		return err_nomem(err);
	}
	memset(k->slots, 0xff, slots * sizeof(*k->slots));
	k->mask = slots - 1;
	k->at[KEY_ROOT] = (struct key){
		.parent = KEY_NONE,
		.next = KEY_NONE,
		.kind = KEY_INNER,
		.field = FIELD_NONE,
		.object = OBJECT_NONE,
	};
	k->n = 1;
	for (field_id id = 0; id < ds->nfields; id++)
		insert_field(k, ds, id);
	if (ds->kind == DATASET_TABLE)
		insert(k, KEY_ROOT, SLICE_LIT("_deleted"), KEY_DELETED);
	k->nschema = k->n;
	return 0;
}

void decode_keys_release(struct keys *k)
{
	mem_free(k->at);
	mem_free(k->slots);
	mem_free(k->unknown);
	arena_release(&k->arena);
	*k = (struct keys){ .n = 0 };
}

/* "kubernetes.labels.app", as people would write it. */
static struct slice full_name(struct keys *k, uint32_t parent,
			      struct slice name)
{
	size_t len = name.len;
	char *text, *p;

	for (uint32_t i = parent; i != KEY_ROOT; i = k->at[i].parent)
		len += k->at[i].name.len + 1 + 2 * (k->at[i].kind == KEY_ARRAY);
	text = arena_alloc(&k->arena, len);
	if (!text)
		return slice_of(NULL, 0);
	p = text + len - name.len;
	memcpy(p, name.p, name.len);
	for (uint32_t i = parent; i != KEY_ROOT; i = k->at[i].parent) {
		struct slice above = k->at[i].name;

		*--p = '.';
		if (k->at[i].kind == KEY_ARRAY) {
			p -= 2;
			memcpy(p, "[]", 2);
		}
		p -= above.len;
		memcpy(p, above.p, above.len);
	}
	return slice_of(text, len);
}

uint32_t decode_keys_find(struct keys *k, uint32_t parent, struct slice name)
{
	uint32_t *slot = probe(k, parent, name);
	struct slice full;

	if (*slot != KEY_NONE)
		return *slot;
	if (k->nunknown == LIMIT_UNKNOWN_NAMES || name.len > LIMIT_NAME)
		return KEY_NONE;
	full = full_name(k, parent, name);
	if (!full.p)
		return KEY_NONE;
	k->unknown[k->nunknown++].name = full;
	return insert(k, parent,
		      slice_of(full.p + full.len - name.len, name.len),
		      KEY_UNKNOWN);
}
