/* SPDX-License-Identifier: MIT */
#include "cli/say.h"

#include "base/err.h"
#include "base/text.h"
#include "cli/ci.h"
#include "cli/commands.h"
#include "cli/progress.h"
#include "os/os.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
	bool quiet;
	bool err_terminal, out_terminal;
	bool err_colour, out_colour;
	bool line_open;       /* the progress line stands on the terminal */
	bool unsaid;          /* something could not be printed */
	bool ends_unread;     /* say_ends_unread() was called */
	struct progress progress;
} say;

/* That a line can be rewritten on, and coloured. */
static bool is_able_terminal(int fd)
{
	const char *term = getenv("TERM");

	return os_is_terminal(fd) && !(term && strcmp(term, "dumb") == 0);
}

void say_init(bool quiet)
{
	const char *no = getenv("NO_COLOR");

	say.quiet = quiet;
	say.err_terminal = is_able_terminal(2);
	say.out_terminal = is_able_terminal(1);
	say.err_colour = say.err_terminal && !(no && *no);
	say.out_colour = say.out_terminal && !(no && *no);
	say.progress.phase = -1;
	ci_init();
}

const char *say_bold(void)
{
	return say.out_colour ? "\033[1m" : "";
}

const char *say_plain(void)
{
	return say.out_colour ? "\033[0m" : "";
}

void say_progress_end(void)
{
	if (say.line_open)
		fputs("\r\033[K", stderr);
	say.line_open = false;
	fflush(stderr);
}

void say_ends_unread(void)
{
	say.ends_unread = true;
}

static void end_if_unread(void)
{
	if (say.ends_unread && ferror(stdout) && os_is_unread(1))
		_Exit(EXIT_UNREAD);
}

void say_out_begin(void)
{
	if (say.out_terminal)
		say_progress_end();
	end_if_unread();
}

/* "path: what is wrong", without what could write to the terminal. */
static void add_issue(struct buf *out, const char *path, const char *what)
{
	if (path) {
		say_add_shown(out, path);
		buf_add_text(out, ": ");
	}
	say_add_shown(out, what);
}

void say_issue(bool error, const char *path, const char *format, ...)
{
	char what[2 * SAY_PATH_MAX];
	va_list args;
	struct buf text = BUF_MAX(3 * SAY_PATH_MAX), annotation = BUF_MAX(16 * SAY_PATH_MAX);
	const char *colour = error ? "\033[1;31m" : "\033[1;33m";

	va_start(args, format);
	vsnprintf(what, sizeof what, format, args);
	va_end(args);
	say_progress_end();
	add_issue(&text, path, what);
	if (!text.failed && ci_issue(&annotation, error, path, text.data) && !annotation.failed)
		fwrite(annotation.data, 1, annotation.size, stderr);
	else
		fprintf(stderr, "%s%s:%s %s\n", say.err_colour ? colour : "", error ? "error" : "warning",
			say.err_colour ? "\033[0m" : "", text.failed ? "out of memory" : text.data);
	buf_release(&text);
	buf_release(&annotation);
}

void say_issue_at(bool error, const char *path, const char *where, const struct sym_err *err)
{
	struct buf what = BUF_MAX(2 * SAY_PATH_MAX);

	buf_printf(&what, "%s%s%s", where ? where : "", where ? ": " : "", err->text);
	if (err->has_offset)
		buf_printf(&what, " (at offset 0x%" PRIx64 ")", err->offset);
	say_issue(error, path, "%s", what.data ? what.data : err->text);
	buf_release(&what);
}

void say_error(const char *path, const struct sym_err *err)
{
	say_issue_at(true, path, NULL, err);
}

void say_warning(const char *path, const struct sym_err *err)
{
	say_issue_at(false, path, NULL, err);
}

void say_note(const char *format, ...)
{
	char text[SAY_PATH_MAX], shown[SAY_PATH_MAX];
	va_list args;

	if (say.quiet)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	say_progress_end();
	text_shown(shown, sizeof shown, text, strlen(text));
	fprintf(stderr, "%s\n", shown);
}

void say_shown(const char *text)
{
	char shown[SAY_PATH_MAX];

	text_shown(shown, sizeof shown, text, strlen(text));
	fputs(shown, stdout);
}

void say_add_shown(struct buf *out, const char *text)
{
	char shown[SAY_PATH_MAX];

	text_shown(shown, sizeof shown, text, strlen(text));
	buf_add_text(out, shown);
}

void say_print(struct buf *text)
{
	say_out_begin();
	if (text->failed)
		say.unsaid = true;
	else if (text->size > 0)
		fwrite(text->data, 1, text->size, stdout);
	buf_clear(text);
}

enum sym_status say_all_printed(struct sym_err *err)
{
	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return say.unsaid ? err_set(err, SYM_NOMEM, "out of memory: not all was printed") : SYM_OK;
	end_if_unread();
	if (os_is_unread(1))
		return err_set(err, SYM_IO, "nobody read standard output to its end; the run itself went on");
	if (errno)
		return err_sys(err, SYM_IO, errno, "cannot write to standard output");
	return err_set(err, SYM_IO, "cannot write to standard output");
}

const char *say_slash(const char *target)
{
	size_t len = strlen(target);

	return len > 0 && target[len - 1] == '/' ? "" : "/";
}

const char *say_bytes(uint64_t bytes, char to[SAY_BYTES_MAX])
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
	double value = (double)bytes;
	size_t unit = 0;

	while (value >= 1024 && unit + 1 < ARRAY_LEN(units)) {
		value /= 1024;
		unit++;
	}
	snprintf(to, SAY_BYTES_MAX, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
	return to;
}

const char *say_seconds(uint64_t ms, char to[SAY_SECONDS_MAX])
{
	snprintf(to, SAY_SECONDS_MAX, "%" PRIu64 ".%02" PRIu64 " s", ms / 1000, ms % 1000 / 10);
	return to;
}

const char *say_number(uint64_t n, char to[SAY_NUMBER_MAX])
{
	char digits[SAY_NUMBER_MAX];
	int len = snprintf(digits, sizeof digits, "%" PRIu64, n);
	size_t out = 0;

	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			to[out++] = ',';
		to[out++] = digits[i];
	}
	to[out] = '\0';
	return to;
}

const char *say_archives(uint64_t n, char to[SAY_ARCHIVES_MAX])
{
	char number[SAY_NUMBER_MAX];

	if (n == 0)
		return "";
	snprintf(to, SAY_ARCHIVES_MAX, "; archives (%s here) are looked into only if a path names them or a pattern "
		 "matches them (-f \"**/*.zip\")", say_number(n, number));
	return to;
}

void say_progress(void *ctx, const struct run_progress *p)
{
	char text[PROGRESS_TEXT_MAX];
	uint64_t now = os_now_ms();

	(void)ctx;
	if (say.quiet || !progress_is_due(&say.progress, p, say.err_terminal, now))
		return;
	progress_text(&say.progress, p, now, text);
	if (say.err_terminal) {
		fprintf(stderr, "\r\033[K%.*s", (int)os_terminal_columns(2) - 1, text);
		say.line_open = true;
	} else {
		fprintf(stderr, "%s\n", text);
	}
	fflush(stderr);
}
