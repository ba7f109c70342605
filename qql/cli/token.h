/*
 * qql/cli/token.h - one token's help, as text and as JSON.
 */
#ifndef QQL_CLI_TOKEN_H
#define QQL_CLI_TOKEN_H

#include "base/buf.h"
#include "base/json.h"
#include "schemas/dataset.h"

void cli_token_text(struct buf *out, const struct field *f);
void cli_token_json(struct json_writer *w, const struct field *f);

#endif
