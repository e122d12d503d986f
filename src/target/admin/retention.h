/* SPDX-License-Identifier: MIT
 * Which transactions of a store may go. */
#ifndef TARGET_ADMIN_RETENTION_H
#define TARGET_ADMIN_RETENTION_H

#include "target/admin/ledger.h"

/* A transaction goes when every rule that is given lets it. */
struct retention {
	const char *product, *version; /* only of these; NULL: of any */
	unsigned keep_last;    /* of each product, the newest so many stay; 0: no such rule */
	uint64_t older_than_s; /* younger ones stay; 0: no such rule */
	int64_t now_s;         /* since 1970 */
	bool (*keeps)(void *ctx, const char *label); /* these stay; or NULL */
	void *ctx;
};

/* Writes the numbers of those lines of server.txt that may go to `ids`, which has room for all,
 * from the oldest to the newest. SYM_NOMEM. */
enum sym_status retention_choose(const struct retention *rules, const struct ledger *server, uint64_t *ids,
				 size_t *count, struct sym_err *err) MUST_CHECK;

#endif
