/* SPDX-License-Identifier: MIT */
#include "target/refusals.h"

bool refusals_suffice(struct refusals *r, const struct parcel_path *at)
{
	if (at->action == ACTION_STORED || at->action == ACTION_REPLACED)
		r->taken = true;
	if (at->action != ACTION_FAILED || at->why.status != SYM_AUTH)
		return false;
	return atomic_fetch_add(&r->count, 1) + 1 >= REFUSALS_MAX && !r->taken;
}
