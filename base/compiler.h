/*
 * base/compiler.h - what the compiler is asked to hold for us.
 *
 * MUST_CHECK goes on every fallible function; -Werror=unused-result makes it
 * bite.  PRINTF_LIKE checks format strings against their arguments.
 */
#ifndef BASE_COMPILER_H
#define BASE_COMPILER_H

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#endif
