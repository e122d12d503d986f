/* SPDX-License-Identifier: MIT */
#include "os/common.h"

#include "base/err.h"
#include "base/lines.h"
#include "base/text.h"

#include <errno.h>
#include <stdlib.h>

enum { PIECE = 256 << 10, TEXT_PIECE = 32 << 10 }; /* bytes held at once */

enum sym_status copy_by_hand(os_file from, uint64_t offset, uint64_t size, os_file to,
			     uint64_t *copied, struct sym_err *err)
{
	char *piece = malloc(PIECE);
	enum sym_status status = SYM_OK;

	if (!piece)
		return err_set(err, SYM_NOMEM, "out of memory");
	while (*copied < size && status == SYM_OK) {
		size_t want = (size_t)min_u64(size - *copied, PIECE), got = 0;

		status = os_read_at(from, offset + *copied, piece, want, &got, err);
		if (status != SYM_OK || got == 0)
			break;
		status = os_write(to, piece, got, err);
		*copied += got;
	}
	free(piece);
	return status;
}

enum sym_status os_is_there(struct os_dir *at, const char *name, enum os_follow follow, bool *there,
			    struct sym_err *err)
{
	struct os_stat st;
	enum sym_status status = os_stat(at, name, follow, &st, err);

	*there = status == SYM_OK;
	return status == SYM_OK || status == SYM_NOT_FOUND ? SYM_OK : err_prefix(err, "%s", name);
}

enum sym_status os_read_exactly(os_file file, uint64_t offset, void *to, size_t n, struct sym_err *err)
{
	size_t got;
	enum sym_status status = os_read_at(file, offset, to, n, &got, err);

	if (status == SYM_OK && got < n)
		return err_at(err, SYM_CHANGED, offset + got, "the file became shorter while it was read");
	return status;
}

enum sym_status os_read_pieces(os_file file, uint64_t offset, uint64_t size, os_piece_fn *take, void *ctx,
			       struct sym_err *err)
{
	char piece[TEXT_PIECE];
	enum sym_status status = SYM_OK;
	size_t want, got = 0;

	do {
		want = (size_t)min_u64(size, sizeof piece);
		status = os_read_at(file, offset, piece, want, &got, err);
		if (status == SYM_OK && got > 0)
			status = take(ctx, piece, got, err);
		offset += got;
		size -= got;
	} while (status == SYM_OK && got == want && size > 0);
	bytes_wipe(piece, sizeof piece); /* secrets may stand in it */
	return status;
}

static enum sym_status take_text(void *ctx, const void *bytes, size_t n, struct sym_err *err)
{
	struct buf *out = ctx;

	buf_add(out, bytes, n);
	return out->failed ? err_set(err, SYM_TOO_BIG, "it is larger than %zu bytes", out->max) : SYM_OK;
}

enum sym_status os_read_text(struct os_dir *at, const char *name, enum os_follow follow, struct buf *out,
			     struct sym_err *err)
{
	struct os_stat st;
	os_file file;
	enum sym_status status = os_open(at, name, follow, &file, &st, err);

	if (status != SYM_OK)
		return status;
	status = os_read_pieces(file, 0, UINT64_MAX, take_text, out, err);
	os_close_quietly(file);
	return status;
}

static enum sym_status take_lines(void *ctx, const void *bytes, size_t n, struct sym_err *err)
{
	return lines_take(ctx, bytes, n, err);
}

enum sym_status os_read_lines(os_file file, struct lines *l, struct sym_err *err)
{
	return os_read_pieces(file, 0, UINT64_MAX, take_lines, l, err);
}

bool os_is_denied(int sys)
{
	return sys == EACCES || sys == EPERM;
}

enum sym_status add_output(void *ctx, const void *bytes, size_t n, struct sym_err *err)
{
	struct buf *out = ctx;

	buf_add(out, bytes, n);
	return out->failed ? err_set(err, SYM_TOO_BIG, "it wrote too much") : SYM_OK;
}
