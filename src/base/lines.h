/* SPDX-License-Identifier: MIT
 * Texts of many lines, of which one is in memory at a time. */
#ifndef BASE_LINES_H
#define BASE_LINES_H

#include "base/buf.h"
#include "sym.h"

/* Gets a line without what ends it; another status than SYM_OK ends the reading. line->failed: it
 * is longer than its maximum. */
typedef enum sym_status line_fn(void *ctx, struct buf *line, struct sym_err *err);

struct lines {
	line_fn *each;
	void *ctx;
	char end;        /* what ends a line */
	struct buf line; /* what came behind the last end; the caller's to look at, and to release */
};

/* Takes the next bytes of a text. What `each` answers. */
enum sym_status lines_take(struct lines *l, const char *piece, size_t n, struct sym_err *err) MUST_CHECK;

#endif
