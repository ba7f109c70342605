/*
 * base/file.h - whole files, and writes that are not cut short.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stddef.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/err.h"

/* Appends the file's content; b's ceiling is the limit.  The path is named in
 * every error.  ERR_INPUT (no such file, a directory), ERR_DENIED, ERR_LIMIT,
 * ERR_IO. */
MUST_CHECK int file_read(const char *path, struct buf *b, struct err *err);
/* Writes all of it; EINTR and short writes are gone on with. */
MUST_CHECK int file_write_all(int fd, const void *p, size_t n, struct err *err);

#endif
