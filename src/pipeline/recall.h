/* SPDX-License-Identifier: MIT
 * What of a run the journal already knows, and what of it the journal is told. */
#ifndef PIPELINE_RECALL_H
#define PIPELINE_RECALL_H

#include "pipeline/deliver.h"

/* Settles as present the records that have not changed since they were delivered, all of
 * them, to every target: nothing more is done about them. After delivery_plan. */
void recall_known(struct delivery *d);

/* Notes what became of one parcel of a settled record. */
void recall_note(const struct delivery *d, size_t stop, const struct record *r,
		 const struct parcel *p);

#endif
