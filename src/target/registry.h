/* SPDX-License-Identifier: MIT
 * The registry of a store: its transactions, for who lists them and removes them. A store in a
 * folder has one (target/admin), and one in a bucket (target/s3/admin). */
#ifndef TARGET_REGISTRY_H
#define TARGET_REGISTRY_H

#include "target/admin/history.h"
#include "target/admin/removal.h"
#include "target/remote.h"

struct registry_kind;

struct registry {
	const struct registry_kind *kind;
};

struct registry_kind {
	/* Opens that of the store `where`, which the user wrote; `remote` is borrowed, NULL for a
	 * folder. SYM_USAGE, SYM_NOT_FOUND, SYM_IO, SYM_NOMEM. */
	enum sym_status (*open)(const char *where, const struct remote_options *remote, struct registry **out,
				struct sym_err *err);

	/* Calls `each` for every transaction that the store ever had, by their numbers. SYM_NOT_FOUND:
	 * it keeps none; SYM_MALFORMED, SYM_IO, SYM_NET, SYM_AUTH, SYM_NOMEM, SYM_CANCELLED. */
	enum sym_status (*history)(struct registry *r, history_entry_fn *each, void *ctx, struct sym_err *err);

	/* Those that live, and those of which a removal was begun, for target/admin/retention.h.
	 * Statuses as above; release it in any case. */
	enum sym_status (*living)(struct registry *r, struct ledger *out, struct sym_err *err);

	/* As removal_run(). */
	enum sym_status (*remove)(struct registry *r, struct removal *removal, struct sym_err *err);

	void (*close)(struct registry *r); /* NULL is fine */
};

#endif
