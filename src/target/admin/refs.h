/* SPDX-License-Identifier: MIT
 * refs.ptr, beside a file: a line for each transaction that needs it, as symstore.exe has it.
 *
 *   0000000007,file,"C:\build\app.pdb",pri,,N,,
 *
 * Lines are joined by CR LF, and the last one has none. The form of 1999 is `7,ptr,PATH`. */
#ifndef TARGET_ADMIN_REFS_H
#define TARGET_ADMIN_REFS_H

#include "target/admin/admin.h"

#define REFS_NAME "refs.ptr"
#define REFS_POINTER_NAME "file.ptr"
#define REFS_BYTES_MAX (16u << 20)

struct refs_line {
	uint64_t id;          /* 0: the line makes no sense, and is nobody's to drop */
	bool pointer;         /* "ptr": the file is elsewhere, at `path` */
	const char *text;     /* the line, without its end */
	size_t len;
	const char *path;     /* without quotation marks */
	size_t path_len;
};

/* The next line; `*at` begins at the text's beginning, and moves. False at the end. */
bool refs_next(const struct buf *text, size_t *at, struct refs_line *out);

/* Adds a line as it stands, joined as refs.ptr wants it. */
void refs_add(struct buf *text, const char *line, size_t len);

/* Does the text have a line of this transaction? */
bool refs_has(const struct buf *text, uint64_t id);

#endif
