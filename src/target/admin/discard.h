/* SPDX-License-Identifier: MIT
 * One entry of a transaction that goes: its file is removed where nobody needs it, and
 * refs.ptr no longer speaks of the transaction. */
#ifndef TARGET_ADMIN_DISCARD_H
#define TARGET_ADMIN_DISCARD_H

#include "base/table.h"
#include "key/key.h"
#include "target/admin/removal.h"

/* A file of several names, of which some would go. */
struct discard_names {
	uint64_t hash; /* its inode */
	uint64_t count;
};

struct discard {
	const struct admin *admin;
	bool plan;   /* look, write nothing */
	struct table *names; /* of struct discard_names; for a plan alone */
	bool needed; /* the list of a living transaction has the entry */
	bool (*lives)(void *ctx, uint64_t id); /* and will live on */
	void *ctx;
};

/* `path` as list_path_of() gave it; where the store has two tiers, it becomes the very place. Fills
 * in the fate, and what is given back; `why` where it failed. */
void discard_entry(const struct discard *d, char path[KEY_PATH_MAX], struct removal_told *told,
		   struct sym_err *why);

#endif
