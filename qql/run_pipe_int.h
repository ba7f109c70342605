/*
 * qql/run_pipe_int.h - rows through the stages before an aggregate.
 */
#ifndef QQL_RUN_PIPE_INT_H
#define QQL_RUN_PIPE_INT_H

#include <stdbool.h>

#include "qql/run.h"

/* Do the stages before the aggregate leave rows out? */
bool qql_pipe_cuts(const struct plan *plan);

#endif
