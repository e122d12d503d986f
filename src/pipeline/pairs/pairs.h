/* SPDX-License-Identifier: MIT
 * Before anything is sent: which images go without their debug information, and which
 * files will disappoint their readers otherwise. */
#ifndef PIPELINE_PAIRS_PAIRS_H
#define PIPELINE_PAIRS_PAIRS_H

#include "pipeline/tell.h"

/* Tells the flaws of all records (pipeline/pairs/flaw.h), in their order. For debug information that
 * the run has not, its targets are asked, where somebody would ask them for it, by the paths
 * that the target's readers use; remote targets not for images that the journal knows, unless
 * the run requires pairs. Companions found by build-id are read for the CRC that .gnu_debuglink
 * gives. Call when the delivery is prepared. SYM_CANCELLED, SYM_NOMEM. */
enum sym_status pairs_check(struct delivery *d, struct teller *t, struct sym_err *err) MUST_CHECK;

#endif
