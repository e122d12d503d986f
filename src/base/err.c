/* SPDX-License-Identifier: MIT */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

PRINTF_LIKE(3, 0)
static void fill(struct sym_err *err, enum sym_status status, const char *format, va_list args)
{
	memset(err, 0, sizeof *err);
	err->status = status;
	vsnprintf(err->text, sizeof err->text, format, args);
}

enum sym_status err_set(struct sym_err *err, enum sym_status status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fill(err, status, format, args);
	va_end(args);
	return status;
}

enum sym_status err_at(struct sym_err *err, enum sym_status status, uint64_t offset,
		       const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fill(err, status, format, args);
	va_end(args);
	err->has_offset = true;
	err->offset = offset;
	return status;
}

enum sym_status err_sys(struct sym_err *err, enum sym_status status, int sys, const char *format,
			...)
{
	va_list args;
	size_t used;

	va_start(args, format);
	fill(err, status, format, args);
	va_end(args);
	err->sys = sys;
	used = strlen(err->text);
	snprintf(err->text + used, sizeof err->text - used, ": %s", strerror(sys));
	return status;
}

enum sym_status err_prefix(struct sym_err *err, const char *format, ...)
{
	char old[sizeof err->text];
	va_list args;
	size_t used;

	memcpy(old, err->text, sizeof old);
	va_start(args, format);
	vsnprintf(err->text, sizeof err->text, format, args);
	va_end(args);
	used = strlen(err->text);
	snprintf(err->text + used, sizeof err->text - used, ": %s", old);
	return err->status;
}

const char *status_word(enum sym_status status)
{
	static const char *const words[] = {
		[SYM_OK] = "ok",
		[SYM_NOT_MINE] = "not-a-symbol-file",
		[SYM_MALFORMED] = "malformed",
		[SYM_UNSUPPORTED] = "unsupported",
		[SYM_NO_KEY] = "no-key",
		[SYM_TOO_BIG] = "too-big",
		[SYM_NOT_FOUND] = "not-found",
		[SYM_EXISTS] = "exists",
		[SYM_CHANGED] = "changed",
		[SYM_IO] = "io",
		[SYM_NET] = "net",
		[SYM_AUTH] = "auth",
		[SYM_REFUSED] = "refused",
		[SYM_USAGE] = "usage",
		[SYM_NOMEM] = "out-of-memory",
		[SYM_CANCELLED] = "cancelled",
	};

	return status < ARRAY_LEN(words) && words[status] ? words[status] : "unknown";
}
