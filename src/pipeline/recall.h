/* SPDX-License-Identifier: MIT
 * What of a run the journal already knows, and what of it the journal is told. */
#ifndef PIPELINE_RECALL_H
#define PIPELINE_RECALL_H

#include "pipeline/deliver.h"

/* Sets the target's two_tier to what the journal says of it; false where it is silent. */
bool recall_tier(struct delivery *d, size_t where);

/* Settles the records that have not changed since an earlier run settled them at every
 * target: nothing more is done about them. */
void recall_known(struct delivery *d);

/* Notes what the targets of the run are; before anything else. */
void recall_note_tiers(const struct delivery *d);

/* Notes what became of one parcel of record `index`. */
void recall_note(const struct delivery *d, size_t where, size_t index, const struct parcel *p);

#endif
