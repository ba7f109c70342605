/*
 * base/log.h - one line per happening, on stderr.
 *
 * On a terminal: "PROGRAM: text".  Else, for a journal: "level=warn
 * prog=crs-ingest msg=\"text\" key=value ...".  Lines pass base/term.h.
 * The only global state of the project.  Threads: any.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/compiler.h"
#include "base/err.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

void log_init(const char *program, enum log_level level);
enum log_level log_level_get(void);
/* `fmt` gives the message; what stands after a tab is "key=value" pairs. */
void log_error(const char *fmt, ...) PRINTF_LIKE(1, 2);
void log_warn(const char *fmt, ...) PRINTF_LIKE(1, 2);
void log_info(const char *fmt, ...) PRINTF_LIKE(1, 2);
void log_debug(const char *fmt, ...) PRINTF_LIKE(1, 2);
void log_err(const struct err *err); /* message and hint, at LOG_ERROR */

#endif
