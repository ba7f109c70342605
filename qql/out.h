/*
 * qql/out.h - where results go: a buffer in front of a file descriptor.
 *
 * On a terminal everything passes the sanitiser on its way out, whatever
 * wrote it; line feeds and tabs stay.  A reader that has gone (`| head`) is
 * no error: flushing then returns QQL_OUT_GONE, which ends a run quietly.
 */
#ifndef QQL_OUT_H
#define QQL_OUT_H

#include <signal.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/err.h"

enum { QQL_OUT_GONE = 1 };

struct qql_out {
	struct buf text; /* append here */
	struct buf safe;
	int fd;
	bool sanitise;
	bool gone;
	const volatile sig_atomic_t *stop; /* ends a blocked write; may be NULL */
};

void qql_out_init(struct qql_out *o, int fd, bool sanitise,
		  const volatile sig_atomic_t *stop);
void qql_out_release(struct qql_out *o);

/* 0, QQL_OUT_GONE, or ERR_IO, ERR_FULL, ERR_NO_MEMORY, ERR_INTERRUPTED. */
MUST_CHECK int qql_out_flush(struct qql_out *o, struct err *err);
/* Flushes when enough has come together. */
MUST_CHECK int qql_out_drain(struct qql_out *o, struct err *err);

#endif
