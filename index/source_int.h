/*
 * index/source_int.h - what rebuilding the messages of a segment needs.
 */
#ifndef INDEX_SOURCE_INT_H
#define INDEX_SOURCE_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "index/raw_int.h"
#include "index/segment_int.h"

enum {
	SOURCE_CACHES = 64, /* decoded chunks of kept texts */
	SOURCE_DEPTH = LIMIT_JSON_DEPTH + 2,
	KEY_SLACK = 32, /* bytes behind a key's text that may be read */
};

/* Where the text of a key comes from; arrays are per block of rows. */
struct index_origin {
	const struct field *field;      /* NULL: an unknown key */
	const struct index_column *col; /* NULL: no values */
	const struct index_set *nulls;  /* NULL: none */
	const struct index_raw *raws;   /* NULL: none */
	uint32_t cache;
	bool open;
};

enum index_step_kind { STEP_FIELD, STEP_OPEN, STEP_CLOSE };

struct index_step {
	enum index_step_kind kind;
	uint32_t key_len;
	const char *key; /* `,"name":` or `, "name": ` */
	const struct index_origin *from;
};

struct index_program {
	bool spaced;
	uint32_t nsteps;
	struct index_step *steps;
};

struct index_source {
	struct index_segment *seg;
	struct arena arena;
	/* The templates' part. */
	const char *slots;
	uint32_t nslots;
	const char *tmpls;
	uint32_t ntmpls;
	const char *steps;
	uint32_t nsteps;
	struct slice keys;
	struct index_frame *ids;         /* per block */
	struct index_raw *exceptions;    /* per block; NULL: none */
	struct index_origin *fields;     /* ds->nall */
	struct index_origin *unknown;    /* per slot */
	struct index_program **programs; /* per template; NULL: not made yet */
	struct index_raw_cache caches[SOURCE_CACHES];
	uint32_t ncaches;
};

/* The segment's, opened if need be. */
MUST_CHECK int index_source_open(struct index_segment *seg,
				 struct index_source **out, struct err *err);
/* Where values come from: of a field, or of the unknown key in slot
 * field - PART_FIELD_UNKNOWN, which must be there. */
MUST_CHECK int index_source_origin(struct index_source *s, uint16_t field,
				   const struct index_origin **out,
				   struct err *err);
/* The steps of a template, made if need be. */
MUST_CHECK int index_source_program(struct index_source *s, uint32_t tmpl,
				    const struct index_program **out,
				    struct err *err);

#endif
