/* SPDX-License-Identifier: MIT */
#include "base/err.h"

#include "base/limits.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

PRINTF_LIKE(3, 0)
static void fill(struct sym_err *err, enum sym_status status, const char *format, va_list args)
{
	char text[sizeof err->text + 1];

	memset(err, 0, sizeof *err);
	err->status = status;
	vsnprintf(text, sizeof text, format, args);
	memcpy(err->text, text, (size_t)text_fit(text, sizeof err->text - 1));
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

/* Copies a text, and where it is longer than `room` bytes puts "..." for its middle: the beginning
 * and the end of a path tell most. */
static void put_shortened(char *to, size_t room, const char *text, size_t len)
{
	size_t first = room / 3, last = len - (room - room / 3 - 3);

	if (len <= room) {
		memcpy(to, text, len + 1);
		return;
	}
	while (first > 0 && text_is_inside(text[first]))
		first--;
	while (text_is_inside(text[last]))
		last++;
	memcpy(to, text, first);
	snprintf(to + first, room + 1 - first, "...%s", text + last);
}

/* Makes the error's text: the context, ": ", and `what`. Where there is not room for all, the
 * context is shortened, down to CONTEXT_LEAST bytes, so that what is wrong stays readable. */
PRINTF_LIKE(2, 0)
static void put_context(struct sym_err *err, const char *format, va_list args, const char *what)
{
	enum { ROOM = sizeof err->text - sizeof ": ", CONTEXT_LEAST = 80 };
	char context[SOURCE_PATH_BYTES_MAX + sizeof err->text];
	size_t what_len = strlen(what), used;
	size_t room = what_len + CONTEXT_LEAST < ROOM ? ROOM - what_len : CONTEXT_LEAST;

	vsnprintf(context, sizeof context, format, args);
	put_shortened(err->text, room, context, strlen(context));
	used = strlen(err->text);
	snprintf(err->text + used, sizeof err->text - used, ": %.*s", text_fit(what, ROOM - used), what);
}

enum sym_status err_sys(struct sym_err *err, enum sym_status status, int sys, const char *format,
			...)
{
	va_list args;

	memset(err, 0, sizeof *err);
	err->status = status;
	err->sys = sys;
	va_start(args, format);
	put_context(err, format, args, strerror(sys));
	va_end(args);
	return status;
}

enum sym_status err_prefix(struct sym_err *err, const char *format, ...)
{
	char what[sizeof err->text];
	va_list args;

	memcpy(what, err->text, sizeof what);
	va_start(args, format);
	put_context(err, format, args, what);
	va_end(args);
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
