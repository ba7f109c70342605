/*
 * base/err.h - the one error convention.
 *
 * Fallible functions return 0 or a negative ERR_*; walkers return 1 for an
 * item, 0 at the end, negative on error.  The last parameter is a struct err,
 * which may be NULL and is written only on failure; out-parameters are written
 * only on success.  A struct err is a fixed-size value on the caller's stack,
 * so reporting never allocates.  Libraries never print and never exit.
 *
 * A message is one line: lower case, what is wrong, the offending text in
 * quotes, no full stop, no function names; "could not" if it may work later,
 * "cannot" if never.  Texts may carry hostile bytes: whoever prints one passes
 * it through base/term.h.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/compiler.h"
#include "base/slice.h"

enum err_code {
	ERR_OK = 0,
	/* Codes count up from here, in the order of errors.def. */
	ERR_FIRST_ = -100,
#define X(name, status, text) ERR_##name,
#include "base/errors.def"
#undef X
	ERR_END_
};

enum {
	ERR_MESSAGE_MAX = 768,
	ERR_HINT_MAX = 512,
};

enum err_flags {
	ERR_RETRIABLE = 1 << 0, /* the same call may succeed later */
	ERR_HAS_SPAN = 1 << 1,  /* `span` says where in the query text */
};

struct err {
	int code;
	unsigned flags;
	struct span span;
	char message[ERR_MESSAGE_MAX];
	char hint[ERR_HINT_MAX];
};

/* clang-format off */
#define ERR_INIT { .code = 0 }
/* clang-format on */

/* Each returns `code`, so that a caller can `return err_set(...)`. */
int err_set(struct err *err, int code, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Appends ": " and what errno number `errnum` means. */
int err_errno(struct err *err, int code, int errnum, const char *fmt, ...)
	PRINTF_LIKE(4, 5);
int err_nomem(struct err *err);

/* Additions to an error that is already set; no-ops on NULL. */
void err_hint(struct err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);
void err_at(struct err *err, struct span span);
/* Puts "context: " before the message. */
void err_prefix(struct err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* The exit status of a program that ends with `code`: 0, 1, 2 or 3. */
int err_exit_status(int code);
/* "NOT_FOUND" for ERR_NOT_FOUND; never NULL. */
const char *err_name(int code);

#endif
