/*
 * schemas/tokens_doc.h - the help of tokens, generated from the schema alone.
 *
 * docs/tokens/<dataset>.md and `qql tokens --output markdown` are this text,
 * and `qql help TOKEN` uses the same sentences.
 */
#ifndef SCHEMAS_TOKENS_DOC_H
#define SCHEMAS_TOKENS_DOC_H

#include "base/buf.h"
#include "base/compiler.h"
#include "schemas/dataset.h"

/* The page of one dataset: every token with its help, its examples and the
 * operators that apply.  ERR_NO_MEMORY, ERR_LIMIT: as `out` failed. */
MUST_CHECK int tokens_markdown(struct buf *out, const struct dataset *ds);

/* The help sentence of the schema, or one in the house pattern made from type
 * and title. */
void tokens_help(struct buf *out, const struct field *f);
/* The operators a type takes: ": = < <= > >= != is null". */
const char *tokens_operators(const struct field *f);

/* Examples as users see them: the schema's own, or, where a text or date has
 * none, the forms that every text and date has. */
uint32_t tokens_example_count(const struct field *f);
struct slice tokens_example_about(const struct field *f, uint32_t i);
void tokens_example_query(struct buf *out, const struct field *f, uint32_t i);

#endif
