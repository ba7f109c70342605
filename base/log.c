/*
 * base/log.c - one line per happening, on stderr.
 */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/term.h"

enum {
	TEXT_MAX = 4096,
	FORMAT_MAX = 512,
	LINE_MAX_BYTES = 64 << 10,
};

static const char *const level_names[] = { "error", "warn", "info", "debug" };

static struct {
	char program[64];
	atomic_int level;
	bool terminal;
} state = { .program = "crs", .level = LOG_INFO };

void log_init(const char *program, enum log_level level)
{
	snprintf(state.program, sizeof(state.program), "%s", program);
	state.terminal = isatty(STDERR_FILENO);
	atomic_store(&state.level, (int)level);
}

enum log_level log_level_get(void)
{
	return (enum log_level)atomic_load(&state.level);
}

/* How long the part of `fmt` before its tab comes out.  It is measured with
 * the format, not by looking for a tab in the result: an argument may hold
 * one, and must not be able to forge pairs. */
static size_t message_length(const char *fmt, va_list ap)
	__attribute__((format(printf, 1, 0)));

static size_t message_length(const char *fmt, va_list ap)
{
	char head[FORMAT_MAX];
	const char *tab = strchr(fmt, '\t');
	size_t n = tab ? (size_t)(tab - fmt) : 0;
	int len;

	if (!tab || n >= sizeof(head))
		return SIZE_MAX;
	memcpy(head, fmt, n);
	head[n] = '\0';
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	len = vsnprintf(NULL, 0, head, ap);
#pragma GCC diagnostic pop
	return len < 0 ? SIZE_MAX : (size_t)len;
}

static void write_line(enum log_level level, struct slice message,
		       struct slice pairs)
{
	static const char lost[] = "a log line was lost: out of memory\n";
	struct buf safe, line;

	buf_init(&safe, LINE_MAX_BYTES);
	buf_init(&line, LINE_MAX_BYTES);
	if (state.terminal) {
		buf_printf(&line, "%s: ", state.program);
		term_escape(&line, message, TERM_KEEP_NONE);
	} else {
		buf_printf(&line, "level=%s prog=%s msg=", level_names[level],
			   state.program);
		term_escape(&safe, message, TERM_KEEP_NONE);
		json_quote(&line, buf_slice(&safe));
	}
	if (pairs.len > 0) {
		buf_putc(&line, ' ');
		term_escape(&line, pairs, TERM_KEEP_NONE);
	}
	buf_putc(&line, '\n');
	/* If writing fails, nobody is left to tell. */
	if (line.error || safe.error)
		(void)!write(STDERR_FILENO, lost, sizeof(lost) - 1);
	else
		(void)!file_write_all(STDERR_FILENO, line.p, line.len, NULL);
	buf_release(&safe);
	buf_release(&line);
}

static void log_line(enum log_level level, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));

static void log_line(enum log_level level, const char *fmt, va_list ap)
{
	char text[TEXT_MAX];
	int saved = errno;
	va_list again;
	size_t len, head;
	int n;

	if (level > log_level_get())
		return;
	va_copy(again, ap);
	head = message_length(fmt, again);
	va_end(again);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	len = n < 0 ? 0 : (size_t)n;
	if (len >= sizeof(text)) {
		len = sizeof(text) - 1;
		memcpy(text + len - 3, "...", 4);
	}
	if (head < len)
		write_line(level, slice_of(text, head),
			   slice_of(text + head + 1, len - head - 1));
	else
		write_line(level, slice_of(text, len), slice_of(NULL, 0));
	errno = saved;
}

#define LOG_FUNCTION(name, level)         \
	void name(const char *fmt, ...)   \
	{                                 \
		va_list ap;               \
                                          \
		va_start(ap, fmt);        \
		log_line(level, fmt, ap); \
		va_end(ap);               \
	}

LOG_FUNCTION(log_error, LOG_ERROR)
LOG_FUNCTION(log_warn, LOG_WARN)
LOG_FUNCTION(log_info, LOG_INFO)
LOG_FUNCTION(log_debug, LOG_DEBUG)

void log_err(const struct err *err)
{
	if (err->hint[0])
		log_error("%s (hint: %s)", err->message, err->hint);
	else
		log_error("%s", err->message);
}
