/* SPDX-License-Identifier: MIT
 * A dry run writes nothing, so that of several files that want one path each would find nothing
 * there. What the others would find, once the path's owner has been delivered, is said here. */
#ifndef PIPELINE_REHEARSE_H
#define PIPELINE_REHEARSE_H

#include "pipeline/deliver.h"

/* Settles the paths of the parcel that another source of the run owns and would write, as the
 * target would after that; `settled` hears of each, and it leaves the parcel. What cannot be
 * read stays in it: its own turn tells. */
void rehearse(const struct delivery *d, size_t where, struct parcel *p,
	      void (*settled)(void *ctx, const struct parcel_path *at), void *ctx);

#endif
