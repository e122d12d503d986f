/* SPDX-License-Identifier: MIT
 * Is a file what it was, or what another one is? */
#ifndef TARGET_COMPARE_H
#define TARGET_COMPARE_H

#include "os/os.h"

enum compared {
	COMPARED_SAME,
	COMPARED_OTHER,
	COMPARED_HALF, /* the second ends early, and is the beginning of the first: half a file */
};

/* Is the open file as it was? NULL: only we can write to it, so it is. SYM_CHANGED where it is
 * not; SYM_IO. */
enum sym_status compare_state(os_file file, const struct os_stat *was, struct sym_err *err) MUST_CHECK;

/* Compares [offset, offset + size) of `ours` with the same of `theirs`, in bytes. SYM_IO,
 * SYM_NOMEM, SYM_CANCELLED. */
enum sym_status compare_files(os_file ours, uint64_t offset, uint64_t size, os_file theirs,
			      uint64_t their_offset, uint64_t their_size, enum compared *out,
			      struct sym_err *err) MUST_CHECK;

#endif
