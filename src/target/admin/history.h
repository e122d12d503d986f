/* SPDX-License-Identifier: MIT
 * The transactions that a store ever had. */
#ifndef TARGET_ADMIN_HISTORY_H
#define TARGET_ADMIN_HISTORY_H

#include "target/admin/ledger.h"

/* Borrowed for the call. */
struct history_entry {
	const struct ledger_line *line; /* that added it */
	bool lives;
	uint64_t removed_by; /* the number of its removal; 0: it lives, or nothing tells */
	bool listed;         /* its list is there, and makes sense */
	uint64_t files;      /* entries of its list */
};

typedef void history_entry_fn(void *ctx, const struct history_entry *entry);

/* Calls `each` for every transaction of history.txt, and of server.txt what a killed run did
 * not get into it, by their numbers. SYM_NOT_FOUND: the store keeps none; SYM_MALFORMED, SYM_IO,
 * SYM_NOMEM, SYM_CANCELLED. */
enum sym_status history_read(struct os_dir *root, history_entry_fn *each, void *ctx,
			     struct sym_err *err) MUST_CHECK;

#endif
