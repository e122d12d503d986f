/* SPDX-License-Identifier: MIT
 * What people see: lines on standard error and the progress display. The only
 * writers to the terminal besides the reports; and what these share. */
#ifndef CLI_SAY_H
#define CLI_SAY_H

#include "pipeline/run.h"

/* Notes what is a terminal and whether colour is wanted (NO_COLOR, TERM=dumb). Once, first. */
void say_init(bool quiet);

#define SAY_PATH_MAX 4096 /* bytes of a path as it is shown, with the NUL; the rest is left out */

/* One line each, escaped, to standard error. `path` may be NULL. */
void say_error(const char *path, const struct sym_err *err);
void say_warning(const char *path, const struct sym_err *err);
/* An error or a warning about the delivery of `path` to `where`, which may be NULL. */
void say_issue_at(bool error, const char *path, const char *where, const struct sym_err *err);
/* The same with a text in place of a struct sym_err, which may be longer. */
void say_issue(bool error, const char *path, const char *format, ...) PRINTF_LIKE(3, 4);
void say_note(const char *format, ...) PRINTF_LIKE(1, 2); /* not with --quiet */

/* On a terminal a line that is rewritten, in a log a line every half minute. */
void say_progress(void *ctx, const struct run_progress *p);
void say_progress_end(void);

/* Before a line on standard output: takes the progress line away where both are one terminal. */
void say_out_begin(void);

/* Writes a text to standard output, without what could write to the terminal; or adds it to `out`. */
void say_shown(const char *text);
void say_add_shown(struct buf *out, const char *text);

/* From now on the program ends where nobody reads standard output any more: with nothing said, and the
 * status that a shell shows for programs that SIGPIPE ends. For runs that do nothing but tell. */
void say_ends_unread(void);

/* Writes to standard output, and empties `text`: nothing of it where it is not whole, since memory was short. */
void say_print(struct buf *text);

/* Was everything written to standard output, and did it get there? Last. SYM_NOMEM, SYM_IO. */
enum sym_status say_all_printed(struct sym_err *err) MUST_CHECK;

/* Bold or plain, for headings on standard output: "" where colour is not wanted. */
const char *say_bold(void);
const char *say_plain(void);

/* What stands between a target and a path of it: "/", or "" where the target ends in one. */
const char *say_slash(const char *target);

/* "1.4 GiB". */
#define SAY_BYTES_MAX 24
const char *say_bytes(uint64_t bytes, char to[SAY_BYTES_MAX]);

/* "12.34 s". */
#define SAY_SECONDS_MAX 32
const char *say_seconds(uint64_t ms, char to[SAY_SECONDS_MAX]);

/* "1,234,567". */
#define SAY_NUMBER_MAX 32
const char *say_number(uint64_t n, char to[SAY_NUMBER_MAX]);

/* What is said behind a number of files that are no symbol files, where `n` of them are archives that
 * were not looked into; "" where none is. */
#define SAY_ARCHIVES_MAX 160
const char *say_archives(uint64_t n, char to[SAY_ARCHIVES_MAX]);

#endif
