/*
 * probe/text.h - bytes of foreign programs as JSON strings.
 *
 * Paths and arguments are bytes; JSON is UTF-8.  A byte that is not part of
 * valid UTF-8 is written as the four characters \xNN, so that it can still be
 * read and told from its neighbours.
 */
#ifndef PROBE_TEXT_H
#define PROBE_TEXT_H

#include "base/json.h"
#include "base/slice.h"

void probe_text_json(struct json_writer *w, struct slice bytes);

/* Members that were written before, without braces: "a":1,"b":2. */
void probe_text_members(struct json_writer *w, struct slice members);

#endif
