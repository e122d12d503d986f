/* SPDX-License-Identifier: MIT */
#include "target/refusals.h"

#include "base/err.h"

/* What servers say no by, whatever the file. Not SYM_TOO_BIG: the next one may be smaller; nor what
 * is said of the source. */
#define SAID_BY_SERVERS (1u << SYM_NET | 1u << SYM_AUTH | 1u << SYM_UNSUPPORTED | 1u << SYM_NOT_FOUND)

bool refusals_suffice(struct refusals *r, const struct parcel_path *at, struct sym_err *why)
{
	if (at->action == ACTION_STORED || at->action == ACTION_REPLACED)
		r->taken = true;
	if (at->action != ACTION_FAILED || !(1u << at->why.status & SAID_BY_SERVERS))
		return false;
	if (atomic_fetch_add(&r->count, 1) + 1 < REFUSALS_MAX || r->taken)
		return false;
	*why = at->why;
	err_prefix(why, "%d paths were refused and none was taken, so that no more is sent", REFUSALS_MAX);
	return true;
}
