/*
 * tests/cases/properties.h - what holds for every query whatever.
 *
 * - print(parse(q)) parses to the same tree, and printing that changes nothing;
 * - `not (not q)` compiles if q does;
 * - every prefix of q (some, of very long ones) compiles or is an error whose
 *   span lies in [0, length];
 * - an error has a message, of one line.
 */
#ifndef TESTS_PROPERTIES_H
#define TESTS_PROPERTIES_H

#include "qql/query.h"

void properties_check(const struct qql_options *opt, struct slice text);
int properties_held(void);
int properties_failed(void);

#endif
