/* SPDX-License-Identifier: MIT
 * What the folders of the systems share: functions that need nothing but what os.h declares. */
#ifndef OS_COMMON_H
#define OS_COMMON_H

#include "os/os.h"

/* os_copy() by reading and writing. Goes on behind the first `*copied` bytes, and adds to them. */
enum sym_status copy_by_hand(os_file from, uint64_t offset, uint64_t size, os_file to,
			     uint64_t *copied, struct sym_err *err) MUST_CHECK;

/* For os_run.output: adds to the struct buf that is `ctx`. SYM_TOO_BIG beyond its maximum. */
enum sym_status add_output(void *ctx, const void *bytes, size_t n, struct sym_err *err);

#endif
