/* SPDX-License-Identifier: MIT
 * What living transactions need and the store lacks: somebody removed it who knew nothing of
 * transactions. */
#ifndef TARGET_ADMIN_LACKING_H
#define TARGET_ADMIN_LACKING_H

#include "target/admin/admin.h"

/* Tells each path once, for the first transaction that needs it; also its list, where that is what
 * is missing. SYM_OK also where the store keeps no transactions; SYM_MALFORMED, SYM_IO, SYM_NOMEM,
 * SYM_CANCELLED. */
enum sym_status lacking_find(struct os_dir *root, bool two_tier,
			     void (*lacks)(void *ctx, uint64_t id, const char *path), void *ctx,
			     struct sym_err *err) MUST_CHECK;

#endif
