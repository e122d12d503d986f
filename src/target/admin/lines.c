/* SPDX-License-Identifier: MIT */
#include "target/admin/lines.h"

#include <string.h>

enum { PIECE_BYTES = 32 << 10 };

enum sym_status lines_take(struct lines *l, const char *piece, size_t n, struct sym_err *err)
{
	enum sym_status status = SYM_OK;

	while (n > 0 && status == SYM_OK) {
		const char *end = memchr(piece, '\n', n);
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

enum sym_status lines_read(struct lines *l, os_file file, struct sym_err *err)
{
	char piece[PIECE_BYTES];
	enum sym_status status = SYM_OK;
	uint64_t offset = 0;
	size_t got = sizeof piece;

	while (status == SYM_OK && got == sizeof piece) {
		status = os_read_at(file, offset, piece, sizeof piece, &got, err);
		offset += got;
		if (status == SYM_OK)
			status = lines_take(l, piece, got, err);
	}
	return status;
}
