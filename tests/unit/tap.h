/* SPDX-License-Identifier: MIT
 * The Test Anything Protocol in one header: a test is a program that says, line
 * by line, what it proved. What went wrong goes to standard error, which meson shows. */
#ifndef TESTS_TAP_H
#define TESTS_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static unsigned tap_run, tap_failed;

#if defined(__MINGW32__)
#define TAP_FORMAT(f, a) __attribute__((format(gnu_printf, f, a)))
#else
#define TAP_FORMAT(f, a) __attribute__((format(printf, f, a)))
#endif

TAP_FORMAT(2, 0)
static inline void tap_line(bool good, const char *format, va_list args)
{
	char text[1000];

	tap_run++;
	tap_failed += !good;
	vsnprintf(text, sizeof text, format, args);
	for (char *end = strchr(text, '\n'); end; end = strchr(end, '\n'))
		*end = ' '; /* a line for each */
	printf("%sok %u - %s\n", good ? "" : "not ", tap_run, text);
	fflush(stdout);
}

/* What is proved, in words. Answers `good`. */
TAP_FORMAT(2, 3) static inline bool ok(bool good, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tap_line(good, format, args);
	va_end(args);
	return good;
}

TAP_FORMAT(3, 4)
static inline bool is_str(const char *got, const char *want, const char *format, ...)
{
	bool good = got && want ? strcmp(got, want) == 0 : got == want;
	va_list args;

	va_start(args, format);
	tap_line(good, format, args);
	va_end(args);
	if (!good)
		fprintf(stderr, "#   got: %s\n#  want: %s\n", got ? got : "(null)", want ? want : "(null)");
	return good;
}

TAP_FORMAT(3, 4)
static inline bool is_u64(uint64_t got, uint64_t want, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tap_line(got == want, format, args);
	va_end(args);
	if (got != want)
		fprintf(stderr, "#   got: %llu\n#  want: %llu\n", (unsigned long long)got,
			(unsigned long long)want);
	return got == want;
}

TAP_FORMAT(1, 2) static inline void skip(const char *format, ...)
{
	va_list args;

	tap_run++;
	printf("ok %u # SKIP ", tap_run);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

/* The plan; for main to return. */
static inline int done(void)
{
	printf("1..%u\n", tap_run);
	return tap_failed ? 1 : 0;
}

#endif
