/* SPDX-License-Identifier: MIT
 * Texts of many lines, of which one is in memory at a time: what transactions brought. */
#ifndef TARGET_ADMIN_LINES_H
#define TARGET_ADMIN_LINES_H

#include "base/buf.h"
#include "os/os.h"

#define LINES_BYTES_MAX (64u << 10) /* of one line; line->failed: it is longer */

/* Gets a line without its line feed; another status than SYM_OK ends the reading. */
typedef enum sym_status line_fn(void *ctx, struct buf *line, struct sym_err *err);

struct lines {
	line_fn *each;
	void *ctx;
	struct buf line; /* what came behind the last line feed; the caller's to look at, and to release */
};

/* Takes the next bytes of a text. */
enum sym_status lines_take(struct lines *l, const char *piece, size_t n, struct sym_err *err) MUST_CHECK;

/* All of a file. SYM_IO. */
enum sym_status lines_read(struct lines *l, os_file file, struct sym_err *err) MUST_CHECK;

#endif
