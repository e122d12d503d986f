/* SPDX-License-Identifier: MIT
 * Reads a text line by line, as its pieces come: one line is in memory at a time. */
#ifndef BASE_LINES_H
#define BASE_LINES_H

#include "base/buf.h"
#include "sym.h"

/* Gets a line without the character that ends it. A status other than SYM_OK ends the reading.
 * Where line->failed, the line is longer than line->max, and cut. */
typedef enum sym_status line_fn(void *ctx, struct buf *line, struct sym_err *err);

struct lines {
	line_fn *each;
	void *ctx;
	char end;        /* the character that ends a line */
	struct buf line; /* the line that has not ended yet; the caller looks at it last, and releases it */
};

/* Takes the next `n` bytes of the text. SYM_OK, or what `each` answered. */
enum sym_status lines_take(struct lines *l, const char *piece, size_t n, struct sym_err *err) MUST_CHECK;

#endif
