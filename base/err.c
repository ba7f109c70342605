/*
 * base/err.c - filling in a struct err.
 */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	int status;
} codes[] = {
#define X(name, status, text) { #name, status },
#include "base/errors.def"
#undef X
};

static int code_index(int code)
{
	int i = code - ERR_FIRST_ - 1;

	return i >= 0 && i < (int)ARRAY_SIZE(codes) ? i : -1;
}

/* Adds to what stands in text[size] already. */
static void append(char *text, size_t size, const char *fmt, va_list ap)
	__attribute__((format(printf, 3, 0)));

static void append(char *text, size_t size, const char *fmt, va_list ap)
{
	size_t len = strlen(text);
	int n = vsnprintf(text + len, size - len, fmt, ap);

	/* What did not fit is shown as cut. */
	if (n < 0)
		text[len] = '\0';
	else if ((size_t)n >= size - len)
		memcpy(text + size - 4, "...", 4);
}

static void appendf(char *text, size_t size, const char *fmt, ...)
	PRINTF_LIKE(3, 4);

static void appendf(char *text, size_t size, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	append(text, size, fmt, ap);
	va_end(ap);
}

static void begin(struct err *err, int code)
{
	err->code = code;
	err->flags = 0;
	err->span = (struct span){ 0, 0 };
	err->message[0] = '\0';
	err->hint[0] = '\0';
}

int err_set(struct err *err, int code, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return code;
	begin(err, code);
	va_start(ap, fmt);
	append(err->message, sizeof(err->message), fmt, ap);
	va_end(ap);
	return code;
}

int err_errno(struct err *err, int code, int errnum, const char *fmt, ...)
{
	char text[128];
	va_list ap;

	if (!err)
		return code;
	begin(err, code);
	va_start(ap, fmt);
	append(err->message, sizeof(err->message), fmt, ap);
	va_end(ap);
	appendf(err->message, sizeof(err->message), ": %s",
		strerror_r(errnum, text, sizeof(text)));
	return code;
}

int err_nomem(struct err *err)
{
	return err_set(err, ERR_NO_MEMORY, "out of memory");
}

void err_hint(struct err *err, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return;
	err->hint[0] = '\0';
	va_start(ap, fmt);
	append(err->hint, sizeof(err->hint), fmt, ap);
	va_end(ap);
}

void err_at(struct err *err, struct span span)
{
	if (!err)
		return;
	err->span = span;
	err->flags |= ERR_HAS_SPAN;
}

void err_prefix(struct err *err, const char *fmt, ...)
{
	char old[ERR_MESSAGE_MAX];
	va_list ap;

	if (!err)
		return;
	memcpy(old, err->message, sizeof(old));
	err->message[0] = '\0';
	va_start(ap, fmt);
	append(err->message, sizeof(err->message), fmt, ap);
	va_end(ap);
	appendf(err->message, sizeof(err->message), ": %s", old);
}

int err_exit_status(int code)
{
	int i = code_index(code);

	if (code >= 0)
		return 0;
	return i < 0 ? 3 : codes[i].status;
}

const char *err_name(int code)
{
	int i = code_index(code);

	if (code >= 0)
		return "OK";
	return i < 0 ? "UNKNOWN" : codes[i].name;
}
