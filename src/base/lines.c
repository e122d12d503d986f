/* SPDX-License-Identifier: MIT */
#include "base/lines.h"

#include <string.h>

enum sym_status lines_take(struct lines *l, const char *piece, size_t n, struct sym_err *err)
{
	enum sym_status status = SYM_OK;

	while (n > 0 && status == SYM_OK) {
		const char *end = memchr(piece, l->end, n);
		size_t len = end ? (size_t)(end - piece) : n;

		buf_add(&l->line, piece, len);
		if (end) {
			status = l->each(l->ctx, &l->line, err);
			buf_clear(&l->line);
		}
		len += end != NULL;
		piece += len;
		n -= len;
	}
	return status;
}
