/* SPDX-License-Identifier: MIT
 * What the systems' folders share: made of what os.h declares, the same on each. */
#ifndef OS_COMMON_H
#define OS_COMMON_H

#include "os/os.h"

/* os_copy by reading and writing. `*copied` bytes were copied before, and are counted on. */
enum sym_status copy_by_hand(os_file from, uint64_t offset, uint64_t size, os_file to,
			     uint64_t *copied, struct sym_err *err) MUST_CHECK;

/* An os_run.output: adds to the struct buf that is `ctx`. SYM_TOO_BIG: its max. */
enum sym_status add_output(void *ctx, const void *bytes, size_t n, struct sym_err *err);

#endif
