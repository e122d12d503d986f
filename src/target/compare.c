/* SPDX-License-Identifier: MIT */
#include "target/compare.h"

#include "base/err.h"
#include "base/stop.h"

#include <stdlib.h>
#include <string.h>

enum { PIECE = 128 << 10 }; /* bytes of each side held at once */

static enum sym_status same_bytes(os_file ours, uint64_t offset, os_file theirs,
				  uint64_t their_offset, uint64_t size, char *pieces, bool *same,
				  struct sym_err *err)
{
	*same = true;
	for (uint64_t at = 0; at < size && *same;) {
		size_t want = (size_t)min_u64(size - at, PIECE), a = 0, b = 0;
		enum sym_status status = os_read_at(ours, offset + at, pieces, want, &a, err);

		if (status == SYM_OK)
			status = stop_check(err);
		if (status == SYM_OK)
			status = os_read_at(theirs, their_offset + at, pieces + PIECE, want, &b, err);
		if (status != SYM_OK)
			return status;
		*same = a == want && b == want && memcmp(pieces, pieces + PIECE, want) == 0;
		at += want;
	}
	return SYM_OK;
}

enum sym_status compare_files(os_file ours, uint64_t offset, uint64_t size, os_file theirs,
			      uint64_t their_offset, uint64_t their_size, enum compared *out,
			      struct sym_err *err)
{
	enum sym_status status;
	bool same;
	char *pieces;

	*out = COMPARED_OTHER;
	if (their_size > size)
		return SYM_OK;
	pieces = malloc(2 * (size_t)PIECE);
	if (!pieces)
		return err_set(err, SYM_NOMEM, "out of memory");
	status = same_bytes(ours, offset, theirs, their_offset, their_size, pieces, &same, err);
	if (status == SYM_OK && same)
		*out = their_size == size ? COMPARED_SAME : COMPARED_HALF;
	free(pieces);
	return status;
}

enum sym_status compare_state(os_file file, const struct os_stat *was, struct sym_err *err)
{
	struct os_stat is;

	if (!was)
		return SYM_OK;
	if (os_file_stat(file, &is, err) != SYM_OK)
		return err->status;
	if (is.size != was->size || is.mtime_ns != was->mtime_ns || is.ctime_ns != was->ctime_ns)
		return err_set(err, SYM_CHANGED, "the file changed while it was read");
	return SYM_OK;
}
